-- Where the potentials of a version come from: customers, amounts and dates by source and state.
SELECT s.potential_source, {{state}} AS state, count(*) AS customers,
  cast(coalesce(sum(s.potential), 0) AS bigint), cast(coalesce(sum(s.revenue), 0) AS bigint), cast(coalesce(sum(s.unused), 0) AS bigint),
  min(s.potential_since), max(s.potential_since)
FROM score s
WHERE s.version = :version AND {{reach}}
GROUP BY 1, 2
