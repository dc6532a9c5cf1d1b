-- How much of each thing the warehouse holds, and from when to when it tells. What has no time of its own has no period.
SELECT 1 AS place, 'units' AS kind, count(*) AS number, cast(NULL AS date) AS first_day, cast(NULL AS date) AS last_day FROM unit
UNION ALL
SELECT 2, 'people', count(*), cast(NULL AS date), cast(NULL AS date) FROM person
UNION ALL
SELECT 3, 'products', count(*), cast(NULL AS date), cast(NULL AS date) FROM product
UNION ALL
SELECT 4, 'customers', count(*), cast(NULL AS date), cast(NULL AS date) FROM customer
UNION ALL
SELECT 5, 'purchases', count(*), min(purchase_date), max(purchase_date) FROM purchase
UNION ALL
SELECT 6, 'potentials', count(*), min(valid_from), max(valid_from) FROM potential
UNION ALL
SELECT 7, 'budgets', count(*), min(month), max(month) FROM budget
UNION ALL
SELECT 8, 'interactions', count(*), min(interaction_date), max(interaction_date) FROM interaction
UNION ALL
SELECT 9, 'answers', count(*), min(answer_date), max(answer_date) FROM answer
ORDER BY place
