-- Who entered (or left) a live segment on a date.
SELECT cast(s.customer_id AS varchar)
FROM segment_change s
WHERE s.segment_id = cast(:segment AS uuid) AND s.as_of = :as_of AND s.entered = :entered AND {{after}} AND {{reach}}
ORDER BY s.customer_id
LIMIT :limit
