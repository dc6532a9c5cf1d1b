-- What profit_customer holds, and the classes by it. judged is the profit that a customer is classed by: that of the window
-- before where it bought in it, else that of the window.
SELECT customer_id, costed AS costed_lines, margin, visits, contacts, minutes AS contact_minutes, orders, returns, cost_to_serve, profit,
  CASE WHEN costed_revenue > 0 THEN cast(profit AS double) / cast(costed_revenue AS double) END AS profit_rate,
  profit_before, state AS customer_state,
  CASE
    WHEN judged IS NULL THEN NULL
    WHEN judged >= cast(:high AS bigint) THEN 'high'
    WHEN judged >= cast(:medium AS bigint) THEN 'medium'
    ELSE 'low'
  END AS opportunity_class
FROM profit_customer
