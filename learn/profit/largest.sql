-- The customers who bring the most, of those who bought in the window.
SELECT cast(s.customer_id AS varchar), s.lines, s.costed_lines, s.revenue, s.cost, s.margin, s.cost_to_serve, s.profit, s.share
FROM score s
WHERE s.version = :version AND s.lines > 0 AND {{which}} AND {{reach}}
ORDER BY {{order}}, s.customer_id
LIMIT :limit
