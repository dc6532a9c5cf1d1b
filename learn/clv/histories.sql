-- Equal histories, counted. The order makes the fit the same for the same facts.
SELECT alike, repeats, recency, age, count(*), count(CASE WHEN in_sample THEN 1 END)
FROM lifetime_summary
GROUP BY alike, repeats, recency, age
ORDER BY alike, repeats, recency, age
