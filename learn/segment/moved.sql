-- How many entered and left live segments, by date.
SELECT s.segment_id, s.as_of,
  cast(sum(CASE WHEN s.entered THEN 1 ELSE 0 END) AS bigint),
  cast(sum(CASE WHEN s.entered THEN 0 ELSE 1 END) AS bigint)
FROM segment_change s
WHERE s.as_of > :since AND {{which}} AND {{reach}}
GROUP BY s.segment_id, s.as_of
