-- How many customers have values in each step of 1/48 of a doubling, and what they make together. −1 is nothing, −2 less than
-- nothing, −3 no value. Bounds tell where the values of the step lie.
SELECT CASE WHEN x IS NULL THEN -3 WHEN x < 0 THEN -2 WHEN x = 0 THEN -1 ELSE 100000 + cast(floor(ln(x) * 69.25) AS bigint) END AS step,
  count(*) AS customers, coalesce(sum(x), cast(0 AS double)) AS value, min(x) AS low, max(x) AS high
FROM (SELECT cast({{value}} AS double) AS x FROM {{table}} s WHERE {{version}} AND {{where}} AND {{reach}}) v
GROUP BY 1
