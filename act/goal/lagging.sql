-- The customers of a goal that hold it back, the largest first. The list is short: the count beside it tells of all.
WITH now_s AS (
  SELECT s.customer_id, s.revenue, s.unused, cast({{amount}} AS double) AS amount, {{met}} AS met
  FROM score s
  WHERE s.version = :version AND {{where}} AND {{reach}}
), then_s AS (
  SELECT s.customer_id, s.revenue, cast({{before}} AS double) AS amount
  FROM score s
  WHERE s.version = :start
)
SELECT n.customer_id, n.revenue, t.revenue AS revenue_then, n.unused, n.amount, t.amount AS amount_then, count(*) OVER () AS found
FROM now_s n LEFT JOIN then_s t ON t.customer_id = n.customer_id
WHERE {{which}}
ORDER BY {{order}} DESC NULLS LAST, n.customer_id
LIMIT 100
