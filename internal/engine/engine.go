// Package engine is the warehouse: the facts in bulk, the scored history, and every question asked of them.
//
// The engine is DuckDB, in the process, on one file. The file is a projection: all in it can be built again from the
// operational store and the kept import files. So this package never repairs. A file that will not open, was torn by a
// crash or lost a commit is set aside, an empty one takes its place, and the caller rebuilds (see [Warehouse.Rebuild]).
// Words of the house keep one *Warehouse over all of that; while it is not ready their questions get a fault that says so.
//
// # The common text
//
// SQL comes as text with ":name" parameters and "{{name}}" holes, in the subset that DuckDB and Trino both speak:
// cast(x as t) and never "::", integer division, one statement, and the functions of prelude.sql, which gives DuckDB the
// names that Trino has. No text of a user ever becomes SQL: text travels as parameters, conditions as a [filter.Clause]
// compiled from an allow-list; only numbers, dates and ids, which this package has read, are written out.
//
// A Trino engine would replace the files that know DuckDB and nothing else: file.go (opening and hardening; Trino has a
// URL and roles), the Appender in tx.go (Parquet in a folder that all nodes see, then one INSERT … SELECT), values.go
// (its client takes UUIDs and dates as text), and check.go with aside.go, which would fall away together with the file.
// The texts, the parameters, the holes and the states stay as they are.
package engine

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Defaults of the zero values in Config.
const (
	defaultMemoryMB = 4096
	defaultTempMB   = 10 * 1024
	defaultTimeout  = 30 * time.Second
)

// Config says where the warehouse is and what it may use. Only Path is needed.
type Config struct {
	Path      string        // of the DuckDB file; its folder is made if absent
	Schema    []string      // the CREATE TABLE texts; a change of any makes the file stale and asks for a rebuild
	ImportDir string        // the only folder from which SQL may read files; "" for none
	MemoryMB  int           // what the engine may hold in memory; 0 is 4 GB
	TempMB    int           // what it may spill to disk, beside the file; 0 is 10 GB
	Threads   int           // 0 is one for each processor
	Timeout   time.Duration // how long one question outside a Write may run; 0 is 30 s
	Log       *slog.Logger  // nil is the default one
	Now       func() time.Time

	readOnly bool // the disk is full; see Regain
}

