-- Spends per segment that somebody made the plan of the company, or kept to compare.
CREATE TABLE allocation_plan (
    id              {{.ID}}   NOT NULL PRIMARY KEY, -- grows with time
    name            {{.Text}} NOT NULL UNIQUE,
    as_of           {{.Date}},                      -- of the figures that the segments had; NULL = typed
    segments_by     {{.Text}} NOT NULL,             -- the measure that the segments are of; '' = typed
    currency        {{.Text}} NOT NULL,
    problem         {{.JSON}} NOT NULL,             -- what was asked
    answer          {{.JSON}} NOT NULL,             -- what came out
    in_force        {{.Bool}} NOT NULL,
    version         {{.Int}}  NOT NULL,
    created_by_name {{.Text}} NOT NULL,
    created_at      {{.Time}} NOT NULL,
    updated_at      {{.Time}} NOT NULL
);
CREATE UNIQUE INDEX allocation_plan_in_force ON allocation_plan (in_force) WHERE in_force; -- one at most
