-- A page of products behind a figure.
SELECT page.place, page.product_id, p.code, p.name, coalesce(category.name, ''), p.cost, coalesce(p.currency, '')
FROM (
  SELECT {{place}} AS place, s.product_id FROM sheet s
  WHERE {{flag}} AND {{after}} AND {{reach}} AND {{month}}
  ORDER BY {{place}}, s.product_id
  LIMIT {{limit}}
) AS page
JOIN product p ON p.id = page.product_id
LEFT JOIN product_category AS category ON category.id = p.category_id
ORDER BY page.place, page.product_id
