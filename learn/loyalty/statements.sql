-- What each customer could have bought in all the months before and in the recent ones, minor units a year, as far as the source of the
-- potential in force has stated it: each statement from its day until the next, the first from before on. Estimates are no
-- statements. Of two on one day that counts which was entered last.
CREATE TEMP TABLE loyalty_potential AS
WITH stated AS (
  SELECT p.customer_id, p.valid_from, max_by(p.amount, cast(p.id AS varchar)) AS amount
  FROM potential p
  JOIN step_wallet w ON w.customer_id = p.customer_id AND w.potential_source = p.source
  WHERE p.valid_from <= :as_of
  GROUP BY p.customer_id, p.valid_from
), spans AS (
  SELECT customer_id, amount,
    cast(date_diff('day', valid_from, :as_of) AS bigint) AS since,
    cast(date_diff('day', lead(valid_from) OVER (PARTITION BY customer_id ORDER BY valid_from), :as_of) AS bigint) AS until,
    lag(valid_from) OVER (PARTITION BY customer_id ORDER BY valid_from) IS NULL AS first
  FROM stated
), counted AS (
  -- Days back: a span reaches from one to another, and so do the months that are compared.
  SELECT s.customer_id, s.amount, coalesce(s.until, 0) AS ends, CASE WHEN s.first THEN greatest(s.since, 100000) ELSE s.since END AS begins,
    cast(round(:recent * 30.4375) AS bigint) AS recent,
    CASE WHEN :season THEN 365 ELSE cast(round(:recent * 30.4375) AS bigint) END AS past_ends,
    CASE WHEN :season THEN 365 + cast(round(:recent * 30.4375) AS bigint) ELSE cast(round((:recent + h.months) * 30.4375) AS bigint) END AS past_begins
  FROM spans s
  JOIN loyalty_history h ON h.customer_id = s.customer_id
  WHERE h.rhythm_told AND h.past > 0
)
SELECT customer_id,
  cast(cast(sum(amount * greatest(least(begins, recent) - ends, 0)) AS bigint) AS double) / cast(max(recent) AS double) AS could_now,
  cast(cast(sum(amount * greatest(least(begins, past_begins) - greatest(ends, past_ends), 0)) AS bigint) AS double) / cast(max(past_begins - past_ends) AS double) AS could
FROM counted
GROUP BY customer_id
