-- Each product in the window. Cost to serve is shared over a customer's products by lines: share is what falls on one line of
-- the customer, in thousandths of a fine unit, whole numbers so that the sum does not depend on the order.
SELECT coalesce(cast(p.product_id AS varchar), ''), coalesce(max(product.code), ''), coalesce(max(product.name), ''), coalesce(max(cast(product.category_id AS varchar)), ''),
  count(*) AS lines, cast(sum(p.revenue) AS bigint), cast(coalesce(sum(CASE WHEN p.cost IS NOT NULL THEN p.revenue END), 0) AS bigint),
  cast(coalesce(sum(p.cost), 0) AS bigint), count(p.cost), cast(sum(c.share) AS bigint)
FROM purchase p
JOIN (
  SELECT customer_id, cast(floor(cast(cost_to_serve AS double) * 1000 / cast(lines AS double)) AS bigint) AS share
  FROM profit_customer
  WHERE lines > 0
) c ON c.customer_id = p.customer_id
LEFT JOIN product ON product.id = p.product_id
WHERE p.purchase_date > :from AND p.purchase_date <= :as_of
GROUP BY p.product_id
ORDER BY p.product_id