func (c Config) withDefaults() Config {
	c.MemoryMB = cmp.Or(c.MemoryMB, defaultMemoryMB)
	c.TempMB = cmp.Or(c.TempMB, defaultTempMB)
	c.Threads = cmp.Or(c.Threads, runtime.NumCPU())
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Warehouse is the one handle that the whole program keeps, also while the file behind it is replaced.
// Its methods may be called by many at once.
type Warehouse struct {
	cfg     Config
	opening Opening
	writing chan struct{} // holds one token while somebody writes
	broken  chan error    // see Broken
	rebuild sync.Mutex    // held by Rebuild

	mu     sync.RWMutex // guards what follows
	live   *file        // nil when there is none, after Close or a failed Rebuild
	state  State
	wanted bool          // see WantRebuild
	built  chan struct{} // closed and made anew when a rebuild has ended, or the warehouse is closed; see Await
}

// Opening says in what condition Open found the file.
type Opening struct {
	// Empty tells that nothing is in the warehouse yet: the caller must rebuild it if there is anything to build from.
	Empty bool
	// SetAside is where the former file was moved, "" when there was no need.
	SetAside string
	// Why says what was wrong with the former file or why this one is incomplete, in a sentence; "" when all is well.
	Why string
}

// Open opens or makes the warehouse. A file of another schema is set aside. Open trusts the file: a damaged one gives an
// error or, since DuckDB can abort, ends the process. A server calls OpenOrSetAside instead.
func Open(ctx context.Context, cfg Config) (*Warehouse, error) {
	return open(ctx, cfg.withDefaults(), Opening{})
}

func open(ctx context.Context, cfg Config, found Opening) (*Warehouse, error) {
	writable := cfg // what is opened later is opened for writing
	writable.readOnly = false
	w := &Warehouse{cfg: writable, writing: make(chan struct{}, 1), broken: make(chan error, 1), built: make(chan struct{})}
	f, found, err := openFile(ctx, cfg, found)
	if err != nil {
		return nil, err
	}
	w.live, w.opening = f, found
	w.state = State{Phase: Ready, CheckedAt: cfg.Now().UTC(), Message: f.remark()}
	if !f.complete {
		w.state.Phase, w.state.Message = Rebuilding, found.Why
	}
	return w, nil
}

// Opening tells what Open found.
func (w *Warehouse) Opening() Opening { return w.opening }

// Close ends all questions and writes and closes the file.
func (w *Warehouse) Close() error {
	w.mu.Lock()
	f := w.live
	w.live = nil
	w.state, w.wanted = State{Phase: Broken, Message: "The warehouse is closed."}, false
	w.tellBuilt()
	w.mu.Unlock()
	if f == nil {
		return nil
	}
	return f.close()
}

// Query asks a question: a single SELECT, VALUES or WITH … SELECT. The time limit of Config covers the asking, not the
// reading of rows. Errors: a fault Unavailable while the warehouse is not ready or when the time is up, else the engine's.
func (w *Warehouse) Query(ctx context.Context, text string, args Args, holes ...Hole) (*sql.Rows, error) {
	stmt, err := bind(text, args, holes)
	if err != nil {
		return nil, err
	}
	if err := stmt.mustAsk(); err != nil {
		return nil, err
	}
	f, err := w.use(ctx)
	if err != nil {
		return nil, err
	}
	asking, cancel := context.WithCancelCause(ctx)
	leave := context.AfterFunc(f.life, func() { cancel(errRetired) })
	timer := time.AfterFunc(w.cfg.Timeout, func() { cancel(errTooLong) })
	rows, err := f.pool.QueryContext(asking, stmt.sql, stmt.args...)
	timer.Stop()
	if err != nil {
		leave()
		err = w.judge(f, err, context.Cause(asking))
		cancel(nil)
		return nil, err
	}
	// The context must live as long as the rows are read, and database/sql does not tell when that ends: let go of it when
	// the rows are garbage. Their Close has given back the connection long before.
	runtime.AddCleanup(rows, func(struct{}) { leave(); cancel(nil) }, struct{}{})
	return rows, nil
}

// Each reads all rows and closes them.
func Each(rows *sql.Rows, read func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := read(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Exec changes something by one statement in a Write of its own and returns how many rows it touched.
func (w *Warehouse) Exec(ctx context.Context, text string, args Args, holes ...Hole) (int64, error) {
	var touched int64
	err := w.Write(ctx, func(tx *Tx) error {
		var err error
		touched, err = tx.Exec(ctx, text, args, holes...)
		return err
	})
	return touched, err
}

// Checkpoint moves the write-ahead log into the file. DuckDB does so by itself when the log grows; a shutdown or a backup
// wants it at once.
func (w *Warehouse) Checkpoint(ctx context.Context) error {
	return w.alone(ctx, func(f *file) error { return f.checkpoint(ctx) })
}

// alone runs fn as the one writer.
func (w *Warehouse) alone(ctx context.Context, fn func(f *file) error) error {
	select {
	case w.writing <- struct{}{}:
		defer func() { <-w.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	f, err := w.use(ctx)
	if err != nil {
		return err
	}
	if f.readOnly {
		return errNoRoom()
	}
	return fn(f)
}

var (
	errRetired = errors.New("the warehouse file was replaced")
	errTooLong = errors.New("the time limit of the question is up")
)

// judge turns the engine's error into one that people understand, and raises the alarm when it says that the file is
// damaged. cause is why the context of the call ended, if it did.
func (w *Warehouse) judge(f *file, err, cause error) error {
	switch {
	case errors.Is(cause, errTooLong):
		return fault.New(fault.Unavailable, "warehouse.too_long",
			"The question took longer than %v and was stopped; narrow it and try again.", w.cfg.Timeout).Because(err)
	case errors.Is(cause, errRetired), f.life.Err() != nil:
		return w.unavailable().Because(err)
	case cause != nil:
		return errors.Join(cause, err)
	case isDamage(err):
		w.declareBroken(f, err)
		return w.unavailable().Because(err)
	case isFull(err):
		return fault.New(fault.Full, "warehouse.full",
			"The disk of the warehouse is full; nothing was changed. Free some space and try again.").Because(err)
	case textHas(err, "out of memory error"):
		return fault.New(fault.Unavailable, memoryCode,
			"This needs more than the %d MB of memory that the warehouse may use; narrow it and try again.", w.cfg.MemoryMB).Because(err)
	}
	return err
}

const memoryCode = "warehouse.memory"

// OutOfMemory tells that a question needed more memory than the warehouse may use, or others left it.
func OutOfMemory(err error) bool {
	f := fault.Of(err)
	return f != nil && f.Code == memoryCode
}
