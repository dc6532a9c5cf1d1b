-- Budget and actual of each part, what goes the way of the whole first, with what all parts are together.
WITH part AS (
  SELECT f.part, f.untold, coalesce(sum(f.budget), cast(0 AS double)) AS budget, coalesce(sum(f.actual), cast(0 AS double)) AS actual
  FROM ({{facts}}) f
  GROUP BY f.part, f.untold
)
SELECT CASE WHEN p.untold THEN '?' ELSE coalesce(cast(p.part AS varchar), '-') END AS part, p.budget, p.actual,
  w.parts, w.budget AS all_budget, w.actual AS all_actual, w.short, w.over, w.short_sum, w.over_sum
FROM part p CROSS JOIN (
  SELECT count(*) AS parts, sum(budget) AS budget, sum(actual) AS actual,
    count(CASE WHEN actual < budget THEN 1 END) AS short, count(CASE WHEN actual > budget THEN 1 END) AS over,
    coalesce(sum(CASE WHEN actual < budget THEN budget - actual END), cast(0 AS double)) AS short_sum,
    coalesce(sum(CASE WHEN actual > budget THEN actual - budget END), cast(0 AS double)) AS over_sum
  FROM part
) w
ORDER BY CASE WHEN w.actual > w.budget THEN CASE WHEN p.actual > p.budget THEN 0 ELSE 1 END ELSE CASE WHEN p.actual < p.budget THEN 0 ELSE 1 END END,
  abs(p.actual - p.budget) DESC, 1
LIMIT {{limit}}
