-- What there is on each topic about a customer.
SELECT a.topic, count(*), avg(a.score), max(a.answer_date), avg(CASE WHEN a.answer_date = l.day THEN a.score END)
FROM answer a
JOIN (SELECT topic, max(answer_date) AS day FROM answer WHERE customer_id = cast(:customer AS uuid) GROUP BY topic) AS l ON l.topic = a.topic
WHERE a.customer_id = cast(:customer AS uuid)
GROUP BY a.topic
ORDER BY a.topic
