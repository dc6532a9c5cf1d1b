-- Points and cells of each customer. A purchase is a day whose lines together are more than nothing: lines of one day are
-- one purchase, and a day of returns is none. Points are added up in hundred-millionths, whole numbers: sums of fractions
-- would depend on the order in which the engine adds them.
WITH customers AS (
  SELECT customer_id,
    max(CASE WHEN net > 0 THEN purchase_date END) AS last,
    count(CASE WHEN net > 0 THEN 1 END) AS purchase_days,
    cast(sum(net) AS bigint) AS total,
    count(CASE WHEN net > 0 AND purchase_date > :points_from THEN 1 END) * cast(:factor AS bigint) AS f_points,
    cast(coalesce(sum(CASE WHEN net > 0 AND purchase_date > :points_from
      THEN cast(round(least(cast(:cap AS double), cast(net AS double) * cast(:rate AS double))) AS bigint) END), 0) AS bigint) AS m_points
  FROM purchase_day
  GROUP BY customer_id
), bought AS (
  SELECT * FROM customers WHERE last IS NOT NULL
), by_recency AS (
  SELECT *, ntile(cast(:r AS bigint)) OVER (ORDER BY last, purchase_days, total, customer_id) AS r FROM bought
), by_frequency AS (
  SELECT *, ntile(cast(:f AS bigint)) OVER (PARTITION BY {{f_within}} ORDER BY purchase_days, last, total, customer_id) AS f FROM by_recency
), by_money AS (
  SELECT *, ntile(cast(:m AS bigint)) OVER (PARTITION BY {{m_within}} ORDER BY total, last, purchase_days, customer_id) AS m FROM by_frequency
), enough AS (
  SELECT count(*) >= cast(:least AS bigint) AS cells FROM bought
), pointed AS (
  SELECT customer.id AS customer_id, b.last, b.purchase_days, c.total,
    coalesce({{bands}}, 0) AS r_points, coalesce(b.f_points, 0) AS f_points, coalesce(b.m_points, 0) AS m_points,
    CASE WHEN enough.cells THEN b.r END AS r, CASE WHEN enough.cells THEN b.f END AS f, CASE WHEN enough.cells THEN b.m END AS m
  FROM customer
  CROSS JOIN enough
  LEFT JOIN customers c ON c.customer_id = customer.id
  LEFT JOIN by_money b ON b.customer_id = customer.id
)
SELECT customer_id,
  cast(date_diff('day', last, :as_of) AS bigint) AS days_since_purchase,
  coalesce(purchase_days, 0) AS purchase_days,
  coalesce(total, 0) AS revenue_ever,
  cast(r_points AS double) / 1e8 AS rfm_recency_points,
  cast(f_points AS double) / 1e8 AS rfm_frequency_points,
  cast(m_points AS double) / 1e8 AS rfm_money_points,
  cast(r_points + f_points + m_points AS double) / 1e8 AS rfm_points,
  r AS rfm_r, f AS rfm_f, m AS rfm_m,
  cast(r AS varchar) || {{dot}} || cast(f AS varchar) || {{dot}} || cast(m AS varchar) AS rfm_cell
FROM pointed
