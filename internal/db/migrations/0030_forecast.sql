-- What somebody says a customer will buy in the twelve months after a date, in place of what the models expect.
CREATE TABLE forecast (
    id              {{.ID}}    NOT NULL PRIMARY KEY,
    customer_id     {{.ID}}    NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
    as_of           {{.Date}}  NOT NULL,
    amount          {{.Money}} NOT NULL, -- minor units of the base currency
    reason          {{.Text}}  NOT NULL,
    created_by_name {{.Text}}  NOT NULL,
    version         {{.Int}}   NOT NULL,
    created_at      {{.Time}}  NOT NULL,
    updated_at      {{.Time}}  NOT NULL,
    UNIQUE (customer_id, as_of)
);
