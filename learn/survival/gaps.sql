-- Between how many whole months customers buy on average, and who ever bought or is too new to tell.
SELECT cast(floor(cast(s.days_first_to_last AS double) / cast(nullif(s.repeat_purchases, 0) AS double) / cast(:month AS double)) AS bigint) AS months,
  CASE WHEN s.days_since_first < :silent THEN 1 ELSE 0 END AS new, count(*)
FROM score s
WHERE s.version = :version AND s.days_since_first IS NOT NULL AND {{reach}}
GROUP BY 1, 2
ORDER BY 1, 2
