-- Who is in a segment now and was not before, and the other way round.
INSERT INTO segment_change
SELECT g.segment_id, d.customer_id, :as_of, mod(d.now / g.bit, 2) = 1
FROM (
  SELECT coalesce(n.customer_id, b.customer_id) AS customer_id, coalesce(n.mask, 0) AS now, coalesce(b.mask, 0) AS earlier
  FROM segment_now n
  FULL JOIN segment_before b ON b.customer_id = n.customer_id
  WHERE n.mask IS DISTINCT FROM b.mask
) d
JOIN {{segments}} ON mod(d.now / g.bit, 2) <> mod(d.earlier / g.bit, 2)
WHERE g.before > 0
