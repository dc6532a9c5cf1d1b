SELECT customer_id, max_by(amount, as_of) AS amount
FROM forecast
WHERE as_of > {{from}} AND as_of <= {{to}}
GROUP BY customer_id
