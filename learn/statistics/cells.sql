-- The figures of each cell of a matrix, for the parts of a company; 0 stands for unknown.
SELECT {{row}} AS place_row, {{column}} AS place_column, {{part}} AS part, count(*) AS customers {{sums}}
FROM score s
WHERE s.version = :version AND {{where}} AND {{reach}}
GROUP BY 1, 2, 3
