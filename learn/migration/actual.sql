SELECT s.customer_id, {{place}} AS place, cast(s.revenue AS double) AS revenue, s.potential, false AS overruled, coalesce({{inside}}, false) AS inside
FROM score s
WHERE s.version = {{version}}
