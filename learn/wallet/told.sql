-- The potential that counts of each customer, and its estimate. Where the interval was drawn from statements it reaches
-- from :below to :above of the estimate, else it is that of the group's quantile. Neither lies below what is bought.
CREATE TEMP TABLE wallet_told AS
WITH estimated AS (
  SELECT b.*, g.grp, g.alike_by, g.buyers,
    CASE WHEN g.grp IS NOT NULL THEN greatest(g.estimate, b.yearly) END AS estimate,
    CASE WHEN g.grp IS NOT NULL THEN greatest(g.low, b.yearly) END AS low,
    CASE WHEN g.grp IS NOT NULL THEN greatest(g.high, b.yearly) END AS high
  FROM wallet_base b
  LEFT JOIN wallet_alike a ON a.customer_id = b.customer_id
  LEFT JOIN wallet_judged j ON j.cell = a.cell
  LEFT JOIN wallet_group g ON g.grp = j.grp
)
SELECT customer_id, revenue, cost, lines, last_purchase, revenue_minor, nullif(size_band, '') AS size_band, main, since, stale, grp, alike_by, buyers, estimate,
  CASE WHEN cast(:above AS double) > 0 THEN greatest(yearly, cast(round(cast(estimate AS double) * cast(:below AS double)) AS bigint)) ELSE low END AS low,
  CASE WHEN cast(:above AS double) > 0 THEN cast(round(cast(estimate AS double) * cast(:above AS double)) AS bigint) ELSE high END AS high,
  coalesce(amount, CASE WHEN cast(:estimating AS boolean) THEN estimate END) AS potential,
  CASE WHEN amount IS NOT NULL THEN source WHEN cast(:estimating AS boolean) AND estimate IS NOT NULL THEN 'estimated' END AS potential_source
FROM estimated
