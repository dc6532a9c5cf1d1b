-- Who meets a rule.
SELECT cast(s.customer_id AS varchar)
FROM {{rows}}
WHERE s.version = :version AND ({{rule}}) AND {{reach}}
LIMIT :most
