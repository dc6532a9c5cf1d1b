-- Questionnaires. questions is a list of key, texts by language, topic, weight and whether an answer must be given.
CREATE TABLE survey (
    id              {{.ID}}   NOT NULL PRIMARY KEY,
    code            {{.Text}} {{if .Postgres}}COLLATE "C"{{end}} NOT NULL UNIQUE, -- its key in files and in the warehouse
    name            {{.Text}} NOT NULL,
    audience        {{.Text}} NOT NULL CHECK (audience IN ('customer', 'company')),
    state           {{.Text}} NOT NULL CHECK (state IN ('draft', 'open', 'closed')),
    introduction    {{.JSON}} NOT NULL,
    questions       {{.JSON}} NOT NULL,
    created_by_name {{.Text}} NOT NULL,
    version         {{.Int}}  NOT NULL,
    created_at      {{.Time}} NOT NULL,
    updated_at      {{.Time}} NOT NULL
);

-- Links by which somebody without an account answers. Of a link's secret only the hash is kept.
CREATE TABLE invitation (
    id              {{.ID}}   NOT NULL PRIMARY KEY,
    survey_id       {{.ID}}   NOT NULL REFERENCES survey (id),
    customer_id     {{.ID}}   NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
    token_hash      {{.Text}} NOT NULL UNIQUE,
    respondent      {{.Text}} NOT NULL,
    email           {{.Text}} NOT NULL,
    expires_on      {{.Date}} NOT NULL, -- the last day, UTC
    closed          {{.Bool}} NOT NULL,
    created_by_name {{.Text}} NOT NULL,
    version         {{.Int}}  NOT NULL,
    created_at      {{.Time}} NOT NULL,
    updated_at      {{.Time}} NOT NULL
);
CREATE INDEX invitation_survey ON invitation (survey_id, id);
CREATE INDEX invitation_customer ON invitation (customer_id);

-- A questionnaire as one person answered it about one customer.
CREATE TABLE response (
    id              {{.ID}}   NOT NULL PRIMARY KEY,
    survey_id       {{.ID}}   NOT NULL REFERENCES survey (id),
    customer_id     {{.ID}}   NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
    invitation_id   {{.ID}}   UNIQUE REFERENCES invitation (id) ON DELETE SET NULL, -- NULL where one of the company entered it
    answered_on     {{.Date}} NOT NULL,
    respondent      {{.Text}} NOT NULL,
    answers         {{.JSON}} NOT NULL,
    author_id       {{.ID}},
    author_name     {{.Text}} NOT NULL,
    version         {{.Int}}  NOT NULL,
    created_at      {{.Time}} NOT NULL,
    updated_at      {{.Time}} NOT NULL
);
CREATE INDEX response_survey ON response (survey_id, id);
CREATE INDEX response_customer ON response (customer_id, id);
