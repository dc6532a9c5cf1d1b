-- How far each customer's share of wallet fell, and what its volume alone says. Purchases are counted in typical ones; the
-- dispersion is Rhythm.Dispersion of the volumes, and the tail that of Shares.Chance, by the normal approximation of the F
-- distribution (Paulson 1942): z is of the share, z_held of the volume had the potential stayed, in hundredths, towards 0.
CREATE TEMP TABLE loyalty_share AS
WITH known AS (
  SELECT h.customer_id, h.past, h.recent, h.months, p.could, p.could_now,
    CASE WHEN :season THEN :recent ELSE h.months END AS before,
    cast(h.volume AS double) / cast(h.past AS double) AS typical,
    cast(CASE WHEN :season THEN h.year_ago_net ELSE h.volume END AS double) AS bought,
    cast(h.lately AS double) AS lately,
    (h.volumes - cast(h.volume AS double) * cast(h.volume AS double) / cast(h.months AS double)) / cast(h.months - 1 AS double)
      / (cast(h.volume AS double) / cast(h.months AS double)) / (cast(h.volume AS double) / cast(h.past AS double)) AS own,
    cast(h.months - 1 AS double) AS known
  FROM loyalty_history h
  JOIN loyalty_potential p ON p.customer_id = h.customer_id
  WHERE h.rhythm_told AND h.past > 0 AND h.volume > 0 AND p.could > 0 AND p.could_now > 0
    AND CASE WHEN :season THEN h.year_ago_net ELSE h.volume END > 0
), independent AS (
  SELECT *, 1 / CASE
    WHEN own < 1 THEN greatest((known * own + :calm) / (known + :calm) * (1 + 2 / known), :least)
    ELSE (1 + 1.5 * (own - 1) * known / (known + 1)) * (1 + 4 / known) END AS k
  FROM known
), halves AS (
  SELECT customer_id, bought, lately, before, could, could_now,
    k * bought / typical - greatest(k - 1, 0) / 2 AS a,
    k * lately / typical + 1 + greatest(k - 1, 0) / 2 AS b,
    cast(before AS double) / cast(:recent AS double) AS times
  FROM independent
), ratios AS (
  SELECT customer_id, could, could_now, a, b,
    bought / cast(before AS double) AS monthly, lately / cast(:recent AS double) AS monthly_now,
    power(b / a * times * could / could_now, 1 / cast(3 AS double)) AS w,
    power(b / a * times, 1 / cast(3 AS double)) AS w_held
  FROM halves
  WHERE a > 0
), told AS (
  SELECT customer_id, could, could_now,
    12 * monthly / cast(:fine_per_minor AS double) / could AS share_before,
    12 * monthly_now / cast(:fine_per_minor AS double) / could_now AS share_lately,
    (w * (1 - 1 / (9 * b)) - (1 - 1 / (9 * a))) / sqrt(w * w / (9 * b) + 1 / (9 * a)) AS z,
    (w_held * (1 - 1 / (9 * b)) - (1 - 1 / (9 * a))) / sqrt(w_held * w_held / (9 * b) + 1 / (9 * a)) AS z_held
  FROM ratios
)
SELECT customer_id, share_before, share_lately, could_now / could - 1 AS potential_change,
  CASE WHEN share_lately < share_before THEN cast(ceil(greatest(100 * z, -3000)) AS bigint) ELSE 10000 END AS z,
  CASE WHEN share_lately < share_before THEN cast(ceil(greatest(100 * z_held, -3000)) AS bigint) ELSE 10000 END AS z_held
FROM told
