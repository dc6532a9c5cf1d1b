-- What cannot be, or is out of date, in the statements of potential. A statement is old when it was the customer's latest
-- two years before the date.
SELECT s.id AS potential_id, s.valid_from AS place, s.customer_id,
  coalesce(s.amount = 0, false) AS zero_amount,
  coalesce(s.amount <> 0 AND (s.amount < cast(:amount_low AS double) OR s.amount > cast(:amount_high AS double)), false) AS outlier_amount,
  s.valid_from > :as_of AS future_date,
  max(s.valid_from) OVER (PARTITION BY s.customer_id) = s.valid_from AS latest,
  max(s.valid_from) OVER (PARTITION BY s.customer_id) = s.valid_from AND s.valid_from <= :stale AS stale
FROM potential s
