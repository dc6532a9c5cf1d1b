package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

// record is a row of table job: what people see and what the machinery needs.
type record struct {
	bun.BaseModel `bun:"table:job"`
	Job
	Args      json.RawMessage `bun:"args"`
	UniqueKey string          `bun:"unique_key,nullzero"`
	Attempt   int64           `bun:"attempt"`
	Beat      int64           `bun:"beat"`
	Failures  int64           `bun:"failures"`
	Losses    int64           `bun:"losses"`
}

// ticket names one execution of a job. It is the fencing token: a write that carries an old attempt touches no row.
type ticket struct {
	Job     id.ID `bun:"id" json:"job"`
	Attempt int64 `bun:"attempt" json:"attempt"`
}

// progress is how far a job got.
type progress struct {
	Done, Total int64
	Note        string
}

// insert adds a queued job; false means that an unfinished job has its unique key.
func insert(ctx context.Context, tx bun.IDB, r *record) (bool, error) {
	// DO NOTHING instead of catching the error: on PostgreSQL an error would spoil the caller's transaction.
	res, err := tx.NewInsert().Model(r).On("CONFLICT DO NOTHING").Returning("NULL").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("store the job: %w", err)
	}
	return touched(res)
}

func touched(res sql.Result) (bool, error) {
	n, err := res.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("count the changed jobs: %w", err)
	}
	return n > 0, nil
}

// unfinished returns the queued or running job of the unique key.
func unfinished(ctx context.Context, idb bun.IDB, key string) (Job, error) {
	var r record
	err := idb.NewSelect().Model(&r).ExcludeColumn("args", "result").
		Where("unique_key = ?", key).Where("state IN (?, ?)", Queued, Running).Limit(1).Scan(ctx)
	if err != nil {
		return Job{}, fmt.Errorf("read the unfinished job: %w", err)
	}
	return r.Job, nil
}

// get returns the job that the condition on its id and owner lets through.
func get(ctx context.Context, idb bun.IDB, job id.ID, reach filter.Expr) (Job, error) {
	clause, err := filter.Compile(filter.And(filter.Eq("id", job), reach), columns())
	if err != nil {
		return Job{}, err
	}
	var r record
	err = idb.NewSelect().Model(&r).ExcludeColumn("args").Where(clause.SQL, clause.Args...).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Job{}, notFound()
	}
	if err != nil {
		return Job{}, fmt.Errorf("read the job: %w", err)
	}
	return r.Job, nil
}

// columns are the names that a condition on jobs may use.
func columns() filter.Columns {
	return filter.Columns{"id": "id", "owner_id": "owner_id", "state": "state"}
}

// list returns jobs, newest first: ids grow with time.
func list(ctx context.Context, idb bun.IDB, where filter.Expr, limit int) ([]Job, error) {
	clause, err := filter.Compile(where, columns())
	if err != nil {
		return nil, err
	}
	var records []record
	err = idb.NewSelect().Model(&records).ExcludeColumn("args").
		Where(clause.SQL, clause.Args...).OrderExpr("id DESC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the jobs: %w", err)
	}
	jobs := make([]Job, len(records))
	for i, r := range records {
		jobs[i] = r.Job
	}
	return jobs, nil
}

// claim turns the queued job into a running one; false when this execution is not, or no longer, the one that is due.
func claim(ctx context.Context, tx bun.IDB, t ticket, now time.Time) (record, bool, error) {
	var r record
	err := tx.NewUpdate().Model(&r).
		Set("state = ?", Running).Set("beat = beat + 1").Set("started_at = coalesce(started_at, ?)", now).Set("error = ''").
		Where("id = ?", t.Job).Where("attempt = ?", t.Attempt).Where("state = ?", Queued).
		Returning("*").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return record{}, false, nil
	}
	if err != nil {
		return record{}, false, fmt.Errorf("claim the job: %w", err)
	}
	return r, true, nil
}

// running narrows an update to the execution that still owns the job.
func (t ticket) running(q *bun.UpdateQuery) *bun.UpdateQuery {
	return q.Where("id = ?", t.Job).Where("attempt = ?", t.Attempt).Where("state = ?", Running)
}

