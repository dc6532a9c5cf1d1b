package allocation_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/allocation"
	"github.com/kvadrant/kvadrant/learn/clv"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/pyramid"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// A plan is kept as it was worked out, one at most is in force, and every change is in the audit log.
func TestPlans(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := access.With(t.Context(), access.Principal{Name: "Dora", Role: access.Director, Scope: access.ScopeAll})
		plans := allocation.NewPlans(d, setting.NewStore(d, now), now)
		asOf := date.Date("2026-10-31")
		form := func(name string, inForce bool) allocation.Form {
			return allocation.Form{Name: name, AsOf: &asOf, SegmentsBy: "tier", InForce: inForce, Problem: allocation.Problem{Budget: 75, Method: allocation.ByPoints, Segments: source(1)}}
		}
		create := func(name string, inForce bool) allocation.Kept {
			k, err := plans.Create(ctx, form(name, inForce))
			if err != nil {
				t.Fatal(err)
			}
			return k
		}
		a, b := create(" A ", true), create("B", true)
		c := create("C", false)
		got, err := plans.Get(ctx, b.ID)
		if err != nil || !got.InForce || got.CreatedByName != "Dora" || *got.AsOf != asOf || got.SegmentsBy != "tier" || !near(got.Best.MeanReturn, 499.2) || len(got.Plan.Shares) != 5 || got.Problem.Budget != 75 || got.Currency != "EUR" {
			t.Fatalf("%+v, %v", got.Brief, err)
		}
		state := func() string {
			all, err := plans.List(ctx, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			for _, p := range all {
				if text += p.Name; p.InForce {
					text += "!"
				}
			}
			return text
		}
		if got := state(); got != "CB!A" {
			t.Errorf("plans %s, want CB!A", got)
		}
		if page, err := plans.List(ctx, b.ID, 10); err != nil || len(page) != 1 || page[0].Name != "A" {
			t.Errorf("after B: %+v, %v", page, err)
		}
		if _, err := plans.PutInForce(ctx, c.ID, 7, true); !fault.Is(err, fault.Precondition) {
			t.Errorf("a stale change: %v", err)
		}
		if k, err := plans.PutInForce(ctx, c.ID, c.Version, true); err != nil || !k.InForce || k.Version != 2 || state() != "C!BA" {
			t.Errorf("%+v, %v, %s", k.Brief, err, state())
		}
		if _, err := plans.PutInForce(ctx, b.ID, b.Version, true); !fault.Is(err, fault.Precondition) {
			t.Errorf("B was taken out of force meanwhile: %v", err)
		}
		if k, err := plans.PutInForce(ctx, c.ID, 2, false); err != nil || k.InForce || state() != "CBA" {
			t.Errorf("%+v, %v, %s", k.Brief, err, state())
		}
		if _, err := plans.Create(ctx, form("C", false)); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same name: %v", err)
		}
		if _, err := plans.Create(ctx, form(" ", false)); !fault.Is(err, fault.Invalid) {
			t.Errorf("no name: %v", err)
		}
		if _, err := plans.Create(ctx, allocation.Form{Name: "D"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("no problem: %v", err)
		}
		if err := plans.Delete(ctx, a.ID, 9); !fault.Is(err, fault.Precondition) {
			t.Errorf("a stale deletion: %v", err)
		}
		if err := plans.Delete(ctx, a.ID, 2); err != nil || state() != "CB" {
			t.Errorf("%v, %s", err, state())
		}
		if _, err := plans.Get(ctx, a.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a deleted plan: %v", err)
		}
		log, err := audit.List(ctx, d.Read(), audit.Query{Kind: "plan", Limit: 50})
		if err != nil || len(log) != 8 { // A, A out, B, C, B out, C in, C out, A deleted
			t.Errorf("%d changes in the log, %v", len(log), err)
		}
	})
}

