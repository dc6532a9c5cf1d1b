-- What customers answered in each period about whether they mean to buy again and how satisfied they are.
SELECT {{period}} AS period, a.topic, CASE WHEN a.topic = 'satisfaction' THEN a.question ELSE '' END AS question,
  count(*), count(CASE WHEN a.score >= 2 THEN 1 END), count(CASE WHEN a.score >= 1 AND a.score < 2 THEN 1 END),
  sum(a.score), sum(coalesce(a.weight, 1))
FROM answer a
JOIN score s ON s.customer_id = a.customer_id
WHERE s.version = :version AND a.answer_date > :from AND a.answer_date <= :as_of AND a.topic IN ('intention', 'satisfaction') AND a.score IS NOT NULL AND {{where}} AND {{reach}}
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
