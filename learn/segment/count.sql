-- How many customers of a version there are, meet a rule, and cannot be judged by it.
SELECT count(*),
  cast(coalesce(sum(CASE WHEN {{rule}} THEN 1 ELSE 0 END), 0) AS bigint),
  cast(coalesce(sum(CASE WHEN ({{rule}}) IS NULL THEN 1 ELSE 0 END), 0) AS bigint)
FROM {{rows}}
WHERE s.version = :version AND {{reach}}
