-- Customers that gave back more of a product than they ever bought: by quantity, and by revenue where no quantity is known.
WITH net AS (
  SELECT customer_id, product_id, sum(quantity) AS quantity, sum(cast(revenue AS double)) AS revenue
  FROM purchase
  WHERE purchase_date <= :as_of
    AND customer_id IN (SELECT customer_id FROM purchase WHERE quantity < 0 OR revenue < 0)
    AND customer_id IN (SELECT c.id FROM customer c WHERE {{slice}})
  GROUP BY customer_id, product_id
)
SELECT c.id AS customer_id, c.code AS place, true AS returned_beyond
FROM customer c
WHERE c.id IN (SELECT customer_id FROM net WHERE coalesce(quantity < 0, revenue < 0))
