package matrix_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/learn/matrix"
)

func sorts() []string {
	var all []string
	for _, s := range []string{"code", "name", "industry", "country", "revenue", "potential", "share", "unused", "last_purchase", "cell", "potential_class"} {
		all = append(all, s, "-"+s)
	}
	return all
}

// crowd is n customers with few different figures, so that every sort has ties and every column but the code has gaps.
func crowd(t testing.TB, n int) *world {
	w := newWorld(t)
	w.unit(t, "NORTH", "")
	w.unit(t, "COAST", "NORTH")
	w.unit(t, "SOUTH", "")
	w.person(t, "ANN")
	w.person(t, "BOB")
	units, people := []string{"NORTH", "COAST", "SOUTH", ""}, []string{"ANN", "BOB", ""}
	industries, countries := []string{"Ferry", "yard", "Zoo", ""}, []string{"DK", "DE", ""}
	for i := range n {
		code := fmt.Sprintf("C%03d", i)
		w.customer(t, code, fmt.Sprintf("Name %d", i%7), industries[i%4], countries[i%3], units[i/3%4], people[i/5%3])
		if i%6 > 0 {
			w.potential(t, code, int64(i%4)*10_000, []string{"declared", "estimated"}[i%2], "2020-01-01")
		}
		if i%5 > 0 {
			w.purchase(t, code, fmt.Sprintf("2026-0%d-01", 1+i%5), int64(i%8-2)*200_000)
		}
	}
	w.score(t, "2026-06-30")
	return w
}

// Paging through the list under any sort, in pages of any size, gives every customer of the question exactly once and in
// the same order as one long page.
func TestPagesGiveEveryCustomerOnce(t *testing.T) {
	t.Parallel()
	w := crowd(t, 60)
	ctx := context.Background()
	narrows := []matrix.Narrow{{}, {Row: "bronze"}, {Column: "prospect"}, {Cell: matrix.Unknown}, {Country: "DK"}, {Text: "name 3"}, {Unit: w.id("NORTH")}}
	rapid.Check(t, func(t *rapid.T) {
		reach := access.Everything()
		if rapid.Bool().Draw(t, "limited") {
			reach = limited(w)
		}
		l := matrix.List{Sort: rapid.SampledFrom(append(sorts(), measureSorts()...)).Draw(t, "sort"), Narrow: rapid.SampledFrom(narrows).Draw(t, "narrow"), Limit: 500}
		whole, err := w.questions.Customers(ctx, reach, l)
		if err != nil || whole.Next != "" {
			t.Fatal(err, whole.Next)
		}
		l.Limit = rapid.IntRange(1, 25).Draw(t, "limit")
		var paged []string
		for {
			page, err := w.questions.Customers(ctx, reach, l)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Lines) > l.Limit || len(page.Lines) == 0 && page.Next != "" {
				t.Fatalf("a page of %d lines", len(page.Lines))
			}
			for _, line := range page.Lines {
				paged = append(paged, line.Code)
			}
			if page.Next == "" {
				break
			}
			l.Cursor = page.Next
		}
		if want := codesOf(whole.Lines); !slices.Equal(paged, want) {
			t.Fatalf("paged %v, whole %v", paged, want)
		}
	})
}

func limited(w *world) access.Reach {
	reach, err := access.Decide(access.Principal{Via: access.ViaSession, Role: access.Manager, Scope: access.ScopeUnit,
		PersonID: w.id("ANN"), Units: []id.ID{w.id("NORTH"), w.id("COAST")}}, access.MatrixRead)
	if err != nil {
		panic(err)
	}
	return reach
}

func codesOf(lines []matrix.Line) []string {
	codes := make([]string, len(lines))
	for i, l := range lines {
		codes[i] = l.Code
	}
	return codes
}

