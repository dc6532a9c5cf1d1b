-- The tiers added up, to be kept with the version.
SELECT {{tier}} AS tier, count(*) AS customers, coalesce(sum(cast({{value}} AS double)), cast(0 AS double)) AS value FROM {{table}} s GROUP BY 1
