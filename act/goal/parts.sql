-- What a goal counts in one version, for each unit and person of the date.
SELECT cast(c.unit_id AS varchar) AS unit, cast(c.owner_id AS varchar) AS owner, count(*) AS customers,
  count(CASE WHEN c.met THEN 1 END) AS met,
  cast(coalesce(sum(c.amount), 0) AS double) AS amount, count(c.amount) AS known,
  cast(coalesce(sum(CASE WHEN c.unused > 0 THEN c.unused END), 0) AS double) AS unused,
  cast(coalesce(sum(CASE WHEN c.revenue > 0 THEN c.revenue END), 0) AS double) AS revenue
FROM (
  SELECT s.unit_id, s.owner_id, s.unused, s.revenue, {{met}} AS met, {{amount}} AS amount
  FROM score s
  WHERE s.version = :version AND {{where}}
) c
GROUP BY 1, 2
