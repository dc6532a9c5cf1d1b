-- Why what was bought differs from the budget, as somebody found out: of which part of the company's business, in which months.
CREATE TABLE budget_cause (
    id              {{.ID}}    NOT NULL PRIMARY KEY, -- grows with time
    kind            {{.Text}}  NOT NULL CHECK (kind IN ('target_wrong', 'product_trend', 'event', 'selling_everywhere', 'selling_channel', 'other')),
    comment         {{.Text}}  NOT NULL,
    from_month      {{.Date}}  NOT NULL, -- the first day of the first month
    to_month        {{.Date}}  NOT NULL, -- the first day of the last month
    way             {{.JSON}}  NOT NULL, -- the steps of the drill-down, such as ["unit:…", "channel:web"]
    unit_id         {{.ID}}    REFERENCES unit (id) ON DELETE CASCADE,     -- of the steps, those that say who may see it
    person_id       {{.ID}}    REFERENCES person (id) ON DELETE CASCADE,
    customer_id     {{.ID}}    REFERENCES customer (id) ON DELETE CASCADE,
    budget          {{.Money}} NOT NULL, -- as it stood when the cause was recorded, minor units of the base currency
    actual          {{.Money}} NOT NULL,
    created_by_name {{.Text}}  NOT NULL,
    version         {{.Int}}   NOT NULL,
    created_at      {{.Time}}  NOT NULL,
    updated_at      {{.Time}}  NOT NULL
);
CREATE INDEX budget_cause_unit ON budget_cause (unit_id);
CREATE INDEX budget_cause_person ON budget_cause (person_id);
CREATE INDEX budget_cause_customer ON budget_cause (customer_id);
