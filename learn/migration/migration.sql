-- Who stood where on the one side and stands where on the other, -1 for who is not there at all. Whether a customer counts
-- is said by the later side, and by the other for those that are not there any more.
WITH a AS (
{{from}}
), b AS (
{{to}}
), moved AS (
  SELECT coalesce(a.place, -1) AS place_from, coalesce(b.place, -1) AS place_to,
    a.revenue AS revenue_from, b.revenue AS revenue_to, a.potential AS potential_from, b.potential AS potential_to
  FROM a
  FULL OUTER JOIN b ON b.customer_id = a.customer_id
  WHERE coalesce({{judge}})
)
SELECT place_from, place_to, count(*) AS customers,
  coalesce(sum(revenue_from), cast(0 AS double)) AS revenue_from, coalesce(sum(revenue_to), cast(0 AS double)) AS revenue_to,
  coalesce(sum(cast(potential_from AS double)), cast(0 AS double)) AS potential_from,
  coalesce(sum(cast(potential_to AS double)), cast(0 AS double)) AS potential_to
FROM moved
GROUP BY place_from, place_to
