-- One row for each import of facts whose rows stand in the warehouse, written in the transaction that brings them: after a
-- crash it decides whether the import happened. checks is JSON: the counts, and sums that must still hold.
CREATE TABLE import_load(import_no INTEGER, kind VARCHAR, rows BIGINT, checks VARCHAR);
