-- What is missing, cannot be, or stands twice in the catalogue. Costs are compared within the base currency.
SELECT p.id AS product_id, p.code AS place, lower(trim(coalesce(p.name, ''))) || ' ' || p.code AS place_name,
  NOT regexp_like(coalesce(p.name, ''), '\p{L}|\p{N}') AS invalid_name,
  p.category_id IS NULL AS missing_category,
  p.cost IS NULL AS missing_cost,
  coalesce(p.cost <= 0, false) AS invalid_cost,
  coalesce(p.currency = :base AND p.cost <> 0 AND (p.cost < cast(:cost_low AS double) OR p.cost > cast(:cost_high AS double)), false) AS outlier_cost,
  count(*) OVER (PARTITION BY lower(trim(coalesce(p.name, '')))) > 1 AS same_name
FROM product p
