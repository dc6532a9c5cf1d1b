-- Revenue and cost of the customers whose cost is known.
SELECT cast(coalesce(sum(CASE WHEN revenue > 0 AND cost > 0 THEN revenue END), 0) AS bigint), cast(coalesce(sum(CASE WHEN revenue > 0 AND cost > 0 THEN cost END), 0) AS bigint)
FROM step_wallet
