-- How many potentials are known, and how many of them nobody stated.
SELECT count(s.potential), count(CASE WHEN s.potential IS NOT NULL AND s.potential_since IS NULL THEN 1 END) FROM score s
WHERE s.version = :version AND {{reach}}
