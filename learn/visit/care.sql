-- The last contact of each customer and its colour by the norm of its cell. {{green}} and {{yellow}} are the first days of contact
-- that still give the colour, NULL where the cell has no norm. Whoever was never contacted is red.
WITH touched AS (
  SELECT i.customer_id, max(i.interaction_date) AS last_contact
  FROM interaction i
  WHERE i.interaction_date <= :as_of AND {{kinds}}
  GROUP BY i.customer_id
), due AS (
  SELECT m.customer_id, t.last_contact, {{green}} AS green, {{yellow}} AS yellow
  FROM step_matrix m
  LEFT JOIN touched t ON t.customer_id = m.customer_id
)
SELECT customer_id, last_contact,
  CASE
    WHEN green IS NULL THEN 'none'
    WHEN last_contact >= green THEN 'green'
    WHEN last_contact >= yellow THEN 'yellow'
    ELSE 'red'
  END AS care
FROM due
