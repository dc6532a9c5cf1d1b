-- How many customers have how many points, in steps of :step; the last step holds all above. Who never bought is left out.
SELECT least(cast(floor(s.rfm_points / cast(:step AS double)) AS bigint), cast(:last AS bigint)) AS at,
  count(*) AS customers, cast(coalesce(sum(s.revenue), 0) AS bigint) AS revenue
FROM score s
WHERE s.version = :version AND s.days_since_purchase IS NOT NULL AND {{reach}}
GROUP BY 1
