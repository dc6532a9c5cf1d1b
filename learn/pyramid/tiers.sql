-- Customers, value, revenue and what they cost to serve of each tier.
SELECT {{tier}} AS tier, count(*) AS customers, coalesce(sum(cast({{value}} AS double)), cast(0 AS double)) AS value,
  cast(coalesce(sum(s.revenue), 0) AS bigint) AS revenue, {{extras}}
FROM score s
WHERE s.version = :version AND {{where}} AND {{reach}}
GROUP BY 1
