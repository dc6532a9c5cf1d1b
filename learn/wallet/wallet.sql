-- Revenue, potential and share of each customer.
-- The window is (:from, :as_of]. Of the statements of potential on or before the date the latest counts; on equal dates
-- declared, surveyed, imported, estimated in this order, and then the one that was entered last (ids grow with time).
WITH bought AS (
  SELECT customer_id,
    cast(sum(revenue) AS bigint) AS revenue,
    cast(coalesce(sum(cost), 0) AS bigint) AS cost,
    count(*) AS lines,
    max(CASE WHEN revenue >= 0 THEN purchase_date END) AS last_purchase
  FROM purchase
  WHERE purchase_date > :from AND purchase_date <= :as_of
  GROUP BY customer_id
), stated AS (
  SELECT customer_id, amount, source,
    row_number() OVER (PARTITION BY customer_id ORDER BY valid_from DESC,
      CASE source WHEN 'declared' THEN 1 WHEN 'surveyed' THEN 2 WHEN 'imported' THEN 3 WHEN 'estimated' THEN 4 ELSE 5 END,
      id DESC) AS place
  FROM potential
  WHERE valid_from <= :as_of
), wallet AS (
  SELECT customer.id AS customer_id,
    coalesce(bought.revenue, 0) AS revenue,
    coalesce(bought.cost, 0) AS cost,
    coalesce(bought.lines, 0) AS lines,
    bought.last_purchase,
    stated.amount AS potential,
    stated.source AS potential_source,
    -- The same rounding as everywhere: half away from zero.
    cast(round(cast(coalesce(bought.revenue, 0) AS double) / cast(:fine_per_minor AS double)) AS bigint) AS revenue_minor
  FROM customer
  LEFT JOIN bought ON bought.customer_id = customer.id
  LEFT JOIN stated ON stated.customer_id = customer.id AND stated.place = 1
)
SELECT customer_id, revenue, cost, lines, last_purchase, potential, potential_source,
  CASE WHEN potential > 0 THEN cast(revenue AS double) / cast(potential * :fine_per_minor AS double) END AS share,
  CASE WHEN potential IS NOT NULL THEN greatest(potential - revenue_minor, 0) END AS unused
FROM wallet
