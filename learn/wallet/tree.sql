-- The product categories with the one above each.
SELECT cast(id AS VARCHAR), coalesce(cast(parent_id AS VARCHAR), ''), coalesce(code, ''), coalesce(name, '')
FROM product_category
ORDER BY code, id
