-- Lines of customers that are not there any more.
SELECT p.purchase_date AS place, p.customer_id, p.import_no, p.row_no, true AS unknown_customer
FROM purchase p
WHERE p.customer_id NOT IN (SELECT id FROM customer)
