-- What Bulk took off a table and has yet to put back; empty when no large import runs.
CREATE TABLE resting_index (
    no         {{.AutoID}},          -- the order in which they come back
    kind       {{.Text}} NOT NULL,   -- index, trigger or search
    name       {{.Text}} NOT NULL,
    definition {{.Text}} NOT NULL    -- the statement that makes it
);
