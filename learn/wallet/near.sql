-- Look-alikes of a customer, the nearest first: those that buy, alike in the same traits, nearest in yearly revenue, and of
-- these nearest in employees too, both by ratio. Who buys nothing is measured by its estimate.
WITH near AS (
  SELECT s.customer_id, s.revenue, s.potential, s.potential_source, abs(ln(cast(s.revenue AS double)) - cast(:like AS double)) AS apart
  FROM score s
  WHERE s.version = :version AND s.revenue > 0 AND s.customer_id <> cast(:customer AS uuid) AND {{alike}} AND {{reach}}
  ORDER BY apart, s.customer_id
  LIMIT 200
)
SELECT near.customer_id, near.revenue, near.potential, near.potential_source, c.size_employees
FROM near
JOIN customer c ON c.id = near.customer_id
LEFT JOIN customer self ON self.id = cast(:customer AS uuid)
ORDER BY near.apart + coalesce(abs(ln(cast(greatest(c.size_employees, 1) AS double)) - ln(cast(greatest(self.size_employees, 1) AS double))), 0), near.customer_id
LIMIT 8
