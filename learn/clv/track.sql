-- Their repeat purchases by steps of :step days from the first purchase of all; a purchase at the end of a step belongs to it.
SELECT cast(floor(cast(date_diff('day', :origin, d.day) + :step - 1 AS double) / cast(:step AS double)) AS bigint) AS at, count(*)
FROM lifetime_day d
JOIN lifetime_summary s ON s.customer_id = d.customer_id
WHERE s.before >= 0 AND d.day > s.first
GROUP BY 1
