package statistics_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/statistics"
)

// FIELD.md K3: 65.1 % of revenue comes from 3.4 % of customers who get 15.9 % of the visits; 42.8 % of the visits go to
// customers with 8.1 % of the revenue. Of 1,000 customers with a revenue of 1,000,000 and 1,000 visits.
func TestTheDanishCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cut(t, 50_000, 8_000)
	// n customers of a potential, each with so much revenue but one; the first so many have visits, one each but for the first.
	group := func(name string, n, potential, each, one, visited, visits, first int) {
		w.fill(t, "INSERT INTO customer (id, code, name) SELECT uuid(), :a || i, 'Name' FROM range(cast(:b AS bigint)) r(i)", name, n)
		w.fill(t, "INSERT INTO potential SELECT uuid(), id, cast(:b AS bigint) * 100, 'declared', DATE '2020-01-01' FROM customer WHERE starts_with(code, :a)", name, potential)
		w.fill(t, `INSERT INTO purchase SELECT DATE '2026-03-01', id, CASE WHEN code = :a || '0' THEN cast(:c AS bigint) ELSE cast(:b AS bigint) END * 10000, 0
			FROM customer WHERE starts_with(code, :a)`, name, each, one)
		w.fill(t, `INSERT INTO visit SELECT id, CASE WHEN code = :a || '0' THEN :c ELSE :b END FROM customer WHERE starts_with(code, :a) AND cast(substr(code, 2) AS bigint) < :d`,
			name, visits, first, visited)
	}
	group("G", 34, 100_000, 19_000, 24_000, 34, 4, 27) // 651,000 and 159 visits
	group("S", 300, 10_000, 890, 1_890, 300, 1, 114)   // 268,000 and 413 visits
	group("B", 666, 6_000, 120, 1_200, 428, 1, 1)      // 81,000 and 428 visits
	w.score(t, "2026-06-30")
	p, err := w.questions.Statistics(t.Context(), access.Everything(), statistics.Ask{Figures: "revenue", Effort: "visits", Value: "revenue"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"gold_bubble 34 651000/34 159/34", "silver_bubble 300 268000/300 413/300", "bronze_bubble 666 81000/666 428/428"}
	if got := cells(p.Cells, "revenue", "visits"); !slices.Equal(got, want) {
		t.Errorf("cells %q, want %q", got, want)
	}
	percent := func(x float64) string { return fmt.Sprintf("%.1f", 100*x) }
	said := func(part *statistics.Part) string {
		if part == nil {
			return "nothing"
		}
		return fmt.Sprint(part.Cells, " ", percent(part.ShareOfCustomers), " ", percent(part.ShareOfEffort), " ", percent(part.ShareOfValue))
	}
	if got := said(p.Balance.Under); got != "[gold_bubble] 3.4 15.9 65.1" {
		t.Errorf("too little effort: %s", got)
	}
	if got := said(p.Balance.Over); got != "[bronze_bubble] 66.6 42.8 8.1" {
		t.Errorf("too much effort: %s", got)
	}
	// Too few to say anything of.
	few, err := w.questions.Statistics(t.Context(), access.Everything(), statistics.Ask{Effort: "visits", Value: "revenue", Narrow: matrix.Narrow{Country: "XX"}})
	if err != nil || few.Balance.TooFew != "customers" || few.Balance.Over != nil {
		t.Errorf("nobody: %+v, %v", few.Balance, err)
	}
}

// small is a company of ten customers in a tree: TOP over NORTH (over COAST) and SOUTH, which was under NORTH before 2026.
func small(t *testing.T) *world {
	w := newWorld(t)
	w.cut(t, 1000, 500)
	w.unit(t, "TOP", "", "1900-01-01")
	w.unit(t, "NORTH", "TOP", "1900-01-01")
	w.unit(t, "COAST", "NORTH", "1900-01-01")
	w.unit(t, "SOUTH", "NORTH", "1900-01-01")
	w.unit(t, "SOUTH", "TOP", "2026-01-01")
	for _, p := range [][2]string{{"ANN", "NORTH"}, {"BOB", "COAST"}, {"CAT", "SOUTH"}, {"DAN", "SOUTH"}} {
		w.person(t, p[0], p[1])
	}
	for _, b := range []buyer{
		{"A", "NORTH", "ANN", "DK", 1000, 100, 1}, {"B", "COAST", "BOB", "DK", 1000, 300, 2}, {"C", "COAST", "BOB", "DE", 500, 400, 0},
		{"D", "SOUTH", "CAT", "DE", 500, 0, 5}, {"E", "SOUTH", "CAT", "", 100, 90, 0}, {"F", "SOUTH", "DAN", "", -1, 50, 3},
		{"G", "", "", "DK", 2000, 1500, 0}, {"H", "TOP", "", "DK", 100, 10, 1},
	} {
		w.customer(t, b)
	}
	return w
}

