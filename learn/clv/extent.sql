-- How many customers bought, and since when.
SELECT count(DISTINCT customer_id), min(day), date_diff('day', min(day), :as_of) FROM lifetime_day
