-- The five Bs as each person scored them last. Of several responses of a day the greater id stands, which is the later one
-- of those that people entered.
WITH scored AS (
  SELECT coalesce(a.respondent, '') AS name, a.response_id, a.answer_date, a.topic, a.score
  FROM answer a
  WHERE a.customer_id = cast(:customer AS uuid) AND a.topic IN ('willingness', 'ability', 'reliability', 'reachability', 'involvement')
), latest AS (
  SELECT name, max(concat(cast(answer_date AS varchar), cast(response_id AS varchar))) AS which
  FROM scored
  GROUP BY name
)
SELECT s.name, max(s.answer_date),
  max(CASE WHEN s.topic = 'willingness' THEN s.score END), max(CASE WHEN s.topic = 'ability' THEN s.score END),
  max(CASE WHEN s.topic = 'reliability' THEN s.score END), max(CASE WHEN s.topic = 'reachability' THEN s.score END),
  max(CASE WHEN s.topic = 'involvement' THEN s.score END)
FROM scored s
JOIN latest l ON l.name = s.name AND l.which = concat(cast(s.answer_date AS varchar), cast(s.response_id AS varchar))
GROUP BY s.name
ORDER BY 2 DESC, 1
LIMIT 100
