-- The red customers who were never contacted, the best buyers first.
SELECT cast(s.customer_id AS varchar), s.cell, s.last_contact, cast(NULL AS bigint) AS days, cast(NULL AS bigint) AS over, s.revenue
FROM score s
WHERE s.version = :version AND s.care = 'red' AND s.last_contact IS NULL AND {{where}} AND {{reach}}
ORDER BY s.revenue DESC, s.customer_id
LIMIT :limit
