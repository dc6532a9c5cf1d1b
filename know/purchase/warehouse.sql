-- Invoice lines, a return with negative revenue. Stored by customer and date: a question about one customer then reads a
-- few thousand lines out of ten million. Ids are kept as runs: the engine's own choice for them, packed bits, costs some
-- 100 ns for each id read, which is ten times all else of such a question.
CREATE TABLE purchase (
    import_no     INTEGER,  -- of the import that wrote the line last
    row_no        BIGINT,   -- its record in that import
    source        VARCHAR,  -- the system whose document numbers these are
    document      VARCHAR,
    line          VARCHAR,
    occurrence    INTEGER,  -- of a line without document or line number: the n-th of equal contents in its import; else 1
    purchase_date DATE,
    customer_id   UUID USING COMPRESSION rle,
    product_id    UUID USING COMPRESSION rle,
    quantity      DOUBLE,
    revenue       BIGINT,   -- fine units of the base currency, by the rate of the date
    cost          BIGINT,   -- fine units of the base currency; NULL = unknown
    currency      VARCHAR,  -- in which the line was written
    amount        BIGINT,   -- its revenue in fine units of that currency
    channel       VARCHAR,
    seller_id     UUID USING COMPRESSION rle
);
-- What each customer is expected to buy in a month.
CREATE TABLE budget (
    import_no   INTEGER,
    row_no      BIGINT,
    customer_id UUID USING COMPRESSION rle,
    month       DATE,       -- its first day
    revenue     BIGINT      -- fine units of the base currency, by the rate of the month's first day
);
