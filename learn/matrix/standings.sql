-- What places one customer in several matrices.
SELECT {{places}}
FROM score s
WHERE s.version = :version AND s.pos = :pos
