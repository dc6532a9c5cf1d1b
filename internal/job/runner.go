package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Runner keeps and executes the jobs of one store. Make it with New, give it the kinds with Handle, then Start it. On
// PostgreSQL several servers may share a store; a SQLite file belongs to one Runner at a time.
type Runner struct {
	db     *db.DB
	log    *slog.Logger
	queue  *queue
	live   *live
	times  times
	clock  func() time.Time
	become func(ctx context.Context, j Job) (context.Context, error)

	mu       sync.Mutex
	handlers map[string]handler
	started  bool
	sweeping sync.WaitGroup
	endSweep context.CancelFunc
}

// times are the intervals a Runner lives by.
type times struct {
	poll     time.Duration // between looks for queued jobs; a job enqueued in a transaction starts within this
	minder   time.Duration // between looks at a run's progress: the shortest time between two writes of it
	beat     time.Duration // between heartbeats, which also learn of a cancel made on another server
	sweep    time.Duration // between looks for executions whose heart has stopped
	patience time.Duration // how long a heart may be still before its server is taken for dead
	grace    time.Duration // how long Stop lets jobs end by themselves
	stop     time.Duration // how long Stop waits in all
	retry    time.Duration // before the second attempt; grows with the square of the failures
}

// normalTimes are chosen so that a job of a dead server runs again within patience + sweep + poll < 60 s, and an idle
// program does two small indexed look-ups a second. SQLite stores progress and beats more seldom, since each is a write
// to the disk that all others wait for, and since progress and cancel need no store within one process.
func normalTimes(d db.Dialect) times {
	t := times{poll: 500 * time.Millisecond, minder: 250 * time.Millisecond, beat: time.Second, sweep: 10 * time.Second,
		patience: 30 * time.Second, grace: 2 * time.Second, stop: 10 * time.Second, retry: 10 * time.Second}
	if d == db.SQLite {
		t.minder, t.beat = time.Second, 5*time.Second
	}
	return t
}

// Option changes how a Runner works.
type Option func(*Runner)

// WithClock replaces the clock for the times that people see.
func WithClock(now func() time.Time) Option { return func(r *Runner) { r.clock = now } }

// As lets become make the context of each execution, so that a job acts with the rights its owner has now and not with
// those from when it was enqueued. An error of it fails the job before its handler is called.
func As(become func(ctx context.Context, j Job) (context.Context, error)) Option {
	return func(r *Runner) { r.become = become }
}

// New returns a Runner on d that logs to log.
func New(d *db.DB, log *slog.Logger, options ...Option) *Runner {
	r := &Runner{db: d, log: log, live: newLive(), times: normalTimes(d.Dialect()), clock: time.Now, become: asOwner,
		handlers: map[string]handler{}}
	for _, o := range options {
		o(r)
	}
	r.queue = newQueue(d, log, r.times.poll, r.execute)
	return r
}

// asOwner is the plain form of As: changes of the job stand under its owner's name in the audit log.
func asOwner(ctx context.Context, j Job) (context.Context, error) {
	if j.OwnerName == "" {
		return ctx, nil
	}
	return audit.WithActor(ctx, audit.Actor{ID: j.OwnerID, Name: j.OwnerName}), nil
}

// handler is what a Runner knows of a kind.
type handler struct {
	call        func(ctx context.Context, run *Run, args json.RawMessage) (any, error)
	restartable bool
	attempts    int64
}

// KindOption says how jobs of a kind are treated.
type KindOption func(*handler)

// Restartable lets a job whose server stopped or died run again from its start. Without it such a job fails and people
// decide. The handler must be safe to repeat: see Run.Guard.
func Restartable() KindOption { return func(h *handler) { h.restartable = true } }

// MaxAttempts lets a job that failed be tried up to n times in all, with growing pauses. Without it there is one try.
func MaxAttempts(n int64) KindOption { return func(h *handler) { h.attempts = n } }

