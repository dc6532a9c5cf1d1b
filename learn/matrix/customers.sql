-- A page of the customers behind a figure. {{place}} is the rank of the row under the wanted sort, so every page costs the
-- same; a measure that has no rank is sorted by {{value}}, and among equals by {{place}}. {{after}} is where the page begins,
-- and {{near}} where it ends, if that is known beforehand.
SELECT s.customer_id, s.revenue, s.potential, coalesce(s.potential_source, '') AS potential_source, s.share, s.unused,
  s.last_purchase, s.cell, {{place}} AS place,
  {{value}} AS value, {{measures}}
FROM score s
WHERE s.version = :version AND {{where}} AND {{having}} AND {{text}} AND {{reach}} AND {{after}} AND {{near}}
ORDER BY {{order}}
LIMIT {{limit}}
