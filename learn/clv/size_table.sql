-- What a purchase is between, by group and repeat purchases: times v and what the repeat purchases brought together.
CREATE TEMP TABLE lifetime_size (alike VARCHAR, repeats BIGINT, low DOUBLE, high DOUBLE)
