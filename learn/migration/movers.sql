-- The customers behind a movement, as migration.sql counts them.
WITH a AS (
{{from}}
), b AS (
{{to}}
), moved AS (
  SELECT coalesce(b.customer_id, a.customer_id) AS customer_id, coalesce(a.place, -1) AS place_from, coalesce(b.place, -1) AS place_to,
    a.revenue AS revenue_from, b.revenue AS revenue_to, a.potential AS potential_from, b.potential AS potential_to,
    coalesce(a.overruled, false) OR coalesce(b.overruled, false) AS overruled,
    coalesce(b.revenue, cast(0 AS double)) - coalesce(a.revenue, cast(0 AS double)) AS change
  FROM a
  FULL OUTER JOIN b ON b.customer_id = a.customer_id
  WHERE coalesce({{judge}})
), ordered AS (
  SELECT moved.*, {{order}} AS place
  FROM moved
  WHERE {{which}}
)
SELECT customer_id, place_from, place_to, revenue_from, revenue_to, potential_from, potential_to, overruled, place
FROM ordered
WHERE {{after}}
ORDER BY place, customer_id
LIMIT {{limit}}
