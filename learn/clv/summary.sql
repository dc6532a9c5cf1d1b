-- One history per customer who ever bought: repeat purchases (x), days from the first purchase to the last (t.x) and to the
-- date (T), money; and the same as it stood on :calibration, -1 repeats for who had not bought yet.
-- in_sample is chance: the end of an id is random.
CREATE TEMP TABLE lifetime_summary AS
WITH summary AS (
  SELECT customer_id, count(*) - 1 AS repeats, min(day) AS first, max(day) AS last,
    cast(sum(net) AS bigint) AS total, min_by(net, day) AS first_net,
    count(CASE WHEN day <= :calibration THEN 1 END) - 1 AS before, max(CASE WHEN day <= :calibration THEN day END) AS last_before
  FROM lifetime_day
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
