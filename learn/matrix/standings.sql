-- What places one customer in several matrices.
SELECT {{places}}
FROM score s
WHERE s.version = :version AND s.pos IN (SELECT h.pos FROM score_history h WHERE h.version = :version AND h.customer_id = cast(:customer AS uuid))
