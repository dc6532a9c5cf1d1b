-- Why a row was rejected: codes with what stands in the places of their sentences, to be told in other languages. NULL for
-- rows of before, which have the sentence alone.
ALTER TABLE import_reject ADD COLUMN reasons {{.JSON}};