// touch beats for a running execution and stores its progress. owned is false when the job was given to another one;
// cancel tells that somebody asked to cancel.
func touch(ctx context.Context, tx bun.IDB, t ticket, p progress) (owned, cancel bool, err error) {
	err = t.running(tx.NewUpdate().Table("job")).
		Set("beat = beat + 1").Set("done = ?", p.Done).Set("total = ?", p.Total).Set("note = ?", p.Note).
		Returning("cancelling").Scan(ctx, &cancel)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("store the job's progress: %w", err)
	}
	return true, cancel, nil
}

// outcome is how an execution ended.
type outcome struct {
	state    State // Queued means that another attempt follows
	result   json.RawMessage
	error    string
	failures int64 // how many to add
	losses   int64
	delay    time.Duration // before the next attempt
}

// settle writes the outcome, once: false when the execution no longer owned the job.
func settle(ctx context.Context, tx bun.IDB, t ticket, p *progress, o outcome, now time.Time) (bool, error) {
	q := t.running(tx.NewUpdate().Table("job")).
		Set("state = ?", o.state).Set("error = ?", o.error).
		Set("failures = failures + ?", o.failures).Set("losses = losses + ?", o.losses)
	switch {
	case o.state == Queued:
		q.Set("attempt = attempt + 1").Set("done = 0").Set("total = 0").Set("note = ''")
	case p != nil:
		q.Set("done = ?", p.Done).Set("total = ?", p.Total).Set("note = ?", p.Note)
	}
	if o.state != Queued {
		q.Set("ended_at = ?", now)
	}
	if o.result != nil {
		q.Set("result = ?", string(o.result))
	}
	res, err := q.Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("store the job's outcome: %w", err)
	}
	return touched(res)
}

// requestCancel ends a queued job and marks a running one, in one statement so that nothing slips between; false when
// the job is unknown or has ended.
func requestCancel(ctx context.Context, tx bun.IDB, job id.ID, now time.Time) (Job, bool, error) {
	var r record
	err := tx.NewUpdate().Model(&r).
		Set("cancelling = ?", true).
		Set("state = CASE WHEN state = ? THEN ? ELSE state END", Queued, Cancelled).
		Set("ended_at = CASE WHEN state = ? THEN ? ELSE ended_at END", Queued, now).
		Where("id = ?", job).Where("state IN (?, ?)", Queued, Running).
		Returning("*").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Job{}, false, nil
	}
	if err != nil {
		return Job{}, false, fmt.Errorf("cancel the job: %w", err)
	}
	return r.Job, true, nil
}

// pulse is the heartbeat of a running execution as it stands in the store.
type pulse struct {
	ticket
	Beat int64 `bun:"beat"`
}

func pulses(ctx context.Context, idb bun.IDB) ([]pulse, error) {
	var all []pulse
	err := idb.NewSelect().Table("job").Column("id", "attempt", "beat").Where("state = ?", Running).Scan(ctx, &all)
	if err != nil {
		return nil, fmt.Errorf("read the running jobs: %w", err)
	}
	return all, nil
}

// lockSilent locks the job for a new attempt if it has not beaten since p was read. On PostgreSQL it waits for
// transactions in which the execution holds its Guard.
func lockSilent(ctx context.Context, tx bun.Tx, dialect db.Dialect, p pulse) (record, bool, error) {
	var r record
	q := tx.NewSelect().Model(&r).
		Where("id = ?", p.Job).Where("attempt = ?", p.Attempt).Where("beat = ?", p.Beat).Where("state = ?", Running)
	if dialect == db.Postgres {
		q.For("UPDATE")
	}
	err := q.Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return record{}, false, nil
	}
	if err != nil {
		return record{}, false, fmt.Errorf("lock the silent job: %w", err)
	}
	return r, true, nil
}

// guard holds the execution's ownership until tx ends; false when it is gone.
func guard(ctx context.Context, tx bun.Tx, dialect db.Dialect, t ticket) (bool, error) {
	var one int
	q := tx.NewSelect().Table("job").ColumnExpr("1").
		Where("id = ?", t.Job).Where("attempt = ?", t.Attempt).Where("state = ?", Running)
	if dialect == db.Postgres {
		// The weakest lock that lockSilent's FOR UPDATE waits for, and the only one that lets the heartbeat pass.
		q.For("KEY SHARE")
	}
	err := q.Scan(ctx, &one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("guard the job: %w", err)
	}
	return true, nil
}
