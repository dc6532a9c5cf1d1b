-- What all lines up to the date brought, what those brought whose cost is known, and that cost.
SELECT cast(coalesce(sum(revenue), 0) AS bigint),
  cast(coalesce(sum(CASE WHEN cost IS NOT NULL THEN revenue END), 0) AS bigint),
  cast(coalesce(sum(cost), 0) AS bigint)
FROM purchase
WHERE purchase_date <= :as_of
