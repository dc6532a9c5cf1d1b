-- The classes of one customer in any matrix.
SELECT {{row}} AS place_row, {{column}} AS place_column
FROM score s
WHERE s.version = :version AND s.pos IN (SELECT h.pos FROM score_history h WHERE h.version = :version AND h.customer_id = cast(:customer AS uuid))
