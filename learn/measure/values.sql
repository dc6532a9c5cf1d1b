-- All measures of one customer in one version.
SELECT {{columns}}
FROM score s
WHERE s.version = :version AND s.pos IN (SELECT h.pos FROM score_history h WHERE h.version = :version AND h.customer_id = cast(:customer AS uuid))
