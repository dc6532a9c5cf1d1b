-- What cannot be in the budgets.
SELECT b.month AS place, b.customer_id, b.import_no, b.row_no,
  b.revenue = 0 AS zero_revenue,
  b.revenue < 0 AS invalid_revenue,
  coalesce(b.revenue <> 0 AND (abs(b.revenue) < cast(:revenue_low AS double) OR abs(b.revenue) > cast(:revenue_high AS double)), false) AS outlier_revenue
FROM budget b
