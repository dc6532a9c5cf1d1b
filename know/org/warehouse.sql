-- The organisation as it is now: projected from the operational store. Who looked after a customer when stands in
-- ownership.
CREATE TABLE IF NOT EXISTS unit (
    id        UUID,
    code      VARCHAR,
    name      VARCHAR,
    kind      VARCHAR,
    parent_id UUID
);
CREATE TABLE IF NOT EXISTS person (
    id      UUID,
    code    VARCHAR,
    name    VARCHAR,
    unit_id UUID
);
