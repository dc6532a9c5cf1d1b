-- The gaps between purchases up to a day, in days: how many of each length, for the regularity of buying.
WITH gaps AS (
  SELECT s.alike, date_diff('day', lag(d.purchase_date) OVER (PARTITION BY d.customer_id ORDER BY d.purchase_date), d.purchase_date) AS gap
  FROM purchase_day d
  JOIN lifetime_summary s ON s.customer_id = d.customer_id
  WHERE s.in_sample AND d.net >= 0 AND d.purchase_date <= :until
)
SELECT alike, gap, count(*) FROM gaps WHERE gap IS NOT NULL GROUP BY alike, gap ORDER BY alike, gap
