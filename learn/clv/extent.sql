-- How many customers bought, and since when.
SELECT count(DISTINCT customer_id), min(purchase_date), date_diff('day', min(purchase_date), :as_of) FROM purchase_day WHERE net >= 0
