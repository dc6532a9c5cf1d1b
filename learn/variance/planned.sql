SELECT p.customer_id, {{part}} AS part, false AS untold, cast(NULL AS double) AS actual, cast(p.revenue AS double) AS budget
FROM budget p
WHERE p.month >= {{from}} AND p.month <= {{to}} AND {{customers}}