// Any matrix: cut at values, at the median, and by cumulative share; customers without a value stand in unknown, and rows,
// columns and total add up.
func TestAnyMatrix(t *testing.T) {
	t.Parallel()
	w := small(t)
	w.score(t, "2026-06-30")
	lowHigh := []grid.Class{{Key: "low", Name: "Low"}, {Key: "high", Name: "High"}}
	for _, c := range []struct {
		name          string
		rows, columns grid.Axis
		want          []string
		begins        string
	}{
		// 8 customers by revenue: 0 10 50 90 | 100 300 400 1500; unused: F unknown, 0 C.. 100 D500 A900 B700 G500 H90 E10
		{"median of revenue by fixed unused potential",
			grid.Axis{Measure: "revenue", By: grid.ByQuantile, At: []float64{0.5}, Classes: lowHigh},
			grid.Axis{Measure: "unused", By: grid.ByValue, At: []float64{50_000}, Classes: lowHigh},
			[]string{"high_low 1 400/1", "high_high 3 1900/3", "low_low 2 100/2", "low_high 1 0/1", "low_unknown 1 50/1"}, "100 500"},
		// Of 2,450 together 1,500 make 61 %, 1,900 make 78 %, 2,200 make 90 %; of visits 5+3 of 12 make 67 %.
		{"cumulative shares",
			grid.Axis{Measure: "revenue", By: grid.ByCumulativeShare, At: []float64{0.75}, Classes: lowHigh},
			grid.Axis{Measure: "visits", By: grid.ByCumulativeShare, At: []float64{0.5}, Classes: lowHigh},
			[]string{"high_unknown 2 1900/2", "low_low 3 410/3", "low_high 2 50/2", "low_unknown 1 90/1"}, "400 3"},
		{"words",
			grid.Axis{Measure: "potential_class", By: grid.ByWord, Classes: []grid.Class{{Key: "top", Name: "Top", Words: []string{"gold", "silver"}}, {Key: "rest", Name: "Rest", Words: []string{"bronze"}}}},
			grid.Axis{Measure: "share", By: grid.ByValue, At: []float64{0.5}, Classes: lowHigh},
			[]string{"top_low 3 400/3", "top_high 2 1900/2", "rest_low 1 10/1", "rest_high 1 90/1", "unknown 1 50/1"}, ""},
	} {
		key, _, _ := strings.Cut(c.name, " ")
		if _, err := w.grids.Create(t.Context(), grid.Definition{Key: key, Name: c.name, Rows: c.rows, Columns: c.columns}); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		p, err := w.questions.Statistics(t.Context(), access.Everything(), statistics.Ask{Matrix: key, Figures: "revenue"})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := cells(p.Cells, "revenue"); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if c.begins != "" {
			rows, columns := *p.RowsBegin[0], *p.ColumnsBegin[0]
			if p.Matrix.Columns.Measure == "unused" {
				columns /= 100
			}
			if got := fmt.Sprintf("%g %g", rows/100, columns); got != c.begins {
				t.Errorf("%s: classes begin at %s, want %s", c.name, got, c.begins)
			}
		}
		if got := told(p.Total, "revenue"); got != " 8 2450/8" {
			t.Errorf("%s: total%s", c.name, got)
		}
		for along, totals := range [][]statistics.ClassFigures{p.RowTotals, p.ColumnTotals} {
			var n int64
			for _, row := range totals {
				n += row.Customers
			}
			if n != 8 {
				t.Errorf("%s: the totals along %d count %d customers", c.name, along, n)
			}
		}
		listed(t, w, key, p)
	}
}

