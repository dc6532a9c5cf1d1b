-- Customers of a version by state and class, added up. The sums of a pair are of customers whose profit is known in both windows.
SELECT s.customer_state, s.opportunity_class, count(*), count(s.profit), count(s.profit_before),
  cast(coalesce(sum(s.revenue), 0) AS bigint), cast(coalesce(sum(s.lines), 0) AS bigint), cast(coalesce(sum(s.costed_lines), 0) AS bigint), cast(coalesce(sum(s.cost), 0) AS bigint),
  cast(coalesce(sum(s.margin), 0) AS bigint), cast(coalesce(sum(s.cost_to_serve), 0) AS bigint),
  cast(coalesce(sum(s.profit), 0) AS bigint), cast(coalesce(sum(s.profit_before), 0) AS bigint),
  cast(coalesce(sum(CASE WHEN s.profit IS NULL THEN s.revenue END), 0) AS bigint), cast(coalesce(sum(CASE WHEN s.profit IS NULL THEN s.cost_to_serve END), 0) AS bigint),
  count(CASE WHEN s.profit_before IS NOT NULL THEN s.profit END),
  cast(coalesce(sum(CASE WHEN s.profit_before IS NOT NULL THEN s.profit END), 0) AS bigint),
  cast(coalesce(sum(CASE WHEN s.profit IS NOT NULL THEN s.profit_before END), 0) AS bigint)
FROM score s
WHERE s.version = :version AND {{reach}}
GROUP BY s.customer_state, s.opportunity_class
