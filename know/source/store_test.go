package source

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/seal"
	"github.com/kvadrant/kvadrant/know/intake"
	"github.com/kvadrant/kvadrant/know/mapping"

	"github.com/kvadrant/kvadrant/internal/testkit"
)

const secret = "tr0ub4dor&3 with blanks"

type bench struct {
	*store
	t     *testing.T
	clock time.Time
}

func newBench(t *testing.T, d *db.DB) *bench {
	t.Helper()
	key, err := seal.Open(filepath.Join(t.TempDir(), "secrets.key"))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, clock: time.Date(2026, 10, 31, 12, 0, 0, 0, time.UTC)}
	b.store = &store{db: d, key: key, now: func() time.Time { return b.clock }}
	return b
}

func (b *bench) erp() Source {
	b.t.Helper()
	s := Source{Name: " ERP ", Driver: PostgreSQL, Host: "ERP.example.com", Database: "erp", Username: "reader"}
	if err := b.create(b.t.Context(), &s, secret); err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) sales(s Source) Feed {
	b.t.Helper()
	f := Feed{SourceID: s.ID, Name: "Sales", Kind: "purchases", Statement: "SELECT id FROM sale WHERE id > :since", WatermarkColumn: "id", Watermark: "0", Enabled: true,
		Mapping: intake.Mapping{Columns: map[string]mapping.Value{"document": {Column: "id"}}}, Schedule: Schedule{Every: Hours, Number: 1}}
	if err := b.createFeed(b.t.Context(), &f); err != nil {
		b.t.Fatal(err)
	}
	return f
}

func (b *bench) started(f Feed) (Run, error) {
	return b.begin(b.t.Context(), f, "Ada", func(context.Context, bun.Tx, *Run) error { return nil })
}

func codeOf(err error) string {
	if f := fault.Of(err); f != nil {
		return f.Code
	}
	return ""
}

func TestSourcesAreKept(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b, ctx := newBench(t, d), t.Context()
		s := b.erp()
		got, err := b.source(ctx, s.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := Source{ID: s.ID, Name: "ERP", Driver: PostgreSQL, Host: "erp.example.com", Port: 5432, Database: "erp", Username: "reader", Encryption: Verified,
			HasPassword: true, Feeds: []Feed{}, Version: 1, CreatedAt: b.clock, UpdatedAt: b.clock}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if _, password, err := b.password(ctx, s.ID); err != nil || password != secret {
			t.Errorf("the password came back as %q, %v", password, err)
		}
		if err := b.create(ctx, &Source{Name: "ERP", Driver: MySQL, Host: "h", Database: "d", Username: "u"}, ""); codeOf(err) != "source.name_taken" {
			t.Errorf("the same name again: %v", err)
		}
		err = b.create(ctx, &Source{Driver: "oracle", Host: "a/b", Port: 70000}, "")
		if f := fault.Of(err); f == nil || len(f.Fields) != 6 {
			t.Errorf("six places are wrong: %v", err)
		}
		if _, err := b.update(ctx, s.ID, 7, func(*Source) {}, nil); !fault.Is(err, fault.Precondition) {
			t.Errorf("a stale version: %v", err)
		}
		if err := b.remove(ctx, s.ID); err != nil {
			t.Error(err)
		}
		if _, err := b.source(ctx, s.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("after its removal: %v", err)
		}
	})
}

