-- Touches with customers. Stored by customer and date, so that a question about one customer reads little;
-- ids are kept as runs, as in purchase.
CREATE TABLE interaction (
    import_no        INTEGER,  -- of the import that wrote the row last
    row_no           BIGINT,   -- its record in that import
    source           VARCHAR,  -- the system whose codes these are
    code             VARCHAR,  -- its key there; NULL where it has none
    occurrence       INTEGER,  -- of one without code: the n-th of equal contents in its import; else 1
    customer_id      UUID USING COMPRESSION rle,
    kind             VARCHAR,  -- visit, call, email …, in lower case
    interaction_date DATE,
    person_id        UUID USING COMPRESSION rle,
    author           VARCHAR,  -- who had it, as its own system names them; NULL where only person_id tells
    minutes          INTEGER,
    result           VARCHAR,
    note             VARCHAR
);
