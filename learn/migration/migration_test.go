package migration_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/migration"
	"github.com/kvadrant/kvadrant/learn/statistics"
)

// five is a company of five customers, scored twice. A buys less; B is found to be smaller; C begins to buy; D, of unknown
// potential, is struck off; E is new. Gold begins at 500, silver at 100; sailer at 25 %, loyal at 60 %.
func five(t *testing.T, d *db.DB) *world {
	w := newWorld(t, d)
	w.unit(t, "NORTH", "")
	w.unit(t, "SOUTH", "")
	w.person(t, "ANN", "NORTH")
	w.person(t, "BOB", "SOUTH")
	for _, c := range []string{"A", "B"} {
		w.customer(t, c, "NORTH", "ANN", "DK")
	}
	w.customer(t, "C", "SOUTH", "BOB", "DE")
	w.customer(t, "D", "NORTH", "ANN", "DK")
	w.potential(t, "A", "2020-01-01", 1000)
	w.potential(t, "B", "2020-01-01", 1000)
	w.potential(t, "B", "2026-01-01", 400)
	w.potential(t, "C", "2020-01-01", 200)
	for _, b := range []struct {
		code, day string
		amount    int64
	}{{"A", "2025-02-01", 420}, {"A", "2026-02-01", 180}, {"B", "2025-02-01", 300}, {"B", "2026-02-01", 300}, {"C", "2026-02-01", 150}, {"D", "2025-02-01", 50}, {"E", "2026-02-01", 10}} {
		w.bought(t, b.code, b.day, b.amount)
	}
	w.score(t, "2025-06-30")
	w.gone(t, "D")
	w.customer(t, "E", "SOUTH", "BOB", "")
	w.potential(t, "E", "2026-01-01", 50)
	w.expect(t, "A", 2.5, 100)
	w.expect(t, "B", 3, 100)
	w.expect(t, "E", 1, 20)
	w.score(t, "2026-06-30")
	return w
}

