-- Some customers in two versions: whether each condition of a rule holds of them, and the value that it asks.
SELECT cast(s.customer_id AS varchar), s.version {{columns}}
FROM {{rows}}
WHERE s.version IN (:version, :before) AND {{who}}
