-- Who bought, and whose potential is known well enough to test estimates.
SELECT cell, yearly, tested FROM wallet_alike WHERE yearly > 0 OR tested IS NOT NULL
