-- Revenue, potential, share and the largest white space of each customer.
-- Of the categories that look-alikes usually buy, those that the customer buys are judged by what it spends; bought is the
-- set of them as the bits of a number. Of those it does not buy at all, the one that look-alikes spend most on has the
-- largest gap: bit1 to bit8 are the group's in falling order, and packed1 to packed8 hold share and number in one.
WITH bought AS (
  SELECT s.customer_id, cast(sum(u.bit) AS bigint) AS bought,
    max(CASE WHEN u.usual AND cast(s.revenue AS double) * 12 / cast(:months AS double) / cast(:fine_per_minor AS double) < cast(t.potential AS double) * cast(u.share AS double) / 1e6 * cast(:less AS double)
      THEN cast(round(cast(t.potential AS double) * cast(u.share AS double) / 1e6 - greatest(0, cast(s.revenue AS double) * 12 / cast(:months AS double) / cast(:fine_per_minor AS double))) AS bigint) * 64 + (63 - u.label) END) AS gap
  FROM wallet_spend s
  JOIN wallet_told t ON t.customer_id = s.customer_id
  JOIN wallet_usual u ON u.grp = t.grp AND u.category = s.category
  WHERE t.potential > 0
  GROUP BY s.customer_id
), untouched AS (
  SELECT t.customer_id, t.potential, b.gap, greatest(
    CASE WHEN (coalesce(b.bought, 0) / g.bit1) % 2 = 0 THEN g.packed1 ELSE 0 END,
    CASE WHEN (coalesce(b.bought, 0) / g.bit2) % 2 = 0 THEN g.packed2 ELSE 0 END,
    CASE WHEN (coalesce(b.bought, 0) / g.bit3) % 2 = 0 THEN g.packed3 ELSE 0 END,
    CASE WHEN (coalesce(b.bought, 0) / g.bit4) % 2 = 0 THEN g.packed4 ELSE 0 END,
    CASE WHEN (coalesce(b.bought, 0) / g.bit5) % 2 = 0 THEN g.packed5 ELSE 0 END,
    CASE WHEN (coalesce(b.bought, 0) / g.bit6) % 2 = 0 THEN g.packed6 ELSE 0 END,
    CASE WHEN (coalesce(b.bought, 0) / g.bit7) % 2 = 0 THEN g.packed7 ELSE 0 END,
    CASE WHEN (coalesce(b.bought, 0) / g.bit8) % 2 = 0 THEN g.packed8 ELSE 0 END) AS packed
  FROM wallet_told t
  JOIN wallet_group g ON g.grp = t.grp
  LEFT JOIN bought b ON b.customer_id = t.customer_id
  WHERE t.potential > 0
), white AS (
  SELECT customer_id,
    greatest(coalesce(gap, 0), CASE WHEN packed > 0
      THEN cast(round(cast(potential AS double) * cast(packed / 64 AS double) / 1e6) AS bigint) * 64 + packed % 64 ELSE 0 END) AS gap
  FROM untouched
)
SELECT t.customer_id, t.revenue, t.cost, t.lines, t.last_purchase, t.potential, t.potential_source, t.since AS potential_since,
  CASE WHEN t.potential > 0 THEN cast(t.revenue AS double) / cast(t.potential * :fine_per_minor AS double) END AS share,
  CASE WHEN t.potential IS NOT NULL THEN greatest(t.potential - t.revenue_minor, 0) END AS unused,
  t.size_band, m.name AS main_category, t.alike_by, cast(t.buyers AS bigint) AS alike,
  t.estimate AS potential_estimate, t.low AS potential_low, t.high AS potential_high,
  CASE WHEN w.gap >= 64 THEN w.gap / 64 END AS white_space, CASE WHEN w.gap >= 64 THEN l.name END AS white_category
FROM wallet_told t
LEFT JOIN wallet_main m ON m.category = t.main
LEFT JOIN white w ON w.customer_id = t.customer_id
LEFT JOIN wallet_label l ON l.label = 63 - w.gap % 64