// Handle says what executes the jobs of a kind: fn gets the Args of the Spec, and what it returns is kept as the job's
// result. Its context is cancelled when somebody cancels the job or the server stops; it should then return the
// context's error soon. A fault it returns is shown to people in the fault's own words.
//
// Handle panics when the kind is taken or the Runner has started: both are mistakes of the program.
func Handle[A any](r *Runner, kind string, fn func(ctx context.Context, run *Run, args A) (any, error), options ...KindOption) {
	h := handler{attempts: 1, call: func(ctx context.Context, run *Run, raw json.RawMessage) (any, error) {
		var args A
		if err := json.Unmarshal(raw, &args); err != nil {
			return nil, fmt.Errorf("read the job's arguments: %w", err)
		}
		return fn(ctx, run, args)
	}}
	for _, o := range options {
		o(&h)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.handlers[kind]; taken || r.started {
		panic(fmt.Sprintf("job: kind %q is handled twice or after Start", kind))
	}
	r.handlers[kind] = h
}

func (r *Runner) handler(kind string) (handler, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h, ok := r.handlers[kind]
	return h, ok
}

// Migrate makes or updates River's own tables. Start does it too; call it alone where jobs are only enqueued.
func (r *Runner) Migrate(ctx context.Context) error { return r.queue.migrate(ctx) }

// Start takes up work: first what a dead server left behind, then what is queued. ctx bounds the start only; Stop ends
// the work. A Start that failed may be repeated.
func (r *Runner) Start(ctx context.Context) (err error) {
	defer func() { err = db.Understood(err) }()
	r.mu.Lock()
	if r.started {
		r.mu.Unlock()
		return errors.New("start the jobs: already started")
	}
	r.started = true
	r.mu.Unlock()
	defer func() {
		if err != nil {
			r.mu.Lock()
			r.started = false
			r.mu.Unlock()
		}
	}()
	if err := r.Migrate(ctx); err != nil {
		return err
	}
	sweep := newSweeper(r)
	// A SQLite file has one Runner, so whatever runs in it at this moment is dead; on PostgreSQL it may run elsewhere.
	if r.db.Dialect() == db.SQLite {
		if err := sweep.round(ctx, 0); err != nil {
			return err
		}
	}
	background := context.WithoutCancel(ctx)
	if err := r.queue.start(background); err != nil {
		return err
	}
	sweepCtx, end := context.WithCancel(background)
	r.mu.Lock()
	r.endSweep = end
	r.mu.Unlock()
	r.sweeping.Go(func() { sweep.loop(sweepCtx) })
	return nil
}

// Stop takes no new jobs, lets the running ones end by themselves for two seconds, then cancels their contexts, and
// returns when they have ended. A restartable job is queued again, another fails with words that say so. After ten
// seconds, or when ctx ends, it gives up with an error; what still runs is then treated like the work of a dead server.
func (r *Runner) Stop(ctx context.Context) error {
	r.mu.Lock()
	end := r.endSweep
	r.endSweep = nil
	r.mu.Unlock()
	if end == nil {
		return nil
	}
	end()
	ctx, cancel := context.WithTimeout(ctx, r.times.stop)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- r.queue.stop(ctx) }()
	var err error
	select {
	case err = <-stopped:
	case <-time.After(r.times.grace):
		r.live.stop()
		err = <-stopped
	}
	r.sweeping.Wait()
	if err != nil {
		return fmt.Errorf("stop the jobs: some do not end: %w", err)
	}
	return nil
}

// Enqueue adds a job in tx: it exists, and will run, exactly when tx commits. A unique job whose like is unfinished is
// refused with Conflict job.unfinished.
func (r *Runner) Enqueue(ctx context.Context, tx bun.Tx, spec Spec) (Job, error) {
	if _, known := r.handler(spec.Kind); !known {
		return Job{}, fmt.Errorf("enqueue a job: nothing handles the kind %q", spec.Kind)
	}
	args, err := json.Marshal(spec.Args)
	if err != nil {
		return Job{}, fmt.Errorf("enqueue %s: %w", spec.Kind, err)
	}
	actor := audit.ActorOf(ctx)
	if spec.Owner == "" {
		spec.Owner = actor.ID
	}
	rec := record{Args: args, UniqueKey: spec.uniqueKey(), Attempt: 1, Job: Job{ID: id.New(), Kind: spec.Kind,
		Title: plain(spec.Title), State: Queued, OwnerID: spec.Owner, CreatedAt: r.now()}}
	if spec.Owner == actor.ID {
		rec.OwnerName = actor.Name
	}
	added, err := insert(ctx, tx, &rec)
	if err != nil {
		return Job{}, err
	}
	if !added {
		active, err := unfinished(ctx, tx, rec.UniqueKey)
		if err != nil {
			return Job{}, err
		}
		return Job{}, clash(active)
	}
	if err := r.queue.add(ctx, tx, spec.Kind, ticket{Job: rec.ID, Attempt: rec.Attempt}, 0); err != nil {
		return Job{}, err
	}
	return rec.Job, nil
}

