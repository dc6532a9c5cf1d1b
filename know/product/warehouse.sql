-- The catalogue as it is now: projected from the operational store.
CREATE TABLE product (
    id          UUID,
    code        VARCHAR,
    name        VARCHAR,
    category_id UUID,
    cost        BIGINT,  -- of one unit, minor units of currency
    currency    VARCHAR
);
CREATE TABLE product_category (
    id        UUID,
    code      VARCHAR,
    name      VARCHAR,
    parent_id UUID
);
