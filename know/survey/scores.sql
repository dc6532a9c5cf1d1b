-- How often each score was given to each question of a questionnaire, and all together in a row without a topic.
WITH given AS (
  SELECT a.topic, a.question, cast(round(a.score) AS bigint) AS score, a.score AS exact, a.weight, a.customer_id, a.response_id, a.answer_date
  FROM answer a
  WHERE a.survey = :survey AND a.answer_date BETWEEN :from AND :to AND a.customer_id IN (SELECT c.id FROM customer c WHERE {{reach}})
)
SELECT topic, question, score, count(*), sum(exact), sum(weight), cast(0 AS bigint), cast(0 AS bigint), min(answer_date), max(answer_date)
FROM given
GROUP BY topic, question, score
UNION ALL
SELECT NULL, NULL, NULL, count(*), coalesce(sum(exact), 0), coalesce(sum(weight), 0), count(DISTINCT customer_id), count(DISTINCT response_id), min(answer_date), max(answer_date)
FROM given
ORDER BY 1, 2, 3
