-- The years that have a budget.
SELECT cast(extract(year FROM month) AS bigint) AS year, count(DISTINCT customer_id) AS customers
FROM budget
GROUP BY 1
ORDER BY 1 DESC
