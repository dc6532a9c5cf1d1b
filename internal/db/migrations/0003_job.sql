-- Long work as people see it: state, progress, and a result that stays. What runs it has tables of its own (river_*),
-- which hold nothing that is needed once a job has ended.
CREATE TABLE job (
    id               {{.ID}} PRIMARY KEY,
    kind             {{.Text}} NOT NULL,
    title            {{.Text}} NOT NULL,
    state            {{.Text}} NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    args             {{.JSON}} NOT NULL,
    unique_key       {{.Text}},
    done             {{.Int}} NOT NULL DEFAULT 0,
    total            {{.Int}} NOT NULL DEFAULT 0,
    note             {{.Text}} NOT NULL DEFAULT '',
    result           {{.JSON}},
    error            {{.Text}} NOT NULL DEFAULT '',
    cancelling       {{.Bool}} NOT NULL DEFAULT false,
    owner_id         {{.ID}},
    owner_name       {{.Text}} NOT NULL DEFAULT '',
    created_at       {{.Time}} NOT NULL,
    started_at       {{.Time}},
    ended_at         {{.Time}},
    attempt          {{.Int}} NOT NULL DEFAULT 1, -- the fencing token: only the execution of this number may write
    beat             {{.Int}} NOT NULL DEFAULT 0, -- grows while the execution is alive
    failures         {{.Int}} NOT NULL DEFAULT 0, -- executions that ended in an error
    losses           {{.Int}} NOT NULL DEFAULT 0  -- executions whose server vanished
);
-- One unfinished job per unique key; and the few unfinished among many that ended.
CREATE UNIQUE INDEX job_unfinished_key ON job (unique_key) WHERE state IN ('queued', 'running');
CREATE INDEX job_unfinished ON job (state, id) WHERE state IN ('queued', 'running');
CREATE INDEX job_owner ON job (owner_id, id);
