-- Customers by everything that the page draws, added up once: a few hundred rows, whatever the number of customers.
WITH placed AS (
  SELECT
    CASE WHEN s.consistency IS NULL THEN -1 WHEN s.consistency >= :c_high THEN 2 WHEN s.consistency >= :c_middle THEN 1 ELSE 0 END AS consistency,
    CASE WHEN s.tie IS NULL THEN -1 WHEN s.tie >= :t_high THEN 2 WHEN s.tie >= :t_middle THEN 1 ELSE 0 END AS tie,
    CASE WHEN s.loyalty IS NULL THEN -1 WHEN s.loyalty >= :l_high THEN 2 WHEN s.loyalty >= :l_middle THEN 1 ELSE 0 END AS loyalty,
    CASE WHEN s.lines = 0 OR s.{{profit}} IS NULL THEN -1 WHEN s.{{profit}} >= cast(:p_high AS bigint) THEN 2 WHEN s.{{profit}} >= cast(:p_middle AS bigint) THEN 1 ELSE 0 END AS profit,
    s.behaviour_type, s.warning, s.warning_strength, s.revenue, s.{{profit}} AS money,
    s.willingness, s.ability, s.reliability, s.reachability, s.involvement
  FROM score s
  WHERE s.version = :version AND {{where}} AND {{reach}}
)
SELECT consistency, tie, loyalty, profit, coalesce(behaviour_type, 'unknown'), coalesce(warning, ''), coalesce(warning_strength, ''), count(*),
  cast(coalesce(sum(revenue), 0) AS bigint), cast(coalesce(sum(money), 0) AS bigint),
  coalesce(sum(willingness), 0), count(willingness), coalesce(sum(ability), 0), count(ability), coalesce(sum(reliability), 0), count(reliability),
  coalesce(sum(reachability), 0), count(reachability), coalesce(sum(involvement), 0), count(involvement)
FROM placed
GROUP BY 1, 2, 3, 4, 5, 6, 7
