-- Who stood where at the version before and stands where now. {{join}} brings in customers that are none any more, where
-- everybody is asked about.
WITH then_s AS (
  SELECT s.customer_id, {{tier_then}} AS tier, cast({{value_then}} AS double) AS value, cast(s.revenue AS double) AS revenue
  FROM score s WHERE s.version = :then
), now_s AS (
  SELECT s.customer_id, {{tier_now}} AS tier, cast({{value_now}} AS double) AS value, cast(s.revenue AS double) AS revenue,
    {{effort}} AS effort, {{contacts}} AS contacts
  FROM score s WHERE s.version = :version AND {{where}} AND {{reach}}
), moved AS (
  SELECT coalesce(n.customer_id, t.customer_id) AS customer_id, coalesce(t.tier, -4) AS tier_then, coalesce(n.tier, -4) AS tier_now,
    t.value AS value_then, n.value AS value_now, t.revenue AS revenue_then, n.revenue AS revenue_now, n.effort, n.contacts,
    CASE
      WHEN n.customer_id IS NULL OR n.revenue <= 0 AND coalesce(t.revenue, 0) <= 0 THEN 'none'
      WHEN n.effort > cast(:effort AS double) * n.revenue AND n.effort > 0 THEN 'tire'
      WHEN n.revenue < cast(:left AS double) * t.revenue AND NOT n.tier BETWEEN 0 AND cast(:upper AS bigint) - 1 THEN 'tire'
      WHEN n.tier BETWEEN 0 AND cast(:upper AS bigint) - 1 AND (t.revenue IS NULL OR n.revenue >= cast(:left AS double) * t.revenue) THEN 'bloom'
      ELSE 'interest'
    END AS temper
  FROM now_s n {{join}} JOIN then_s t ON t.customer_id = n.customer_id
)
