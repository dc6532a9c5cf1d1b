-- What a version has of the profit of one customer.
SELECT s.customer_state, s.opportunity_class, s.lines, s.costed_lines, s.revenue, s.cost, s.margin, s.cost_to_serve, s.contacts, s.contact_minutes, s.orders, s.returns
FROM score s
WHERE s.version = :version AND s.pos IN (SELECT h.pos FROM score_history h WHERE h.version = :version AND h.customer_id = cast(:customer AS uuid))
