-- How many customers are classed, and the profit that those make who make any.
SELECT count(*), cast(coalesce(sum(greatest(judged, 0)), 0) AS bigint) FROM profit_customer WHERE judged IS NOT NULL
