-- What one customer bought in the window by category of product; fine units.
SELECT coalesce(cast(product.category_id AS varchar), ''), cast(sum(p.revenue) AS bigint)
FROM purchase p
LEFT JOIN product ON product.id = p.product_id
WHERE p.customer_id = cast(:customer AS uuid) AND p.purchase_date > :from AND p.purchase_date <= :as_of
GROUP BY 1
