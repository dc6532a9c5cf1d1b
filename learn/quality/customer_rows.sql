-- A page of customers behind a figure.
SELECT page.place, page.customer_id, c.code, c.name, coalesce(c.industry, ''), coalesce(c.street, ''), coalesce(c.postal_code, ''),
  coalesce(c.city, ''), coalesce(c.country, ''), coalesce(c.phone, ''), coalesce(c.email, ''), coalesce(c.website, ''), c.size_employees,
  coalesce(owner.name, ''), coalesce(unit.name, '')
FROM (
  SELECT {{place}} AS place, s.customer_id FROM sheet s
  WHERE {{flag}} AND {{after}} AND {{reach}} AND {{month}}
  ORDER BY {{place}}, s.customer_id
  LIMIT {{limit}}
) AS page
JOIN customer c ON c.id = page.customer_id
LEFT JOIN person AS owner ON owner.id = c.owner_id
LEFT JOIN unit ON unit.id = c.unit_id
ORDER BY page.place, page.customer_id
