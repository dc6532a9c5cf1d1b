-- The months that have budgets.
SELECT min(month), max(month) FROM budget
