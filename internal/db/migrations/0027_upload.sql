-- Files that are being uploaded in pieces. What has arrived of each stands in the data folder; its size there is how far it is.
CREATE TABLE upload (
    id         {{.ID}}   NOT NULL PRIMARY KEY,
    name       {{.Text}} NOT NULL,
    size       {{.Int}}  NOT NULL, -- of the whole file, in bytes
    file_id    {{.Text}} NOT NULL, -- of the file that it became; '' until it is complete
    created_by {{.ID}},
    created_at {{.Time}} NOT NULL
);
CREATE INDEX upload_created_at ON upload (created_at);
