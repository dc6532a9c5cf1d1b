-- The shares at which sailer and loyal begin: customers are taken from the highest share down, all of equal share at
-- once, until they make the wanted part of all revenue; the last ones taken are still in the class.
WITH amounts AS (
  SELECT share, cast(sum(revenue) AS double) AS amount
  FROM step_wallet
  WHERE share > 0
  GROUP BY share
), running AS (
  SELECT share,
    sum(amount) OVER (ORDER BY share DESC ROWS UNBOUNDED PRECEDING) AS so_far,
    sum(amount) OVER () AS total
  FROM amounts
)
SELECT
  max(CASE WHEN so_far / total >= :sailer_share THEN share END) AS sailer,
  max(CASE WHEN so_far / total >= :loyal_share THEN share END) AS loyal
FROM running