func check(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// K5, by hand: who moved from last year to this, and what happened in each cell.
func TestFiveCustomers(t *testing.T) {
	t.Parallel()
	w := five(t, testkit.DB(t))
	p := w.ask(t, access.Everything(), migration.Ask{})
	if p.From.Key != "actual:2025-06-30" || p.To.Key != "actual:2026-06-30" || p.From.From != "2024-07-01" || p.To.To != "2026-06-30" {
		t.Errorf("from %+v to %+v", p.From, p.To)
	}
	check(t, "flows", flows(p),
		"gold_sailer → gold_bubble: 1, 420 → 180",
		"gold_sailer → silver_loyal: 1, 300 → 300",
		"silver_prospect → silver_loyal: 1, 0 → 150",
		"unknown → absent: 1, 50 → 0",
		"absent → bronze_bubble: 1, 0 → 10")
	if got := fmt.Sprint(p.Total, p.Moved, p.New, p.Gone); got != "{5 77000 64000} {3 72000 63000} {1 0 1000} {1 5000 0}" {
		t.Error(got)
	}
	for _, at := range p.Places {
		switch at.Key {
		case "silver_loyal":
			if got := fmt.Sprint(at.Before, at.After, at.Stayed, at.Came, at.Left, at.New, at.Gone); got != "{0 0 0} {2 30000 45000} {0 0 0} {2 30000 45000} {0 0 0} {0 0 0} {0 0 0}" {
				t.Error(at.Key, got)
			}
		case "gold_sailer":
			if at.Before.Customers != 2 || at.Left.Customers != 2 || at.After.Customers != 0 {
				t.Errorf("%+v", at)
			}
		}
	}
	check(t, "by row", flows(w.ask(t, access.Everything(), migration.Ask{By: migration.ByRow})),
		"gold → gold: 1, 420 → 180", "gold → silver: 1, 300 → 300", "silver → silver: 1, 0 → 150", "unknown → absent: 1, 50 → 0", "absent → bronze: 1, 0 → 10")
	check(t, "by column", flows(w.ask(t, access.Everything(), migration.Ask{By: migration.ByColumn})),
		"prospect → loyal: 1, 0 → 150", "sailer → bubble: 1, 420 → 180", "sailer → loyal: 1, 300 → 300", "unknown → absent: 1, 50 → 0", "absent → bubble: 1, 0 → 10")
	check(t, "the other way round", flows(w.ask(t, access.Everything(), migration.Ask{From: "actual:2026-06-30", To: "actual:2025-06-30", By: migration.ByRow})),
		"gold → gold: 1, 180 → 420", "silver → gold: 1, 300 → 300", "silver → silver: 1, 150 → 0", "bronze → absent: 1, 10 → 0", "absent → unknown: 1, 0 → 50")
}

// The list behind each figure says what moved whom.
func TestWhatMovedThem(t *testing.T) {
	t.Parallel()
	w := five(t, testkit.DB(t))
	list := func(ask migration.MoverAsk) []string {
		t.Helper()
		ask.Limit = 1
		var lines []string
		for {
			page, err := w.questions.Movers(context.Background(), access.Everything(), ask)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.Movers {
				lines = append(lines, fmt.Sprintf("%s %s → %s: %s, %s → %s of %s → %s", m.Code, m.From, m.To, m.Why, major(m.RevenueFrom), major(m.RevenueTo), major(m.PotentialFrom), major(m.PotentialTo)))
			}
			if page.Next == "" {
				return lines
			}
			ask.Cursor = page.Next
		}
	}
	// D is struck off: the operational store knows nobody of that id any more, so it is counted and not listed.
	check(t, "all", list(migration.MoverAsk{}),
		"A gold_sailer → gold_bubble: revenue, 420 → 180 of 1000 → 1000", "C silver_prospect → silver_loyal: revenue, 0 → 150 of 200 → 200",
		"E absent → bronze_bubble: new, – → 10 of – → 50", "B gold_sailer → silver_loyal: potential, 300 → 300 of 1000 → 400")
	check(t, "from a place", list(migration.MoverAsk{FromPlace: "gold_sailer", Sort: "-change"}),
		"B gold_sailer → silver_loyal: potential, 300 → 300 of 1000 → 400", "A gold_sailer → gold_bubble: revenue, 420 → 180 of 1000 → 1000")
	check(t, "new ones", list(migration.MoverAsk{FromPlace: "absent"}), "E absent → bronze_bubble: new, – → 10 of – → 50")
	check(t, "stayed in the row", list(migration.MoverAsk{Ask: migration.Ask{By: migration.ByRow}, FromPlace: "gold", Which: migration.Stayers}), "A gold → gold: stayed, 420 → 180 of 1000 → 1000")
	check(t, "came", list(migration.MoverAsk{ToPlace: "silver_loyal", Which: migration.Movements, Sort: "change"}),
		"B gold_sailer → silver_loyal: potential, 300 → 300 of 1000 → 400", "C silver_prospect → silver_loyal: revenue, 0 → 150 of 200 → 200")
	page, err := w.questions.Movers(context.Background(), access.Everything(), migration.MoverAsk{FromPlace: "gold_sailer", Limit: 1})
	if err != nil || fmt.Sprintf("%.2f %.2f", *page.Movers[0].ShareFrom, *page.Movers[0].ShareTo) != "0.42 0.18" {
		t.Errorf("%+v %v", page, err)
	}
	w.score(t, "2026-06-30")
	again := migration.MoverAsk{FromPlace: "gold_sailer", Limit: 1, Cursor: page.Next}
	if _, err := w.questions.Movers(context.Background(), access.Everything(), again); !fault.Is(err, fault.Conflict) {
		t.Errorf("scored again between two pages: %v", err)
	}
}

func major(n *int64) string {
	if n == nil {
		return "–"
	}
	return fmt.Sprint(*n / 100)
}

// Budget and forecast place customers by what they are to buy, with the potentials and cut points of the scored date; what
// somebody said of a customer stands in place of what the models expect, for a year.
func TestBudgetAndForecast(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		w := five(t, d)
		for _, month := range []string{"2026-01-01", "2026-06-01", "2026-12-01"} {
			w.budget(t, "A", month, 200)
		}
		w.budget(t, "C", "2026-03-01", 30)
		w.budget(t, "C", "2027-01-01", 999)
		budget := w.ask(t, access.Everything(), migration.Ask{From: "actual:2026-06-30", To: "budget:2026"})
		check(t, "budget", flows(budget),
			"gold_bubble → gold_loyal: 1, 180 → 600", "silver_loyal → silver_prospect: 1, 300 → 0", "silver_loyal → silver_bubble: 1, 150 → 30", "bronze_bubble → bronze_prospect: 1, 10 → 0")
		if budget.To.AsOf != "2026-06-30" || budget.To.From != "2026-01-01" || budget.To.To != "2026-12-31" {
			t.Errorf("%+v", budget.To)
		}
		ask := migration.Ask{To: "forecast:2026-06-30"}
		check(t, "forecast", flows(w.ask(t, access.Everything(), ask)),
			"gold_bubble → gold_sailer: 1, 180 → 250", "silver_loyal → silver_prospect: 1, 150 → 0", "silver_loyal → silver_loyal: 1, 300 → 300", "bronze_bubble → bronze_sailer: 1, 10 → 20")
		if _, err := w.statements.Add(t.Context(), access.Everything(), w.id("A"), migration.Form{AsOf: "2025-06-30", Amount: 1, Reason: "A year ago."}); err != nil {
			t.Fatal(err)
		}
		said, err := w.statements.Add(t.Context(), access.Everything(), w.id("C"), migration.Form{AsOf: "2026-05-31", Amount: 17_000, Reason: "Signed a contract."})
		if err != nil {
			t.Fatal(err)
		}
		check(t, "overruled", flows(w.ask(t, access.Everything(), ask)),
			"gold_bubble → gold_sailer: 1, 180 → 250", "silver_loyal → silver_loyal: 2, 450 → 470", "bronze_bubble → bronze_sailer: 1, 10 → 20")
		page, err := w.questions.Movers(t.Context(), access.Everything(), migration.MoverAsk{Ask: ask, FromPlace: "silver_loyal", Limit: 10})
		if err != nil || len(page.Movers) != 2 || page.Movers[0].Code != "C" || !page.Movers[0].Overruled || page.Movers[1].Overruled {
			t.Errorf("%+v %v", page.Movers, err)
		}
		if err := w.statements.Delete(t.Context(), access.Everything(), said.ID, said.Version); err != nil {
			t.Fatal(err)
		}
		w.months = 6 // the models were asked for half a year: the whole is twice that
		check(t, "of half a year", flows(w.ask(t, access.Everything(), migration.Ask{From: "forecast:2026-06-30", To: "forecast:2026-06-30", By: migration.ByColumn})),
			"prospect → prospect: 1, 0 → 0", "sailer → sailer: 1, 500 → 500", "loyal → loyal: 2, 640 → 640")
		of := func(measure string) grid.Axis {
			return grid.Axis{Measure: measure, By: grid.ByQuantile, At: []float64{0.5}, Classes: []grid.Class{{Key: "low", Name: "Low"}, {Key: "high", Name: "High"}}}
		}
		if _, err := w.grids.Create(t.Context(), grid.Definition{Key: "expected", Name: "Expected", Rows: of("revenue"), Columns: of("purchases_ahead"), Cells: []grid.Cell{}}); err != nil {
			t.Fatal(err)
		}
		choices, err := w.questions.Choices(t.Context())
		if got := fmt.Sprint(choices); err != nil || got != "{[2026-06-30 2025-06-30] [{2027 1} {2026 2}]}" {
			t.Error(got, err)
		}
		for want, ask := range map[string]migration.Ask{
			"migration.no_budget": {To: "budget:2020"}, "migration.unknown_scenario": {From: "plan:2026"}, "scoring.not_scored": {To: "forecast:2026-01-31"},
			"migration.not_planned": {To: "forecast:2026-06-30", Matrix: "expected"}, "matrix.not_found": {Matrix: "none"}} {
			if _, err := w.questions.Migration(t.Context(), access.Everything(), ask); fault.Of(err) == nil || fault.Of(err).Code != want {
				t.Errorf("%s: %v", want, err)
			}
		}
	})
}

