SELECT p.customer_id, {{part}} AS part, false AS untold, cast(p.revenue AS double) AS actual, cast(NULL AS double) AS budget
FROM purchase p {{product}}
WHERE p.purchase_date >= {{from}} AND p.purchase_date <= {{until}} AND {{lines}} AND {{customers}}
