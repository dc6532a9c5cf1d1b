-- One history per customer who ever bought: repeat purchases (x), days from the first purchase to the last (t.x) and to the
-- date (T), money; and the same as it stood on :calibration, -1 repeats for who had not bought yet.
-- A day on which returns outweigh the purchases is no purchase, and its amount is left out. in_sample is chance: the end of an id is random.
CREATE TEMP TABLE lifetime_summary AS
WITH summary AS (
  SELECT customer_id, count(*) - 1 AS repeats, min(purchase_date) AS first, max(purchase_date) AS last,
    cast(sum(net) AS bigint) AS total, min_by(net, purchase_date) AS first_net,
    count(CASE WHEN purchase_date <= :calibration THEN 1 END) - 1 AS before, max(CASE WHEN purchase_date <= :calibration THEN purchase_date END) AS last_before
  FROM purchase_day
  WHERE net >= 0
  GROUP BY customer_id
)
SELECT s.customer_id, {{alike}} AS alike, s.repeats, s.first,
  cast(date_diff('day', s.first, s.last) AS bigint) AS recency,
  cast(date_diff('day', s.first, :as_of) AS bigint) AS age,
  s.total, s.first_net, s.before,
  cast(date_diff('day', s.first, s.last_before) AS bigint) AS recency_before,
  cast(date_diff('day', s.first, :calibration) AS bigint) AS age_before,
  substr(cast(s.customer_id AS varchar), 35, 2) < :tail AS in_sample
FROM summary s
LEFT JOIN customer c ON c.id = s.customer_id
