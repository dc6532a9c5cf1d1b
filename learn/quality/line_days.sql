-- How many lines each day has, from a day on.
SELECT purchase_date, count(*) FROM purchase WHERE purchase_date >= :from GROUP BY purchase_date ORDER BY purchase_date
