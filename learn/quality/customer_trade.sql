-- What each customer bought and could buy, as the share of wallet takes them: the revenue of the twelve months up to the
-- date, and the latest statement of potential on it (learn/wallet has the order of sources).
WITH bought AS (
  SELECT customer_id, cast(sum(CASE WHEN purchase_date > :from THEN revenue ELSE 0 END) AS double) AS revenue
  FROM purchase
  WHERE purchase_date <= :as_of AND customer_id IN (SELECT c.id FROM customer c WHERE {{slice}})
  GROUP BY customer_id
), stated AS (
  SELECT customer_id, amount,
    row_number() OVER (PARTITION BY customer_id ORDER BY valid_from DESC,
      CASE source WHEN 'declared' THEN 1 WHEN 'surveyed' THEN 2 WHEN 'imported' THEN 3 WHEN 'estimated' THEN 4 ELSE 5 END,
      id DESC) AS standing
  FROM potential
  WHERE valid_from <= :as_of
)
SELECT c.id AS customer_id, c.code AS place,
  bought.customer_id IS NULL AS no_purchases,
  stated.customer_id IS NULL AS no_potential,
  stated.customer_id IS NOT NULL AS with_potential,
  coalesce(bought.revenue > 0 AND bought.revenue > cast(stated.amount AS double) * :fine_per_minor, false) AS beyond_potential
FROM customer c
LEFT JOIN bought ON bought.customer_id = c.id
LEFT JOIN stated ON stated.customer_id = c.id AND stated.standing = 1
WHERE {{slice}}
