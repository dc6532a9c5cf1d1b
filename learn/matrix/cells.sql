-- The figures of each cell for everybody, from the version added up.
SELECT s.cell,
  cast(sum(s.customers) AS bigint) AS customers,
  cast(sum(s.revenue) AS bigint) AS revenue,
  cast(sum(s.potential) AS bigint) AS potential,
  cast(sum(s.unused) AS bigint) AS unused
FROM score_sum s
WHERE s.version = :version AND {{where}}
GROUP BY s.cell
