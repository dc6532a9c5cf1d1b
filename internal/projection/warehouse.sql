CREATE TABLE projection_position(seq BIGINT, shape VARCHAR);