// A password is sent to no address but the one it was entered for.
func TestPasswordsStayWithTheirAddress(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b, ctx := newBench(t, d), t.Context()
		s := b.erp()
		for name, change := range map[string]func(*Source){
			"host": func(s *Source) { s.Host = "attacker.example" }, "port": func(s *Source) { s.Port = 1 }, "user": func(s *Source) { s.Username = "other" },
			"encryption": func(s *Source) { s.Encryption = Plain }, "driver": func(s *Source) { s.Driver = MySQL },
		} {
			if _, err := b.update(ctx, s.ID, s.Version, change, nil); codeOf(err) != "source.password_again" {
				t.Errorf("another %s: %v", name, err)
			}
		}
		// By hand in the store: the seal does not open for another address.
		if _, err := d.WriteSQL().Exec("UPDATE source SET host = 'attacker.example'"); err != nil {
			t.Fatal(err)
		}
		if _, password, err := b.password(ctx, s.ID); password != "" || codeOf(err) != "source.sealed" {
			t.Errorf("got %q, %v", password, err)
		}
		if _, err := d.WriteSQL().Exec("UPDATE source SET host = 'erp.example.com'"); err != nil {
			t.Fatal(err)
		}
		renamed, err := b.update(ctx, s.ID, s.Version, func(s *Source) { s.Name, s.Database = "Old ERP", "erp2" }, nil)
		if err != nil || renamed.Version != 2 || renamed.Name != "Old ERP" {
			t.Fatalf("got %+v, %v", renamed, err)
		}
		if _, password, err := b.password(ctx, s.ID); err != nil || password != secret {
			t.Errorf("after another name: %q, %v", password, err)
		}
		moved, err := b.update(ctx, s.ID, 2, func(s *Source) { s.Host = "new.example.com" }, new("new password"))
		if err != nil || !moved.HasPassword {
			t.Fatalf("got %+v, %v", moved, err)
		}
		if _, password, err := b.password(ctx, s.ID); err != nil || password != "new password" {
			t.Errorf("after another address: %q, %v", password, err)
		}
		entries, err := audit.List(ctx, d.Read(), audit.Query{Limit: 100})
		if err != nil || len(entries) != 3 {
			t.Fatalf("%d entries in the log, %v", len(entries), err)
		}
		for _, e := range entries {
			if strings.Contains(string(e.Before)+string(e.After), secret) || strings.Contains(strings.ToLower(string(e.Before)+string(e.After)), `"secret"`) {
				t.Errorf("the log tells the password: %s %s", e.Before, e.After)
			}
		}
	})
}

func TestFeedsAreKept(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b, ctx := newBench(t, d), t.Context()
		s := b.erp()
		f := b.sales(s)
		got, err := b.feed(ctx, f.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(f, got); diff != "" {
			t.Error(diff)
		}
		if got.NextAt == nil || !got.NextAt.Equal(b.clock.Add(time.Hour)) {
			t.Errorf("the next run is at %v", got.NextAt)
		}
		b.clock = b.clock.Add(10 * time.Minute)
		renamed, err := b.updateFeed(ctx, f.ID, 1, func(f *Feed) { f.Name = "Lines" })
		if err != nil || renamed.Version != 2 || !renamed.NextAt.Equal(*f.NextAt) {
			t.Errorf("a name moves no turn: %+v, %v", renamed, err)
		}
		off, err := b.updateFeed(ctx, f.ID, 2, func(f *Feed) { f.Enabled = false })
		if err != nil || off.NextAt != nil {
			t.Errorf("switched off: %+v, %v", off, err)
		}
		for name, change := range map[string]func(*Feed){
			"statement":               func(f *Feed) { f.Statement = "DELETE FROM sale" },
			"since without a column":  func(f *Feed) { f.WatermarkColumn = "" },
			"a column without since":  func(f *Feed) { f.Statement = "SELECT id FROM sale" },
			"a beginning in words":    func(f *Feed) { f.Watermark = "the beginning" },
			"a schedule without time": func(f *Feed) { f.Schedule = Schedule{Every: Daily} },
			"no name":                 func(f *Feed) { f.Name = " " },
		} {
			if _, err := b.updateFeed(ctx, f.ID, 3, change); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		again := Feed{SourceID: s.ID, Name: "Lines", Statement: "SELECT 1", Kind: "purchases"}
		if err := b.createFeed(ctx, &again); codeOf(err) != "source.name_taken" {
			t.Errorf("the same name again: %v", err)
		}
		nowhere := Feed{SourceID: id.New(), Name: "x", Statement: "SELECT 1"}
		if err := b.createFeed(ctx, &nowhere); !fault.Is(err, fault.NotFound) {
			t.Errorf("of no source: %v", err)
		}
	})
}

