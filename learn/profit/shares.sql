-- The share of wallet of some customers in a version.
SELECT cast(s.customer_id AS varchar), s.share FROM score s WHERE s.version = :version AND s.share IS NOT NULL AND {{which}}
