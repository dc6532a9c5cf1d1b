-- The customers of a version who are in any segment, each with one bit for every segment it is in.
SELECT customer_id, mask
FROM (SELECT s.customer_id, {{mask}} AS mask FROM {{rows}} WHERE s.version = :version) m
WHERE mask <> 0
