-- Products that nobody has bought up to the date.
SELECT p.id AS product_id, p.code AS place, sold.product_id IS NULL AS never_sold
FROM product p
LEFT JOIN (SELECT DISTINCT product_id FROM purchase WHERE purchase_date <= :as_of) sold ON sold.product_id = p.id
