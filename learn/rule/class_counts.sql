-- How many customers lie in each class, from the lowest values up.
SELECT {{class}} AS class, count(*) AS customers
FROM ({{rules}}) v
WHERE {{class}} IS NOT NULL
GROUP BY 1
ORDER BY min({{value}})
