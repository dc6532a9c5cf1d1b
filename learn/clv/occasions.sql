-- Who had bought up to the day of calibration, by periods of :days days counted back from it: in how many periods after that
-- of its first purchase a customer bought (x), the last of them (t.x), how many periods there were (n); and what came after
-- the calibration, purchases and periods with one.
WITH bought AS (
  SELECT s.customer_id, s.repeats - s.before AS later,
    cast(floor(cast(date_diff('day', s.first, :calibration) AS double) / cast(:days AS double)) AS bigint) AS periods,
    cast(floor(cast(date_diff('day', d.purchase_date, :calibration) AS double) / cast(:days AS double)) AS bigint) AS back,
    CASE WHEN d.purchase_date > s.first AND d.purchase_date <= :calibration THEN 1 ELSE 0 END AS again
  FROM lifetime_summary s
  JOIN purchase_day d ON d.customer_id = s.customer_id
  WHERE s.before >= 0 AND s.in_sample AND d.net >= 0
), told AS (
  SELECT customer_id, later, periods,
    count(DISTINCT CASE WHEN back >= 0 AND back < periods THEN back END) AS bought,
    coalesce(periods - min(CASE WHEN back >= 0 AND back < periods THEN back END), 0) AS last,
    count(DISTINCT CASE WHEN back < 0 THEN back END) AS after,
    cast(sum(CASE WHEN back < periods THEN again ELSE 0 END) AS bigint) AS purchases
  FROM bought
  GROUP BY customer_id, later, periods
)
SELECT bought, last, periods, later, after, count(*), cast(sum(purchases) AS bigint)
FROM told
GROUP BY bought, last, periods, later, after
ORDER BY bought, last, periods, later, after
