-- The values at which classes begin that cut the customers who have a value by their number: the first value below which
-- the wanted share of them stands. Equal values stay together.
WITH amounts AS (
  SELECT cast({{value}} AS double) AS value, count(*) AS customers
  FROM score s
  WHERE s.version = :version AND {{known}}
  GROUP BY 1
), running AS (
  SELECT value,
    cast(sum(customers) OVER (ORDER BY value ROWS UNBOUNDED PRECEDING) - customers AS double) AS below,
    cast(sum(customers) OVER () AS double) AS total
  FROM amounts
)
SELECT {{bounds}} FROM running
