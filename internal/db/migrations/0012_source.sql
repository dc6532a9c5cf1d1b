-- Databases of other systems that are read directly, what is read from each, and what became of it.
CREATE TABLE source (
    id         {{.ID}}    NOT NULL PRIMARY KEY,
    name       {{.Text}}  NOT NULL UNIQUE,
    driver     {{.Text}}  NOT NULL CHECK (driver IN ('postgresql', 'mysql', 'sqlserver')),
    host       {{.Text}}  NOT NULL,
    port       {{.Int}}   NOT NULL,
    "database" {{.Text}}  NOT NULL,
    username   {{.Text}}  NOT NULL,
    encryption {{.Text}}  NOT NULL CHECK (encryption IN ('verified', 'unverified', 'none')),
    secret     {{.Bytes}} NOT NULL, -- the password, sealed for exactly this address (internal/seal)
    version    {{.Int}}   NOT NULL,
    created_at {{.Time}}  NOT NULL,
    updated_at {{.Time}}  NOT NULL
);

CREATE TABLE source_feed (
    id               {{.ID}}   NOT NULL PRIMARY KEY,
    source_id        {{.ID}}   NOT NULL REFERENCES source (id) ON DELETE CASCADE,
    name             {{.Text}} NOT NULL,
    kind             {{.Text}} NOT NULL, -- of import
    statement        {{.Text}} NOT NULL, -- a SELECT, written by an administrator
    mapping          {{.JSON}} NOT NULL,
    watermark_column {{.Text}} NOT NULL, -- '' = every run reads everything
    watermark        {{.Text}} NOT NULL, -- what :since stands for in the next run
    schedule         {{.JSON}} NOT NULL,
    enabled          {{.Bool}} NOT NULL,
    owner_id         {{.ID}},            -- with whose rights it runs; NULL = the operator
    owner_name       {{.Text}} NOT NULL,
    next_at          {{.Time}},          -- NULL = only when asked
    version          {{.Int}}  NOT NULL,
    created_at       {{.Time}} NOT NULL,
    updated_at       {{.Time}} NOT NULL,
    UNIQUE (source_id, name)
);
CREATE INDEX source_feed_next_at ON source_feed (next_at);

CREATE TABLE source_run (
    id              {{.ID}}   NOT NULL PRIMARY KEY,
    feed_id         {{.ID}}   NOT NULL REFERENCES source_feed (id) ON DELETE CASCADE,
    source_id       {{.ID}}   NOT NULL,
    state           {{.Text}} NOT NULL CHECK (state IN ('reading', 'importing', 'done', 'failed')),
    since           {{.Text}} NOT NULL, -- the watermark at the start
    until           {{.Text}} NOT NULL, -- the highest value read
    rows            {{.Int}}  NOT NULL,
    import_id       {{.ID}},
    job_id          {{.ID}},
    error           {{.Text}} NOT NULL,
    started_by_name {{.Text}} NOT NULL,
    started_at      {{.Time}} NOT NULL,
    ended_at        {{.Time}}
);
CREATE INDEX source_run_feed_id ON source_run (feed_id, id);
-- One run of a source at a time: what customers a line refers to are imported before the lines.
CREATE UNIQUE INDEX source_run_unfinished ON source_run (source_id) WHERE state IN ('reading', 'importing');