// Every sort gives all sixty, sorted by the value that stands in the line, those without a value last.
func TestSortsAreInOrder(t *testing.T) {
	t.Parallel()
	w := crowd(t, 60)
	worth := func(classes []string, class string) float64 { return float64(-slices.Index(classes, class)) }
	value := func(l matrix.Line, by string) (text string, figure float64, known bool) {
		switch by {
		case "code":
			return l.Code, 0, true
		case "name":
			return strings.ToLower(l.Name), 0, true
		case "industry":
			return strings.ToLower(l.Industry), 0, l.Industry != ""
		case "country":
			return l.Country, 0, l.Country != ""
		case "last_purchase":
			return string(l.LastPurchase), 0, l.LastPurchase != ""
		case "revenue":
			return "", float64(l.Revenue), true
		case "potential":
			return "", float64(orZero(l.Potential)), l.Potential != nil
		case "unused":
			return "", float64(orZero(l.Unused)), l.Unused != nil
		case "share":
			return "", orZero(l.Share), l.Share != nil
		case "potential_class":
			return "", worth(matrix.Rows(), l.Row), true
		default: // cell: row before column
			return "", 10*worth(matrix.Rows(), l.Row) - worth(matrix.Columns()[:4], l.Column), true
		}
	}
	for _, sort := range sorts() {
		page, err := w.questions.Customers(context.Background(), access.Everything(), matrix.List{Sort: sort, Limit: 500})
		if err != nil || len(page.Lines) != 60 {
			t.Fatalf("%s: %d lines, %v", sort, len(page.Lines), err)
		}
		by, desc := strings.CutPrefix(sort, "-")
		for i := 1; i < 60; i++ {
			t1, f1, k1 := value(page.Lines[i-1], by)
			t2, f2, k2 := value(page.Lines[i], by)
			if !k1 && k2 || k1 && k2 && (!desc && (t1 > t2 || f1 > f2) || desc && (t1 < t2 || f1 < f2)) {
				t.Errorf("%s: %+v stands before %+v", sort, page.Lines[i-1], page.Lines[i])
			}
		}
	}
}

func orZero[T any](v *T) T {
	if v == nil {
		return *new(T)
	}
	return *v
}

