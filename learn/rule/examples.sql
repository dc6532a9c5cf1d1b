-- The customers with the five highest and the five lowest values.
SELECT customer_id, value, class
FROM (
  SELECT v.customer_id, {{value}} AS value, coalesce({{class}}, '') AS class,
    row_number() OVER (ORDER BY {{value}} DESC, v.customer_id) AS down, row_number() OVER (ORDER BY {{value}}, v.customer_id DESC) AS up
  FROM ({{rules}}) v
  WHERE {{value}} IS NOT NULL
) e
WHERE down <= 5 OR up <= 5
ORDER BY down
