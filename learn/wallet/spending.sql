-- What the buyers of each combination of traits buy of each category: how many of them, and the sum of their shares in
-- millionths, whole numbers since sums of fractions would depend on their order.
SELECT a.cell, s.category, count(*) AS buyers,
  cast(sum(cast(round(least(1.0, cast(s.revenue AS double) / cast(a.revenue AS double)) * 1000000) AS bigint)) AS bigint) AS shares,
  cast(sum(s.revenue) AS double) AS revenue
FROM wallet_spend s
JOIN wallet_alike a ON a.customer_id = s.customer_id
WHERE a.yearly > 0 AND s.revenue > 0 AND s.category IS NOT NULL
GROUP BY a.cell, s.category
