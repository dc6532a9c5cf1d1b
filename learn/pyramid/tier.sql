-- The tier of each customer by where the tiers of this version begin.
SELECT customer_id, {{tier}} AS tier FROM {{table}} s
