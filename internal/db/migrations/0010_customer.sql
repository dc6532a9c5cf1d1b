CREATE TABLE customer (
    no             {{.AutoID}},                      -- keeps the full-text index in step; means nothing
    id             {{.ID}}   NOT NULL UNIQUE,
    code           {{.Text}} {{if .Postgres}}COLLATE "C"{{end}} NOT NULL UNIQUE,
    name           {{.Text}} NOT NULL,
    kind           {{.Text}} NOT NULL,
    industry       {{.Text}} {{if .Postgres}}COLLATE "C"{{end}} NOT NULL,
    size_employees {{.Int}},
    street         {{.Text}} NOT NULL,
    postal_code    {{.Text}} NOT NULL,
    city           {{.Text}} {{if .Postgres}}COLLATE "C"{{end}} NOT NULL,
    country        {{.Text}} {{if .Postgres}}COLLATE "C"{{end}} NOT NULL,
    phone          {{.Text}} NOT NULL,
    email          {{.Text}} NOT NULL,
    website        {{.Text}} NOT NULL,
    parent_id      {{.ID}}   REFERENCES customer (id),
    owner_id       {{.ID}}   REFERENCES person (id), -- as of today
    unit_id        {{.ID}}   REFERENCES unit (id),   -- as of today
    lifecycle      {{.Text}} NOT NULL,
    import_id      {{.ID}},                          -- the import that created it; NULL when a person did
    version        {{.Int}}  NOT NULL,
    created_at     {{.Time}} NOT NULL,
    updated_at     {{.Time}} NOT NULL,
    -- Written by the program, since the two engines fold letters differently (internal/fold).
    sort_name      {{.Text}} {{if .Postgres}}COLLATE "C"{{end}} NOT NULL DEFAULT '',
    search_text    {{.Text}} {{if .Postgres}}COLLATE "C"{{end}} NOT NULL DEFAULT ''
);
-- Of what lists are ordered by, with the name behind.
CREATE INDEX customer_name ON customer (sort_name);
CREATE INDEX customer_industry ON customer (industry, sort_name);
CREATE INDEX customer_country ON customer (country, sort_name);
CREATE INDEX customer_city ON customer (city, sort_name);
-- Of what they are narrowed by besides. Those of units also tell which industries and countries a unit has.
CREATE INDEX customer_owner ON customer (owner_id);
CREATE INDEX customer_unit_industry ON customer (unit_id, industry);
CREATE INDEX customer_unit_country ON customer (unit_id, country);
CREATE INDEX customer_lifecycle ON customer (lifecycle);
CREATE INDEX customer_parent ON customer (parent_id);
CREATE INDEX customer_import ON customer (import_id);

-- Who had the customer since when; the current answer stands on the customer.
CREATE TABLE ownership (
    customer_id {{.ID}}   NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
    valid_from  {{.Date}} NOT NULL,
    owner_id    {{.ID}}   REFERENCES person (id),
    unit_id     {{.ID}}   REFERENCES unit (id),
    PRIMARY KEY (customer_id, valid_from)
);
CREATE INDEX ownership_owner ON ownership (owner_id);
CREATE INDEX ownership_unit ON ownership (unit_id);

-- What the customer could buy from anybody in our category in a year, by whom and since when.
CREATE TABLE potential (
    id              {{.ID}}    NOT NULL PRIMARY KEY,
    customer_id     {{.ID}}    NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
    amount          {{.Money}} NOT NULL,
    currency        {{.Text}}  NOT NULL,
    source          {{.Text}}  NOT NULL,
    valid_from      {{.Date}}  NOT NULL,
    note            {{.Text}}  NOT NULL,
    import_id       {{.ID}},
    created_by_name {{.Text}}  NOT NULL,
    version         {{.Int}}   NOT NULL,
    created_at      {{.Time}}  NOT NULL,
    updated_at      {{.Time}}  NOT NULL,
    UNIQUE (customer_id, source, valid_from)
);
CREATE INDEX potential_import ON potential (import_id);

-- Search in names, codes and cities by any part of a word.
{{if .Postgres}}
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX customer_search ON customer USING gin (search_text gin_trgm_ops);
{{else}}
CREATE VIRTUAL TABLE customer_search USING fts5(search_text, content='customer', content_rowid='no', tokenize='trigram case_sensitive 1');
CREATE TRIGGER customer_search_insert AFTER INSERT ON customer BEGIN
    INSERT INTO customer_search(rowid, search_text) VALUES (new.no, new.search_text);
END;
CREATE TRIGGER customer_search_delete AFTER DELETE ON customer BEGIN
    INSERT INTO customer_search(customer_search, rowid, search_text) VALUES ('delete', old.no, old.search_text);
END;
CREATE TRIGGER customer_search_update AFTER UPDATE OF search_text ON customer WHEN new.search_text <> old.search_text BEGIN
    INSERT INTO customer_search(customer_search, rowid, search_text) VALUES ('delete', old.no, old.search_text);
    INSERT INTO customer_search(rowid, search_text) VALUES (new.no, new.search_text);
END;
{{end}}