// listed holds every figure to the list behind it (K8) and to the customers whose place is that cell.
func listed(t *testing.T, w *world, key string, p statistics.Picture) {
	t.Helper()
	for _, c := range p.Cells {
		var codes []string
		for code, one := range w.ids {
			s, err := w.lists.Standing(t.Context(), access.Everything(), key, one, "")
			if fault.Is(err, fault.NotFound) {
				continue // a unit or a person
			}
			if err != nil {
				t.Fatal(err)
			}
			others, err := w.lists.Standings(t.Context(), access.Everything(), one, "")
			if err != nil || key != grid.CustomerKey && !slices.Contains(others, s) {
				t.Errorf("%s stands at %+v, but not among %+v: %v", code, s, others, err)
			}
			if s.Key == c.Key {
				codes = append(codes, code)
			}
		}
		page, err := w.lists.Customers(t.Context(), access.Everything(), matrix.List{Narrow: matrix.Narrow{Matrix: key, Cell: c.Key}, Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range page.Lines {
			if !slices.Contains(codes, line.Code) || line.Place != c.Key {
				t.Errorf("%s %s lists %s as of %s", key, c.Key, line.Code, line.Place)
			}
		}
		if int64(len(codes)) != c.Customers || len(page.Lines) != len(codes) {
			t.Errorf("%s %s: %v behind %d", key, c.Key, codes, c.Customers)
		}
	}
}

// Units are compared as the tree stood on the date, a unit without any below it by its people, and the parts are the whole.
func TestCompare(t *testing.T) {
	t.Parallel()
	w := small(t)
	w.score(t, "2025-06-30")
	w.score(t, "2026-06-30")
	for _, c := range []struct {
		asOf     string
		narrow   matrix.Narrow
		by, want string
	}{
		{"2026-06-30", matrix.Narrow{}, "unit", "unit: NORTH 3 800 people 2 deeper; SOUTH 3 140 people 2; TOP 1 10 people 0 direct; - 1 1500"},
		{"2025-06-30", matrix.Narrow{}, "unit", "unit: NORTH 6 0 people 4 deeper; TOP 1 0 people 0 direct; - 1 0"},
		{"2026-06-30", matrix.Narrow{Unit: w.id("NORTH")}, "unit", "unit: COAST 2 700 people 1; NORTH 1 100 people 1 direct"},
		{"2026-06-30", matrix.Narrow{Unit: w.id("SOUTH")}, "unit", "person: CAT 2 90 people 1; DAN 1 50 people 1"},
		{"2026-06-30", matrix.Narrow{Unit: w.id("NORTH"), Direct: true}, "unit", "person: ANN 1 100 people 1"},
		{"2026-06-30", matrix.Narrow{Unit: matrix.None}, "unit", "person: - 1 1500"},
		{"2026-06-30", matrix.Narrow{}, "country", "country: DK 4 1910; DE 2 400; - 2 140"},
		{"2026-06-30", matrix.Narrow{Unit: w.id("NORTH")}, "country", "country: DK 2 400; DE 1 400"},
		{"2026-06-30", matrix.Narrow{Country: matrix.None}, "person", "person: CAT 1 90 people 1; DAN 1 50 people 1"},
	} {
		got, err := w.questions.Compare(t.Context(), access.Everything(), statistics.Ask{AsOf: "", Matrix: "", Narrow: c.narrow, Figures: "revenue"}, c.by)
		if c.asOf != "2026-06-30" {
			got, err = w.questions.Compare(t.Context(), access.Everything(), statistics.Ask{AsOf: "2025-06-30", Narrow: c.narrow, Figures: "revenue"}, c.by)
		}
		if err != nil {
			t.Fatal(err)
		}
		if said := w.said(got); said != c.want {
			t.Errorf("as of %s by %s: %s\nwant %s", c.asOf, c.by, said, c.want)
		}
	}
}

func (w *world) said(c statistics.Comparison) string {
	codes := map[string]string{}
	for code, one := range w.ids {
		codes[string(one)] = code
	}
	var all []string
	for _, p := range c.Parts {
		key := p.Key
		if code := codes[key]; code != "" {
			key = code
		}
		line := fmt.Sprintf("%s %d %g", key, p.Total.Customers, p.Total.Sums["revenue"].Total/100)
		if p.People != nil {
			line += fmt.Sprintf(" people %d", *p.People)
		}
		if p.Direct {
			line += " direct"
		}
		if p.Deeper {
			line += " deeper"
		}
		all = append(all, line)
	}
	return c.By + ": " + strings.Join(all, "; ")
}

// K7: over random trees and rights the parts of every level add up to the whole that the same person sees, cell by cell, and
// every part is what the statistics narrowed to it say.
func TestPartsAddUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cut(t, 1000, 500)
	parents := []string{"", "U0", "U0", "U1", "U1", "U3", "", "U6"}
	for i, parent := range parents {
		w.unit(t, fmt.Sprint("U", i), parent, "1900-01-01")
	}
	for i := range 6 {
		w.person(t, fmt.Sprint("P", i), fmt.Sprint("U", i))
	}
	for i := range 70 {
		b := buyer{code: fmt.Sprint("C", i), country: []string{"DK", "DE", ""}[i%3], potential: int64(i%5) * 300, revenue: int64(i % 7 * 100), visits: int64(i % 4)}
		if i%9 > 0 {
			b.unit = fmt.Sprint("U", i%len(parents))
		}
		if i%8 > 0 {
			b.owner = fmt.Sprint("P", i%6)
		}
		if i%11 == 0 {
			b.potential = -1
		}
		w.customer(t, b)
	}
	w.score(t, "2026-06-30")
	rapid.Check(t, func(rt *rapid.T) {
		p := access.Principal{Role: access.Director, Scope: access.ScopeAll, PersonID: w.id(fmt.Sprint("P", rapid.IntRange(0, 5).Draw(rt, "person")))}
		switch rapid.IntRange(0, 2).Draw(rt, "scope") {
		case 1:
			p.Role, p.Scope = access.Manager, access.ScopeUnit
			for _, i := range rapid.SliceOfN(rapid.IntRange(0, 7), 1, 4).Draw(rt, "units") {
				p.Units = append(p.Units, w.id(fmt.Sprint("U", i)))
			}
		case 2:
			p.Role, p.Scope = access.Salesperson, access.ScopeOwn
		}
		reach := reachOf(t, p)
		a := statistics.Ask{Figures: "revenue,visits,unused"}
		if i := rapid.IntRange(-1, 7).Draw(rt, "unit"); i >= 0 {
			a.Narrow.Unit = w.id(fmt.Sprint("U", i))
		}
		by := rapid.SampledFrom([]string{"unit", "person", "country"}).Draw(rt, "by")
		c, err := w.questions.Compare(rt.Context(), reach, a, by)
		if err != nil {
			rt.Fatal(err)
		}
		whole, err := w.questions.Statistics(rt.Context(), reach, a)
		if err != nil {
			rt.Fatal(err)
		}
		same(rt, "the total", c.Total, whole.Total)
		sums := map[string]statistics.Figures{}
		for _, part := range c.Parts {
			for _, cell := range part.Cells {
				sums[cell.Key] = plus(sums[cell.Key], cell.Figures)
			}
			narrowed := a
			switch {
			case c.By == "unit":
				narrowed.Narrow.Unit, narrowed.Narrow.Direct = id.ID(part.Key), part.Direct
			case c.By == "person":
				narrowed.Narrow.Owner = id.ID(part.Key)
			default:
				narrowed.Narrow.Country = part.Key
			}
			alone, err := w.questions.Statistics(rt.Context(), reach, narrowed)
			if err != nil {
				rt.Fatal(err)
			}
			same(rt, "the part "+part.Name, part.Total, alone.Total)
		}
		for _, cell := range whole.Cells {
			same(rt, "the cell "+cell.Key, sums[cell.Key], cell.Figures)
		}
	})
}

func plus(a, b statistics.Figures) statistics.Figures {
	sum := statistics.Figures{Customers: a.Customers + b.Customers, Sums: map[string]statistics.Sum{}}
	for _, f := range []statistics.Figures{a, b} {
		for key, s := range f.Sums {
			t := sum.Sums[key]
			sum.Sums[key] = statistics.Sum{Total: t.Total + s.Total, Known: t.Known + s.Known}
		}
	}
	return sum
}

func same(t *rapid.T, what string, got, want statistics.Figures) {
	if got.Customers != want.Customers {
		t.Fatalf("%s: %d customers, want %d", what, got.Customers, want.Customers)
	}
	for _, key := range []string{"revenue", "visits", "unused"} {
		if g, w := got.Sums[key], want.Sums[key]; g.Known != w.Known || math.Abs(g.Total-w.Total) > 1e-6 {
			t.Fatalf("%s: %s %+v, want %+v", what, key, g, w)
		}
	}
}

// What cannot be asked is refused with its place.
func TestRefused(t *testing.T) {
	t.Parallel()
	w := small(t)
	if _, err := w.questions.Statistics(t.Context(), access.Everything(), statistics.Ask{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("before anything was scored: %v", err)
	}
	w.score(t, "2026-06-30")
	for _, a := range []statistics.Ask{{Figures: "share"}, {Figures: "s.revenue"}, {Effort: "visits"}, {Figures: "revenue", Narrow: matrix.Narrow{Unit: "x"}}} {
		if _, err := w.questions.Statistics(t.Context(), access.Everything(), a); !fault.Is(err, fault.Malformed) {
			t.Errorf("%+v: %v", a, err)
		}
	}
	if _, err := w.questions.Statistics(t.Context(), access.Everything(), statistics.Ask{Matrix: "none"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such matrix: %v", err)
	}
	if _, err := w.questions.Compare(t.Context(), access.Everything(), statistics.Ask{}, "owner"); !fault.Is(err, fault.Malformed) {
		t.Errorf("no such division: %v", err)
	}
}
