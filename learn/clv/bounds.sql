-- Where the tenths of all customers by value to come begin, the lowest left out. Ranks run from the lowest value up.
SELECT DISTINCT s.value_to_come
FROM score s
CROSS JOIN (SELECT max(by_value_to_come) AS n FROM score WHERE version = :version) ranked
WHERE s.version = :version AND s.by_value_to_come > 1
  AND floor(cast(s.by_value_to_come - 1 AS double) * 10 / ranked.n) > floor(cast(s.by_value_to_come - 2 AS double) * 10 / ranked.n)
ORDER BY 1
