package job

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"go.uber.org/goleak"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// syncBuffer is a log that many goroutines write and a test reads.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// fast are times short enough for tests; a dead server is noticed within a second.
func fast(r *Runner) {
	r.times = times{poll: 10 * time.Millisecond, minder: 10 * time.Millisecond, beat: 20 * time.Millisecond,
		sweep: 50 * time.Millisecond, patience: 500 * time.Millisecond, grace: 50 * time.Millisecond, stop: 5 * time.Second}
}

// still makes a Runner whose heart does not beat, like a process that hangs.
func still(r *Runner) { r.times.minder = time.Hour }

type args struct {
	N int64 `json:"n"`
}

type fixture struct {
	*Runner
	log *syncBuffer
}

// runner returns a Runner that is stopped when the test ends; kinds registers its handlers.
func runner(t *testing.T, d *db.DB, kinds func(r *Runner), options ...Option) fixture {
	t.Helper()
	f := fixture{log: &syncBuffer{}}
	if len(options) == 0 {
		options = []Option{fast}
	}
	f.Runner = New(d, slog.New(slog.NewTextHandler(f.log, nil)), options...)
	kinds(f.Runner)
	if err := f.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
		if t.Failed() {
			t.Log(f.log.String())
		}
	})
	return f
}

func (f fixture) submit(t *testing.T, spec Spec) Job {
	t.Helper()
	j, err := f.Submit(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// ends waits for the job and checks its state.
func (f fixture) ends(t *testing.T, job id.ID, want State) Job {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	j, err := f.Wait(ctx, job)
	if err != nil {
		t.Fatalf("%v; job %+v", err, j)
	}
	if j.State != want || j.EndedAt.IsZero() {
		t.Fatalf("state %s (%s), ended at %v; want %s", j.State, j.Error, j.EndedAt, want)
	}
	return j
}

// eventually polls until ok holds, for what the store shows with a delay.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick, deadline := time.NewTicker(5*time.Millisecond), time.After(10*time.Second)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s did not happen", what)
		}
	}
}

// blocking is a kind that tells when it has begun and ends with its context or with release.
type blocking struct {
	begun   chan *Run
	release chan struct{}
	causes  chan error
}

func newBlocking() *blocking {
	return &blocking{begun: make(chan *Run, 10), release: make(chan struct{}), causes: make(chan error, 10)}
}

func (b *blocking) handle(ctx context.Context, run *Run, _ args) (any, error) {
	b.begun <- run
	select {
	case <-ctx.Done():
		b.causes <- context.Cause(ctx)
		return nil, ctx.Err()
	case <-b.release:
		return "released", nil
	}
}

