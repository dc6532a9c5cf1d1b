-- The distinct pasts of customers who bought less than before, or are silent for longer than usual: of others there is no question.
SELECT months, past, squares, recent, silence, year_ago
FROM loyalty_history
WHERE rhythm_told AND past > 0
  AND (recent * months < past * :recent OR (NOT :season AND silence * past > 30 * months))
GROUP BY months, past, squares, recent, silence, year_ago
