-- A page of people behind a figure.
SELECT page.place, page.person_id, p.code, p.name, coalesce(unit.name, '')
FROM (
  SELECT {{place}} AS place, s.person_id FROM sheet s
  WHERE {{flag}} AND {{after}} AND {{reach}} AND {{month}}
  ORDER BY {{place}}, s.person_id
  LIMIT {{limit}}
) AS page
JOIN person p ON p.id = page.person_id
LEFT JOIN unit ON unit.id = p.unit_id
ORDER BY page.place, page.person_id
