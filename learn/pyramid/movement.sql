-- Of those who moved: how many went from where to where, and with what money.
SELECT tier_then, tier_now, temper, count(*) AS customers, coalesce(sum(value_then), cast(0 AS double)) AS value_then, coalesce(sum(value_now), cast(0 AS double)) AS value_now,
  coalesce(sum(revenue_then), cast(0 AS double)) AS revenue_then, coalesce(sum(revenue_now), cast(0 AS double)) AS revenue_now,
  sum(effort) AS effort, sum(contacts) AS contacts
FROM moved
GROUP BY tier_then, tier_now, temper
