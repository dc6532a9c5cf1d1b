-- Revenue, cost and budget of one customer by calendar month, for the months that have any.
SELECT
    month,
    cast(sum(revenue) AS bigint) AS revenue,
    cast(sum(cost) AS bigint) AS cost,
    cast(sum(budget) AS bigint) AS budget
FROM (
    SELECT cast(date_trunc('month', purchase_date) AS date) AS month, revenue, coalesce(cost, 0) AS cost, cast(NULL AS bigint) AS budget
    FROM purchase
    WHERE customer_id = cast(:customer AS uuid) AND purchase_date >= :from AND purchase_date <= :until
    UNION ALL
    SELECT month, 0 AS revenue, 0 AS cost, revenue AS budget
    FROM budget
    WHERE customer_id = cast(:customer AS uuid) AND month >= :from AND month <= :until
) AS facts
GROUP BY month
ORDER BY month
