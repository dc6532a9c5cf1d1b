-- How many statements of a customer's potential stand behind a value.
SELECT count(*) FROM potential
WHERE customer_id = cast(:customer AS uuid) AND valid_from >= :from AND valid_from <= :to
