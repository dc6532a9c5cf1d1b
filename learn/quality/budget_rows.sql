-- A page of budgets behind a figure.
SELECT page.place, page.customer_id, page.import_no, page.row_no, coalesce(c.code, ''), coalesce(c.name, ''), b.revenue
FROM (
  SELECT {{place}} AS place, s.customer_id, s.import_no, s.row_no FROM sheet s
  WHERE {{flag}} AND {{after}} AND {{reach}} AND {{month}}
  ORDER BY {{place}}, s.customer_id, s.import_no, s.row_no
  LIMIT {{limit}}
) AS page
JOIN budget b ON b.customer_id = page.customer_id AND b.month = page.place AND b.import_no = page.import_no AND b.row_no = page.row_no
LEFT JOIN customer c ON c.id = page.customer_id
ORDER BY page.place, page.customer_id, page.import_no, page.row_no
