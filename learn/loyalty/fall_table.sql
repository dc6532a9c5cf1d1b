-- What the tests say of each distinct fall of amounts and of shares.
CREATE TEMP TABLE loyalty_fall (t BIGINT, freedom BIGINT, chance DOUBLE)
