-- What the company sells: a tree of categories and the products in it. import_id is the import that last wrote the row.
CREATE TABLE product_category (
    id         {{.ID}}   NOT NULL PRIMARY KEY,
    code       {{.Text}} NOT NULL UNIQUE,
    name       {{.Text}} NOT NULL,
    parent_id  {{.ID}}   REFERENCES product_category (id),
    import_id  {{.ID}},
    created_at {{.Time}} NOT NULL,
    updated_at {{.Time}} NOT NULL
);
CREATE INDEX product_category_parent_id ON product_category (parent_id);

CREATE TABLE product (
    id          {{.ID}}   NOT NULL PRIMARY KEY,
    code        {{.Text}} NOT NULL UNIQUE,
    name        {{.Text}} NOT NULL,
    category_id {{.ID}}   REFERENCES product_category (id),
    cost        {{.Money}},                       -- of one unit, minor units of currency; NULL = unknown
    currency    {{.Text}} NOT NULL,
    import_id   {{.ID}},
    created_at  {{.Time}} NOT NULL,
    updated_at  {{.Time}} NOT NULL
);
CREATE INDEX product_category_id ON product (category_id);
CREATE INDEX product_name ON product (name, id);
CREATE INDEX product_import_id ON product (import_id);
