-- Each data check that was made: kinds is what the trend shows of it, report all that it found.
CREATE TABLE quality_run (
    id              {{.ID}}   NOT NULL PRIMARY KEY, -- grows with time
    as_of           {{.Date}} NOT NULL,
    cause           {{.Text}} NOT NULL CHECK (cause IN ('asked', 'import')),
    import_no       {{.Int}}  NOT NULL,             -- of the latest import that had ended
    milliseconds    {{.Int}}  NOT NULL,
    kinds           {{.JSON}} NOT NULL,
    report          {{.JSON}} NOT NULL,
    created_by_name {{.Text}} NOT NULL,
    created_at      {{.Time}} NOT NULL
);
