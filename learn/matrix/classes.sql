-- The classes of each customer by the boundaries of this version.
WITH classed AS (
  SELECT customer_id, {{potential_class}} AS potential_class, {{share_class}} AS share_class
  FROM step_wallet
)
SELECT customer_id, potential_class, share_class,
  CASE WHEN potential_class = 'unknown' THEN 'unknown' ELSE potential_class || '_' || share_class END AS cell
FROM classed