// C11: by hand. A margin of 100 a year, nine of ten stay, at 10 %: 100 × 1.1 ÷ 0.2 = 550. With 5 % fewer losses 9.05 stay: 100 × 1.1 ÷ 0.195.
// Five points more are 0.95: 100 × 1.1 ÷ 0.15, a third more.
func TestValueOfLosingFewerC11(t *testing.T) {
	for _, c := range []struct {
		retention, by float64
		points        bool
		after, value  float64
	}{{0.9, 0.05, false, 0.905, 110 / 0.195}, {0.9, 0.05, true, 0.95, 110 / 0.15}, {0.98, 0.05, true, 1, 1100}, {0.5, 1, false, 1, 1100}, {0, 0.5, false, 0.5, 110 / 0.6}} {
		after := allocation.Fewer(c.retention, c.by, c.points)
		if !near(after, c.after) || !near(allocation.Value(100, after, 0.1), c.value) {
			t.Errorf("%+v: %v and %v", c, after, allocation.Value(100, after, 0.1))
		}
	}
	if !near(allocation.Value(100, 0.9, 0.1), 550) {
		t.Errorf("value %v, want 550", allocation.Value(100, 0.9, 0.1))
	}
	// The sum itself, year by year.
	sum := 0.0
	for year := range 2000 {
		sum += 100 * math.Pow(0.9/1.1, float64(year))
	}
	if !near(sum, 550) {
		t.Errorf("the series makes %v", sum)
	}
}

// world is a warehouse with real scoring and settings.
type world struct {
	warehouse *engine.Warehouse
	scorer    *scoring.Scorer
	questions *allocation.Questions
	lifetime  *clv.Definitions
}

func (*world) CatchUp(context.Context) error             { return nil }
func (*world) WindowMonths(context.Context) (int, error) { return 12, nil }

func newWorld(t *testing.T) *world {
	t.Helper()
	settings := setting.NewStore(testkit.DB(t), now)
	w := &world{lifetime: clv.NewDefinitions(settings)}
	steps := []scoring.Step{wallet.Step(nil)}
	steps = append(steps, pyramid.Step(pyramid.NewDefinitions(settings), steps))
	schema, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	w.warehouse = testkit.Warehouse(t, append(schema,
		"CREATE TABLE customer (id UUID, code VARCHAR, name VARCHAR, kind VARCHAR, industry VARCHAR, country VARCHAR, owner_id UUID, unit_id UUID)",
		"CREATE TABLE ownership (customer_id UUID, valid_from DATE, owner_id UUID, unit_id UUID)",
		"CREATE TABLE potential (id UUID, customer_id UUID, amount BIGINT, source VARCHAR, valid_from DATE)",
		"CREATE TABLE purchase (customer_id UUID, purchase_date DATE, revenue BIGINT, cost BIGINT)")...)
	if w.scorer, err = scoring.New(scoring.Config{Warehouse: w.warehouse, Projection: w, Window: w, Currency: settings, Steps: steps, Clock: now}); err != nil {
		t.Fatal(err)
	}
	w.questions = allocation.NewQuestions(w.warehouse, w.scorer, settings, measure.NewRegistry(steps), w.lifetime)
	return w
}

