-- Lines of one customer: the newest where there are many, else all in any order, which the asker then puts in order, since
-- planning a sort costs more than the reading, and so do joins for the names.
SELECT import_no, row_no, purchase_date, coalesce(document, ''), coalesce(line, ''), product_id, quantity, revenue, cost, currency, amount,
    coalesce(channel, ''), seller_id
FROM purchase
WHERE customer_id = cast(:customer AS uuid) AND {{after}}
ORDER BY {{order}}
LIMIT :limit
