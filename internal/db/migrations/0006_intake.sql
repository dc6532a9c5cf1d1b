-- Files as they were uploaded; the contents stand in the data folder under their SHA-256.
CREATE TABLE file (
    id              {{.Text}} PRIMARY KEY, -- SHA-256 in hexadecimal
    name            {{.Text}} NOT NULL,
    size            {{.Int}} NOT NULL,
    format          {{.Text}} NOT NULL,
    traits          {{.JSON}} NOT NULL,
    created_at      {{.Time}} NOT NULL,
    created_by      {{.ID}},
    created_by_name {{.Text}} NOT NULL
);
CREATE INDEX file_name ON file (name, created_at);

CREATE TABLE import (
    id              {{.ID}} PRIMARY KEY,
    no              {{.Int}} NOT NULL UNIQUE,
    kind            {{.Text}} NOT NULL,
    source          {{.Text}} NOT NULL,
    state           {{.Text}} NOT NULL CHECK (state IN ('queued', 'running', 'accepted', 'failed', 'cancelled', 'removed')),
    mapping         {{.JSON}} NOT NULL,
    dialect         {{.JSON}},
    fingerprint     {{.Text}} NOT NULL, -- of kind, source, files, mapping and dialect: the same again changes nothing
    read            {{.Int}} NOT NULL DEFAULT 0,
    created         {{.Int}} NOT NULL DEFAULT 0,
    updated         {{.Int}} NOT NULL DEFAULT 0,
    unchanged       {{.Int}} NOT NULL DEFAULT 0,
    rejected        {{.Int}} NOT NULL DEFAULT 0,
    note            {{.Text}} NOT NULL DEFAULT '',
    error           {{.Text}} NOT NULL DEFAULT '',
    started_by      {{.ID}},
    started_by_name {{.Text}} NOT NULL,
    job_id          {{.ID}},
    created_at      {{.Time}} NOT NULL,
    ended_at        {{.Time}}
);
CREATE INDEX import_fingerprint ON import (fingerprint, no);
CREATE INDEX import_source ON import (source, no);

CREATE TABLE import_file (
    import_id {{.ID}} NOT NULL REFERENCES import (id),
    position  {{.Int}} NOT NULL,
    file_id   {{.Text}} NOT NULL REFERENCES file (id),
    name      {{.Text}} NOT NULL,
    lookup    {{.Bool}} NOT NULL, -- read for values only, not for rows
    PRIMARY KEY (import_id, position)
);
CREATE INDEX import_file_file ON import_file (file_id);

-- Rows that were not taken. The first 100,000 of an import are kept, all are counted.
CREATE TABLE import_reject (
    import_id {{.ID}} NOT NULL REFERENCES import (id),
    seq       {{.Int}} NOT NULL,
    file      {{.Text}} NOT NULL,
    line      {{.Int}} NOT NULL,
    "column"  {{.Text}} NOT NULL,
    value     {{.Text}} NOT NULL,
    reason    {{.Text}} NOT NULL,
    raw       {{.Text}} NOT NULL,
    PRIMARY KEY (import_id, seq)
);
