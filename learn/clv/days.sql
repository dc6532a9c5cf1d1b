-- The purchases: days of a customer up to the date whose lines together are not less than nothing. Lines of one day are one
-- purchase; a day on which returns outweigh it is none, and its amount is left out.
CREATE TEMP TABLE lifetime_day AS
SELECT customer_id, purchase_date AS day, cast(sum(revenue) AS bigint) AS net
FROM purchase
WHERE purchase_date <= :as_of
GROUP BY customer_id, purchase_date
HAVING sum(revenue) >= 0
