package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/db"
)

const (
	// workers is how many jobs a server runs at a time. Heavy ones take turns at the warehouse anyway; the rest is so that
	// a small job need not wait for them.
	workers = 4
	// rescueAfter is how old an execution must be for River to hand its ticket out again. It covers a server that died
	// between taking a ticket and claiming it; for an execution that is merely long the second ticket does nothing.
	rescueAfter = 20 * time.Second
	// keepTickets is how long River's rows of used tickets stay, for looking into trouble.
	keepTickets = 24 * time.Hour
	// unknownPause is how long a ticket of a kind that this program does not know is left to others.
	unknownPause = 30 * time.Second
	// migrateLock keeps two servers that start together from making River's tables at the same time.
	migrateLock = 0x6b76726976
)

// queue is River as this package needs it: tickets go in within a transaction and come out on some server, at least once.
type queue struct {
	driver riverdriver.Driver[*sql.Tx]
	client *river.Client[*sql.Tx]
	db     *db.DB
	log    *slog.Logger
}

// order is River's argument: which ticket to execute. River knows this one kind only.
type order struct {
	Name   string `json:"name"` // the kind of the job
	Ticket ticket `json:"ticket"`
}

// Kind names the order for River.
func (order) Kind() string { return "execute" }

// newQueue panics when River refuses its settings, which are constants.
func newQueue(d *db.DB, log *slog.Logger, poll time.Duration, execute func(ctx context.Context, kind string, t ticket) error) *queue {
	q := &queue{db: d, log: slog.New(quiet{log.Handler()}).With("component", "river")}
	if d.Dialect() == db.Postgres {
		q.driver = riverdatabasesql.New(d.WriteSQL())
	} else {
		q.driver = riversqlite.New(d.WriteSQL())
	}
	all := river.NewWorkers()
	river.AddWorker(all, &worker{execute: execute, log: log})
	client, err := river.NewClient(q.driver, &river.Config{
		Logger:                      q.log,
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		Workers:                     all,
		FetchPollInterval:           poll,
		FetchCooldown:               min(poll, river.FetchCooldownDefault),
		JobTimeout:                  -1,
		RescueStuckJobsAfter:        rescueAfter,
		CompletedJobRetentionPeriod: keepTickets,
		CancelledJobRetentionPeriod: keepTickets,
		DiscardedJobRetentionPeriod: keepTickets,
	})
	if err != nil {
		panic(fmt.Sprintf("job: River refuses its settings: %v", err))
	}
	q.client = client
	return q
}

// restartWithin is how long the parts of a start that failed may take to end.
const restartWithin = 5 * time.Second

// worker executes orders.
type worker struct {
	river.WorkerDefaults[order]
	execute func(ctx context.Context, kind string, t ticket) error
	log     *slog.Logger
}

// Work executes the order's ticket; an error makes River come again.
func (w *worker) Work(ctx context.Context, j *river.Job[order]) error {
	err := w.execute(ctx, j.Args.Name, j.Args.Ticket)
	if errors.Is(err, errUnknownKind) {
		w.log.Warn("job left to others: its kind is not known here", "job", j.Args.Ticket.Job, "kind", j.Args.Name)
		return river.JobSnooze(unknownPause)
	}
	return err
}

// migrate makes or updates River's tables.
func (q *queue) migrate(ctx context.Context) (err error) {
	if q.db.Dialect() == db.Postgres {
		conn, err := q.db.WriteSQL().Conn(ctx)
		if err != nil {
			return fmt.Errorf("make the job queue's tables: %w", err)
		}
		// Closing the connection's transaction would not free a session lock, so it is freed by name.
		if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrateLock); err != nil {
			return errors.Join(fmt.Errorf("lock the job queue's tables: %w", err), conn.Close())
		}
		defer func() {
			_, unlockErr := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrateLock)
			if closeErr := conn.Close(); unlockErr != nil || closeErr != nil {
				q.log.Warn("the lock of the job queue's tables was not freed", "error", errors.Join(unlockErr, closeErr))
			}
		}()
	}
	migrator, err := rivermigrate.New(q.driver, &rivermigrate.Config{Logger: q.log})
	if err != nil {
		return fmt.Errorf("make the job queue's tables: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("make the job queue's tables: %w", err)
	}
	return nil
}

func (q *queue) start(ctx context.Context) error {
	if err := q.client.Start(ctx); err != nil {
		// River takes a start that failed for one that is done until it is stopped.
		stopping, cancel := context.WithTimeout(ctx, restartWithin)
		defer cancel()
		return fmt.Errorf("start the job queue: %w", errors.Join(err, q.client.Stop(stopping)))
	}
	return nil
}

// stop hands out no more tickets and returns when all executions have returned, or with the error of ctx.
func (q *queue) stop(ctx context.Context) error { return q.client.Stop(ctx) }

// add puts a ticket into the queue, to come out after the delay once tx has committed.
func (q *queue) add(ctx context.Context, tx bun.Tx, kind string, t ticket, delay time.Duration) error {
	var opts river.InsertOpts
	if delay > 0 {
		opts.ScheduledAt = time.Now().Add(delay)
	}
	if _, err := q.client.InsertTx(ctx, tx.Tx, order{Name: kind, Ticket: t}, &opts); err != nil {
		return fmt.Errorf("queue the job: %w", err)
	}
	return nil
}

// quiet passes on warnings and errors only, as warnings: River reports each election that a long write on SQLite kept
// waiting as an error, and tries again by itself.
type quiet struct{ slog.Handler }

// Enabled drops what is below a warning.
func (h quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, slog.LevelWarn)
}

// Handle passes the record on as a warning.
func (h quiet) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelWarn
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps the handler quiet.
func (h quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{h.Handler.WithAttrs(attrs)} }

// WithGroup keeps the handler quiet.
func (h quiet) WithGroup(name string) slog.Handler { return quiet{h.Handler.WithGroup(name)} }
