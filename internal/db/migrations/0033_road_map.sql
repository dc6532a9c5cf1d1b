-- The steps of the road map: workshops, reviews and checks on the way to the goals.
CREATE TABLE road_step (
    id             {{.ID}}   NOT NULL PRIMARY KEY,
    day            {{.Date}} NOT NULL,
    kind           {{.Text}} NOT NULL CHECK (kind IN ('workshop', 'review', 'check', 'other')),
    title          {{.Text}} NOT NULL,
    unit_id        {{.ID}}   REFERENCES unit (id) ON DELETE CASCADE,    -- NULL = the whole company
    responsible_id {{.ID}}   REFERENCES person (id) ON DELETE SET NULL,
    done_on        {{.Date}},
    version        {{.Int}}  NOT NULL,
    created_at     {{.Time}} NOT NULL,
    updated_at     {{.Time}} NOT NULL
);
CREATE INDEX road_step_day ON road_step (day, id);
