package job

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/uptrace/bun"
)

// errUnknownKind: another server must know the kind, such as one of a newer version during an upgrade.
var errUnknownKind = errors.New("this program does not know the kind of job")

// errPanicked stands for a panic of a handler, which is logged where it happens.
var errPanicked = errors.New("the handler panicked")

// Settling an outcome must survive a database that restarts, and on SQLite a long write of another job.
const (
	settleWithin = 2 * time.Minute
	settleTry    = 15 * time.Second
	settlePause  = 200 * time.Millisecond // after the first try; doubled after each
)

// maxLosses is how many servers a job may see die before it is taken for their murderer.
const maxLosses = 3

// execute runs one ticket. Its error means that nothing has happened and that the queue should come again; how the job
// itself ended stands in its row.
func (r *Runner) execute(ctx context.Context, kind string, t ticket) error {
	h, known := r.handler(kind)
	if !known {
		return errUnknownKind
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	run := &Run{ticket: t, dialect: r.db.Dialect(), cancel: cancel}
	// Before claiming, so that a cancel made in this process right after the claim finds the run.
	r.live.add(run)
	defer r.live.remove(run)

	var (
		rec record
		due bool
	)
	// Without the run's own cancel: a claim that was rolled back by it would be retried by the queue to no use.
	err := r.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx bun.Tx) error {
		var err error
		rec, due, err = claim(ctx, tx, t, r.now())
		return err
	})
	if err != nil || !due {
		return err
	}
	run.mu.Lock()
	run.owner = rec.OwnerID
	run.mu.Unlock()

	minding, endMinding := context.WithCancel(context.WithoutCancel(ctx))
	minded := make(chan struct{})
	go func() {
		defer close(minded)
		r.mind(minding, run)
	}()
	started := time.Now()
	result, err := r.call(ctx, h, run, rec)
	o := r.judge(ctx, h, run, rec, result, err)
	r.conclude(ctx, run, rec, o)
	endMinding()
	<-minded
	r.log.Info("job ended", "job", t.Job, "kind", kind, "attempt", t.Attempt, "state", o.state, "took", time.Since(started).Round(time.Millisecond))
	return nil
}

// call calls the handler and turns a panic into an error.
func (r *Runner) call(ctx context.Context, h handler, run *Run, rec record) (result json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("job panicked", "job", rec.ID, "kind", rec.Kind, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errPanicked
		}
	}()
	if ctx.Err() != nil { // cancelled between claim and call
		return nil, context.Cause(ctx)
	}
	ctx, err = r.become(ctx, rec.Job)
	if err != nil {
		return nil, err
	}
	value, err := h.call(ctx, run, rec.Args)
	if err != nil || value == nil {
		return nil, err
	}
	if result, err = json.Marshal(value); err != nil {
		return nil, fmt.Errorf("keep the job's result: %w", err)
	}
	return bytes.ReplaceAll(result, []byte(`\u0000`), []byte(`\ufffd`)), nil // PostgreSQL's jsonb refuses NUL
}

// judge turns what the handler returned, and why its context was cancelled, into the outcome. Work that was completed
// although it was being cancelled is done.
func (r *Runner) judge(ctx context.Context, h handler, run *Run, rec record, result json.RawMessage, err error) outcome {
	cause := context.Cause(ctx)
	switch {
	case err == nil:
		return outcome{state: Done, result: result}
	case errors.Is(cause, ErrCancelled):
		return outcome{state: Cancelled}
	case errors.Is(cause, ErrStopping) && h.restartable:
		return outcome{state: Queued}
	case errors.Is(cause, ErrStopping):
		return outcome{state: Failed, error: lostSentence}
	}
	words := sentence(rec.ID, err)
	if errors.Is(err, errPanicked) {
		words = fmt.Sprintf(panicSentence, rec.ID)
	} else {
		r.log.Warn("job failed", "job", rec.ID, "kind", rec.Kind, "attempt", run.ticket.Attempt, "error", err, "cause", cause)
	}
	if tries := rec.Failures + 1; tries < h.attempts {
		return outcome{state: Queued, error: plain(words), failures: 1, delay: r.times.retry * time.Duration(tries*tries)}
	}
	return outcome{state: Failed, error: plain(words), failures: 1}
}

// conclude stores the outcome, again and again while the database does not answer; the minder keeps the job's heart
// beating meanwhile.
func (r *Runner) conclude(ctx context.Context, run *Run, rec record, o outcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	for pause := settlePause; ; pause *= 2 {
		err := r.settle(ctx, run, rec.Kind, o)
		if err == nil {
			return
		}
		r.log.Error("job outcome not stored", "job", rec.ID, "state", o.state, "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

func (r *Runner) settle(ctx context.Context, run *Run, kind string, o outcome) error {
	ctx, cancel := context.WithTimeout(ctx, settleTry)
	defer cancel()
	p, _ := run.now()
	return r.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		return r.write(ctx, tx, run.ticket, kind, &p, o)
	})
}

// write stores an outcome in tx and, when another attempt follows, queues that.
func (r *Runner) write(ctx context.Context, tx bun.Tx, t ticket, kind string, p *progress, o outcome) error {
	owned, err := settle(ctx, tx, t, p, o, r.now())
	if err != nil {
		return err
	}
	if !owned {
		r.log.Warn("job outcome dropped: the job was given to another execution", "job", t.Job, "attempt", t.Attempt)
		return nil
	}
	if o.state != Queued {
		return nil
	}
	return r.queue.add(ctx, tx, kind, ticket{Job: t.Job, Attempt: t.Attempt + 1}, o.delay)
}

// mind stores a run's progress and heartbeat until ctx ends, and cancels the run when somebody asked for it on another
// server or when it has lost the job.
func (r *Runner) mind(ctx context.Context, run *Run) {
	tick := time.NewTicker(r.times.minder)
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p, fresh := run.now()
		if !fresh && time.Since(last) < r.times.beat {
			continue
		}
		var owned, cancelling bool
		err := r.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			var err error
			owned, cancelling, err = touch(ctx, tx, run.ticket, p)
			return err
		})
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			r.log.Warn("job heartbeat not stored", "job", run.ticket.Job, "error", err)
			continue
		case !owned:
			run.cancel(ErrFenced)
			return
		case cancelling:
			run.cancel(ErrCancelled)
		}
		last = time.Now()
		run.stored(p)
	}
}
