-- What each customer last answered to each question within the time that counts; complaints and references are counted. Scores and
-- weights are taken in millionths: sums of whole numbers do not depend on their order.
CREATE TEMP TABLE loyalty_answer AS
WITH said AS (
  SELECT customer_id, topic, question, answer_date, cast(round(score * 1e6) AS bigint) AS score, cast(round(coalesce(weight, 1) * 1e6) AS bigint) AS weight
  FROM answer
  WHERE answer_date > :answers_from AND answer_date <= :as_of AND score IS NOT NULL
), latest AS (
  SELECT customer_id, topic, question, max(answer_date) AS answer_date
  FROM said
  GROUP BY customer_id, topic, question
), asked AS (
  SELECT s.customer_id, s.topic, s.question, cast(sum(s.score) AS bigint) / count(*) AS score, cast(sum(s.weight) AS bigint) / count(*) AS weight
  FROM said s
  JOIN latest l ON l.customer_id = s.customer_id AND l.topic = s.topic AND l.question = s.question AND l.answer_date = s.answer_date
  GROUP BY s.customer_id, s.topic, s.question
), counts AS (
  SELECT customer_id,
    count(CASE WHEN topic = 'complaint' THEN 1 END) AS complaints,
    count(CASE WHEN topic = 'reference' AND score > 0 THEN 1 END) AS references_given
  FROM said
  GROUP BY customer_id
), topics AS (
  SELECT customer_id,
    cast(cast(sum(CASE WHEN topic = 'intention' THEN score END) AS bigint) AS double) / count(CASE WHEN topic = 'intention' THEN 1 END) / 1e6 AS intention,
    cast(cast(sum(CASE WHEN topic = 'recommendation' THEN score END) AS bigint) AS double) / count(CASE WHEN topic = 'recommendation' THEN 1 END) / 1e6 AS recommendation,
    cast(cast(sum(CASE WHEN topic = 'second_chance' THEN score END) AS bigint) AS double) / count(CASE WHEN topic = 'second_chance' THEN 1 END) / 1e6 AS second_chance,
    cast(cast(sum(CASE WHEN topic = 'willingness' THEN score END) AS bigint) AS double) / count(CASE WHEN topic = 'willingness' THEN 1 END) / 1e6 AS willingness,
    cast(cast(sum(CASE WHEN topic = 'ability' THEN score END) AS bigint) AS double) / count(CASE WHEN topic = 'ability' THEN 1 END) / 1e6 AS ability,
    cast(cast(sum(CASE WHEN topic = 'reliability' THEN score END) AS bigint) AS double) / count(CASE WHEN topic = 'reliability' THEN 1 END) / 1e6 AS reliability,
    cast(cast(sum(CASE WHEN topic = 'reachability' THEN score END) AS bigint) AS double) / count(CASE WHEN topic = 'reachability' THEN 1 END) / 1e6 AS reachability,
    cast(cast(sum(CASE WHEN topic = 'involvement' THEN score END) AS bigint) AS double) / count(CASE WHEN topic = 'involvement' THEN 1 END) / 1e6 AS involvement,
    cast(cast(sum(CASE WHEN topic = 'satisfaction' THEN score * weight END) AS bigint) AS double) / cast(nullif(cast(sum(CASE WHEN topic = 'satisfaction' THEN weight END) AS bigint), 0) AS double) / 1e6 AS satisfaction,
    cast(cast(sum(CASE WHEN topic = 'satisfaction' THEN score * weight END) AS bigint) AS double) / count(CASE WHEN topic = 'satisfaction' THEN 1 END) / 1e12 AS satisfaction_source
  FROM asked
  GROUP BY customer_id
)
SELECT c.customer_id, c.complaints, c.references_given, t.intention, t.recommendation, t.second_chance, t.satisfaction, t.satisfaction_source,
  t.willingness, t.ability, t.reliability, t.reachability, t.involvement
FROM counts c
JOIN topics t ON t.customer_id = c.customer_id