// K5: whatever the two scenarios, the matrix, the filter and the rights, nobody and nothing is lost: each side adds up to what
// the statistics of its date say, what came and left in the places to the same, and the list behind to the flow it belongs to.
func TestConserved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.DB(t))
	for i, parent := range []string{"", "U0", "U0", "U2"} {
		w.unit(t, fmt.Sprint("U", i), parent)
	}
	for i := range 4 {
		w.person(t, fmt.Sprint("P", i), fmt.Sprint("U", i))
	}
	dates := []date.Date{"2024-06-30", "2025-06-30", "2026-06-30"}
	for n, day := range dates {
		for i := 20 * n; i < 20*n+40; i++ { // those of before that are not new
			code := fmt.Sprint("C", i)
			if i >= 20*n+20 || n == 0 {
				w.customer(t, code, fmt.Sprint("U", i%4), fmt.Sprint("P", i%3), []string{"DK", "DE", ""}[i%3])
			}
			if i%5 > 0 {
				w.potential(t, code, string(day.AddDays(-30)), int64((i+n)%5)*250)
			}
			if i%4 > 0 {
				w.bought(t, code, string(day.AddDays(-60)), int64((i*7+n*3)%11)*40)
				w.expect(t, fmt.Sprint("C", 100*n+i), float64(i%6), int64(i%7)*30)
			}
			w.budget(t, code, "2026-02-01", int64((i*3)%9)*60)
		}
		w.score(t, day)
		for i := 20 * n; i < 20*n+5; i++ {
			w.gone(t, fmt.Sprint("C", i))
		}
	}
	scenarios := []string{"actual:2024-06-30", "actual:2025-06-30", "actual:2026-06-30", "budget:2026", "forecast:2025-06-30", "forecast:2026-06-30"}
	rapid.Check(t, func(rt *rapid.T) {
		ask := migration.Ask{From: rapid.SampledFrom(scenarios).Draw(rt, "from"), To: rapid.SampledFrom(scenarios).Draw(rt, "to"), By: rapid.SampledFrom(migration.Groupings()).Draw(rt, "by"),
			Matrix: rapid.SampledFrom([]string{"customer", "value-chance"}).Draw(rt, "matrix")}
		reach := access.Everything()
		if rapid.Bool().Draw(rt, "limited") {
			reach = reachOf(t, access.Principal{Role: access.Salesperson, Scope: access.ScopeOwn, PersonID: w.id("P1")})
		}
		if rapid.Bool().Draw(rt, "narrowed") {
			ask.Narrow = matrix.Narrow{Unit: w.id("U0")}
		}
		p, err := w.questions.Migration(rt.Context(), reach, ask)
		if err != nil {
			rt.Fatal(err)
		}
		var before, after, stayed, came, left, fresh, gone sum
		for _, at := range p.Places {
			before, after, stayed = before.plus(at.Before), after.plus(at.After), stayed.plus(at.Stayed)
			came, left, fresh, gone = came.plus(at.Came), left.plus(at.Left), fresh.plus(at.New), gone.plus(at.Gone)
			if at.Before.Customers != at.Stayed.Customers+at.Left.Customers+at.Gone.Customers || at.After.Customers != at.Stayed.Customers+at.Came.Customers+at.New.Customers {
				rt.Fatalf("%+v", at)
			}
		}
		if came != left || came != (sum{}.plus(p.Moved)) || fresh != (sum{}.plus(p.New)) || gone != (sum{}.plus(p.Gone)) || stayed.plus(p.Moved).plus(p.New).plus(p.Gone) != (sum{}.plus(p.Total)) ||
			before != stayed.plus(p.Moved).plus(p.Gone) || after != stayed.plus(p.Moved).plus(p.New) {
			rt.Fatalf("before %v after %v stayed %v came %v left %v new %v gone %v; in all %+v moved %+v", before, after, stayed, came, left, fresh, gone, p.Total, p.Moved)
		}
		// Unit and owner are those of the later side; who is gone counts where it was, so that side alone is compared when narrowed.
		narrowed := ask.Narrow != matrix.Narrow{} || !reach.All()
		for _, side := range []struct {
			told  migration.Side
			has   sum
			money int64
			judge bool
		}{{p.From, before, before.from, p.From.AsOf > p.To.AsOf}, {p.To, after, after.to, p.To.AsOf >= p.From.AsOf}} {
			if narrowed && !side.judge {
				continue
			}
			whole, err := w.statistics.Statistics(rt.Context(), reach, statistics.Ask{AsOf: side.told.AsOf, Matrix: ask.Matrix, Narrow: ask.Narrow, Figures: "revenue"})
			if err != nil {
				rt.Fatal(err)
			}
			if whole.Total.Customers != side.has.customers {
				rt.Fatalf("%s: %d customers, the statistics have %d", side.told.Key, side.has.customers, whole.Total.Customers)
			}
			if side.told.Kind == migration.Actual && int64(math.Round(whole.Total.Sums["revenue"].Total)) != side.money {
				rt.Fatalf("%s: %d, the statistics have %g", side.told.Key, side.money, whole.Total.Sums["revenue"].Total)
			}
		}
		behind(rt, w, reach, ask, p)
	})
}

