-- Consistency, tie, type of behaviour and early warnings of each customer. A mean of parts is over those that are known, by
-- their weights: what was not asked weighs nothing.
WITH known AS (
  SELECT c.id AS customer_id, h.bought_quarters, h.first_month, h.recent, h.months, h.past, h.year_ago, h.rhythm_told, h.amounts_told, h.log_change,
    CASE WHEN h.first_month >= 9 THEN
      cast(h.bought_quarters % 2 + h.bought_quarters / 2 % 2 + h.bought_quarters / 4 % 2 + h.bought_quarters / 8 % 2
        + h.bought_quarters / 16 % 2 + h.bought_quarters / 32 % 2 + h.bought_quarters / 64 % 2 + h.bought_quarters / 128 % 2 AS double)
      / cast(least(h.first_month / 3 + 1, 8) AS double) END AS regularity,
    CASE WHEN h.first_month >= 23 AND h.before_net > 0 THEN cast(h.year_net AS double) / cast(h.before_net AS double) END AS revenue_trend,
    -- least and greatest take NULL for nothing to compare in one engine and for NULL in the other: never give them one.
    CASE WHEN w.share IS NOT NULL THEN greatest(least(w.share, 1), 0) END AS share,
    CASE WHEN w.revenue > 0 AND w.cost > 0 AND cast(:company_margin AS double) > 0
      THEN (1 - cast(w.cost AS double) / cast(w.revenue AS double)) / cast(:company_margin AS double) END AS price_level,
    a.complaints, a.references_given, a.intention, a.recommendation, a.second_chance, a.satisfaction, a.satisfaction_source,
    a.willingness, a.ability, a.reliability, a.reachability, a.involvement,
    (coalesce(a.willingness, 0) + coalesce(a.ability, 0) + coalesce(a.reliability, 0) + coalesce(a.reachability, 0) + coalesce(a.involvement, 0))
      / nullif(cast(CASE WHEN a.willingness IS NULL THEN 0 ELSE 1 END + CASE WHEN a.ability IS NULL THEN 0 ELSE 1 END + CASE WHEN a.reliability IS NULL THEN 0 ELSE 1 END
        + CASE WHEN a.reachability IS NULL THEN 0 ELSE 1 END + CASE WHEN a.involvement IS NULL THEN 0 ELSE 1 END AS double), 0) AS relation,
    CASE WHEN h.rhythm_told THEN coalesce(r.chance, 1) END AS rhythm_chance,
    CASE WHEN h.amounts_told THEN coalesce(f.chance, 1) END AS amount_chance,
    v.share_before, v.share_lately, v.potential_change, fallen.chance AS share_chance, held.chance AS held_chance
  FROM customer c
  LEFT JOIN step_wallet w ON w.customer_id = c.id
  LEFT JOIN loyalty_history h ON h.customer_id = c.id
  LEFT JOIN loyalty_answer a ON a.customer_id = c.id
  LEFT JOIN loyalty_rhythm r ON r.months = h.months AND r.past = h.past AND r.squares = h.squares AND r.recent = h.recent AND r.silence = h.silence AND r.year_ago = h.year_ago
  LEFT JOIN loyalty_fall f ON f.t = h.t AND f.freedom = h.freedom
  LEFT JOIN loyalty_share v ON v.customer_id = c.id
  LEFT JOIN loyalty_fall fallen ON fallen.t = v.z AND fallen.freedom = 0
  LEFT JOIN loyalty_fall held ON held.t = v.z_held AND held.freedom = 0
), weighed AS (
  SELECT *,
    -- A past of four quarters at least: in less nobody shows whether it is consistent.
    CASE WHEN regularity IS NOT NULL THEN
      (:w_regularity * regularity + CASE WHEN revenue_trend IS NULL THEN 0 ELSE :w_trend * least(revenue_trend, 1) END + coalesce(:w_share * share, 0) + CASE WHEN price_level IS NULL THEN 0 ELSE :w_price * greatest(least(price_level, 1), 0) END)
      / nullif(:w_regularity + CASE WHEN revenue_trend IS NULL THEN 0 ELSE :w_trend END + CASE WHEN share IS NULL THEN 0 ELSE :w_share END
        + CASE WHEN price_level IS NULL THEN 0 ELSE :w_price END, 0) END AS consistency,
    (coalesce(:w_intention * intention / 2, 0) + coalesce(:w_satisfaction * (satisfaction - 1) / 9, 0) + coalesce(:w_recommendation * recommendation / 10, 0)
      + CASE WHEN references_given > 0 THEN :w_reference ELSE 0 END + coalesce(:w_second * second_chance, 0) + coalesce(:w_relation * (relation - 1) / 9, 0))
      / nullif(CASE WHEN intention IS NULL THEN 0 ELSE :w_intention END + CASE WHEN satisfaction IS NULL THEN 0 ELSE :w_satisfaction END
        + CASE WHEN recommendation IS NULL THEN 0 ELSE :w_recommendation END + CASE WHEN references_given > 0 THEN :w_reference ELSE 0 END
        + CASE WHEN second_chance IS NULL THEN 0 ELSE :w_second END + CASE WHEN relation IS NULL THEN 0 ELSE :w_relation END, 0) AS asked,
    CASE WHEN rhythm_chance IS NULL THEN 0 ELSE 1 END + CASE WHEN amount_chance IS NULL THEN 0 ELSE 1 END + CASE WHEN share_chance IS NULL THEN 0 ELSE 1 END AS parts
  FROM known
), tied AS (
  SELECT *, CASE WHEN asked IS NOT NULL THEN greatest(least(asked - :w_complaint * complaints, 1), 0) END AS tie,
    -- Each question that is asked takes its part of the false alarms.
    CASE WHEN parts > 0 THEN least(1, parts * least(coalesce(rhythm_chance, 1), coalesce(amount_chance, 1), coalesce(share_chance, 1))) END AS warning_chance,
    coalesce(rhythm_chance, 1) * parts < :rate AS rhythm_fell, coalesce(amount_chance, 1) * parts < :rate AS amount_fell, coalesce(share_chance, 1) * parts < :rate AS share_fell
  FROM weighed
)
SELECT x.customer_id, x.bought_quarters, x.regularity, x.revenue_trend, x.price_level, x.consistency,
  x.intention, x.satisfaction, x.satisfaction_source, x.recommendation, x.references_given, x.complaints, x.second_chance,
  x.willingness, x.ability, x.reliability, x.reachability, x.involvement, x.relation, x.tie,
  100 * (:w_consistency * x.consistency + :w_tie * x.tie) / (:w_consistency + :w_tie) AS loyalty,
  {{type}} AS behaviour_type,
  CASE WHEN x.rhythm_told AND x.past > 0 THEN cast(x.months AS double) * 30.4375 / cast(x.past AS double) END AS buys_every,
  CASE WHEN x.rhythm_told THEN x.recent END AS purchases_recent,
  CASE WHEN x.rhythm_told THEN CASE WHEN :season THEN cast(x.year_ago AS double) ELSE cast(x.past AS double) * cast(:recent AS double) / cast(x.months AS double) END END AS purchases_usual,
  x.rhythm_chance,
  CASE WHEN x.amounts_told THEN exp(x.log_change) - 1 END AS amount_change,
  x.amount_chance,
  x.share_before, x.share_lately, x.potential_change, x.share_chance,
  -- Purchases fell where their own chance is small enough; else the potential rose and they did not follow.
  CASE WHEN NOT x.share_fell THEN NULL WHEN coalesce(x.held_chance, 1) * x.parts >= :rate THEN 'potential' WHEN x.potential_change >= 0.05 THEN 'both' ELSE 'purchases' END AS share_fell_by,
  CASE
    WHEN x.warning_chance IS NULL THEN NULL
    WHEN x.rhythm_fell AND x.amount_fell AND x.share_fell THEN 'all'
    WHEN x.rhythm_fell AND x.share_fell THEN 'rhythm_share'
    WHEN x.amount_fell AND x.share_fell THEN 'amount_share'
    WHEN x.share_fell THEN 'share'
    WHEN x.rhythm_fell AND x.amount_fell THEN 'both'
    WHEN x.rhythm_fell THEN 'rhythm'
    WHEN x.amount_fell THEN 'amount'
    ELSE 'none'
  END AS warning,
  CASE WHEN x.warning_chance < :rate / 10 THEN 'strong' WHEN x.warning_chance < :rate THEN 'clear' END AS warning_strength,
  x.warning_chance
FROM tied x
