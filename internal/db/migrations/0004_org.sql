-- The organisation: a tree of units and the people in it. The current place stands on the record, the history beside it.
CREATE TABLE unit (
    id         {{.ID}}   NOT NULL PRIMARY KEY,
    code       {{.Text}} NOT NULL UNIQUE,
    name       {{.Text}} NOT NULL,
    kind       {{.Text}} NOT NULL,
    parent_id  {{.ID}}   REFERENCES unit (id) ON DELETE SET NULL, -- as of today
    import_id  {{.ID}},                         -- that created it
    version    {{.Int}}  NOT NULL,
    created_at {{.Time}} NOT NULL,
    updated_at {{.Time}} NOT NULL
);
CREATE INDEX unit_parent_id ON unit (parent_id);

-- One row that counts the changes of the tree: readers keep the tree until it counts on, and writers of the tree queue
-- on it, so that two moves cannot make a circle between them.
CREATE TABLE unit_tree (
    id      {{.Int}} NOT NULL PRIMARY KEY CHECK (id = 1),
    version {{.Int}} NOT NULL
);
INSERT INTO unit_tree (id, version) VALUES (1, 1);

CREATE TABLE unit_place (
    unit_id    {{.ID}}   NOT NULL REFERENCES unit (id) ON DELETE CASCADE,
    valid_from {{.Date}} NOT NULL,
    parent_id  {{.ID}}   REFERENCES unit (id) ON DELETE SET NULL,
    PRIMARY KEY (unit_id, valid_from)
);

CREATE TABLE person (
    id         {{.ID}}   NOT NULL PRIMARY KEY,
    code       {{.Text}} NOT NULL UNIQUE,
    name       {{.Text}} NOT NULL,
    email      {{.Text}} NOT NULL,
    title      {{.Text}} NOT NULL,
    unit_id    {{.ID}}   REFERENCES unit (id) ON DELETE SET NULL, -- as of today
    import_id  {{.ID}},                         -- that created it
    version    {{.Int}}  NOT NULL,
    created_at {{.Time}} NOT NULL,
    updated_at {{.Time}} NOT NULL
);
CREATE INDEX person_unit_id ON person (unit_id);
CREATE INDEX person_name ON person (name, id);

CREATE TABLE person_place (
    person_id  {{.ID}}   NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    valid_from {{.Date}} NOT NULL,
    unit_id    {{.ID}}   REFERENCES unit (id) ON DELETE SET NULL,
    PRIMARY KEY (person_id, valid_from)
);
