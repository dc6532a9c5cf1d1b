-- The red customers who have waited longest for how much they buy. {{norm}} is for how many days their cell stays yellow.
SELECT cast(s.customer_id AS varchar), s.cell, s.last_contact,
  cast(date_diff('day', s.last_contact, :as_of) AS bigint) AS days,
  cast(date_diff('day', s.last_contact, :as_of) AS bigint) - {{norm}} AS over,
  s.revenue
FROM score s
WHERE s.version = :version AND s.care = 'red' AND s.last_contact IS NOT NULL AND {{where}} AND {{reach}}
ORDER BY cast(over AS double) * greatest(s.revenue, 0) DESC, over DESC, s.customer_id
LIMIT :limit
