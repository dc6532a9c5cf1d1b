-- What was spent on repeat purchases together, equal customers counted.
SELECT alike, repeats, total - first_net AS again, count(*)
FROM lifetime_summary
WHERE repeats > 0 AND in_sample
GROUP BY alike, repeats, total - first_net
ORDER BY alike, repeats, again
