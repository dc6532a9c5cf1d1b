SELECT s.customer_id, {{place}} AS place, cast(s.revenue AS double) AS revenue, s.potential, s.overruled, s.inside
FROM (
  SELECT w.*, {{potential_class}} AS potential_class, {{share_class}} AS share_class
  FROM (
    SELECT p.*,
      CASE WHEN p.potential > 0 THEN cast(p.revenue AS double) / cast(p.potential * {{fine}} AS double) END AS share,
      CASE WHEN p.potential IS NOT NULL THEN greatest(p.potential - cast(round(cast(p.revenue AS double) / cast({{fine}} AS double)) AS bigint), 0) END AS unused
    FROM (
      SELECT s.customer_id, s.potential, {{revenue}} AS revenue, {{overruled}} AS overruled, coalesce({{inside}}, false) AS inside
      FROM score s
      LEFT JOIN ({{said}}) f ON f.customer_id = s.customer_id
      WHERE s.version = {{version}}
    ) p
  ) w
) s
