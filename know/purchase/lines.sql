-- A page of the lines of one customer, the newest; the asker puts them in order, since planning another sort costs more than
-- the reading. The names are looked up for the page alone.
SELECT
    page.import_no, page.row_no, page.purchase_date, coalesce(page.document, ''), coalesce(page.line, ''),
    page.product_id, coalesce(product.code, ''), coalesce(product.name, ''),
    page.quantity, page.revenue, page.cost, page.currency, page.amount,
    coalesce(page.channel, ''), coalesce(person.name, '')
FROM (
    SELECT import_no, row_no, purchase_date, document, line, product_id, quantity, revenue, cost, currency, amount, channel, seller_id
    FROM purchase
    WHERE customer_id = cast(:customer AS uuid) AND {{after}}
    ORDER BY purchase_date DESC, import_no DESC, row_no DESC
    LIMIT :limit
) AS page
LEFT JOIN product ON product.id = page.product_id
LEFT JOIN person ON person.id = page.seller_id
