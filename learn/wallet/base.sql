-- What is known of each customer: purchases of the window, traits ('' is unknown) and the statement of potential in force.
-- Of the statements on or before the date the most trusted that is fresh counts, then the latest. Where none is fresh the
-- latest counts. Of equal ones that counts which was entered last (ids grow with time).
-- main packs revenue and number of a category, so that the largest comes first, and of equal ones the first; revenue is
-- capped at what leaves room for the number.
CREATE TEMP TABLE wallet_base AS
WITH bought AS (
  SELECT customer_id,
    cast(sum(revenue) AS bigint) AS revenue,
    cast(sum(cost) AS bigint) AS cost,
    cast(sum(lines) AS bigint) AS lines,
    max(last_purchase) AS last_purchase,
    max(CASE WHEN revenue > 0 AND category IS NOT NULL THEN least(revenue, 9000000000000000) * 1000 + (999 - category) END) AS main
  FROM wallet_spend
  GROUP BY customer_id
), ranked AS (
  SELECT customer_id, id, amount, source, valid_from, {{place}} AS place, CASE WHEN {{fresh}} THEN 0 ELSE 1 END AS stale
  FROM potential
  WHERE valid_from <= :as_of
), stated AS (
  SELECT customer_id, amount, source, valid_from, stale,
    row_number() OVER (PARTITION BY customer_id ORDER BY stale, CASE WHEN stale = 0 THEN place END, valid_from DESC, place, id DESC) AS standing
  FROM ranked
)
SELECT customer.id AS customer_id,
  coalesce(bought.revenue, 0) AS revenue,
  coalesce(bought.cost, 0) AS cost,
  coalesce(bought.lines, 0) AS lines,
  bought.last_purchase,
  -- The same rounding as everywhere: half away from zero. A year's worth is what the window would be in twelve months.
  cast(round(cast(coalesce(bought.revenue, 0) AS double) / cast(:fine_per_minor AS double)) AS bigint) AS revenue_minor,
  cast(round(cast(coalesce(bought.revenue, 0) AS double) * 12 / cast(:months AS double) / cast(:fine_per_minor AS double)) AS bigint) AS yearly,
  coalesce(customer.industry, '') AS industry,
  coalesce(customer.country, '') AS country,
  {{size}} AS size_band,
  coalesce(999 - cast(bought.main % 1000 AS integer), -1) AS main,
  stated.amount, stated.source, stated.valid_from AS since, stated.stale
FROM customer
LEFT JOIN bought ON bought.customer_id = customer.id
LEFT JOIN stated ON stated.customer_id = customer.id AND stated.standing = 1
