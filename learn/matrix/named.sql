-- The lines of a page with who the customers are: for exports of everybody, where no rights have to be asked and one walk
-- through all names costs less than tens of thousands of keys. A customer that is gone has no code.
SELECT coalesce(c.code, '') AS code, coalesce(c.name, '') AS name, coalesce(c.industry, '') AS industry, coalesce(c.country, '') AS country,
  coalesce(u.name, '') AS unit_name, coalesce(o.name, '') AS owner_name, page.*
FROM ({{page}}) page
LEFT JOIN customer c ON c.id = page.customer_id
LEFT JOIN unit u ON u.id = c.unit_id
LEFT JOIN person o ON o.id = c.owner_id
ORDER BY {{order}}
