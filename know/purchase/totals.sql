-- Sums over all lines, to check an import against its source.
SELECT
    cast(count(*) AS bigint) AS lines,
    cast(coalesce(sum(revenue), 0) AS bigint) AS revenue,
    cast(coalesce(sum(cost), 0) AS bigint) AS cost
FROM purchase
