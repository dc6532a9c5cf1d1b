-- Margin and cost to serve of each customer in the window (:from, :as_of] and in the one before it, (:before, :from]. An order
-- is a document on a day with a line that is no return; lines without a document are one order a day. Where lines say no
-- cost, the margin is that of the others; where none does, there is no margin. Unit costs are fine units.
CREATE TEMP TABLE profit_customer AS
WITH documents AS (
  SELECT customer_id, purchase_date, document, count(*) AS lines, count(cost) AS costed,
    count(CASE WHEN revenue < 0 THEN 1 END) AS returns,
    count(CASE WHEN revenue > 0 THEN 1 END) AS bought,
    cast(coalesce(sum(CASE WHEN cost IS NOT NULL THEN revenue END), 0) AS bigint) AS revenue,
    cast(coalesce(sum(cost), 0) AS bigint) AS cost
  FROM purchase
  WHERE purchase_date > :before AND purchase_date <= :as_of
  GROUP BY customer_id, purchase_date, document
), sides AS (
  SELECT *, purchase_date > :from AS now FROM documents
), bought AS (
  SELECT customer_id,
    count(CASE WHEN now AND returns < lines THEN 1 END) AS orders,
    count(CASE WHEN NOT now AND returns < lines THEN 1 END) AS orders_before,
    cast(sum(CASE WHEN now THEN lines ELSE 0 END) AS bigint) AS lines,
    cast(sum(CASE WHEN now THEN 0 ELSE lines END) AS bigint) AS lines_before,
    cast(sum(CASE WHEN now THEN costed ELSE 0 END) AS bigint) AS costed,
    cast(sum(CASE WHEN now THEN 0 ELSE costed END) AS bigint) AS costed_before,
    cast(sum(CASE WHEN now THEN returns ELSE 0 END) AS bigint) AS returns,
    cast(sum(CASE WHEN now THEN 0 ELSE returns END) AS bigint) AS returns_before,
    cast(sum(CASE WHEN now THEN revenue ELSE 0 END) AS bigint) AS revenue,
    cast(sum(CASE WHEN now THEN revenue - cost ELSE 0 END) AS bigint) AS margin,
    cast(sum(CASE WHEN now THEN 0 ELSE revenue - cost END) AS bigint) AS margin_before,
    count(CASE WHEN now AND bought > 0 THEN 1 END) > 0 AS buys,
    count(CASE WHEN NOT now AND bought > 0 THEN 1 END) > 0 AS bought_before
  FROM sides
  GROUP BY customer_id
), began AS (
  SELECT customer_id, min(purchase_date) AS day FROM purchase WHERE revenue > 0 AND purchase_date <= :as_of GROUP BY customer_id
), touches AS (
  SELECT customer_id, kind, coalesce(minutes, 0) AS minutes, interaction_date > :from AS now,
    {{contact}} + coalesce(minutes, 0) * cast(:minute AS bigint) AS cost
  FROM interaction i
  WHERE interaction_date > :before AND interaction_date <= :as_of
), touched AS (
  SELECT customer_id,
    count(CASE WHEN now AND kind = 'visit' THEN 1 END) AS visits,
    count(CASE WHEN now THEN 1 END) AS contacts,
    cast(sum(CASE WHEN now THEN minutes ELSE 0 END) AS bigint) AS minutes,
    cast(sum(CASE WHEN now THEN cost ELSE 0 END) AS bigint) AS cost,
    cast(sum(CASE WHEN now THEN 0 ELSE cost END) AS bigint) AS cost_before
  FROM touches
  GROUP BY customer_id
), served AS (
  SELECT c.id AS customer_id,
    coalesce(t.visits, 0) AS visits, coalesce(t.contacts, 0) AS contacts, coalesce(t.minutes, 0) AS minutes,
    coalesce(b.orders, 0) AS orders, coalesce(b.lines, 0) AS lines, coalesce(b.costed, 0) AS costed, coalesce(b.returns, 0) AS returns,
    coalesce(b.revenue, 0) AS costed_revenue,
    CASE WHEN b.lines > 0 AND b.costed = 0 THEN NULL ELSE coalesce(b.margin, 0) END AS margin,
    CASE WHEN b.lines_before > 0 AND b.costed_before = 0 THEN NULL ELSE coalesce(b.margin_before, 0) END AS margin_before,
    coalesce(t.cost, 0) + coalesce(b.orders * cast(:order AS bigint) + (b.lines - b.returns) * cast(:line AS bigint) + b.returns * cast(:return AS bigint), 0)
      + CASE WHEN began.day > :from THEN cast(:acquisition AS bigint) ELSE 0 END AS cost_to_serve,
    coalesce(t.cost_before, 0) + coalesce(b.orders_before * cast(:order AS bigint) + (b.lines_before - b.returns_before) * cast(:line AS bigint)
      + b.returns_before * cast(:return AS bigint), 0)
      + CASE WHEN began.day > :before AND began.day <= :from THEN cast(:acquisition AS bigint) ELSE 0 END AS cost_before,
    CASE
      WHEN began.day IS NULL THEN 'prospect'
      WHEN b.buys AND b.bought_before THEN 'retained'
      WHEN b.buys AND began.day > :from THEN 'new'
      WHEN b.buys THEN 'won_back'
      WHEN b.bought_before THEN 'lost'
      ELSE 'none'
    END AS state
  FROM customer c
  LEFT JOIN bought b ON b.customer_id = c.id
  LEFT JOIN began ON began.customer_id = c.id
  LEFT JOIN touched t ON t.customer_id = c.id
)
SELECT *, margin - cost_to_serve AS profit, margin_before - cost_before AS profit_before,
  CASE
    WHEN state IN ('retained', 'lost') THEN margin_before - cost_before
    WHEN state IN ('new', 'won_back') THEN margin - cost_to_serve
  END AS judged
FROM served
