-- The largest white space of each customer, by category.
SELECT s.white_category, count(*), cast(sum(s.white_space) AS bigint) FROM score s
WHERE s.version = :version AND s.white_category IS NOT NULL AND {{reach}}
GROUP BY s.white_category
ORDER BY 3 DESC, 1
