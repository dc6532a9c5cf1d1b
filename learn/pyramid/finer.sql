-- The values of some steps one by one.
SELECT x, count(*) AS customers, sum(x) AS value
FROM (SELECT cast({{value}} AS double) AS x FROM {{table}} s WHERE {{version}} AND {{where}} AND {{reach}}) v
WHERE {{ranges}}
GROUP BY x
