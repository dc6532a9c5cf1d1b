-- One row for each customer who bought: in which quarters (bit 0 is the quarter up to the date), how much in the last two years,
-- and purchases and amounts of the :recent months and of the time that they are held against, which ends at :until months back.
-- The month of the first purchase is left out of the rhythm: it began with a purchase.
CREATE TEMP TABLE loyalty_history AS
WITH counted AS (
  SELECT customer_id, max(k) AS first_month, max_by(n, k) AS first_n, max_by(net, k) AS first_net,
    bitwise_or_agg(cast(power(cast(2 AS double), cast(k / 3 AS double)) AS bigint)) AS bought_quarters,
    cast(coalesce(sum(CASE WHEN k < 12 THEN net END), 0) AS bigint) AS year_net,
    cast(coalesce(sum(CASE WHEN k >= 12 AND k < 24 THEN net END), 0) AS bigint) AS before_net,
    cast(coalesce(sum(CASE WHEN k < :recent THEN n END), 0) AS bigint) AS recent,
    cast(coalesce(sum(CASE WHEN k >= :recent AND k < :until THEN n END), 0) AS bigint) AS past,
    cast(coalesce(sum(CASE WHEN k >= :recent AND k < :until THEN n * n END), 0) AS bigint) AS squares,
    cast(coalesce(sum(CASE WHEN k >= 12 AND k < 12 + :recent THEN n END), 0) AS bigint) AS year_ago,
    cast(coalesce(sum(CASE WHEN k < :recent THEN net END), 0) AS bigint) AS lately,
    cast(coalesce(sum(CASE WHEN k >= :recent AND k < :until THEN net END), 0) AS bigint) AS volume,
    cast(sum(CASE WHEN k >= :recent AND k < :until THEN cast(net AS decimal(19, 0)) * cast(net AS decimal(19, 0)) END) AS double) AS volumes,
    cast(coalesce(sum(CASE WHEN k >= 12 AND k < 12 + :recent THEN net END), 0) AS bigint) AS year_ago_net,
    cast(coalesce(sum(CASE WHEN k < :recent THEN l END), 0) AS bigint) AS l_recent,
    cast(coalesce(sum(CASE WHEN k < :recent THEN ll END), 0) AS bigint) AS ll_recent,
    cast(coalesce(sum(CASE WHEN k >= :amounts_from AND k < :amounts_until THEN n END), 0) AS bigint) AS past_amounts,
    cast(coalesce(sum(CASE WHEN k >= :amounts_from AND k < :amounts_until THEN l END), 0) AS bigint) AS l_past,
    cast(coalesce(sum(CASE WHEN k >= :amounts_from AND k < :amounts_until THEN ll END), 0) AS bigint) AS ll_past
  FROM loyalty_month
  GROUP BY customer_id
), whole AS (
  SELECT customer_id, first_month, bought_quarters, year_net, before_net, recent, year_ago, l_recent, past_amounts, l_past,
    cast(greatest(least(first_month, :until) - :recent, 0) AS bigint) AS months,
    past - CASE WHEN first_month >= :recent AND first_month < :until THEN first_n ELSE 0 END AS past,
    squares - CASE WHEN first_month >= :recent AND first_month < :until THEN first_n * first_n ELSE 0 END AS squares,
    lately, year_ago_net, volume - CASE WHEN first_month >= :recent AND first_month < :until THEN first_net ELSE 0 END AS volume,
    volumes - CASE WHEN first_month >= :recent AND first_month < :until THEN cast(first_net AS double) * cast(first_net AS double) ELSE 0 END AS volumes,
    recent + past_amounts - 2 AS freedom,
    cast(ll_recent + ll_past AS double) - cast(l_recent AS double) * cast(l_recent AS double) / cast(nullif(recent, 0) AS double)
      - cast(l_past AS double) * cast(l_past AS double) / cast(nullif(past_amounts, 0) AS double) AS scatter,
    cast(l_recent AS double) / cast(nullif(recent, 0) AS double) - cast(l_past AS double) / cast(nullif(past_amounts, 0) AS double) AS fall
  FROM counted
)
SELECT w.customer_id, first_month, bought_quarters, year_net, before_net, recent, months, past, squares, year_ago, lately, volume, volumes, year_ago_net, freedom, fall / 1e4 AS log_change,
  r.days_since_purchase AS silence,
  -- Who bought nothing for a year is gone, which is no early warning.
  months >= 6 AND r.days_since_purchase <= 365
    AND CASE WHEN :season THEN first_month >= 12 + :recent AND year_ago + recent >= :minimum ELSE past + recent >= :minimum END AS rhythm_told,
  months >= 6 AND r.days_since_purchase <= 365 AND recent >= 3 AND past_amounts >= 5 AS amounts_told,
  -- Hundredths of Student's t, towards 0; 30 stands for all beyond. Who always paid the same has no scatter but that of rounding.
  CASE WHEN fall < 0 THEN cast(ceil(greatest(-3000, 100 * fall /
    sqrt(greatest(scatter, 1) / cast(freedom AS double) * (1 / cast(recent AS double) + 1 / cast(past_amounts AS double))))) AS bigint) ELSE 0 END AS t
FROM whole w
JOIN step_rfm r ON r.customer_id = w.customer_id
