CASE
  WHEN potential IS NULL THEN 'unknown'
  WHEN revenue <= 0 THEN 'prospect'
  WHEN share IS NULL THEN 'loyal'
  WHEN share >= cast(? AS double) THEN 'loyal'
  WHEN share >= cast(? AS double) THEN 'sailer'
  ELSE 'bubble'
END
