-- Versions of a scenario, the latest date first. What the steps kept is read for one version only: it is long.
SELECT version, as_of, window_months, scenario, customers, computed_at, {{cuts}}
FROM score_version
WHERE scenario = :scenario AND {{which}}
ORDER BY as_of DESC
