-- The potentials at which gold and silver begin: customers are taken from the highest potential down, all of equal
-- potential at once, until they make the wanted share of all potential; the last ones taken are still in the class.
WITH amounts AS (
  SELECT potential, cast(sum(potential) AS double) AS amount
  FROM step_wallet
  WHERE potential > 0
  GROUP BY potential
), running AS (
  SELECT potential,
    sum(amount) OVER (ORDER BY potential DESC ROWS UNBOUNDED PRECEDING) AS so_far,
    sum(amount) OVER () AS total
  FROM amounts
)
SELECT
  max(CASE WHEN so_far / total >= :gold_share THEN potential END) AS gold,
  max(CASE WHEN so_far / total >= :silver_share THEN potential END) AS silver
FROM running
