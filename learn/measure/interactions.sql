-- How many interactions with a customer stand behind a value.
SELECT count(*) FROM interaction
WHERE customer_id = cast(:customer AS uuid) AND interaction_date >= :from AND interaction_date <= :to
