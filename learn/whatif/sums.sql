-- The cells of the customer matrix added up. Of revenue whose cost is known, margin and cost together make it.
SELECT s.cell, count(*) AS customers,
  cast(sum(s.revenue) AS bigint) AS revenue,
  cast(coalesce(sum(s.potential), 0) AS bigint) AS potential,
  cast(coalesce(sum(CASE WHEN s.margin IS NOT NULL THEN s.margin + s.cost END), 0) AS bigint) AS costed,
  cast(coalesce(sum(s.margin), 0) AS bigint) AS margin,
  cast(coalesce(sum(s.cost_to_serve), 0) AS bigint) AS served,
  cast(coalesce(sum(s.visits), 0) AS bigint) AS visits
FROM score s
WHERE s.version = :version AND {{where}} AND {{reach}} AND {{which}}
GROUP BY s.cell
