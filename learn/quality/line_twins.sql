-- Lines that stand more than once: of one document (or all without), with the same customer, date, product, quantity and
-- revenue. Those that agree in what takes little memory are found first, and only they are compared in full.
WITH suspect AS (
  SELECT p.customer_id, p.purchase_date, p.product_id, p.revenue
  FROM purchase p
  WHERE {{slice}}
  GROUP BY p.customer_id, p.purchase_date, p.product_id, p.revenue
  HAVING count(*) > 1
)
SELECT p.purchase_date AS place, p.customer_id, p.import_no, p.row_no,
  count(*) OVER (PARTITION BY p.customer_id, p.purchase_date, p.product_id, p.revenue, p.quantity, coalesce(p.document, '')) > 1 AS repeated
FROM purchase p
JOIN suspect s ON s.customer_id = p.customer_id AND s.purchase_date = p.purchase_date AND s.revenue = p.revenue
  AND s.product_id IS NOT DISTINCT FROM p.product_id
WHERE {{slice}}
