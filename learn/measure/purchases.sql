-- How many purchase lines of a customer stand behind a value.
SELECT count(*) FROM purchase
WHERE customer_id = cast(:customer AS uuid) AND purchase_date >= :from AND purchase_date <= :to
