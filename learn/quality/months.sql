-- Lines, revenue and budget of all customers by calendar month.
SELECT month,
  cast(sum(line) AS bigint) AS lines,
  cast(sum(revenue) AS bigint) AS revenue,
  cast(sum(budget) AS bigint) AS budget
FROM (
  SELECT cast(date_trunc('month', purchase_date) AS date) AS month, count(*) AS line, sum(revenue) AS revenue, cast(NULL AS bigint) AS budget
  FROM purchase
  WHERE purchase_date >= :first AND purchase_date <= :as_of
  GROUP BY cast(date_trunc('month', purchase_date) AS date)
  UNION ALL
  SELECT month, 0, 0, sum(revenue)
  FROM budget
  WHERE month >= :first AND month <= :as_of
  GROUP BY month
) AS facts
GROUP BY month
ORDER BY month
