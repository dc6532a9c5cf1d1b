-- A page of statements of potential behind a figure.
SELECT page.place, page.potential_id, p.customer_id, coalesce(c.code, ''), coalesce(c.name, ''), p.amount, coalesce(p.source, '')
FROM (
  SELECT {{place}} AS place, s.potential_id FROM sheet s
  WHERE {{flag}} AND {{after}} AND {{reach}} AND {{month}}
  ORDER BY {{place}}, s.potential_id
  LIMIT {{limit}}
) AS page
JOIN potential p ON p.id = page.potential_id
LEFT JOIN customer c ON c.id = p.customer_id
ORDER BY page.place, page.potential_id
