-- One customer's potential as a version has it, and what it is compared by.
SELECT s.revenue, s.potential, s.potential_source, s.potential_since, s.potential_estimate, s.potential_low, s.potential_high, s.alike_by, s.alike,
  coalesce(s.industry, ''), coalesce(s.size_band, ''), coalesce(s.country, ''), coalesce(s.main_category, '')
FROM score s
WHERE s.version = :version AND s.pos IN (SELECT h.pos FROM score_history h WHERE h.version = :version AND h.customer_id = cast(:customer AS uuid))