func (w *world) exec(t *testing.T, text string) {
	t.Helper()
	if err := w.warehouse.Write(t.Context(), func(tx *engine.Tx) error {
		_, err := tx.Exec(t.Context(), text, nil)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

const customerOf = "cast(lpad(cast(i AS varchar), 32, '0') AS uuid)"

// Of 100 customers that bought 10.00 each with a margin of 4.00, 80 bought again for as much: what is told is worked out by hand.
func TestLoyaltyFromVersions(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.exec(t, "INSERT INTO customer (id, code, name) SELECT "+customerOf+", cast(i AS varchar), 'x' FROM range(120) r(i)")
	w.exec(t, "INSERT INTO purchase SELECT "+customerOf+", cast('2025-03-01' AS date), 100000, 60000 FROM range(100) r(i)")
	w.exec(t, "INSERT INTO purchase SELECT "+customerOf+", cast('2026-03-01' AS date), 100000, 60000 FROM range(20, 110) r(i)") // ten are new
	ask := allocation.LoyaltyQuestion{By: "tier", Fewer: 0.05, Points: true}
	if _, err := w.questions.Loyalty(ctx, access.Everything(), ask); !fault.Is(err, fault.NotFound) {
		t.Errorf("before anything was scored: %v", err)
	}
	if _, err := w.scorer.Score(ctx, "2026-06-30", nil); err != nil {
		t.Fatal(err)
	}
	_, err := w.questions.Loyalty(ctx, access.Everything(), ask)
	if f := fault.Of(err); f == nil || f.Code != "allocation.no_earlier" || f.Fields[0].Detail != "2025-06-30" {
		t.Errorf("without the year before: %v", err)
	}
	if _, err := w.scorer.Score(ctx, "2025-06-30", nil); err != nil {
		t.Fatal(err)
	}
	a, err := w.questions.Loyalty(ctx, access.Everything(), ask)
	if err != nil {
		t.Fatal(err)
	}
	all := a.All
	if all.Buyers != 100 || all.Kept != 80 || all.Buying != 90 || !near(*all.Retention, 0.8) || !near(*all.After, 0.85) || *all.Margin != 400 {
		t.Errorf("%+v", all)
	}
	// 4.00 × 1.1 ÷ 0.3 = 14.67, with five points more 4.00 × 1.1 ÷ 0.25 = 17.60: 20 % more, 2.9333 for each of the 90 that buy.
	if *all.Value != 1467 || *all.ValueThen != 1760 || !near(*all.Rise, 0.2) || *all.Gain != 26400 {
		t.Errorf("value %d, then %d, rise %v, gain %d", *all.Value, *all.ValueThen, *all.Rise, *all.Gain)
	}
	if a.Acquisition != nil || a.Keeping != nil || a.KeepNote == "" || a.Interest != 0.1 || a.Then != "2025-06-30" {
		t.Errorf("%+v", a)
	}
	var buyers, buying int64
	for _, s := range a.Segments {
		buyers, buying = buyers+s.Buyers, buying+s.Buying
		if s.Buyers < 30 && (s.Retention != nil || s.TooFew == "") {
			t.Errorf("%s: %d buyers, yet something is told", s.Key, s.Buyers)
		}
	}
	if buyers != 100 || buying != 90 {
		t.Errorf("the segments have %d buyers and %d that buy", buyers, buying)
	}
	d := clv.DefaultDefinition()
	d.Acquisition = 5000
	if _, err := w.lifetime.Put(ctx, 0, d); err != nil {
		t.Fatal(err)
	}
	if a, err = w.questions.Loyalty(ctx, access.Everything(), ask); err != nil || *a.Acquisition != 5000 {
		t.Errorf("%+v, %v", a.Acquisition, err)
	}
	for _, bad := range []allocation.LoyaltyQuestion{{By: "tier", Fewer: 0}, {By: "tier", Fewer: 1.5}, {By: "tier", Fewer: math.NaN()}, {By: "revenue", Fewer: 0.1}, {By: "nothing", Fewer: 0.1}} {
		if _, err := w.questions.Loyalty(ctx, access.Everything(), bad); !fault.Is(err, fault.Malformed) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// Segments carry today's figures, and add up to the company; nobody reached is nobody told.
func TestSegments(t *testing.T) {
	w := newWorld(t)
	w.exec(t, "INSERT INTO customer (id, code, name) SELECT "+customerOf+", cast(i AS varchar), 'x' FROM range(10) r(i)")
	w.exec(t, "INSERT INTO purchase SELECT "+customerOf+", cast('2026-03-01' AS date), 10000 * i, 0 FROM range(10) r(i)")
	if _, err := w.scorer.Score(t.Context(), "2026-06-30", nil); err != nil {
		t.Fatal(err)
	}
	s, err := w.questions.Segments(t.Context(), access.Everything(), "", "tier")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]int64{}
	for _, f := range s.Items {
		got[f.Key] = [2]int64{f.Customers, f.Revenue}
		if f.ValueToCome != nil || f.CostToServe != nil || f.Contacts != nil {
			t.Errorf("%+v: told without being computed", f)
		}
	}
	// Nine bought 1.00 to 9.00: the top one, the second of the first 20 %, seven below, one with nothing.
	if want := map[string][2]int64{"top": {1, 900}, "medium": {1, 800}, "small": {7, 2800}, "none": {1, 0}}; len(got) != 4 || got["top"] != want["top"] || got["medium"] != want["medium"] || got["small"] != want["small"] || got["none"] != want["none"] {
		t.Errorf("%v, want %v", got, want)
	}
	if s, err := w.questions.Segments(t.Context(), access.Reach{}, "", "tier"); err != nil || len(s.Items) != 0 {
		t.Errorf("out of reach: %+v, %v", s.Items, err)
	}
	if _, err := w.questions.Segments(t.Context(), access.Everything(), "", "revenue"); !fault.Is(err, fault.Malformed) {
		t.Errorf("segments of an amount: %v", err)
	}
}
