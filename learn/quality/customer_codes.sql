-- Where a slice of customers ends: the last of so many codes after one.
SELECT max(code), count(*) FROM (SELECT c.code FROM customer c WHERE {{after}} ORDER BY c.code LIMIT {{limit}}) AS slice
