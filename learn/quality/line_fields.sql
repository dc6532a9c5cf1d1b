-- What is missing or cannot be in each purchase line.
SELECT p.purchase_date AS place, p.customer_id, p.import_no, p.row_no,
  coalesce(p.document, '') = '' AS missing_document,
  coalesce(p.line, '') = '' AS missing_line,
  p.product_id IS NULL AS missing_product,
  p.quantity IS NULL AS missing_quantity,
  coalesce(p.quantity = 0 OR p.quantity > 0 AND p.revenue < 0 OR p.quantity < 0 AND p.revenue > 0, false) AS invalid_quantity,
  coalesce(p.quantity <> 0 AND (abs(p.quantity) < cast(:quantity_low AS double) OR abs(p.quantity) > cast(:quantity_high AS double)), false) AS outlier_quantity,
  p.revenue = 0 AS zero_revenue,
  coalesce(p.revenue <> 0 AND (abs(p.revenue) < cast(:revenue_low AS double) OR abs(p.revenue) > cast(:revenue_high AS double)), false) AS outlier_revenue,
  p.cost IS NULL AS missing_cost,
  coalesce(p.cost > 0 AND p.revenue < 0 OR p.cost < 0 AND p.revenue > 0, false) AS invalid_cost,
  coalesce(p.cost <> 0 AND (abs(p.cost) < cast(:cost_low AS double) OR abs(p.cost) > cast(:cost_high AS double)), false) AS outlier_cost,
  coalesce(p.channel, '') = '' AS missing_channel,
  p.seller_id IS NULL AS missing_seller,
  p.purchase_date < date '1970-01-01' AS invalid_date,
  p.purchase_date > :as_of AS future_date,
  true AS any_line
FROM purchase p
