-- How long customers were seen, in whole months: up to the last purchase of who was silent since for :silent days and more,
-- up to the day so long before the date of the others. Who first bought after that day is too new to tell.
SELECT {{by}} AS name,
  cast(floor(cast(CASE WHEN s.days_since_first - s.days_first_to_last >= :silent THEN s.days_first_to_last
    ELSE s.days_since_first - :silent END AS double) / cast(:month AS double)) AS bigint) AS months,
  CASE WHEN s.days_since_first - s.days_first_to_last >= :silent THEN 1 ELSE 0 END AS lost, count(*)
FROM score s
WHERE s.version = :version AND s.days_since_first >= :silent AND {{reach}}
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
