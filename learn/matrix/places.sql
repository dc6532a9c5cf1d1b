-- Where one customer stood in every version, the earliest date first.
SELECT v.version, v.as_of, h.cell, h.revenue, h.potential, h.share, h.unused
FROM score_history h
JOIN score_version v ON v.version = h.version
WHERE h.customer_id = cast(:customer AS uuid) AND v.scenario = :scenario
ORDER BY v.as_of
