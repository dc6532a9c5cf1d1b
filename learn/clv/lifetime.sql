-- Value, danger of leaving and next purchase of each customer who ever bought or returned something. Where the lines do not
-- say their cost the company's average margin stands for it, :margin. lifetime_answer and lifetime_model are what the fitted
-- models say; they are empty where there is too little to fit.
WITH bought AS (
  SELECT customer_id,
    cast(sum(revenue) AS bigint) AS revenue,
    cast(coalesce(sum(CASE WHEN cost IS NOT NULL THEN revenue END), 0) AS bigint) AS costed,
    cast(coalesce(sum(cost), 0) AS bigint) AS cost,
    cast(coalesce(sum(CASE WHEN purchase_date > :from THEN revenue END), 0) AS bigint) AS w_revenue,
    cast(coalesce(sum(CASE WHEN purchase_date > :from AND cost IS NOT NULL THEN revenue END), 0) AS bigint) AS w_costed,
    cast(coalesce(sum(CASE WHEN purchase_date > :from THEN cost END), 0) AS bigint) AS w_cost
  FROM purchase
  WHERE purchase_date <= :as_of
  GROUP BY customer_id
), priced AS (
  SELECT b.customer_id, s.repeats, s.recency, s.age,
    cast(s.total - s.first_net AS double) / cast(nullif(s.repeats, 0) AS double) AS own_mean,
    m.fitted, a.alive, a.ahead, a.danger, a.worth, a.residual, a.next, a.low, a.high,
    CASE WHEN b.costed > 0 THEN greatest(least(cast(b.costed - b.cost AS double) / cast(b.costed AS double), 1), -1) ELSE cast(:margin AS double) END AS margin,
    cast(b.costed - b.cost AS double) + cast(b.revenue - b.costed AS double) * cast(:margin AS double) AS so_far,
    cast(b.w_costed - b.w_cost AS double) + cast(b.w_revenue - b.w_costed AS double) * cast(:margin AS double) - cast(coalesce(served.cost_to_serve, 0) AS double) AS now,
    CASE
      WHEN m.p IS NULL AND s.repeats > 0 AND s.total > s.first_net THEN cast(s.total - s.first_net AS double) / cast(s.repeats AS double)
      WHEN m.p IS NULL OR s.repeats = 0 OR s.total <= s.first_net THEN m.mean
      ELSE m.p * (m.v + cast(s.total - s.first_net AS double)) / (m.p * cast(s.repeats AS double) + m.q - 1)
    END AS size,
    m.v + CASE WHEN s.repeats > 0 AND s.total > s.first_net THEN cast(s.total - s.first_net AS double) ELSE 0 END AS spread, z.low AS size_low, z.high AS size_high
  FROM bought b
  LEFT JOIN lifetime_summary s ON s.customer_id = b.customer_id
  LEFT JOIN lifetime_model m ON m.alike = s.alike
  LEFT JOIN lifetime_answer a ON a.alike = s.alike AND a.repeats = s.repeats AND a.recency = s.recency AND a.age = s.age
  LEFT JOIN lifetime_size z ON z.alike = s.alike AND z.repeats = CASE WHEN s.total > s.first_net THEN s.repeats ELSE 0 END
  LEFT JOIN {{served}} served ON served.customer_id = b.customer_id
), valued AS (
  SELECT *, worth * size * margin AS later, residual * size * margin AS forever, cast(:fine_per_minor AS double) AS fine
  FROM priced
)
SELECT customer_id,
  repeats AS repeat_purchases,
  recency AS days_first_to_last,
  age AS days_since_first,
  cast(round(own_mean / fine) AS bigint) AS mean_spend,
  fitted AS judged_by,
  alive,
  ahead AS purchases_ahead,
  danger,
  next AS next_purchase,
  low AS next_purchase_from,
  high AS next_purchase_to,
  cast(round(CASE WHEN size < 1e15 * fine THEN size / fine END) AS bigint) AS next_purchase_size,
  cast(round(CASE WHEN spread * size_low < 1e15 * fine THEN spread * size_low / fine END) AS bigint) AS next_purchase_size_low,
  cast(round(CASE WHEN spread * size_high < 1e15 * fine THEN spread * size_high / fine END) AS bigint) AS next_purchase_size_high,
  margin AS margin_share,
  cast(round(so_far / fine) AS bigint) AS value_so_far,
  cast(round(CASE WHEN abs(later) < 1e15 * fine THEN later / fine END) AS bigint) AS value_to_come,
  cast(round(CASE WHEN abs(forever) < 1e15 * fine THEN forever / fine END) AS bigint) AS residual_value,
  CASE
    WHEN repeats IS NULL THEN NULL
    WHEN now > 0 AND later > 0 AND 1 - danger >= cast(:likely AS double) THEN 'now_and_later'
    WHEN now > 0 THEN 'now'
    WHEN later > 0 AND 1 - danger >= cast(:likely AS double) THEN 'later_only'
    WHEN later <= 0 OR 1 - danger < cast(:unlikely AS double) THEN 'neither'
    ELSE 'not_now'
  END AS lifetime_group
FROM valued
