-- The strongest warnings, among equals the largest customers first.
SELECT s.customer_id, s.warning, s.warning_strength, s.warning_chance, s.revenue, s.days_since_purchase, s.buys_every, s.purchases_recent, s.purchases_usual,
  s.rhythm_chance, s.amount_change, s.amount_chance,
  s.share_before, s.share_lately, s.potential_change, s.share_chance, s.share_fell_by
FROM score s
WHERE s.version = :version AND s.warning_strength IS NOT NULL AND {{where}} AND {{reach}}
ORDER BY CASE s.warning_strength WHEN 'strong' THEN 0 ELSE 1 END, s.revenue DESC, s.customer_id
LIMIT {{limit}}
