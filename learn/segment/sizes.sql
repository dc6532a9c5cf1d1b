-- How many customers meet each of several rules.
SELECT {{columns}}
FROM {{rows}}
WHERE s.version = :version AND {{reach}}
