-- Who may come in: users, their sessions and tokens, and what guards the door.
-- person_id and unit_id have no foreign key: users are plumbing and stand below the organisation.
CREATE TABLE user_account (
    id            {{.ID}}   NOT NULL PRIMARY KEY,
    email         {{.Text}} NOT NULL,
    email_key     {{.Text}} NOT NULL UNIQUE, -- email in small letters
    name          {{.Text}} NOT NULL,
    role          {{.Text}} NOT NULL,
    scope         {{.Text}} NOT NULL,
    person_id     {{.ID}},
    unit_id       {{.ID}},
    password_hash {{.Text}} NOT NULL,        -- argon2id in PHC form
    disabled      {{.Bool}} NOT NULL,
    version       {{.Int}}  NOT NULL,
    created_at    {{.Time}} NOT NULL,
    updated_at    {{.Time}} NOT NULL
);

CREATE TABLE session (
    hash       {{.Text}} NOT NULL PRIMARY KEY, -- SHA-256 of the cookie; the cookie itself is stored nowhere
    user_id    {{.ID}}   NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    created_at {{.Time}} NOT NULL,
    seen_at    {{.Time}} NOT NULL
);
CREATE INDEX session_user_id ON session (user_id);

CREATE TABLE api_token (
    id           {{.ID}}   NOT NULL PRIMARY KEY,
    user_id      {{.ID}}   NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    name         {{.Text}} NOT NULL,
    hash         {{.Text}} NOT NULL UNIQUE,    -- SHA-256 of the token
    read_only    {{.Bool}} NOT NULL,
    expires_on   {{.Date}} NOT NULL,           -- the last day it works, UTC
    created_at   {{.Time}} NOT NULL,
    last_used_at {{.Time}}
);
CREATE INDEX api_token_user_id ON api_token (user_id);

-- Failed sign-ins, counted per account and per address; stored, so that a restart forgives nobody.
CREATE TABLE login_attempt (
    bucket     {{.Text}} NOT NULL PRIMARY KEY,
    failures   {{.Int}}  NOT NULL,
    started_at {{.Time}} NOT NULL              -- of the window in which they are counted
);
CREATE INDEX login_attempt_started_at ON login_attempt (started_at);

-- The one-time code of the first set-up: at most one row, gone with the first user.
CREATE TABLE setup_code (
    id   {{.Int}}  NOT NULL PRIMARY KEY CHECK (id = 1),
    hash {{.Text}} NOT NULL
);
