-- Equal histories as they stood on the day of calibration, with what came after it.
SELECT before, recency_before, age_before, repeats - before AS later, count(*)
FROM lifetime_summary
WHERE before >= 0 AND in_sample
GROUP BY before, recency_before, age_before, repeats - before
ORDER BY before, recency_before, age_before, later
