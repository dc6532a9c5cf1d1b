-- A page of units behind a figure.
SELECT page.place, page.unit_id, u.code, u.name, coalesce(parent.name, '')
FROM (
  SELECT {{place}} AS place, s.unit_id FROM sheet s
  WHERE {{flag}} AND {{after}} AND {{reach}} AND {{month}}
  ORDER BY {{place}}, s.unit_id
  LIMIT {{limit}}
) AS page
JOIN unit u ON u.id = page.unit_id
LEFT JOIN unit AS parent ON parent.id = u.parent_id
ORDER BY page.place, page.unit_id
