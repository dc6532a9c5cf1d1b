-- Where one customer stood in every version.
SELECT h.version, h.cell, h.revenue, h.potential, h.share, h.unused
FROM score_history h
WHERE h.customer_id = cast(:customer AS uuid)
