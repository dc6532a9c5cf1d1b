-- How many customers have values in each of the equal parts of the span.
SELECT least(cast(floor(({{value}} - cast(:least AS double)) / cast(:width AS double)) AS bigint), cast(:last AS bigint)) AS at, count(*) AS customers
FROM ({{rules}}) v
WHERE {{value}} IS NOT NULL
GROUP BY 1
