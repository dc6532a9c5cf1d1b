-- What the company wants to reach, of which customers, by when; and its parts, down to units and people.
CREATE TABLE goal (
    id              {{.ID}}   NOT NULL PRIMARY KEY, -- grows with time
    parent_id       {{.ID}}   REFERENCES goal (id) ON DELETE CASCADE,
    title           {{.Text}} NOT NULL,
    what            {{.JSON}} NOT NULL,             -- what is counted, of whom
    unit_id         {{.ID}}   REFERENCES unit (id) ON DELETE CASCADE,   -- NULL = the whole company
    person_id       {{.ID}}   REFERENCES person (id) ON DELETE CASCADE, -- who looks after the customers; NULL = everybody in the unit
    direct          {{.Bool}} NOT NULL,             -- only the unit itself, without those below it
    start_as_of     {{.Date}} NOT NULL,             -- a scored date
    start_value     {{if .Postgres}}double precision{{else}}real{{end}} NOT NULL,
    target          {{if .Postgres}}double precision{{else}}real{{end}} NOT NULL,
    due_on          {{.Date}} NOT NULL,
    dropped_on      {{.Date}},
    dropped_why     {{.Text}} NOT NULL,
    created_by_name {{.Text}} NOT NULL,
    version         {{.Int}}  NOT NULL,
    created_at      {{.Time}} NOT NULL,
    updated_at      {{.Time}} NOT NULL
);
CREATE INDEX goal_parent ON goal (parent_id);
CREATE INDEX goal_unit ON goal (unit_id);
CREATE INDEX goal_person ON goal (person_id);
