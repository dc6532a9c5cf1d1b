-- Every version of a scenario, the latest date first. There are as many as dates were scored: dozens.
SELECT version, as_of, window_months, scenario, customers, computed_at, cuts
FROM score_version
WHERE scenario = :scenario
ORDER BY as_of DESC