func TestRunsAndKeepsItsResult(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ann := audit.Actor{ID: id.New(), Name: "Ann"}
		at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
		var acted audit.Actor
		f := runner(t, d, func(r *Runner) {
			Handle(r, "double", func(ctx context.Context, _ *Run, a args) (any, error) {
				acted = audit.ActorOf(ctx)
				return map[string]any{"n": a.N * 2, "text": "a\x00b"}, nil
			})
		}, fast, WithClock(func() time.Time { return at }))
		var j Job
		err := d.Write(audit.WithActor(t.Context(), ann), func(ctx context.Context, tx bun.Tx) error {
			var err error
			j, err = f.Enqueue(ctx, tx, Spec{Kind: "double", Title: "Double it", Args: args{N: 1 << 60}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if j.State != Queued || j.OwnerID != ann.ID || !j.CreatedAt.Equal(at) {
			t.Errorf("enqueued %+v", j)
		}
		j = f.ends(t, j.ID, Done)
		var got struct{ N int64 }
		if err := json.Unmarshal(j.Result, &got); err != nil || got.N != 1<<61 {
			t.Errorf("result %s, %v", j.Result, err)
		}
		if acted != ann {
			t.Errorf("acted as %+v", acted)
		}
		if j.Title != "Double it" || j.OwnerName != "Ann" || !j.StartedAt.Equal(at) || !j.EndedAt.Equal(at) {
			t.Errorf("job %+v", j)
		}
	})
}

func TestRolledBackEnqueueLeavesNothing(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		f := runner(t, d, func(r *Runner) {
			Handle(r, "x", func(context.Context, *Run, args) (any, error) { return nil, nil })
		})
		undo := errors.New("undo")
		err := d.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			if _, err := f.Enqueue(ctx, tx, Spec{Kind: "x"}); err != nil {
				return err
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		for _, table := range []string{"job", "river_job"} {
			if n, err := d.Read().NewSelect().Table(table).Count(t.Context()); err != nil || n != 0 {
				t.Errorf("%s: %d rows, %v", table, n, err)
			}
		}
	})
}

func TestEnqueueRefusesUnknownKinds(t *testing.T) {
	f := runner(t, testkit.DB(t), func(*Runner) {})
	if _, err := f.Submit(t.Context(), Spec{Kind: "nothing"}); err == nil {
		t.Error("no error")
	}
}

func TestProgress(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b := newBlocking()
		f := runner(t, d, func(r *Runner) { Handle(r, "x", b.handle) })
		j := f.submit(t, Spec{Kind: "x"})
		run := <-b.begun
		run.Progress(3, 10, "Reading\x00 rows")
		// At once in this process …
		if got, err := f.Get(t.Context(), j.ID); err != nil || got.Done != 3 || got.Total != 10 {
			t.Errorf("seen here: %+v, %v", got, err)
		}
		// … and soon in the store, where other servers see it.
		eventually(t, "stored progress", func() bool {
			stored, err := get(t.Context(), d.Read(), j.ID, nil)
			return err == nil && stored.Done == 3 && stored.Note == "Reading\ufffd rows"
		})
		run.Progress(10, 10, "Ready")
		close(b.release)
		if j = f.ends(t, j.ID, Done); j.Done != 10 || j.Note != "Ready" {
			t.Errorf("at the end: %+v", j)
		}
	})
}

// A job that holds the only writing connection of SQLite must be able to report, to be seen and to be cancelled.
func TestProgressAndCancelInsideALongTransaction(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		begun := make(chan struct{})
		f := runner(t, d, func(r *Runner) {
			Handle(r, "x", func(ctx context.Context, run *Run, _ args) (any, error) {
				return nil, d.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
					if err := run.Guard(ctx, tx); err != nil {
						return err
					}
					run.Progress(7, 9, "Inside")
					close(begun)
					<-ctx.Done()
					return ctx.Err()
				})
			})
		})
		j := f.submit(t, Spec{Kind: "x"})
		<-begun
		if got, err := f.Get(t.Context(), j.ID); err != nil || got.Done != 7 {
			t.Errorf("seen: %+v, %v", got, err)
		}
		if _, err := f.Cancel(t.Context(), j.ID); err != nil {
			t.Fatal(err)
		}
		f.ends(t, j.ID, Cancelled)
	})
}

func TestCancelQueued(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b := newBlocking()
		f := runner(t, d, func(r *Runner) { Handle(r, "x", b.handle) })
		for range workers {
			f.submit(t, Spec{Kind: "x"})
			<-b.begun
		}
		j := f.submit(t, Spec{Kind: "x"})
		got, err := f.Cancel(t.Context(), j.ID)
		if err != nil || got.State != Cancelled {
			t.Fatalf("%+v, %v", got, err)
		}
		if got, err = f.Cancel(t.Context(), j.ID); err != nil || got.State != Cancelled {
			t.Errorf("again: %+v, %v", got, err)
		}
		close(b.release)
		all, err := f.List(t.Context(), Query{Limit: 10})
		if err != nil || len(all) != workers+1 || all[0].ID != j.ID {
			t.Fatalf("list %+v, %v", all, err)
		}
		for _, other := range all[1:] {
			f.ends(t, other.ID, Done)
		}
		if len(b.begun) != 0 {
			t.Error("the cancelled job ran")
		}
	})
}

