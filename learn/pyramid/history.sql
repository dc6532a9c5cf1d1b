-- What stood in each tier of some versions, for the customers of a question.
SELECT s.version, s.tier, count(*) AS customers, coalesce(sum(cast({{value}} AS double)), cast(0 AS double)) AS value
FROM score s
WHERE s.tier IS NOT NULL AND {{versions}} AND {{where}} AND {{reach}}
GROUP BY s.version, s.tier
