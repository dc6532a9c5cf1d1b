-- How many customers stand in each cell, and what they bought in the window; no cell is those who never bought.
SELECT s.rfm_r, s.rfm_f, s.rfm_m, count(*) AS customers, cast(coalesce(sum(s.revenue), 0) AS bigint) AS revenue
FROM score s
WHERE s.version = :version AND {{reach}}
GROUP BY s.rfm_r, s.rfm_f, s.rfm_m