func TestRunsMoveTheWatermark(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b, ctx := newBench(t, d), t.Context()
		s := b.erp()
		f := b.sales(s)
		watermark := func() string {
			t.Helper()
			now, err := b.feed(ctx, f.ID)
			if err != nil {
				t.Fatal(err)
			}
			return now.Watermark
		}
		run, err := b.started(f)
		if err != nil || run.Since != "0" || run.State != Reading {
			t.Fatalf("got %+v, %v", run, err)
		}
		if _, err := b.started(f); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second run at once: %v", err)
		}
		if err := b.remove(ctx, s.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("removing a source that is read: %v", err)
		}
		if err := b.removeFeed(ctx, f.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("removing a feed that is read: %v", err)
		}
		run.State, run.Until, run.Rows, run.ImportID = Importing, "42", 7, id.New()
		if err := b.put(ctx, run); err != nil || watermark() != "0" {
			t.Errorf("before the import is accepted the watermark is %s, %v", watermark(), err)
		}
		if err := b.failed(ctx, run, "The import failed."); err != nil || watermark() != "0" {
			t.Errorf("after a failure the watermark is %s, %v", watermark(), err)
		}
		late := run
		late.State = Done
		if err := b.put(ctx, late); err != nil || watermark() != "0" {
			t.Errorf("a run that has ended was ended again: %s, %v", watermark(), err)
		}
		again, err := b.started(f)
		if err != nil {
			t.Fatal(err)
		}
		again.State, again.Until, again.EndedAt = Done, "42", new(b.clock)
		if err := b.put(ctx, again); err != nil || watermark() != "42" {
			t.Errorf("after a success the watermark is %s, %v", watermark(), err)
		}
		// An administrator who sets it back while a run is under way is not overruled.
		f, _ = b.feed(ctx, f.ID)
		third, err := b.started(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.updateFeed(ctx, f.ID, f.Version, func(f *Feed) { f.Watermark = "10" }); err != nil {
			t.Fatal(err)
		}
		third.State, third.Until = Done, "50"
		if err := b.put(ctx, third); err != nil || watermark() != "10" {
			t.Errorf("the watermark is %s, %v; want 10", watermark(), err)
		}
		runs, err := b.runs(ctx, runQuery{feed: f.ID, limit: 2})
		if err != nil || len(runs) != 2 || runs[0].ID != third.ID || runs[1].ID != again.ID || runs[0].FeedName != "Sales" {
			t.Errorf("the last runs are %+v, %v", runs, err)
		}
		if f, err = b.feed(ctx, f.ID); err != nil || f.LastRun == nil || f.LastRun.ID != third.ID {
			t.Errorf("the last run is %+v, %v", f.LastRun, err)
		}
		older, err := b.runs(ctx, runQuery{source: s.ID, before: again.ID})
		if err != nil || len(older) != 1 || older[0].Error != "The import failed." || older[0].ID != run.ID {
			t.Errorf("before it: %+v, %v", older, err)
		}
	})
}

func TestDueFeeds(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		b, ctx := newBench(t, d), t.Context()
		f := b.sales(b.erp())
		due := func() int {
			t.Helper()
			found, err := b.feeds(ctx, feedQuery{due: b.instant()})
			if err != nil {
				t.Fatal(err)
			}
			return len(found)
		}
		if due() != 0 {
			t.Error("due before its turn")
		}
		b.clock = b.clock.Add(5 * time.Hour) // the server was off for several turns
		if due() != 1 {
			t.Error("not due after its turn")
		}
		if _, err := b.started(f); err != nil {
			t.Fatal(err)
		}
		if due() != 0 {
			t.Error("due again for a turn that was missed")
		}
		now, err := b.feed(ctx, f.ID)
		if err != nil || !now.NextAt.Equal(b.clock.Add(time.Hour)) {
			t.Errorf("the next turn is %v, %v", now.NextAt, err)
		}
	})
}

func TestOldRunsAreForgotten(t *testing.T) {
	b, ctx := newBench(t, testkit.DB(t)), t.Context()
	f := b.sales(b.erp())
	for range keptRuns + 3 {
		run, err := b.started(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.failed(ctx, run, "x"); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := b.runs(ctx, runQuery{feed: f.ID})
	if err != nil || len(runs) != keptRuns {
		t.Errorf("%d runs are kept, %v; want %d", len(runs), err, keptRuns)
	}
}
