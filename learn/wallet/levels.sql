-- How closely the customers are compared.
SELECT s.alike_by, count(*) FROM score s
WHERE s.version = :version AND s.alike_by IS NOT NULL AND {{reach}}
GROUP BY s.alike_by
