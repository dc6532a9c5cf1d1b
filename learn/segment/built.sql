-- How many are in each segment now. Customers with the same memberships are counted first, so that each segment looks at
-- few rows.
INSERT INTO segment_built
SELECT g.segment_id, :as_of, :version, g.before, g.print,
  cast(coalesce(sum(CASE WHEN mod(k.mask / g.bit, 2) = 1 THEN k.customers ELSE 0 END), 0) AS bigint)
FROM {{segments}}
LEFT JOIN (SELECT mask, count(*) AS customers FROM segment_now GROUP BY mask) k ON true
GROUP BY g.segment_id, g.before, g.print
