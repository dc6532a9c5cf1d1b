-- Their repeat purchases by steps of :step days from the first purchase of all; the first day of all is the first of a step.
SELECT cast(floor(cast(date_diff('day', :origin, d.purchase_date) AS double) / cast(:step AS double)) AS bigint) AS at, count(*)
FROM purchase_day d
JOIN lifetime_summary s ON s.customer_id = d.customer_id
WHERE s.before >= 0 AND d.net >= 0 AND d.purchase_date > s.first
GROUP BY 1
