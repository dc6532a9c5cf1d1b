-- The last rank that a version gave under a sort.
SELECT coalesce(max({{place}}), 0) FROM score s WHERE s.version = :version
