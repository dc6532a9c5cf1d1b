-- The classes of one customer in any matrix.
SELECT {{row}} AS place_row, {{column}} AS place_column
FROM score s
WHERE s.version = :version AND s.pos = :pos
