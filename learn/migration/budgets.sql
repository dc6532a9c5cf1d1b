SELECT customer_id, cast(sum(revenue) AS bigint) AS amount
FROM budget
WHERE month >= {{from}} AND month <= {{to}}
GROUP BY customer_id
