-- The profit of the last customer that is needed for an amount of profit, the most profitable first; none where nobody makes any.
SELECT max(judged) FROM (
  SELECT judged, sum(judged) OVER (ORDER BY judged DESC, customer_id ROWS UNBOUNDED PRECEDING) AS together
  FROM profit_customer
  WHERE judged > 0
) ranked
WHERE cast(together AS double) >= cast(:amount AS double)
