-- By segment as it was at the version before: who bought then, who of them bought again, who buys now and with what margin.
-- New customers count among those who buy now, by the segment they are in now.
WITH then_s AS (
  SELECT s.customer_id, s.revenue, {{segment_then}} AS segment FROM score s WHERE s.version = :then
), now_s AS (
  SELECT s.customer_id, s.revenue, {{margin}} AS margin, {{keeping}} AS keeping, {{segment_now}} AS segment FROM score s WHERE s.version = :version AND {{reach}}
)
SELECT coalesce(t.segment, n.segment) AS segment,
  count(CASE WHEN t.revenue > 0 THEN 1 END) AS buyers,
  count(CASE WHEN t.revenue > 0 AND n.revenue > 0 THEN 1 END) AS kept,
  count(CASE WHEN n.revenue > 0 THEN 1 END) AS buying,
  coalesce(sum(CASE WHEN n.revenue > 0 THEN n.margin END), cast(0 AS double)) AS margin,
  sum(CASE WHEN t.revenue > 0 AND n.revenue > 0 THEN n.keeping END) AS keeping
FROM now_s n
LEFT JOIN then_s t ON t.customer_id = n.customer_id
GROUP BY 1
ORDER BY 1
LIMIT {{limit}}
