-- Customers by colour in each cell of a matrix; 0 stands for unknown.
SELECT {{row}} AS place_row, {{column}} AS place_column, count(*) AS customers,
  count(CASE WHEN s.care = 'green' THEN 1 END) AS green,
  count(CASE WHEN s.care = 'yellow' THEN 1 END) AS yellow,
  count(CASE WHEN s.care = 'red' THEN 1 END) AS red,
  count(CASE WHEN s.care = 'red' AND s.last_contact IS NULL THEN 1 END) AS never,
  count(CASE WHEN s.care = 'none' THEN 1 END) AS none
FROM score s
WHERE s.version = :version AND {{where}} AND {{reach}}
GROUP BY 1, 2
