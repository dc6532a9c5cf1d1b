package whatif_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/profit"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
	"github.com/kvadrant/kvadrant/learn/whatif"
)

const today = date.Date("2026-06-30")

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

type still struct{}

func (still) CatchUp(context.Context) error { return nil }

// world is a company in real stores whose warehouse is filled directly. A visit costs 150, an order 15, a line 2; winning a
// customer nothing.
type world struct {
	warehouse *engine.Warehouse
	settings  *setting.Store
	cuts      *matrix.Definitions
	scorer    *scoring.Scorer
	questions *whatif.Questions
	ids       map[string]id.ID
}

func newWorld(t testing.TB) *world {
	t.Helper()
	d := testkit.DB(t)
	w := &world{settings: setting.NewStore(d, now), ids: map[string]id.ID{}}
	w.cuts = matrix.NewDefinitions(w.settings)
	free := func(context.Context) (int64, error) { return 0, nil }
	steps := []scoring.Step{wallet.Step(nil), profit.Step(profit.NewDefinitions(w.settings), free), matrix.Step(w.cuts)}
	own, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	w.warehouse = testkit.Warehouse(t, append(own, org.WarehouseSchema, customer.WarehouseSchema,
		"CREATE TABLE product (id UUID, code VARCHAR, name VARCHAR, category_id UUID)",
		"CREATE TABLE product_category (id UUID, code VARCHAR, name VARCHAR, parent_id UUID)",
		"CREATE TABLE interaction (customer_id UUID, kind VARCHAR, interaction_date DATE, minutes INTEGER)",
		"CREATE TABLE purchase (customer_id UUID, purchase_date DATE, document VARCHAR, product_id UUID, revenue BIGINT, cost BIGINT)")...)
	w.scorer = w.scores(t, steps)
	registry := measure.NewRegistry(steps)
	lists := matrix.NewQuestions(w.warehouse, w.scorer, customer.NewStore(d, now), org.NewStore(d, now), w.settings, registry,
		grid.NewStore(d, now, registry, w.scorer), grid.NewPlacer(w.warehouse, registry, w.settings))
	w.questions = whatif.NewQuestions(whatif.Config{Warehouse: w.warehouse, Versions: w.scorer, Lists: lists, Currency: w.settings})
	if _, err := w.cuts.Put(t.Context(), 0, matrix.Definition{WindowMonths: 12, Potential: matrix.Cut{By: matrix.ByValue, At: []float64{1000_00, 500_00}},
		Share: matrix.Cut{By: matrix.ByValue, At: []float64{0.25, 0.6}}}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) scores(t testing.TB, steps []scoring.Step) *scoring.Scorer {
	t.Helper()
	s, err := scoring.New(scoring.Config{Warehouse: w.warehouse, Projection: still{}, Window: w.cuts, Currency: w.settings, Steps: steps, Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *world) id(code string) id.ID {
	if w.ids[code] == "" {
		w.ids[code] = id.New()
	}
	return w.ids[code]
}

func (w *world) fill(t testing.TB, text string, args engine.Args) {
	t.Helper()
	if _, err := w.warehouse.Exec(context.Background(), text, args); err != nil {
		t.Fatal(err)
	}
}

// customer makes a customer with one purchase in the window, if it buys; amounts are whole major units, a cost below 0 is unknown.
func (w *world) customer(t testing.TB, code, owner string, potential, revenue, cost int64, visits int) {
	t.Helper()
	at := func(more engine.Args) engine.Args {
		more["id"] = w.id(code)
		return more
	}
	w.fill(t, "INSERT INTO customer (id, code, name, country, industry, owner_id) VALUES (cast(:id AS uuid), :code, :code, '', '', cast(:owner AS uuid))", at(engine.Args{"code": code, "owner": w.id(owner)}))
	w.fill(t, "INSERT INTO ownership VALUES (cast(:id AS uuid), DATE '1900-01-01', cast(:owner AS uuid), NULL)", at(engine.Args{"owner": w.id(owner)}))
	w.fill(t, "INSERT INTO potential VALUES (cast(:no AS uuid), cast(:id AS uuid), :amount, 'declared', DATE '2020-01-01')", at(engine.Args{"no": id.New(), "amount": 100 * potential}))
	if revenue != 0 {
		var fine any
		if cost >= 0 {
			fine = 10_000 * cost
		}
		w.fill(t, "INSERT INTO purchase VALUES (cast(:id AS uuid), DATE '2026-03-01', NULL, NULL, :fine, :cost)", at(engine.Args{"fine": 10_000 * revenue, "cost": fine}))
	}
	for range visits {
		w.fill(t, "INSERT INTO interaction VALUES (cast(:id AS uuid), 'visit', DATE '2026-03-01', NULL)", at(engine.Args{}))
	}
}

// company has three Gold bubbles of 50, 100 and 150 that leave 40 %, five Gold sailers of 500 that leave 30 %, two Gold prospects,
// five Silver loyal customers who tell no cost, and one Bronze bubble.
func company(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	for i, revenue := range []int64{50, 100, 150} {
		owner := []string{"nora", "sven", "sven"}[i]
		w.customer(t, fmt.Sprint("bubble", i), owner, 1000, revenue, revenue*6/10, 1)
	}
	for i := range 5 {
		w.customer(t, fmt.Sprint("sailer", i), "sven", 1000, 500, 350, 4)
		w.customer(t, fmt.Sprint("silver", i), "sven", 600, 450, -1, 2)
	}
	w.customer(t, "prospect0", "sven", 1000, 0, 0, 0)
	w.customer(t, "prospect1", "sven", 3000, 0, 0, 1)
	w.customer(t, "bronze", "sven", 100, 10, -1, 0)
	if _, err := w.scorer.Score(t.Context(), today, nil); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) reach(t testing.TB, owner string) access.Reach {
	t.Helper()
	p := access.Principal{Via: access.ViaSession, Role: access.Salesperson, Scope: access.ScopeAll}
	if owner != "" {
		p.Scope, p.PersonID = access.ScopeOwn, w.id(owner)
	}
	reach, err := access.Decide(p, access.MatrixRead)
	if err != nil {
		t.Fatal(err)
	}
	return reach
}

func (w *world) ask(t testing.TB, owner string, s whatif.Scenario) whatif.Answer {
	t.Helper()
	a, err := w.questions.WhatIf(t.Context(), w.reach(t, owner), "", matrix.Narrow{}, s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// text writes the answer; money in major units.
func text(a whatif.Answer) string {
	money := func(x *whatif.Amount) string {
		if x == nil {
			return "-"
		}
		return fmt.Sprintf("%g→%g", float64(x.Now)/100, float64(x.Then)/100)
	}
	share := func(x *float64) string {
		if x == nil {
			return "-"
		}
		return fmt.Sprintf("%g", math.Round(*x*1000)/1000)
	}
	visits := "-"
	if a.Visits != nil {
		visits = fmt.Sprintf("%g→%g", a.Visits.Now, a.Visits.Then)
	}
	return fmt.Sprintf("%d of %d %s→%s (%d) share %s→%s revenue %s margin %s visits %s served %s left %s %v", a.Customers, a.Available, a.From, a.To, a.Expected,
		share(a.ShareNow), share(a.ShareThen), money(a.Revenue), money(a.Margin), visits, money(a.Served), money(a.Left), a.Lacks)
}

// REFERENCE, K3: three customers, same potential, share 10 % → 50 %: revenue × 5. One that is visited once costs 150 + an order 15 +
// a line 2 = 167; a sailer with four visits 617.
func TestScenariosByHand(t *testing.T) {
	t.Parallel()
	w := company(t)
	for name, test := range map[string]struct {
		scenario whatif.Scenario
		want     string
	}{
		"three Gold bubbles Gold sailers": {whatif.Scenario{From: "gold_bubble", Customers: 3, To: "gold_sailer"},
			"3 of 3 gold_bubble→gold_sailer (5) share 0.1→0.5 revenue 300→1500 margin 120→600 visits 3→12 served 501→1851 left -381→-1251 []"},
		"the same by share": {whatif.Scenario{From: "gold_bubble", Customers: 3, Share: 0.5},
			"3 of 3 gold_bubble→gold_sailer (5) share 0.1→0.5 revenue 300→1500 margin 120→600 visits 3→12 served 501→1851 left -381→-1251 []"},
		"two average ones": {whatif.Scenario{From: "gold_bubble", Customers: 2, Share: 0.3},
			"2 of 3 gold_bubble→gold_sailer (5) share 0.1→0.3 revenue 200→600 margin 80→240 visits 2→8 served 334→1234 left -254→-994 []"},
		"two chosen ones": {whatif.Scenario{From: "gold_bubble", Chosen: []id.ID{w.id("bubble1"), w.id("bubble2"), w.id("bubble1")}, Share: 0.5},
			"2 of 3 gold_bubble→gold_sailer (5) share 0.125→0.5 revenue 250→1000 margin 100→400 visits 2→8 served 334→1234 left -234→-834 []"},
		"a prospect leaves what a sailer does": {whatif.Scenario{From: "gold_prospect", Customers: 1, To: "gold_sailer"},
			"1 of 2 gold_prospect→gold_sailer (5) share 0→0.5 revenue 0→1000 margin 0→300 visits 0.5→4 served 75→617 left -75→-317 []"},
		"more than there are": {whatif.Scenario{From: "gold_bubble", Customers: 4, Share: 0.5},
			"4 of 3 gold_bubble→gold_sailer (5) share -→- revenue - margin - visits - served - left - [from]"},
		"a cell of too few": {whatif.Scenario{From: "gold_sailer", Customers: 1, To: "gold_bubble"},
			"1 of 5 gold_sailer→gold_bubble (3) share 0.5→- revenue - margin - visits - served - left - [to]"},
		"a share in a cell of too few": {whatif.Scenario{From: "gold_sailer", Customers: 1, Share: 0.7},
			"1 of 5 gold_sailer→gold_loyal (0) share 0.5→0.7 revenue 500→700 margin 150→210 visits - served - left - [to]"},
		"to buy nothing any more": {whatif.Scenario{From: "gold_sailer", Customers: 1, Share: 0.1},
			"1 of 5 gold_sailer→gold_bubble (3) share 0.5→0.1 revenue 500→100 margin 150→30 visits - served - left - [to]"},
		"no cost known": {whatif.Scenario{From: "bronze_bubble", Customers: 1, To: "silver_loyal"},
			"1 of 1 bronze_bubble→silver_loyal (5) share 0.1→0.75 revenue 10→450 margin - visits 0→2 served 17→317 left - [margin]"},
		"a smaller row": {whatif.Scenario{From: "gold_bubble", Customers: 3, To: "silver_loyal"},
			"3 of 3 gold_bubble→silver_loyal (5) share 0.1→0.75 revenue 300→1350 margin 120→540 visits 3→6 served 501→951 left -381→-411 []"},
	} {
		if diff := cmp.Diff(test.want, text(w.ask(t, "", test.scenario))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	a := w.ask(t, "", whatif.Scenario{From: "gold_bubble", Customers: 3, Share: 0.5})
	if a.Revenue.Then != 5*a.Revenue.Now || a.Revenue.Change != 1200_00 || a.Visits.Change != 9 || a.OtherRow || a.RateOf != "from" {
		t.Errorf("%+v", a)
	}
	if a := w.ask(t, "", whatif.Scenario{From: "gold_bubble", Customers: 3, To: "silver_loyal"}); !a.OtherRow {
		t.Error("silver is another row")
	}
}

// Where a class begins belongs to it.
func TestColumnOfAShare(t *testing.T) {
	t.Parallel()
	w := company(t)
	for share, want := range map[float64]string{0.1: "gold_bubble", 0.2499: "gold_bubble", 0.25: "gold_sailer", 0.5999: "gold_sailer", 0.6: "gold_loyal", 1: "gold_loyal"} {
		if a := w.ask(t, "", whatif.Scenario{From: "gold_prospect", Customers: 1, Share: share}); a.To != want {
			t.Errorf("%v: %s, want %s", share, a.To, want)
		}
	}
}

// A salesperson's scenario is made of the own customers alone.
func TestWithinReach(t *testing.T) {
	t.Parallel()
	w := company(t)
	want := "1 of 1 gold_bubble→gold_sailer (0) share 0.05→0.5 revenue 50→500 margin 20→200 visits - served - left - [to]"
	if got := text(w.ask(t, "nora", whatif.Scenario{From: "gold_bubble", Customers: 1, Share: 0.5})); got != want {
		t.Errorf("%s", cmp.Diff(want, got))
	}
	_, err := w.questions.WhatIf(t.Context(), w.reach(t, "nora"), "", matrix.Narrow{}, whatif.Scenario{From: "gold_bubble", Chosen: []id.ID{w.id("bubble1")}, Share: 0.5})
	expect(t, err, "whatif.not_in_cell")
	a, err := w.questions.WhatIf(t.Context(), w.reach(t, ""), "", matrix.Narrow{Owner: w.id("sven")}, whatif.Scenario{From: "gold_bubble", Customers: 2, To: "gold_sailer"})
	if err != nil || a.Available != 2 || a.Revenue.Now != 250_00 {
		t.Errorf("%v %s", err, text(a))
	}
}

func expect(t testing.TB, err error, code string) {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != code {
		t.Errorf("%v, want %s", err, code)
	}
}

func TestWhatCannotBeAsked(t *testing.T) {
	t.Parallel()
	w := company(t)
	many := make([]id.ID, 51)
	for i := range many {
		many[i] = id.New()
	}
	for name, s := range map[string]whatif.Scenario{
		"unknown":     {From: "unknown", Customers: 1, Share: 0.5},
		"no cell":     {From: "gold_whale", Customers: 1, Share: 0.5},
		"no target":   {From: "gold_bubble", Customers: 1},
		"both":        {From: "gold_bubble", Customers: 1, Share: 0.5, To: "gold_sailer"},
		"to unknown":  {From: "gold_bubble", Customers: 1, To: "unknown"},
		"share":       {From: "gold_bubble", Customers: 1, Share: 1.01},
		"no number":   {From: "gold_bubble", Customers: 1, Share: math.NaN()},
		"none":        {From: "gold_bubble", Share: 0.5},
		"no id":       {From: "gold_bubble", Chosen: []id.ID{"x"}, Share: 0.5},
		"many chosen": {From: "gold_bubble", Chosen: many, Share: 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.questions.WhatIf(t.Context(), w.reach(t, ""), "", matrix.Narrow{}, s)
			expect(t, err, "whatif.malformed_scenario")
		})
	}
	ask := whatif.Scenario{From: "gold_bubble", Chosen: []id.ID{w.id("sailer1")}, Share: 0.5}
	_, err := w.questions.WhatIf(t.Context(), w.reach(t, ""), "", matrix.Narrow{}, ask)
	expect(t, err, "whatif.not_in_cell")
	if _, err := w.scores(t, []scoring.Step{wallet.Step(nil), matrix.Step(w.cuts)}).Score(t.Context(), today, nil); err != nil {
		t.Fatal(err)
	}
	_, err = w.questions.WhatIf(t.Context(), w.reach(t, ""), "", matrix.Narrow{}, whatif.Scenario{From: "gold_bubble", Customers: 1, Share: 0.5})
	expect(t, err, "whatif.not_scored")
}
