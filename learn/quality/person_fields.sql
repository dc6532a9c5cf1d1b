-- What is missing or stands twice among the people.
SELECT p.id AS person_id, p.code AS place, lower(trim(coalesce(p.name, ''))) || ' ' || p.code AS place_name,
  NOT regexp_like(coalesce(p.name, ''), '\p{L}') AS invalid_name,
  p.unit_id IS NULL AS missing_unit,
  count(*) OVER (PARTITION BY lower(trim(coalesce(p.name, '')))) > 1 AS same_name
FROM person p
