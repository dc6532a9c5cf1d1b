-- Each customer's combination of traits; who buys nothing and of whom nothing is known is like nobody. And the potential that estimates are tested against: stated by the customer or
-- asked for, fresh, and above nothing.
CREATE TEMP TABLE wallet_alike AS
SELECT b.customer_id, c.cell, b.revenue, b.yearly, CASE WHEN b.stale = 0 AND b.amount > 0 AND {{trusted}} THEN b.amount END AS tested
FROM wallet_base b
JOIN wallet_cell c ON c.industry = b.industry AND c.size_band = b.size_band AND c.country = b.country AND c.main = b.main
WHERE b.yearly > 0 OR b.industry <> '' OR b.size_band <> '' OR b.country <> ''
