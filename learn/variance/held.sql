SELECT o.customer_id, o.unit_id, o.owner_id
FROM ownership o
JOIN (SELECT customer_id, max(valid_from) AS valid_from FROM ownership WHERE valid_from <= {{day}} GROUP BY customer_id) l
  ON l.customer_id = o.customer_id AND l.valid_from = o.valid_from