// Each figure of the matrix is that of a direct question to the facts and of the list behind it; cells add up to rows,
// columns and total.
func TestFiguresAddUp(t *testing.T) {
	t.Parallel()
	w := crowd(t, 60)
	ctx := context.Background()
	for name, reach := range map[string]access.Reach{"all": access.Everything(), "limited": limited(w)} {
		for _, n := range []matrix.Narrow{{}, {Country: "DK"}, {Unit: w.id("NORTH")}, {Owner: w.id("BOB"), Industry: "Ferry"}} {
			p, err := w.questions.Matrix(ctx, reach, "2026-06-30", n)
			if err != nil {
				t.Fatal(err)
			}
			var cells matrix.Figures
			for _, c := range p.Cells {
				behind := n
				behind.Cell = c.Key
				compare(t, w, name+" "+c.Key, reach, behind, c.Figures)
				cells.Customers += c.Customers
				cells.Revenue += c.Revenue // whole amounts here, so rounding takes nothing
				cells.Potential += c.Potential
				cells.Unused += c.Unused
			}
			for _, r := range p.RowTotals {
				behind := n
				behind.Row = r.Row
				compare(t, w, name+" row "+r.Row, reach, behind, r.Figures)
			}
			for _, c := range p.ColumnTotals {
				behind := n
				behind.Column = c.Column
				compare(t, w, name+" column "+c.Column, reach, behind, c.Figures)
			}
			compare(t, w, name+" total", reach, n, p.Total)
			cells.ShareOfCustomers, cells.ShareOfRevenue = p.Total.ShareOfCustomers, p.Total.ShareOfRevenue
			if cells != p.Total {
				t.Errorf("%s %+v: the cells make %+v, the total says %+v", name, n, cells, p.Total)
			}
		}
	}
	p, err := w.questions.Matrix(ctx, access.Everything(), "", matrix.Narrow{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := w.warehouse.Query(ctx, "SELECT cast(sum(revenue) AS BIGINT) FROM purchase", engine.Args{})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var fine int64
	if rows.Next(); rows.Scan(&fine) != nil || fine/100 != p.Total.Revenue || p.Total.Customers != 60 {
		t.Errorf("facts %d, matrix %+v", fine, p.Total)
	}
}

func compare(t *testing.T, w *world, name string, reach access.Reach, n matrix.Narrow, f matrix.Figures) {
	t.Helper()
	page, err := w.questions.Customers(context.Background(), reach, matrix.List{Narrow: n, Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	sum := matrix.Figures{Customers: int64(len(page.Lines)), ShareOfCustomers: f.ShareOfCustomers, ShareOfRevenue: f.ShareOfRevenue}
	for _, l := range page.Lines {
		sum.Revenue += l.Revenue
		sum.Potential += orZero(l.Potential)
		sum.Unused += orZero(l.Unused)
	}
	if sum != f {
		t.Errorf("%s: the list behind makes %+v, the figure says %+v", name, sum, f)
	}
}

// A06: names and values from outside never become SQL. Strange names are refused with 400; strange values find nothing.
func TestHostileQuestions(t *testing.T) {
	t.Parallel()
	w := crowd(t, 12)
	ctx, all := context.Background(), access.Everything()
	attacks := []string{"revenue; DROP TABLE score", "revenue DESC, (SELECT 1)", "1", "by_revenue", "s.revenue", "-", "--", "customer_id",
		"revenue,name", "Revenue", "revenue ", "' OR 1=1 --", "\x00", strings.Repeat("x", 10_000), "-(select 1)", "unit_id"}
	for _, a := range attacks {
		if a == "revenue " {
			continue // blanks around a name are forgiven
		}
		if _, err := w.questions.Customers(ctx, all, matrix.List{Sort: a}); !fault.Is(err, fault.Malformed) {
			t.Errorf("sort %.40q: %v", a, err)
		}
	}
	for _, a := range append(attacks, "gold", "gold_unknown", "GOLD_BUBBLE") {
		for name, n := range map[string]matrix.Narrow{"cell": {Cell: a}, "row": {Row: a + "_"}, "column": {Column: a}, "unit": {Unit: id.ID(a)}, "owner": {Owner: id.ID(a)}} {
			if a == matrix.None && (name == "unit" || name == "owner") {
				continue // means those without one
			}
			if _, err := w.questions.Customers(ctx, all, matrix.List{Narrow: n}); !fault.Is(err, fault.Malformed) {
				t.Errorf("%s %.40q: %v", name, a, err)
			}
			if _, err := w.questions.Matrix(ctx, all, "", n); !fault.Is(err, fault.Malformed) {
				t.Errorf("matrix %s %.40q: %v", name, a, err)
			}
		}
	}
	for _, a := range []string{"' OR '1'='1", "%", "_", "DK' --", "\\", "{{reach}}", ":version", "?", "\x00"} {
		for name, n := range map[string]matrix.Narrow{"industry": {Industry: a}, "country": {Country: a}, "text": {Text: a}} {
			page, err := w.questions.Customers(ctx, all, matrix.List{Narrow: n})
			if err != nil || len(page.Lines) != 0 {
				t.Errorf("%s %q: %d lines, %v", name, a, len(page.Lines), err)
			}
		}
	}
	first, err := w.questions.Customers(ctx, all, matrix.List{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []matrix.List{{Cursor: "x"}, {Cursor: first.Next, Sort: "name"}, {Cursor: "WzEsIi1yZXZlbnVlIixmYWxzZSwiMSBPUiAxPTEiXQ"}, {Cursor: "W10"}} {
		if _, err := w.questions.Customers(ctx, all, l); !fault.Is(err, fault.Malformed) {
			t.Errorf("cursor %q: %v", l.Cursor, err)
		}
	}
}

func TestNothingScored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, all := context.Background(), access.Everything()
	code := func(err error) string {
		if f := fault.Of(err); f != nil && f.Kind == fault.NotFound {
			return f.Code
		}
		return fmt.Sprint(err)
	}
	if _, err := w.questions.Matrix(ctx, all, "", matrix.Narrow{}); code(err) != "scoring.empty" {
		t.Error(err)
	}
	if _, err := w.questions.Customers(ctx, all, matrix.List{AsOf: "2026-06-30"}); code(err) != "scoring.empty" {
		t.Error(err)
	}
	w.customer(t, "A", "Alpha", "", "", "", "")
	w.score(t, "2026-06-30")
	if _, err := w.questions.Matrix(ctx, all, "2026-06-29", matrix.Narrow{}); code(err) != "scoring.not_scored" || !strings.Contains(err.Error(), "2026-06-29") {
		t.Error(err)
	}
	w.customer(t, "B", "Beta", "", "", "", "")
	if _, err := w.questions.Place(ctx, all, w.id("B"), ""); code(err) != "matrix.not_in_version" {
		t.Error(err)
	}
	if _, err := w.questions.Place(ctx, all, id.New(), ""); code(err) != "customer.not_found" {
		t.Error(err)
	}
}

// The list pages through one version: scored again in between, the asker begins anew.
func TestScoredAgainBetweenPages(t *testing.T) {
	t.Parallel()
	w := crowd(t, 12)
	ctx, all := context.Background(), access.Everything()
	page, err := w.questions.Customers(ctx, all, matrix.List{Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	w.score(t, "2026-06-30")
	_, err = w.questions.Customers(ctx, all, matrix.List{Limit: 5, Cursor: page.Next})
	if f := fault.Of(err); f == nil || f.Kind != fault.Conflict || f.Code != "scoring.scored_again" {
		t.Error(err)
	}
}

// Rights follow the operational store at once: what the warehouse has not heard of yet is not shown, and names are those
// of now.
func TestListsKnowTheCustomersOfNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, person := range []string{"ANN", "BOB"} {
		w.person(t, person)
	}
	for _, c := range []string{"A", "B", "C"} {
		w.customer(t, c, "Name "+c, "Yard", "DK", "", "ANN")
	}
	w.score(t, "2026-06-30")
	w.write(t, []any{"UPDATE customer SET owner_id = ? WHERE code = 'B'", w.id("BOB")}, []any{"UPDATE customer SET name = 'New name' WHERE code = 'C'"})
	if got := w.codes(t, w.reach(t, "own:ANN"), matrix.List{Sort: "code"}); got != "A C" {
		t.Error(got)
	}
	if got := w.codes(t, w.reach(t, "own:BOB"), matrix.List{}); got != "" {
		t.Error(got)
	}
	if err := w.projection.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := w.codes(t, w.reach(t, "own:BOB"), matrix.List{}); got != "B" {
		t.Error(got)
	}
	page, err := w.questions.Customers(context.Background(), w.reach(t, "all"), matrix.List{Sort: "-code"})
	if err != nil || page.Lines[0].Name != "New name" || page.Lines[0].OwnerName != "Person ANN" {
		t.Errorf("%+v %v", page.Lines, err)
	}
	if _, err := w.questions.Place(context.Background(), w.reach(t, "own:ANN"), w.id("B"), ""); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if got := w.codes(t, access.Reach{}, matrix.List{}); got != "" {
		t.Errorf("who reaches nobody sees %s", got)
	}
	if p, err := w.questions.Matrix(context.Background(), access.Reach{}, "", matrix.Narrow{}); err != nil || p.Total.Customers != 0 {
		t.Errorf("who reaches nobody sees %+v %v", p.Total, err)
	}
}
