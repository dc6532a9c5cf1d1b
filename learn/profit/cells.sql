-- What some customers bought in the window, by product.
SELECT cast(l.customer_id AS varchar), coalesce(cast(l.product_id AS varchar), ''), coalesce(max(product.code), ''), coalesce(max(product.name), ''),
  coalesce(max(cast(product.category_id AS varchar)), ''),
  count(*), count(l.cost), cast(sum(l.revenue) AS bigint), cast(coalesce(sum(CASE WHEN l.cost IS NOT NULL THEN l.revenue END), 0) AS bigint), cast(coalesce(sum(l.cost), 0) AS bigint)
FROM purchase l
LEFT JOIN product ON product.id = l.product_id
WHERE {{which}} AND l.purchase_date > :from AND l.purchase_date <= :as_of
GROUP BY l.customer_id, l.product_id
ORDER BY l.customer_id, l.product_id
