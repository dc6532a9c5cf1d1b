-- How often customers have had an occasion to renew, a period after the first purchase and each period on, and on how many
-- of them they did; with the margin of the window. A purchase up to :early days before its end renews a period.
WITH told AS (
  SELECT cast(floor(cast(s.days_since_first - :silent AS double) / cast(:period AS double)) AS bigint) AS periods,
    cast(floor(cast(s.days_first_to_last + :early AS double) / cast(:period AS double)) AS bigint) AS renewals,
    cast(round(coalesce(cast(s.revenue AS double) * s.margin_share, 0)) AS bigint) AS margin
  FROM score s
  WHERE s.version = :version AND s.days_since_first >= :silent AND {{reach}}
)
SELECT periods, least(renewals, periods) AS renewed, count(*), cast(sum(margin) AS bigint)
FROM told
GROUP BY 1, 2
ORDER BY 1, 2
