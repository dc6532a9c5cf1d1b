-- What each customer bought on each day up to :as_of, returns taken off: fine units of the base currency. Lines of one day
-- are one purchase to all models of repeat buying.
SELECT customer_id, purchase_date, cast(sum(revenue) AS bigint) AS net
FROM purchase
WHERE purchase_date <= :as_of
GROUP BY customer_id, purchase_date
