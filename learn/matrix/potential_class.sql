CASE
  WHEN potential IS NULL THEN 'unknown'
  WHEN potential >= cast(? AS bigint) THEN 'gold'
  WHEN potential >= cast(? AS bigint) THEN 'silver'
  ELSE 'bronze'
END
