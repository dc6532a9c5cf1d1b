-- A page of purchase lines behind a figure.
SELECT page.place, page.customer_id, page.import_no, page.row_no, coalesce(c.code, ''), coalesce(c.name, ''),
  coalesce(line.document, ''), coalesce(line.line, ''), coalesce(product.code, ''), coalesce(product.name, ''),
  line.quantity, line.revenue, line.cost, coalesce(line.channel, ''), coalesce(seller.name, '')
FROM (
  SELECT {{place}} AS place, s.customer_id, s.import_no, s.row_no FROM sheet s
  WHERE {{flag}} AND {{after}} AND {{reach}} AND {{month}}
  ORDER BY {{place}}, s.customer_id, s.import_no, s.row_no
  LIMIT {{limit}}
) AS page
JOIN purchase AS line ON line.customer_id = page.customer_id AND line.purchase_date = page.place
  AND line.import_no = page.import_no AND line.row_no = page.row_no
LEFT JOIN customer c ON c.id = page.customer_id
LEFT JOIN product ON product.id = line.product_id
LEFT JOIN person AS seller ON seller.id = line.seller_id
ORDER BY page.place, page.customer_id, page.import_no, page.row_no
