-- Lines of one customer, in order where there are more than are read; the asker puts them in order else, since planning that
-- costs more than the reading, and so do joins for the names.
SELECT import_no, row_no, purchase_date, coalesce(document, ''), coalesce(line, ''), product_id, quantity, revenue, cost, currency, amount,
    coalesce(channel, ''), seller_id
FROM purchase
WHERE customer_id = cast(:customer AS uuid) AND {{after}}
ORDER BY {{order}}
LIMIT :limit
