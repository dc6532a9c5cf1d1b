-- A page of the lines of one customer, the newest; the asker puts them in order, since planning another sort costs more than
-- the reading, and so do joins for the names.
SELECT import_no, row_no, purchase_date, coalesce(document, ''), coalesce(line, ''), product_id, quantity, revenue, cost, currency, amount,
    coalesce(channel, ''), seller_id
FROM purchase
WHERE customer_id = cast(:customer AS uuid) AND {{after}}
ORDER BY purchase_date DESC, import_no DESC, row_no DESC
LIMIT :limit
