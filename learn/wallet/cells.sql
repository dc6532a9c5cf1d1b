-- The combinations of traits that occur, numbered from 0.
CREATE TEMP TABLE wallet_cell AS
SELECT cast(row_number() OVER (ORDER BY industry, size_band, country, main) - 1 AS integer) AS cell, industry, size_band, country, main
FROM (SELECT DISTINCT industry, size_band, country, main FROM wallet_base) d
