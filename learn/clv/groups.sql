-- Customers who are alike: how many, how many bought again, how many purchases, what those and the first ones brought.
SELECT alike, count(*), count(CASE WHEN repeats > 0 THEN 1 END), cast(sum(repeats) AS bigint),
  cast(sum(total) AS bigint), cast(sum(first_net) AS bigint)
FROM lifetime_summary
GROUP BY alike
ORDER BY alike
