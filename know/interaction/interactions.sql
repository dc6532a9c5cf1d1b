-- A page of the touches with one customer, newest first. The names are looked up for the page alone.
SELECT
    page.import_no, page.row_no, page.interaction_date, page.kind, coalesce(person.name, page.author, ''), page.minutes,
    coalesce(page.result, ''), coalesce(page.note, '')
FROM (
    SELECT import_no, row_no, interaction_date, kind, person_id, author, minutes, result, note
    FROM interaction
    WHERE customer_id = cast(:customer AS uuid) AND {{after}}
    ORDER BY interaction_date DESC, import_no DESC, row_no DESC
    LIMIT :limit
) AS page
LEFT JOIN person ON person.id = page.person_id
ORDER BY page.interaction_date DESC, page.import_no DESC, page.row_no DESC
