package job

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Why a handler's context is cancelled; context.Cause tells which.
var (
	// ErrCancelled: somebody cancelled the job.
	ErrCancelled = errors.New("the job was cancelled")
	// ErrStopping: the server is stopping.
	ErrStopping = errors.New("the server is stopping")
	// ErrFenced: the job was given to another execution, since this one seemed dead. It must not write any more.
	ErrFenced = errors.New("the job was given to another execution")
)

// Run is one execution of a job, as its handler sees it.
type Run struct {
	ticket  ticket
	dialect db.Dialect
	cancel  context.CancelCauseFunc

	mu       sync.Mutex
	progress progress
	fresh    bool // progress has changed since it was stored
	owner    id.ID
}

// JobID is the job that runs.
func (r *Run) JobID() id.ID { return r.ticket.Job }

// Attempt counts the executions of the job from 1. Together with JobID it names this execution: an idempotency key for
// effects outside the database that may be repeated, JobID alone one for effects that may not.
func (r *Run) Attempt() int64 { return r.ticket.Attempt }

// OwnerID is the user the job is for, empty when the program itself started it.
func (r *Run) OwnerID() id.ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.owner
}

// Progress tells people how far the job is; total 0 means that it is not known. It only remembers the numbers and never
// waits, so it may be called for every row and inside transactions; they are stored up to four times a second, outside
// the handler's own transaction.
func (r *Run) Progress(done, total int64, note string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress = progress{Done: done, Total: total, Note: plain(note)}
	r.fresh = true
}

// Guard makes tx commit only while this execution owns the job. A handler calls it in each transaction whose effect must
// not happen twice: when the job was meanwhile given to another execution it returns ErrFenced, and until tx ends nobody
// else gets the job.
func (r *Run) Guard(ctx context.Context, tx bun.Tx) error {
	owned, err := guard(ctx, tx, r.dialect, r.ticket)
	if err != nil {
		return err
	}
	if !owned {
		return ErrFenced
	}
	return nil
}

// now returns the progress, and whether it changed since the last call of stored.
func (r *Run) now() (progress, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.progress, r.fresh
}

// stored notes that p has reached the store.
func (r *Run) stored(p progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.progress == p {
		r.fresh = false
	}
}

// plain makes text storable on both databases: PostgreSQL refuses NUL and broken UTF-8.
func plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

// live is the set of executions in this process.
type live struct {
	mu       sync.Mutex
	runs     map[id.ID]*Run
	stopping bool
	ended    chan struct{} // closed and replaced whenever an execution ends
}

func newLive() *live {
	return &live{runs: map[id.ID]*Run{}, ended: make(chan struct{})}
}

// add puts a run into the set; it starts out cancelled when the server is stopping.
func (l *live) add(r *Run) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs[r.ticket.Job] = r
	if l.stopping {
		r.cancel(ErrStopping)
	}
}

func (l *live) remove(r *Run) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A newer attempt of the same job may have taken the place.
	if l.runs[r.ticket.Job] == r {
		delete(l.runs, r.ticket.Job)
	}
	close(l.ended)
	l.ended = make(chan struct{})
}

func (l *live) of(job id.ID) *Run {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.runs[job]
}

// stop cancels all runs and those yet to be added.
func (l *live) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopping = true
	for _, r := range l.runs {
		r.cancel(ErrStopping)
	}
}

// next returns a channel that is closed when the next execution ends.
func (l *live) next() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// overlay shows the progress of a job that runs here before it has reached the store, which on SQLite can take as long
// as the job's own transaction.
func (l *live) overlay(j Job) Job {
	if j.State != Running {
		return j
	}
	if r := l.of(j.ID); r != nil {
		p, _ := r.now()
		j.Done, j.Total, j.Note = p.Done, p.Total, p.Note
	}
	return j
}
