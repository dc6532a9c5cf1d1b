-- The classes of one customer in several matrices.
SELECT {{places}}
FROM score s
WHERE s.version = :version AND s.customer_id = cast(:customer AS uuid)
