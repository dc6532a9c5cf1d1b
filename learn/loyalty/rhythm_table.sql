-- What the tests say of each distinct past.
CREATE TEMP TABLE loyalty_rhythm (months BIGINT, past BIGINT, squares BIGINT, recent BIGINT, silence BIGINT, year_ago BIGINT, chance DOUBLE)