func TestCancelRunningOnAnotherServer(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b := newBlocking()
		works := runner(t, d, func(r *Runner) { Handle(r, "x", b.handle) })
		asks := New(d, slog.New(slog.DiscardHandler), fast) // never started
		j := works.submit(t, Spec{Kind: "x"})
		<-b.begun
		asked := time.Now()
		got, err := asks.Cancel(t.Context(), j.ID)
		if err != nil || !got.Cancelling || got.State != Running {
			t.Fatalf("%+v, %v", got, err)
		}
		if cause := <-b.causes; !errors.Is(cause, ErrCancelled) || time.Since(asked) > 10*time.Second {
			t.Errorf("cause %v after %v", cause, time.Since(asked))
		}
		works.ends(t, j.ID, Cancelled)
		other := works.submit(t, Spec{Kind: "x"})
		close(b.release)
		works.ends(t, other.ID, Done)
		if _, err := asks.Cancel(t.Context(), other.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("cancel of a job that has ended: %v", err)
		}
		if _, err := asks.Cancel(t.Context(), id.New()); !fault.Is(err, fault.NotFound) {
			t.Errorf("cancel of no job: %v", err)
		}
	})
}

func TestFailures(t *testing.T) {
	cases := []struct {
		name, want, log string
		fn              func() (any, error)
	}{
		{"fault", "The file has no rows; choose another.", "disk", func() (any, error) {
			return nil, fmt.Errorf("import: %w", fault.New(fault.Invalid, "x.y", "The file has no rows; choose another.").Because(errors.New("disk")))
		}},
		{"error", "Something went wrong while this ran. The server's log has the details under job %s.", "secret detail",
			func() (any, error) { return nil, errors.New("secret detail") }},
		{"panic", "This stopped because of a fault in the program. The server's log has the details under job %s.", "runner_test.go",
			func() (any, error) { panic("boom") }},
		{"result", "Something went wrong while this ran. The server's log has the details under job %s.", "unsupported type",
			func() (any, error) { return func() {}, nil }},
	}
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		var calls atomic.Int64
		f := runner(t, d, func(r *Runner) {
			for _, c := range cases {
				Handle(r, c.name, func(context.Context, *Run, args) (any, error) { calls.Add(1); return c.fn() })
			}
		})
		for _, c := range cases {
			j := f.ends(t, f.submit(t, Spec{Kind: c.name}).ID, Failed)
			want := c.want
			if strings.Contains(want, "%s") {
				want = fmt.Sprintf(want, j.ID)
			}
			if j.Error != want {
				t.Errorf("%s: says %q", c.name, j.Error)
			}
			if c.name != "fault" && !strings.Contains(f.log.String(), c.log) {
				t.Errorf("%s: %q is not in the log", c.name, c.log)
			}
		}
		if n := calls.Load(); n != int64(len(cases)) {
			t.Errorf("%d calls: failed jobs were tried again", n)
		}
	})
}

func TestTriedAgainWhenTheKindSaysSo(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		var calls atomic.Int64
		f := runner(t, d, func(r *Runner) {
			Handle(r, "x", func(_ context.Context, run *Run, a args) (any, error) {
				if calls.Add(1); run.Attempt() <= a.N {
					return nil, fault.New(fault.Unavailable, "x", "Not yet.")
				}
				return run.Attempt(), nil
			}, MaxAttempts(3))
		})
		j := f.ends(t, f.submit(t, Spec{Kind: "x", Args: args{N: 2}}).ID, Done)
		if string(j.Result) != "3" || j.Error != "" {
			t.Errorf("job %+v", j)
		}
		j = f.ends(t, f.submit(t, Spec{Kind: "x", Args: args{N: 99}}).ID, Failed)
		if j.Error != "Not yet." || calls.Load() != 6 {
			t.Errorf("job %+v after %d calls", j, calls.Load())
		}
	})
}

