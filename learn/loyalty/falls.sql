-- The distinct statistics of which a chance is asked: Student's t of amounts with its degrees of freedom, and the normal z of
-- shares, with 0 for them.
SELECT t, freedom FROM loyalty_history WHERE amounts_told AND t < 0
UNION
SELECT z, 0 FROM loyalty_share
UNION
SELECT z_held, 0 FROM loyalty_share