// Submit is Enqueue in a transaction of its own.
func (r *Runner) Submit(ctx context.Context, spec Spec) (Job, error) {
	var j Job
	err := r.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var err error
		j, err = r.Enqueue(ctx, tx, spec)
		return err
	})
	return j, err
}

func (r *Runner) now() time.Time { return r.clock().UTC().Truncate(time.Microsecond) }

// Get returns a job; NotFound job.not_found when there is none.
func (r *Runner) Get(ctx context.Context, job id.ID) (Job, error) { return r.find(ctx, job, nil) }

// find is Get within a reach.
func (r *Runner) find(ctx context.Context, job id.ID, reach filter.Expr) (Job, error) {
	if !id.Valid(string(job)) {
		return Job{}, notFound()
	}
	j, err := get(ctx, r.db.Read(), job, reach)
	return r.live.overlay(j), err
}

// Query narrows a list of jobs; empty fields do not narrow.
type Query struct {
	State State
	Reach filter.Expr // on owner_id
	After id.ID       // jobs older than this one
	Limit int
}

// List returns jobs, newest first, up to the query's limit.
func (r *Runner) List(ctx context.Context, q Query) ([]Job, error) {
	where := []filter.Expr{q.Reach}
	if q.State != "" {
		where = append(where, filter.Eq("state", q.State))
	}
	if q.After != "" {
		where = append(where, filter.Less("id", q.After))
	}
	jobs, err := list(ctx, r.db.Read(), filter.And(where...), q.Limit)
	if err != nil {
		return nil, err
	}
	for i := range jobs {
		jobs[i] = r.live.overlay(jobs[i])
	}
	return jobs, nil
}

// Cancel ends a queued job at once and asks a running one to stop, which takes at most about a second to reach its
// handler, on whichever server it runs. It returns the job as it stands; a job that has already ended otherwise is a
// Conflict job.ended.
func (r *Runner) Cancel(ctx context.Context, job id.ID) (Job, error) {
	if !id.Valid(string(job)) {
		return Job{}, notFound()
	}
	// First in this process and without the store: on SQLite the job itself may hold the only writing connection.
	if run := r.live.of(job); run != nil {
		run.cancel(ErrCancelled)
	}
	var (
		j     Job
		found bool
	)
	err := r.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var err error
		j, found, err = requestCancel(ctx, tx, job, r.now())
		return err
	})
	if err != nil {
		return Job{}, err
	}
	if run := r.live.of(job); run != nil {
		run.cancel(ErrCancelled) // it may have begun meanwhile
	}
	r.log.InfoContext(ctx, "job cancel asked", "job", job, "by", audit.ActorOf(ctx).Name)
	if found {
		return r.live.overlay(j), nil
	}
	if j, err = r.Get(ctx, job); err != nil {
		return Job{}, err
	}
	if j.State != Cancelled {
		return Job{}, fault.New(fault.Conflict, "job.ended", "%q has already ended; there is nothing to cancel.", j.Title)
	}
	return j, nil
}

// Wait returns the job when it has ended, however it ended, or the error of ctx.
func (r *Runner) Wait(ctx context.Context, job id.ID) (Job, error) {
	for {
		next := r.live.next() // before reading, or an end in between would be missed
		j, err := r.Get(ctx, job)
		if err != nil || j.State.Ended() {
			return j, err
		}
		select {
		case <-ctx.Done():
			return j, fmt.Errorf("wait for job %s: %w", job, ctx.Err())
		case <-next:
		case <-time.After(r.times.poll): // it may run on another server
		}
	}
}
