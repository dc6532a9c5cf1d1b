-- The figures of each cell for the customers within somebody's reach. Reach goes by who looks after the customer today,
-- so the sums of the version do not help.
SELECT s.cell,
  count(*) AS customers,
  cast(sum(s.revenue) AS bigint) AS revenue,
  cast(coalesce(sum(s.potential), 0) AS bigint) AS potential,
  cast(coalesce(sum(s.unused), 0) AS bigint) AS unused
FROM score s
WHERE s.version = :version AND {{where}} AND {{reach}}
GROUP BY s.cell
