-- All measures of one customer in one version.
SELECT {{columns}}
FROM score s
WHERE s.version = :version AND s.customer_id = cast(:customer AS uuid)
