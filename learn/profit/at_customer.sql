-- The profit of the customer at a place of the order by profit.
SELECT judged FROM profit_customer WHERE judged IS NOT NULL ORDER BY judged DESC OFFSET :place LIMIT 1
