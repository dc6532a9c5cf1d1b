-- Who bought in each of nine periods back from the date, and who in a period and the one before it.
WITH periods AS (
  SELECT {{by}} AS part, {{bought}}
  FROM score s
  WHERE s.version = :version AND s.bought_quarters > 0 AND {{where}} AND {{reach}}
)
SELECT part, {{counts}}
FROM periods
GROUP BY part
