SELECT p.customer_id, {{part}} AS part, before.amount IS NULL AS untold, cast(NULL AS double) AS actual,
  cast(p.revenue AS double) * CASE WHEN before.amount IS NULL THEN 1 ELSE line.amount / before.amount END AS budget
FROM budget p
LEFT JOIN (
  SELECT p.customer_id, cast(sum(p.revenue) AS double) AS amount
  FROM purchase p
  WHERE p.purchase_date >= {{year_from}} AND p.purchase_date <= {{year_until}} AND {{customers}}
  GROUP BY p.customer_id
  HAVING sum(p.revenue) > 0
) before ON before.customer_id = p.customer_id
LEFT JOIN (
  SELECT p.customer_id, {{line}} AS part, cast(sum(p.revenue) AS double) AS amount
  FROM purchase p {{product}}
  WHERE p.purchase_date >= {{year_from}} AND p.purchase_date <= {{year_until}} AND {{lines}} AND {{customers}}
  GROUP BY 1, 2
) line ON line.customer_id = before.customer_id
WHERE p.month >= {{from}} AND p.month <= {{to}} AND {{told}} AND {{customers}}
