-- The values at which classes begin that cut the sum of all: customers are taken from the highest value down, all of equal
-- value at once, until they make the wanted share of the sum; the last ones taken are still in the class.
WITH amounts AS (
  SELECT cast({{value}} AS double) AS value, sum(cast({{value}} AS double)) AS amount
  FROM score s
  WHERE s.version = :version AND {{known}} AND {{value}} > 0
  GROUP BY 1
), running AS (
  SELECT value,
    sum(amount) OVER (ORDER BY value DESC ROWS UNBOUNDED PRECEDING) AS so_far,
    sum(amount) OVER () AS total
  FROM amounts
)
SELECT {{bounds}} FROM running
