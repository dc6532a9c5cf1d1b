-- What each customer bought of each category in the window (:from, :as_of]: the one look at the purchase lines. Products
-- without a category, and those beyond what is compared, stand together under NULL.
CREATE TEMP TABLE wallet_spend AS
SELECT p.customer_id, {{category}} AS category,
  cast(sum(p.revenue) AS bigint) AS revenue,
  cast(coalesce(sum(p.cost), 0) AS bigint) AS cost,
  count(*) AS lines,
  max(CASE WHEN p.revenue >= 0 THEN p.purchase_date END) AS last_purchase
FROM purchase p {{products}}
WHERE p.purchase_date > :from AND p.purchase_date <= :as_of
GROUP BY 1, 2