func TestUnique(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b := newBlocking()
		f := runner(t, d, func(r *Runner) { Handle(r, "x", b.handle) })
		first := f.submit(t, Spec{Kind: "x", Title: "Score May", Unique: true, Key: "may"})
		<-b.begun
		_, err := f.Submit(t.Context(), Spec{Kind: "x", Title: "Score May", Unique: true, Key: "may"})
		if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), string(first.ID)) {
			t.Errorf("second: %v", err)
		}
		f.submit(t, Spec{Kind: "x", Unique: true, Key: "june"})
		f.submit(t, Spec{Kind: "x"})
		close(b.release)
		f.ends(t, first.ID, Done)
		again := f.submit(t, Spec{Kind: "x", Unique: true, Key: "may"})
		f.ends(t, again.ID, Done)
	})
}

func TestUniqueEnqueuedAtOnce(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b := newBlocking()
		f := runner(t, d, func(r *Runner) { Handle(r, "x", b.handle) })
		var wg sync.WaitGroup
		var added, refused atomic.Int64
		for range 10 {
			wg.Go(func() {
				switch _, err := f.Submit(t.Context(), Spec{Kind: "x", Unique: true}); {
				case err == nil:
					added.Add(1)
				case fault.Is(err, fault.Conflict):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if added.Load() != 1 || refused.Load() != 9 {
			t.Errorf("%d added, %d refused", added.Load(), refused.Load())
		}
		close(b.release)
	})
}

func TestTwoServersRunEachJobOnce(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		const jobs = 40
		var calls atomic.Int64
		kinds := func(r *Runner) {
			Handle(r, "x", func(context.Context, *Run, args) (any, error) { calls.Add(1); return nil, nil })
		}
		one, two := runner(t, d, kinds), runner(t, d, kinds)
		for i := range jobs {
			(map[bool]fixture{true: one, false: two})[i%2 == 0].submit(t, Spec{Kind: "x"})
		}
		eventually(t, "all done", func() bool {
			done, err := one.List(t.Context(), Query{State: Done, Limit: jobs})
			return err == nil && len(done) == jobs
		})
		if calls.Load() != jobs {
			t.Errorf("%d calls for %d jobs", calls.Load(), jobs)
		}
	})
}

func TestListPages(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		f := runner(t, d, func(r *Runner) {
			Handle(r, "x", func(context.Context, *Run, args) (any, error) { return nil, nil })
		})
		var ids []id.ID
		for range 5 {
			ids = append([]id.ID{f.submit(t, Spec{Kind: "x"}).ID}, ids...)
		}
		var got []id.ID
		for after := id.ID(""); ; {
			page, err := f.List(t.Context(), Query{After: after, Limit: 2})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, j := range page {
				got = append(got, j.ID)
			}
			after = page[len(page)-1].ID
		}
		if fmt.Sprint(got) != fmt.Sprint(ids) {
			t.Errorf("got %v, want %v", got, ids)
		}
	})
}

// A33: a job acts with the rights its owner has when it runs.
func TestOwnerWithoutRightsAnyMore(t *testing.T) {
	called := false
	f := runner(t, testkit.DB(t), func(r *Runner) {
		Handle(r, "x", func(context.Context, *Run, args) (any, error) { called = true; return nil, nil })
	}, fast, As(func(context.Context, Job) (context.Context, error) {
		return nil, fault.New(fault.Forbidden, "x", "Its owner may no longer do this.")
	}))
	j := f.ends(t, f.submit(t, Spec{Kind: "x"}).ID, Failed)
	if called || j.Error != "Its owner may no longer do this." {
		t.Errorf("called %v, says %q", called, j.Error)
	}
}
