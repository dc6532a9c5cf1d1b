-- The quartiles of a field, exactly: the smallest values that a quarter and three quarters of all values do not exceed.
WITH counted AS (
  SELECT cast(abs({{value}}) AS double) AS value, count(*) AS number
  FROM {{table}}
  WHERE {{value}} <> 0 AND {{which}}
  GROUP BY cast(abs({{value}}) AS double)
), running AS (
  SELECT value, sum(number) OVER (ORDER BY value ROWS UNBOUNDED PRECEDING) AS so_far, sum(number) OVER () AS total
  FROM counted
)
SELECT
  min(CASE WHEN so_far * 4 >= total THEN value END) AS first_quartile,
  min(CASE WHEN so_far * 4 >= total * 3 THEN value END) AS third_quartile,
  cast(coalesce(max(total), 0) AS bigint) AS number
FROM running
