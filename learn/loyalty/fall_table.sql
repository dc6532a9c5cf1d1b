-- What the test says of each distinct fall of amounts.
CREATE TEMP TABLE loyalty_fall (t BIGINT, freedom BIGINT, chance DOUBLE)
