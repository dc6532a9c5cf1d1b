-- The cost to serve of those who bought, which their products share, and of those who did not.
SELECT cast(coalesce(sum(CASE WHEN lines > 0 THEN cost_to_serve END), 0) AS bigint), cast(coalesce(sum(CASE WHEN lines = 0 THEN cost_to_serve END), 0) AS bigint)
FROM profit_customer
