-- The classes of each customer by the boundaries of this version. A boundary that nobody reaches is NULL.
-- Whoever bought nothing, or gave back as much, is a prospect. Whoever buys without having any potential buys all there
-- is and is loyal.
WITH classed AS (
  SELECT customer_id,
    CASE
      WHEN potential IS NULL THEN 'unknown'
      WHEN potential >= cast(:gold AS bigint) THEN 'gold'
      WHEN potential >= cast(:silver AS bigint) THEN 'silver'
      ELSE 'bronze'
    END AS potential_class,
    CASE
      WHEN potential IS NULL THEN 'unknown'
      WHEN revenue <= 0 THEN 'prospect'
      WHEN share IS NULL THEN 'loyal'
      WHEN share >= cast(:loyal AS double) THEN 'loyal'
      WHEN share >= cast(:sailer AS double) THEN 'sailer'
      ELSE 'bubble'
    END AS share_class
  FROM step_wallet
)
SELECT customer_id, potential_class, share_class,
  CASE WHEN potential_class = 'unknown' THEN 'unknown' ELSE potential_class || '_' || share_class END AS cell
FROM classed