// sum is a part in whole minor units, as all amounts here are.
type sum struct{ customers, from, to int64 }

func (s sum) plus(p migration.Part) sum {
	return sum{s.customers + p.Customers, s.from + int64(math.Round(p.RevenueFrom)), s.to + int64(math.Round(p.RevenueTo))}
}

// behind pages through the list of a flow and compares it with the flow.
func behind(t *rapid.T, w *world, reach access.Reach, ask migration.Ask, p migration.Picture) {
	if len(p.Flows) == 0 {
		return
	}
	f := p.Flows[rapid.IntRange(0, len(p.Flows)-1).Draw(t, "flow")]
	list := migration.MoverAsk{Ask: ask, FromPlace: f.From, ToPlace: f.To, Sort: rapid.SampledFrom([]string{"size", "change", "-change"}).Draw(t, "sort"), Limit: rapid.IntRange(1, 5).Draw(t, "limit")}
	var found sum
	seen := map[id.ID]bool{}
	for {
		page, err := w.questions.Movers(t.Context(), reach, list)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Movers {
			if seen[m.ID] || m.From != f.From || m.To != f.To {
				t.Fatalf("%+v in the list of %+v", m, f)
			}
			seen[m.ID] = true
			found.customers++
			if m.RevenueFrom != nil {
				found.from += *m.RevenueFrom
			}
			if m.RevenueTo != nil {
				found.to += *m.RevenueTo
			}
		}
		if page.Next == "" {
			break
		}
		list.Cursor = page.Next
	}
	want := sum{}.plus(migration.Part{Customers: f.Customers, RevenueFrom: f.RevenueFrom, RevenueTo: f.RevenueTo})
	// Who was struck off since is counted and cannot be named.
	if f.From == migration.Absent || f.To == migration.Absent || p.To.AsOf != "2026-06-30" || p.From.AsOf == "2024-06-30" {
		if found.customers > want.customers {
			t.Fatalf("%+v behind %+v", found, f)
		}
		return
	}
	if found.customers > want.customers || found.customers == want.customers && found != want {
		t.Fatalf("%+v behind %+v", found, f)
	}
}
