-- Of those who moved: a page of the customers themselves, the largest first.
SELECT customer_id, tier_then, tier_now, temper, value_then, value_now, revenue_then, revenue_now, effort, contacts,
  coalesce(value_now, cast(-1e300 AS double)) AS place
FROM moved
WHERE {{which}} AND {{after}}
ORDER BY place DESC, customer_id
LIMIT {{limit}}
