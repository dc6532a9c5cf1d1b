-- Where one customer stood in every version, and where the row stands.
SELECT h.version, h.pos, h.cell, h.revenue, h.potential, h.share, h.unused
FROM score_history h
WHERE h.customer_id = cast(:customer AS uuid)
