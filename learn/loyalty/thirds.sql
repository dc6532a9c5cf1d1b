-- Where the upper two thirds of the customers who bought begin, by profitability.
SELECT third, min(value) FROM (
  SELECT p.{{value}} AS value, ntile(3) OVER (ORDER BY p.{{value}}) AS third
  FROM {{table}} p
  JOIN step_wallet w ON w.customer_id = p.customer_id
  WHERE w.lines > 0 AND p.{{value}} IS NOT NULL
) ranked
GROUP BY third
ORDER BY third
