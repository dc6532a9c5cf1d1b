-- Ids are stored as they are: the engine's own choice for them, packed bits, costs some 70 ns for each that is read, which
-- is most of a question about the customers of some units.
CREATE TABLE IF NOT EXISTS customer (
    id             UUID USING COMPRESSION uncompressed,
    code           VARCHAR,
    name           VARCHAR,
    kind           VARCHAR,
    industry       VARCHAR,
    size_employees INTEGER,
    street         VARCHAR,
    postal_code    VARCHAR,
    city           VARCHAR,
    country        VARCHAR,
    phone          VARCHAR,
    email          VARCHAR,
    website        VARCHAR,
    parent_id      UUID,
    owner_id       UUID USING COMPRESSION uncompressed,
    unit_id        UUID USING COMPRESSION uncompressed,
    lifecycle      VARCHAR
);
CREATE TABLE IF NOT EXISTS ownership (
    customer_id UUID,
    valid_from  DATE,
    owner_id    UUID,
    unit_id     UUID
);
-- amount: minor units of the base currency, by the rate of valid_from.
CREATE TABLE IF NOT EXISTS potential (
    id          UUID,
    customer_id UUID,
    amount      BIGINT,
    source      VARCHAR,
    valid_from  DATE
);
