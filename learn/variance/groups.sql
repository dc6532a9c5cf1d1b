-- Budget and actual of the customers of each unit, person and country, as they belonged on the last day.
SELECT coalesce(cast(h.unit_id AS varchar), '-') AS unit, coalesce(cast(h.owner_id AS varchar), '-') AS person, coalesce(nullif(c.country, ''), '-') AS country,
  count(*) AS customers, coalesce(sum(t.budget), cast(0 AS double)) AS budget, coalesce(sum(t.actual), cast(0 AS double)) AS actual,
  count(CASE WHEN t.budget IS NULL THEN 1 END) AS unplanned, coalesce(sum(CASE WHEN t.budget IS NULL THEN t.actual END), cast(0 AS double)) AS unplanned_actual,
  count(CASE WHEN t.actual IS NULL THEN 1 END) AS idle, coalesce(sum(CASE WHEN t.actual IS NULL THEN t.budget END), cast(0 AS double)) AS idle_budget
FROM (
  SELECT f.customer_id, sum(f.actual) AS actual, sum(f.budget) AS budget
  FROM ({{facts}}) f
  GROUP BY f.customer_id
) t
LEFT JOIN customer c ON c.id = t.customer_id
LEFT JOIN ({{held}}) h ON h.customer_id = t.customer_id
GROUP BY 1, 2, 3
