-- What is missing or cannot be in the master data of each customer. Industry and size are asked of organisations only.
SELECT c.id AS customer_id, c.code AS place,
  coalesce(c.kind, '') <> 'person' AS organisation,
  NOT regexp_like(coalesce(c.name, ''), '\p{L}') AS invalid_name,
  coalesce(c.kind, '') <> 'person' AND coalesce(c.industry, '') = '' AS missing_industry,
  coalesce(c.kind, '') <> 'person' AND c.size_employees IS NULL AS missing_size_employees,
  coalesce(c.size_employees < 0, false) AS invalid_size_employees,
  coalesce(c.size_employees <> 0 AND (c.size_employees < cast(:size_employees_low AS double)
    OR c.size_employees > cast(:size_employees_high AS double)), false) AS outlier_size_employees,
  coalesce(c.street, '') = '' AS missing_street,
  coalesce(c.postal_code, '') = '' AS missing_postal_code,
  coalesce(c.postal_code, '') <> '' AND NOT regexp_like(c.postal_code, '[0-9]') AS invalid_postal_code,
  coalesce(c.city, '') = '' AS missing_city,
  coalesce(c.city, '') <> '' AND NOT regexp_like(c.city, '\p{L}') AS invalid_city,
  coalesce(c.country, '') = '' AS missing_country,
  coalesce(c.country, '') <> '' AND NOT regexp_like(c.country, '^[A-Z]{2}$') AS invalid_country,
  coalesce(c.phone, '') = '' AS missing_phone,
  coalesce(c.phone, '') <> ''
    AND length(array_join(regexp_extract_all(c.phone, '[0-9]+'), '')) NOT BETWEEN 6 AND 18 AS invalid_phone,
  coalesce(c.email, '') = '' AS missing_email,
  coalesce(c.email, '') <> '' AND NOT regexp_like(c.email, '^[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+$') AS invalid_email,
  coalesce(c.website, '') = '' AS missing_website,
  coalesce(c.website, '') <> '' AND NOT regexp_like(c.website, '\p{L}\.\p{L}|\p{N}\.\p{L}') AS invalid_website,
  c.owner_id IS NULL AS missing_owner,
  c.unit_id IS NULL AS missing_unit
FROM customer c
