-- Purchases of each customer by month back from the date: 0 is the month up to it. A month reaches from the day after one
-- day of the month up to the same day of the next, as in all that is counted in months. l is the sum of the logarithms of the
-- amounts in ten-thousandths, ll that of their squares: whole numbers, whose sums do not depend on their order.
CREATE TEMP TABLE loyalty_month AS
WITH purchases AS (
  SELECT customer_id, net,
    cast(cast(:month AS bigint) - (year(purchase_date) * 12 + month(purchase_date)) - CASE WHEN day(purchase_date) > cast(:day_of_month AS bigint) THEN 1 ELSE 0 END AS bigint) AS k,
    cast(round(ln(cast(net AS double)) * 1e4) AS bigint) AS l
  FROM purchase_day
  WHERE net > 0 AND purchase_date > :oldest
)
SELECT customer_id, k, count(*) AS n, cast(sum(net) AS bigint) AS net, cast(sum(l) AS bigint) AS l, cast(sum(l * l) AS bigint) AS ll
FROM purchases
GROUP BY customer_id, k
