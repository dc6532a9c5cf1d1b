SELECT g.alike_by, g.industry, g.size_band, g.country, g.main_category, cast(g.buyers AS bigint) AS buyers, l.name AS category,
  cast(u.share AS double) / 1e6 AS share, u.reach
FROM wallet_usual u
JOIN wallet_group g ON g.grp = u.grp
JOIN wallet_label l ON l.label = u.label
ORDER BY g.grp, u.label
