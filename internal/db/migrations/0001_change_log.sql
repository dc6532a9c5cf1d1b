-- Every change of the operational store, in the order of commits; also the feed of the warehouse's projection.
CREATE TABLE change_log (
    seq        {{.AutoID}},
    at         {{.Time}} NOT NULL,
    actor_id   {{.ID}},
    actor_name {{.Text}} NOT NULL,
    kind       {{.Text}} NOT NULL,
    record_id  {{.ID}},
    action     {{.Text}} NOT NULL,
    before     {{.JSON}},
    after      {{.JSON}},
    import_id  {{.ID}}
);
CREATE INDEX change_log_record ON change_log (kind, record_id, seq);

-- Append-only: not even the program can rewrite it.
{{if .Postgres}}
CREATE FUNCTION change_log_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'change_log is append-only'; END $$;
CREATE TRIGGER change_log_keep BEFORE UPDATE OR DELETE ON change_log FOR EACH ROW EXECUTE FUNCTION change_log_append_only();
{{else}}
CREATE TRIGGER change_log_no_update BEFORE UPDATE ON change_log BEGIN SELECT RAISE(ABORT, 'change_log is append-only'); END;
CREATE TRIGGER change_log_no_delete BEFORE DELETE ON change_log BEGIN SELECT RAISE(ABORT, 'change_log is append-only'); END;
{{end}}

-- Replies kept so that a create that is sent again is not carried out again.
CREATE TABLE idempotency (
    subject     {{.Text}} NOT NULL,
    key         {{.Text}} NOT NULL,
    fingerprint {{.Text}} NOT NULL,
    state       {{.Text}} NOT NULL,
    status      {{.Int}} NOT NULL DEFAULT 0,
    header      {{.JSON}},
    body        {{.Bytes}},
    created_at  {{.Time}} NOT NULL,
    PRIMARY KEY (subject, key)
);

CREATE TABLE setting (
    name       {{.Text}} PRIMARY KEY,
    value      {{.JSON}} NOT NULL,
    version    {{.Int}} NOT NULL DEFAULT 1,
    updated_at {{.Time}} NOT NULL
);
