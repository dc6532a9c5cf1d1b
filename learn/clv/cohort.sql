-- Who had bought on the day of calibration, by how long they were customers then.
SELECT age_before, count(*) FROM lifetime_summary WHERE before >= 0 GROUP BY age_before ORDER BY age_before
