-- A page of visits, calls and other touches behind a figure.
SELECT page.place, page.customer_id, page.import_no, page.row_no, coalesce(c.code, ''), coalesce(c.name, ''),
  coalesce(i.kind, ''), i.minutes, coalesce(i.result, ''), coalesce(person.name, '')
FROM (
  SELECT {{place}} AS place, s.customer_id, s.import_no, s.row_no FROM sheet s
  WHERE {{flag}} AND {{after}} AND {{reach}} AND {{month}}
  ORDER BY {{place}}, s.customer_id, s.import_no, s.row_no
  LIMIT {{limit}}
) AS page
JOIN interaction i ON i.customer_id = page.customer_id AND i.interaction_date = page.place
  AND i.import_no = page.import_no AND i.row_no = page.row_no
LEFT JOIN customer c ON c.id = page.customer_id
LEFT JOIN person ON person.id = i.person_id
ORDER BY page.place, page.customer_id, page.import_no, page.row_no
