-- A page of answers to a questionnaire, the latest first.
SELECT a.id, a.customer_id, c.code, c.name, a.answer_date, a.question, a.topic, a.score, coalesce(a.respondent, ''), a.import_no > 0
FROM answer a
JOIN customer c ON c.id = a.customer_id
WHERE a.survey = :survey AND a.answer_date BETWEEN :from AND :to AND {{reach}} AND {{narrow}}
ORDER BY a.answer_date DESC, cast(a.id AS varchar) DESC
LIMIT :limit
