-- The distinct falls of amounts, with their degrees of freedom.
SELECT t, freedom FROM loyalty_history WHERE amounts_told AND t < 0 GROUP BY t, freedom
