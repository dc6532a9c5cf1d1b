package visit_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/visit"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

// company has customers on both sides of each norm: Gold 60 and 90 days, Silver 120 and 180, Bronze 365 and 540.
func company(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	w.customer(t, "g1", "nora", 1000, 100)
	w.touch(t, "g1", "visit", "2026-05-01") // 60 days
	w.touch(t, "g1", "visit", "2024-05-01")
	w.customer(t, "g2", "sven", 1000, 200)
	w.touch(t, "g2", "call", "2026-04-30") // 61 days
	w.customer(t, "g3", "sven", 1000, 100)
	w.touch(t, "g3", "visit", "2026-04-01") // 90 days
	w.customer(t, "g4", "nora", 1000, 400)
	w.touch(t, "g4", "visit", "2026-03-31") // 91 days: 1 over
	w.customer(t, "g5", "sven", 1000, 0)
	w.touch(t, "g5", "email", "2026-06-29") // does not count
	w.touch(t, "g5", "visit", "2026-07-01") // after the date
	w.customer(t, "s1", "sven", 600, 500)
	w.touch(t, "s1", "call", "2025-12-01") // 211 days: 31 over
	w.customer(t, "s2", "sven", 600, 0)
	w.touch(t, "s2", "visit", "2024-01-01") // 911 days: 731 over, but buys nothing
	w.customer(t, "b1", "sven", 100, 10)
	w.touch(t, "b1", "visit", "2025-06-30") // 365 days
	w.customer(t, "b2", "sven", 100, 0)     // never
	w.customer(t, "u1", "sven", -1, 0)
	w.touch(t, "u1", "visit", today)
	return w
}

func (w *world) define(t testing.TB, change func(*visit.Definition)) {
	t.Helper()
	def, version, err := w.definitions.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	change(&def)
	if _, err := w.definitions.Put(t.Context(), version, def); err != nil {
		t.Fatal(err)
	}
}

