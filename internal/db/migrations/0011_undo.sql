-- Rows of the operational store as they were before an import changed them, so that the import can be undone exactly.
-- What an import created needs no entry: it carries the import's id.
CREATE TABLE import_before (
    import_id {{.ID}}   NOT NULL,
    place     {{.Text}} NOT NULL, -- the table
    record    {{.Text}} NOT NULL, -- whose rows these are
    n         {{.Int}}  NOT NULL, -- 0 says that the rows of the record were kept; they count from 1
    log_seq   {{.Int}}  NOT NULL, -- where the change log stood: what is later came after the import
    before    {{.JSON}},
    PRIMARY KEY (import_id, place, record, n)
);
CREATE INDEX import_before_record ON import_before (place, record);

-- What people changed by hand since an import is looked up by record; what an import changed, by the import.
ALTER TABLE import ADD COLUMN follows {{.ID}};           -- the import whose rejected rows this one brings in mended
ALTER TABLE import ADD COLUMN undo_job_id {{.ID}};       -- the job that undoes it
ALTER TABLE import ADD COLUMN undone_at {{.Time}};
ALTER TABLE import ADD COLUMN undone_by_name {{.Text}} NOT NULL DEFAULT '';
ALTER TABLE import ADD COLUMN layout {{.Text}} NOT NULL DEFAULT ''; -- of the first file: the mapping is proposed again for the same columns
ALTER TABLE import ADD COLUMN stubs {{.Int}} NOT NULL DEFAULT 0;    -- records made of their code alone, because rows named them
CREATE INDEX import_layout ON import (layout, no);

-- A rejected row keeps its cells, so that it can be mended, and its reason as a code with parameters, so that it can be
-- told in the reader's language.
ALTER TABLE import_reject ADD COLUMN field {{.Text}} NOT NULL DEFAULT '';
ALTER TABLE import_reject ADD COLUMN code {{.Text}} NOT NULL DEFAULT '';
ALTER TABLE import_reject ADD COLUMN cells {{.JSON}};
ALTER TABLE import ADD COLUMN columns {{.JSON}};         -- under which the cells of its rejected rows stand
