-- Segments of customers. A live one is a rule; its members follow from the scored versions and stand nowhere else.
CREATE TABLE segment (
    id          {{.ID}}   NOT NULL PRIMARY KEY,
    name        {{.Text}} NOT NULL,
    description {{.Text}} NOT NULL,
    kind        {{.Text}} NOT NULL CHECK (kind IN ('live', 'frozen')),
    shared      {{.Bool}} NOT NULL,
    owner_id    {{.ID}},           -- the user; NULL = the operator
    owner_name  {{.Text}} NOT NULL,
    rule        {{.JSON}},         -- of a live one
    version     {{.Int}}  NOT NULL,
    created_at  {{.Time}} NOT NULL,
    updated_at  {{.Time}} NOT NULL
);
CREATE INDEX segment_owner ON segment (owner_id);

-- Who is in a frozen one, who was, and by whom they came in and went.
CREATE TABLE segment_member (
    no          {{.AutoID}},
    segment_id  {{.ID}}   NOT NULL REFERENCES segment (id) ON DELETE CASCADE,
    customer_id {{.ID}}   NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
    added_at    {{.Time}} NOT NULL,
    added_by    {{.Text}} NOT NULL,
    way         {{.Text}} NOT NULL CHECK (way IN ('list', 'codes', 'hand')), -- how they came in
    removed_at  {{.Time}},         -- NULL = still in it
    removed_by  {{.Text}} NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX segment_member_once ON segment_member (segment_id, customer_id) WHERE removed_at IS NULL;
CREATE INDEX segment_member_segment ON segment_member (segment_id, no);
CREATE INDEX segment_member_customer ON segment_member (customer_id);
