package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// killed leaves a job as a server leaves it that was killed while it ran: claimed, its ticket taken, its heart still.
func killed(t *testing.T, d *db.DB, kind string, losses int) id.ID {
	t.Helper()
	r := New(d, slog.New(slog.DiscardHandler), fast)
	Handle(r, kind, func(context.Context, *Run, args) (any, error) { return nil, nil })
	if err := r.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	j, err := r.Submit(t.Context(), Spec{Kind: kind, Title: kind})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		if _, due, err := claim(ctx, tx, ticket{Job: j.ID, Attempt: 1}, r.now()); err != nil || !due {
			return fmt.Errorf("not claimed: %w", err)
		}
		_, err := tx.NewUpdate().Table("job").Set("losses = ?", losses).Where("id = ?", j.ID).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.WriteSQL().Exec("UPDATE river_job SET state = 'running', attempt = 1, attempted_at = CURRENT_TIMESTAMP"); err != nil {
		t.Fatal(err)
	}
	return j.ID
}

func TestJobOfAKilledServer(t *testing.T) {
	cases := []struct {
		name    string
		losses  int
		options []KindOption
		state   State
		error   string
	}{
		{"runs again when restartable", 0, []KindOption{Restartable()}, Done, ""},
		{"fails otherwise", 0, nil, Failed, "The server stopped while this ran. Start it again."},
		{"is given up when it kills servers", 2, []KindOption{Restartable()}, Failed,
			"The server stopped 3 times while this ran, so it was given up. Ask an administrator to look into the server's log."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			testkit.EachDB(t, func(t *testing.T, d *db.DB) {
				job := killed(t, d, "x", c.losses)
				f := runner(t, d, func(r *Runner) {
					Handle(r, "x", func(_ context.Context, run *Run, _ args) (any, error) { return run.Attempt(), nil }, c.options...)
				})
				j := f.ends(t, job, c.state)
				if j.Error != c.error {
					t.Errorf("says %q", j.Error)
				}
				if c.state == Done && string(j.Result) != "2" {
					t.Errorf("result %s of attempt 1", j.Result)
				}
			})
		})
	}
}

func TestCancelOutlivesTheServer(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		job := killed(t, d, "x", 0)
		asks := New(d, slog.New(slog.DiscardHandler), fast)
		if _, err := asks.Cancel(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		f := runner(t, d, func(r *Runner) {
			Handle(r, "x", func(context.Context, *Run, args) (any, error) { return nil, nil }, Restartable())
		})
		f.ends(t, job, Cancelled)
	})
}

// F12: a server hangs, another takes its job over, the first wakes up. Its progress, result and effects must not count.
func TestOldExecutionIsFenced(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		var effects atomic.Int64
		effect := func(ctx context.Context, run *Run) error {
			return d.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
				if err := run.Guard(ctx, tx); err != nil {
					return err
				}
				effects.Add(1)
				return nil
			})
		}
		begun, wake, woken, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1), make(chan error, 1)
		hangs := New(d, slog.New(slog.DiscardHandler), still)
		Handle(hangs, "x", func(ctx context.Context, run *Run, _ args) (any, error) {
			close(begun)
			<-wake
			run.Progress(1, 1, "from the old one")
			woken <- effect(ctx, run)
			return "old", nil
		}, Restartable())
		if err := hangs.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		j, err := hangs.Submit(t.Context(), Spec{Kind: "x"})
		if err != nil {
			t.Fatal(err)
		}
		go func() { ended <- hangs.execute(context.Background(), "x", ticket{Job: j.ID, Attempt: 1}) }()
		<-begun
		takes := New(d, slog.New(slog.DiscardHandler), fast)
		Handle(takes, "x", func(ctx context.Context, run *Run, _ args) (any, error) { return "new", effect(ctx, run) }, Restartable())
		sweep := newSweeper(takes)
		if err := sweep.round(t.Context(), time.Hour); err != nil {
			t.Fatal(err)
		}
		if got, err := takes.Get(t.Context(), j.ID); err != nil || got.State != Running {
			t.Fatalf("taken over too early: %+v, %v", got, err)
		}
		if err := sweep.round(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if err := takes.execute(t.Context(), "x", ticket{Job: j.ID, Attempt: 2}); err != nil {
			t.Fatal(err)
		}
		close(wake)
		if err := <-woken; !errors.Is(err, ErrFenced) {
			t.Errorf("the old execution's effect: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("the old execution: %v", err)
		}
		got, err := takes.Get(t.Context(), j.ID)
		if err != nil || string(got.Result) != `"new"` || got.Note != "" || got.State != Done {
			t.Errorf("job %+v, %v", got, err)
		}
		if effects.Load() != 1 {
			t.Errorf("%d effects", effects.Load())
		}
		// A ticket that comes out of the queue once more does nothing either.
		if err := takes.execute(t.Context(), "x", ticket{Job: j.ID, Attempt: 2}); err != nil || effects.Load() != 1 {
			t.Errorf("repeated ticket: %v, %d effects", err, effects.Load())
		}
	})
}

// An execution that lost its job learns of it by its heartbeat.
func TestFencedExecutionIsCancelled(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b := newBlocking()
		f := runner(t, d, func(r *Runner) { Handle(r, "x", b.handle) })
		j := f.submit(t, Spec{Kind: "x"})
		<-b.begun
		if _, err := d.WriteSQL().Exec("UPDATE job SET attempt = 7"); err != nil {
			t.Fatal(err)
		}
		if cause := <-b.causes; !errors.Is(cause, ErrFenced) {
			t.Errorf("cause %v", cause)
		}
		if got, err := f.Get(t.Context(), j.ID); err != nil || got.State != Running {
			t.Errorf("the fenced execution wrote: %+v, %v", got, err)
		}
	})
}

func TestStop(t *testing.T) {
	for _, c := range []struct {
		name    string
		options []KindOption
		state   State
		error   string
	}{
		{"queues a restartable job again", []KindOption{Restartable()}, Queued, ""},
		{"fails another with words", nil, Failed, "The server stopped while this ran. Start it again."},
	} {
		t.Run(c.name, func(t *testing.T) {
			testkit.EachDB(t, func(t *testing.T, d *db.DB) {
				b := newBlocking()
				kinds := func(r *Runner) { Handle(r, "x", b.handle, c.options...) }
				f := runner(t, d, kinds)
				j := f.submit(t, Spec{Kind: "x"})
				<-b.begun
				if err := f.Stop(t.Context()); err != nil {
					t.Fatal(err)
				}
				got, err := f.Get(t.Context(), j.ID)
				if err != nil || got.State != c.state || got.Error != c.error {
					t.Fatalf("%+v, %v", got, err)
				}
				if c.state == Queued {
					next := runner(t, d, kinds)
					<-b.begun
					close(b.release)
					next.ends(t, j.ID, Done)
				}
			})
		})
	}
}

// A handler that does not listen to its context must not keep the server from stopping.
func TestStopGivesUp(t *testing.T) {
	d := testkit.DB(t)
	begun, release := make(chan struct{}), make(chan struct{})
	f := runner(t, d, func(r *Runner) {
		Handle(r, "x", func(context.Context, *Run, args) (any, error) { close(begun); <-release; return nil, nil })
	}, fast, func(r *Runner) { r.times.stop = 200 * time.Millisecond })
	f.submit(t, Spec{Kind: "x"})
	<-begun
	if err := f.Stop(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stop: %v", err)
	}
	close(release)
	<-f.queue.client.Stopped()
}