func (w *world) picture(t testing.TB, owner string, n matrix.Narrow) visit.Picture {
	t.Helper()
	p, err := w.questions.Picture(t.Context(), w.reach(t, owner), "", n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// text writes counts as customers: green/yellow/red (never) none.
func text(c visit.Colours) string {
	return fmt.Sprintf("%d: %d/%d/%d (%d) %d", c.Customers, c.Green, c.Yellow, c.Red, c.Never, c.None)
}

func cells(p visit.Picture) []string {
	var all []string
	for _, c := range p.Cells {
		if c.Customers > 0 {
			all = append(all, c.Key+" "+text(c.Colours))
		}
	}
	return all
}

func late(all []visit.Late) []string {
	var out []string
	for _, l := range all {
		line := l.Code + " " + l.Cell
		if l.Days != nil {
			line += fmt.Sprintf(" %s %d %d", *l.LastContact, *l.Days, *l.Over)
		}
		out = append(out, fmt.Sprintf("%s %d", line, l.Revenue))
	}
	return out
}

func TestVisitsByHand(t *testing.T) {
	t.Parallel()
	w := company(t)
	w.define(t, func(d *visit.Definition) {
		d.Norms = append(d.Norms, visit.Norm{Place: "bronze_prospect", None: true})
	})
	w.score(t)
	p := w.picture(t, "", matrix.Narrow{})
	want := []string{"gold_prospect 1: 0/0/1 (1) 0", "gold_bubble 3: 1/2/0 (0) 0", "gold_sailer 1: 0/0/1 (0) 0", "silver_prospect 1: 0/0/1 (0) 0",
		"silver_loyal 1: 0/0/1 (0) 0", "bronze_prospect 1: 0/0/0 (0) 1", "bronze_bubble 1: 1/0/0 (0) 0", "unknown 1: 0/0/0 (0) 1"}
	if diff := cmp.Diff(want, cells(p)); diff != "" {
		t.Error(diff)
	}
	if got := text(p.RowTotals[0].Colours); p.RowTotals[0].Key != "gold" || got != "5: 1/2/2 (1) 0" {
		t.Errorf("gold: %s", got)
	}
	if got := text(p.ColumnTotals[0].Colours); p.ColumnTotals[0].Key != "prospect" || got != "3: 0/0/2 (1) 1" {
		t.Errorf("prospects: %s", got)
	}
	if got := text(p.Total); got != "10: 2/2/4 (1) 2" {
		t.Errorf("all: %s", got)
	}
	if diff := cmp.Diff([]string{"s1 silver_loyal 2025-12-01 211 31 50000", "g4 gold_sailer 2026-03-31 91 1 40000", "s2 silver_prospect 2024-01-01 911 731 0"}, late(p.Overdue)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"g5 gold_prospect 0"}, late(p.NeverYet)); diff != "" {
		t.Error(diff)
	}
	if p.AsOf != today || p.Currency != "EUR" {
		t.Errorf("as of %s in %s", p.AsOf, p.Currency)
	}
	if got := cells(w.picture(t, "", matrix.Narrow{Owner: w.id("nora")})); !slices.Equal(got, []string{"gold_bubble 1: 1/0/0 (0) 0", "gold_sailer 1: 0/0/1 (0) 0"}) {
		t.Errorf("nora's: %v", got)
	}
}

// The lists behind the figures hold exactly the customers that were counted.
func TestListsBehindTheColours(t *testing.T) {
	t.Parallel()
	w := company(t)
	w.score(t)
	for conditions, want := range map[string]string{
		"care=green":                         "b1 g1",
		"care=yellow":                        "g2 g3",
		"care=red":                           "b2 g4 g5 s1 s2",
		"care=red|last_contact=":             "b2 g5",
		"care=red|last_contact!=":            "g4 s1 s2",
		"care=none":                          "u1",
		"care!=none|last_contact<2026-01-01": "b1 s1 s2",
	} {
		page, err := w.lists.Customers(t.Context(), w.reach(t, ""), matrix.List{Measures: strings.Split(conditions, "|"), Sort: "code", Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		var codes []string
		for _, l := range page.Lines {
			codes = append(codes, l.Code)
		}
		if got := strings.Join(codes, " "); got != want {
			t.Errorf("%s: %q, want %q", conditions, got, want)
		}
	}
}

func TestSalespersonSeesOwnVisits(t *testing.T) {
	t.Parallel()
	w := company(t)
	w.score(t)
	p := w.picture(t, "nora", matrix.Narrow{})
	if text(p.Total) != "2: 1/0/1 (0) 0" || len(p.Overdue) != 1 || p.Overdue[0].Code != "g4" || len(p.NeverYet) != 0 {
		t.Errorf("%s, %v, %v", text(p.Total), late(p.Overdue), late(p.NeverYet))
	}
	if p := w.picture(t, "nobody", matrix.Narrow{}); text(p.Total) != "0: 0/0/0 (0) 0" || p.Overdue == nil {
		t.Errorf("%+v", p)
	}
}

// What counts as contact and the norms are those of the scoring, until it is done again.
func TestSettingsCountFromTheNextScoringOn(t *testing.T) {
	t.Parallel()
	w := company(t)
	w.score(t)
	w.define(t, func(d *visit.Definition) {
		d.Kinds, d.Norms = []string{"email"}, []visit.Norm{{Place: "gold", Green: 1, Yellow: 1}}
	})
	if p := w.picture(t, "", matrix.Narrow{}); text(p.Total) != "10: 2/2/5 (2) 1" || len(p.Definition.Norms) != 3 {
		t.Errorf("before: %s by %+v", text(p.Total), p.Definition)
	}
	w.score(t)
	// Gold alone has a norm; only g5 had an e-mail, on the day before.
	if p := w.picture(t, "", matrix.Narrow{}); text(p.Total) != "10: 1/0/4 (4) 5" || p.Definition.Kinds[0] != "email" {
		t.Errorf("after: %s by %+v", text(p.Total), p.Definition)
	}
	w.define(t, func(d *visit.Definition) { d.Norms = nil })
	w.score(t)
	if p := w.picture(t, "", matrix.Narrow{}); text(p.Total) != "10: 0/0/0 (0) 10" {
		t.Errorf("without norms: %s", text(p.Total))
	}
}

func TestVersionFromBefore(t *testing.T) {
	t.Parallel()
	w := company(t)
	if _, err := w.scores(t, []scoring.Step{wallet.Step(nil), matrix.Step(w.cuts)}).Score(t.Context(), today, nil); err != nil {
		t.Fatal(err)
	}
	_, err := w.questions.Picture(t.Context(), w.reach(t, ""), "", matrix.Narrow{Matrix: grid.CustomerKey})
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != "visit.not_scored" {
		t.Errorf("%v", err)
	}
}

func TestExplainsTheColour(t *testing.T) {
	t.Parallel()
	w := company(t)
	w.score(t)
	v, err := w.scorer.Find(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	told := func(cell string) string {
		e, err := visit.Step(w.definitions).Explain(v.Cuts["visit"], "care", scoring.Values{"cell": cell})
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, f := range e.Facts {
			all = append(all, f.Label+" "+f.Value)
		}
		return strings.Join(all, "; ")
	}
	if got, want := told("silver_bubble"), "Counts as contact visit, call; Green up to 120; Yellow up to 180"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := told("unknown"), "Counts as contact visit, call; Norm of the cell none"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestBadDefinitions(t *testing.T) {
	t.Parallel()
	if err := visit.DefaultDefinition().Validate(); err != nil {
		t.Error(err)
	}
	for field, change := range map[string]func(*visit.Definition){
		"kinds":           func(d *visit.Definition) { d.Kinds = nil },
		"kinds[1]":        func(d *visit.Definition) { d.Kinds = []string{"visit", "visit"} },
		"kinds[0]":        func(d *visit.Definition) { d.Kinds[0] = "Visit" },
		"norms[0].place":  func(d *visit.Definition) { d.Norms[0].Place = "platinum" },
		"norms[1].place":  func(d *visit.Definition) { d.Norms[1].Place = "gold" },
		"norms[2].green":  func(d *visit.Definition) { d.Norms[2].Green = 0 },
		"norms[0].yellow": func(d *visit.Definition) { d.Norms[0].Yellow = 59 },
		"norms[1].yellow": func(d *visit.Definition) { d.Norms[1].Yellow = 4000 },
	} {
		d := visit.DefaultDefinition()
		change(&d)
		var f *fault.Fault
		if err := d.Validate(); !errors.As(err, &f) || f.Fields[0].Path != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestDefinitionIsKept(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		definitions := visit.NewDefinitions(setting.NewStore(d, now))
		def := visit.DefaultDefinition()
		def.Kinds = append(def.Kinds, "besøg")
		def.Norms = append(def.Norms, visit.Norm{Place: "gold_prospect", None: true})
		if _, err := definitions.Put(t.Context(), 0, def); err != nil {
			t.Fatal(err)
		}
		got, version, err := definitions.Get(t.Context())
		if err != nil || version != 1 || !cmp.Equal(got, def) {
			t.Errorf("version %d, %v, %s", version, err, cmp.Diff(def, got))
		}
	})
}
