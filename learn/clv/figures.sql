-- Customers, revenue and value of each class of a version.
SELECT {{class}} AS class, count(*) AS customers, cast(coalesce(sum(s.revenue), 0) AS bigint),
  cast(coalesce(sum(s.value_so_far), 0) AS bigint), cast(coalesce(sum(s.value_to_come), 0) AS bigint), cast(coalesce(sum(s.residual_value), 0) AS bigint)
FROM score s
WHERE s.version = :version AND s.repeat_purchases IS NOT NULL AND {{reach}}
GROUP BY 1
