-- Customers who bought in the window of either version, by what became of them. base is the earlier one. A customer is judged by
-- the profit of the base where it bought in it, else by that of the later one.
WITH base AS (
  SELECT s.customer_id, s.profit, s.customer_state, s.customer_state IN ('new', 'retained', 'won_back') AS bought FROM score s
  WHERE s.version = :base AND s.customer_state <> 'prospect' AND {{base}}
), later AS (
  SELECT s.customer_id, s.profit FROM score s
  WHERE s.version = :version AND s.customer_state IN ('new', 'retained', 'won_back') AND {{within}}
), joined AS (
  SELECT coalesce(b.customer_id, l.customer_id) AS customer_id,
    CASE WHEN b.bought AND l.customer_id IS NULL THEN 'lost' WHEN b.bought THEN 'retained' WHEN b.customer_id IS NULL THEN 'new' ELSE 'won_back' END AS state,
    CASE WHEN b.bought THEN b.profit END AS base_profit, l.profit,
    CASE WHEN b.bought THEN b.profit ELSE l.profit END AS judged
  FROM base b
  FULL OUTER JOIN later l ON l.customer_id = b.customer_id
  WHERE b.bought OR l.customer_id IS NOT NULL
), marked AS (
  SELECT *, (CASE WHEN state IN ('new', 'won_back') THEN profit IS NOT NULL WHEN state = 'lost' THEN base_profit IS NOT NULL
    ELSE profit IS NOT NULL AND base_profit IS NOT NULL END) AS told
  FROM joined
), classed AS (
  SELECT customer_id, state, told, CASE WHEN told THEN coalesce(base_profit, 0) ELSE 0 END AS base, CASE WHEN told THEN coalesce(profit, 0) ELSE 0 END AS later,
    CASE WHEN NOT told THEN '' WHEN judged >= cast(:high AS bigint) THEN 'high' WHEN judged >= cast(:medium AS bigint) THEN 'medium' ELSE 'low' END AS class
  FROM marked
)
