-- What is missing or stands twice among the units. One unit at the top is right, and needs no unit above it.
SELECT u.id AS unit_id, u.code AS place, lower(trim(coalesce(u.name, ''))) || ' ' || u.code AS place_name,
  NOT regexp_like(coalesce(u.name, ''), '\p{L}|\p{N}') AS invalid_name,
  u.parent_id IS NULL AND count(*) OVER (PARTITION BY u.parent_id) > 1 AS several_tops,
  count(*) OVER (PARTITION BY u.parent_id, lower(trim(coalesce(u.name, '')))) > 1 AS same_name
FROM unit u
