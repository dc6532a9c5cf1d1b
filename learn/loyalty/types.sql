-- How many customers the rules of a draft would call what.
SELECT {{type}} AS type, count(*)
FROM score s
WHERE s.version = :version AND {{reach}}
GROUP BY 1
