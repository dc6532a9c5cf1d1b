package profit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/learn/profit"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

const today = date.Date("2026-06-30") // its window begins on 2025-07-01, the one before on 2024-07-01

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// still is a projection that has nothing to bring: the tests write to the warehouse themselves.
type still struct{}

func (still) CatchUp(context.Context) error { return nil }

type window int

func (w window) WindowMonths(context.Context) (int, error) { return int(w), nil }

// book is a company in real stores, which counts in euro. Winning a customer costs 30.00.
type book struct {
	warehouse   *engine.Warehouse
	definitions *profit.Definitions
	scorer      *scoring.Scorer
	questions   *profit.Questions
}

func newBook(t testing.TB) *book {
	t.Helper()
	d := testkit.DB(t)
	settings := setting.NewStore(d, now)
	b := &book{definitions: profit.NewDefinitions(settings)}
	steps := []scoring.Step{wallet.Step(nil), profit.Step(b.definitions, func(context.Context) (int64, error) { return 30_00, nil })}
	schema, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	b.warehouse = testkit.Warehouse(t, append(schema,
		"CREATE TABLE customer (id UUID, code VARCHAR, name VARCHAR, kind VARCHAR, industry VARCHAR, country VARCHAR, owner_id UUID, unit_id UUID)",
		"CREATE TABLE ownership (customer_id UUID, valid_from DATE, owner_id UUID, unit_id UUID)",
		"CREATE TABLE potential (id UUID, customer_id UUID, amount BIGINT, source VARCHAR, valid_from DATE)",
		"CREATE TABLE product (id UUID, code VARCHAR, name VARCHAR, category_id UUID)",
		"CREATE TABLE product_category (id UUID, code VARCHAR, name VARCHAR, parent_id UUID)",
		"CREATE TABLE interaction (customer_id UUID, kind VARCHAR, interaction_date DATE, minutes INTEGER)",
		"CREATE TABLE purchase (customer_id UUID, purchase_date DATE, document VARCHAR, product_id UUID, revenue BIGINT, cost BIGINT)")...)
	if b.scorer, err = scoring.New(scoring.Config{Warehouse: b.warehouse, Projection: still{}, Window: window(12), Currency: settings, Steps: steps, Clock: now}); err != nil {
		t.Fatal(err)
	}
	b.questions = profit.NewQuestions(b.warehouse, b.scorer, customer.NewStore(d, now), alone{}, settings)
	return b
}

// alone is a company in which no unit hangs below another.
type alone struct{}

func (alone) Below(_ context.Context, unit id.ID) ([]id.ID, error) { return []id.ID{unit}, nil }

type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func (b *book) define(t fataler, def profit.Definition) {
	t.Helper()
	_, version, err := b.definitions.Get(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.definitions.Put(context.Background(), version, def); err != nil {
		t.Fatal(err)
	}
}

// line is a purchase line; a cost below zero is unknown, product 0 is none. Amounts are fine units.
type line struct {
	customer      int
	day           date.Date
	document      string
	product       int
	revenue, cost int64
}

// touch is an interaction; minutes below zero are unknown.
type touch struct {
	customer int
	day      date.Date
	kind     string
	minutes  int
}

func key(kind, no int) string { return fmt.Sprintf("00000000-0000-7000-800%d-%012d", kind, no) }

const (
	customers = iota
	units
	products
	categories
)

func unitOf(customer int) int    { return customer % 3 }
func categoryOf(product int) int { return product % 2 }

// load replaces everything. Customers belong to three units, products to two categories.
func (b *book) load(t fataler, n int, lines []line, touches []touch) {
	t.Helper()
	unless := func(none bool, v any) any {
		if none {
			return nil
		}
		return v
	}
	err := b.warehouse.Write(context.Background(), func(tx *engine.Tx) error {
		var errs []error
		exec := func(text string, args engine.Args) {
			_, err := tx.Exec(context.Background(), text, args)
			errs = append(errs, err)
		}
		for _, table := range []string{"customer", "ownership", "product", "product_category", "purchase", "interaction"} {
			exec("DELETE FROM "+table, nil)
		}
		for i := range n {
			exec("INSERT INTO customer (id, code, name) VALUES (cast(:id AS uuid), :code, :code)", engine.Args{"id": key(customers, i), "code": fmt.Sprint(i)})
			exec("INSERT INTO ownership (customer_id, valid_from, unit_id) VALUES (cast(:id AS uuid), date '2000-01-01', cast(:unit AS uuid))", engine.Args{"id": key(customers, i), "unit": key(units, unitOf(i))})
		}
		for i := 1; i <= 4; i++ {
			exec("INSERT INTO product VALUES (cast(:id AS uuid), :code, :code, cast(:category AS uuid))", engine.Args{"id": key(products, i), "code": fmt.Sprint("P", i), "category": key(categories, categoryOf(i))})
		}
		for i := range 2 {
			exec("INSERT INTO product_category VALUES (cast(:id AS uuid), :code, :code, NULL)", engine.Args{"id": key(categories, i), "code": fmt.Sprint("C", i)})
		}
		for _, l := range lines {
			exec("INSERT INTO purchase VALUES (cast(:id AS uuid), :day, :document, cast(:product AS uuid), :revenue, :cost)", engine.Args{"id": key(customers, l.customer), "day": l.day,
				"document": unless(l.document == "", l.document), "product": unless(l.product == 0, key(products, l.product)), "revenue": l.revenue, "cost": unless(l.cost < 0, l.cost)})
		}
		for _, x := range touches {
			exec("INSERT INTO interaction VALUES (cast(:id AS uuid), :kind, :day, :minutes)", engine.Args{"id": key(customers, x.customer), "kind": x.kind, "day": x.day, "minutes": unless(x.minutes < 0, x.minutes)})
		}
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// read scores the date and returns each customer's columns, "-" for none.
func (b *book) read(t fataler, columns string) []string {
	t.Helper()
	v, err := b.scorer.Score(context.Background(), today, nil)
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for c := range strings.SplitSeq(columns, ",") {
		shown = append(shown, "coalesce(cast("+c+" AS varchar), '-')")
	}
	rows, err := b.warehouse.Query(context.Background(), "SELECT concat_ws(' | ', "+strings.Join(shown, ", ")+") FROM score WHERE version = :version ORDER BY cast(code AS integer)", engine.Args{"version": v.Version})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// Every column of customers whose figures were worked out by hand. Amounts are fine units: 1.00 is 10,000.
func TestStepByHand(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	def := profit.DefaultDefinition() // visit 150, call 10, other 5; order 15, line 2, return 20
	def.Costs.Minute = 50             // 0.50
	b.define(t, def)
	b.load(t, 8, []line{
		// 0, retained: two orders of which one has two lines, one line without a cost, and a return in a document of its own.
		{0, "2025-07-01", "a", 1, 1000_0000, 600_0000}, {0, "2025-07-01", "a", 2, 500_0000, -1}, {0, "2026-06-30", "b", 1, 200_0000, 100_0000},
		{0, "2026-06-30", "c", 1, -50_0000, -1}, {0, "2025-06-30", "z", 1, 100_0000, 40_0000},
		// 1, new, on the first day of the window; lines without a document are one order a day.
		{1, "2025-07-01", "", 1, 100_0000, 0}, {1, "2025-07-01", "", 2, 100_0000, 0}, {1, "2025-07-02", "", 1, 100_0000, 0},
		// 2, lost: bought last on the last day of the window before, on its first too.
		{2, "2025-06-30", "l", 1, 300_0000, 100_0000}, {2, "2024-07-01", "k", 1, 10_0000, 0},
		// 3, won back: bought before the window before.
		{3, "2024-06-30", "o", 1, 1_0000, 0}, {3, "2026-01-01", "w", 1, 90_0000, 30_0000},
		// 4, prospect: a return and a free sample are no purchase. 5, none: bought longer ago. 6: no line says a cost.
		{4, "2026-01-01", "f", 1, 0, 2_0000}, {5, "2024-06-30", "n", 1, 1_0000, 0}, {6, "2026-01-01", "u", 1, 70_0000, -1},
		// After the date.
		{7, "2026-07-01", "t", 1, 70_0000, 0},
	}, []touch{{0, "2026-02-01", "visit", 60}, {0, "2026-02-02", "call", -1}, {0, "2025-06-30", "visit", -1}, {7, "2026-06-30", "lunch", 90}, {7, "2026-07-01", "visit", 90}})
	want := []string{
		"2 | 5000000 | 1 | 2 | 60 | 2 | 1 | 2460000 | 2540000 | retained",
		"3 | 3000000 | 0 | 0 | 0 | 2 | 0 | 660000 | 2340000 | new",
		"0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | lost",
		"1 | 600000 | 0 | 0 | 0 | 1 | 0 | 170000 | 430000 | won_back",
		"1 | -20000 | 0 | 0 | 0 | 1 | 0 | 170000 | -190000 | prospect",
		"0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | none",
		"0 | - | 0 | 0 | 0 | 1 | 0 | 470000 | - | new",
		"0 | 0 | 0 | 1 | 90 | 0 | 0 | 500000 | -500000 | prospect",
	}
	// Customer 0: lines with a cost are 1000 − 600, 200 − 100: margin 500; the return says none. Visit 150 + call 10 + 60 minutes
	// at 0.50 = 190; 2 orders 30, 3 lines 6, 1 return 20: 246. Customer 1: 2 orders 30, 3 lines 6, winning 30. Customer 7: 5 + 45.
	if diff := cmp.Diff(want, b.read(t, "costed_lines,margin,visits,contacts,contact_minutes,orders,returns,cost_to_serve,profit,customer_state")); diff != "" {
		t.Error(diff)
	}
	// Before: customer 0 had a visit 150, an order 15 and a line 2 (and was won: 30) for a margin of 60; customer 2 two orders and
	// lines 34, winning 30, for 210. By customers: of the four classed the best fifth is one, the best half two.
	want = []string{
		"211666.0 | -1370000 | low",
		"780000.0 | 0 | high", "- | 1460000 | medium", "477777.0 | 0 | low", "- | 0 | -", "- | 0 | -", "- | 0 | -", "- | 0 | -",
	}
	if diff := cmp.Diff(want, b.read(t, "floor(profit_rate * 1e6),profit_before,opportunity_class")); diff != "" {
		t.Error(diff)
	}
	// Profits that class are 234, 146, 43, −137: half of the 423 that is made is reached by the first, four fifths by the second.
	def.Cuts.By, def.Cuts.HighShare, def.Cuts.MediumShare = profit.ByProfit, 0.5, 0.8
	b.define(t, def)
	if got, want := b.read(t, "opportunity_class"), []string{"low", "high", "medium", "low", "-", "-", "-", "-"}; !slices.Equal(got, want) {
		t.Errorf("by profit: %v", got)
	}
	def.Cuts.By, def.Cuts.HighAmount, def.Cuts.MediumAmount = profit.ByAmount, 146_00, 43_00
	b.define(t, def)
	if got, want := b.read(t, "opportunity_class"), []string{"low", "high", "high", "medium", "-", "-", "-", "-"}; !slices.Equal(got, want) {
		t.Errorf("by amount: %v", got)
	}
}

// The sums of customers, units, categories, products and the company are those of a plain addition of the ledger, to the last
// fine unit, whatever the company.
func TestSumsAreTheLedgers(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	rapid.Check(t, func(t *rapid.T) {
		def := profit.DefaultDefinition()
		cost := func(name string) int64 { return rapid.Int64Range(0, 9999).Draw(t, name) }
		def.Costs = profit.Costs{Contacts: []profit.ContactCost{{Kind: "visit", Cost: cost("visit")}}, Other: cost("other"), Minute: cost("minute"), Order: cost("order"), Line: cost("line"), Return: cost("return")}
		b.define(t, def)
		n := rapid.IntRange(1, 7).Draw(t, "customers")
		day := func(t *rapid.T) date.Date { return today.AddDays(-rapid.IntRange(-30, 1200).Draw(t, "ago")) }
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) line {
			return line{rapid.IntRange(0, n-1).Draw(t, "customer"), day(t), rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "document"), rapid.IntRange(0, 4).Draw(t, "product"),
				rapid.Int64Range(-1_000_000, 3_000_000).Draw(t, "revenue"), rapid.Int64Range(-300_000, 1_500_000).Draw(t, "cost")}
		}), 0, 25).Draw(t, "lines")
		touches := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) touch {
			return touch{rapid.IntRange(0, n-1).Draw(t, "customer"), day(t), rapid.SampledFrom([]string{"visit", "call"}).Draw(t, "kind"), rapid.IntRange(-20, 90).Draw(t, "minutes")}
		}), 0, 12).Draw(t, "touches")
		b.load(t, n, lines, touches)
		want := plain(def, n, lines, touches)
		got := b.read(t, "margin,cost_to_serve,profit,profit_before,customer_state")
		for i, w := range want {
			if got[i] != w.text() {
				t.Fatalf("customer %d: %s, want %s", i, got[i], w.text())
			}
		}
		checkLevels(t, b, want, lines)
	})
}

// result is what plain Go makes of a customer; told is whether a line says a cost, or there is none.
type result struct {
	margin, served, before int64
	told, toldBefore       bool
	state                  string
}

func (r result) text() string {
	margin, profit, before := "-", "-", "-"
	if r.told {
		margin, profit = fmt.Sprint(r.margin), fmt.Sprint(r.margin-r.served)
	}
	if r.toldBefore {
		before = fmt.Sprint(r.before)
	}
	return fmt.Sprintf("%s | %d | %s | %s | %s", margin, r.served, profit, before, r.state)
}

func plain(def profit.Definition, n int, lines []line, touches []touch) []result {
	const from, before = date.Date("2025-06-30"), date.Date("2024-06-30")
	out := make([]result, n)
	for i := range out {
		side := func(after, until date.Date) (margin, served int64, told, bought bool) {
			orders := map[string]bool{}
			count, costed := 0, 0
			for _, l := range lines {
				if l.customer != i || l.day <= after || l.day > until {
					continue
				}
				count++
				if l.cost >= 0 {
					costed++
					margin += l.revenue - l.cost
				}
				if l.revenue < 0 {
					served += def.Costs.Return * 100
				} else {
					served += def.Costs.Line * 100
					orders[string(l.day)+l.document] = true
				}
				bought = bought || l.revenue > 0
			}
			served += int64(len(orders)) * def.Costs.Order * 100
			for _, x := range touches {
				if x.customer == i && x.day > after && x.day <= until {
					served += max(int64(x.minutes), 0) * def.Costs.Minute * 100
					if x.kind == "visit" {
						served += def.Costs.Contacts[0].Cost * 100
					} else {
						served += def.Costs.Other * 100
					}
				}
			}
			return margin, served, count == 0 || costed > 0, bought
		}
		first := date.Date("9999-01-01")
		for _, l := range lines {
			if l.customer == i && l.revenue > 0 && l.day <= today {
				first = min(first, l.day)
			}
		}
		r := result{state: "none"}
		var bought, boughtBefore bool
		var marginBefore, servedBefore int64
		r.margin, r.served, r.told, bought = side(from, today)
		marginBefore, servedBefore, r.toldBefore, boughtBefore = side(before, from)
		switch {
		case first > today:
			r.state = "prospect"
		case first > from:
			r.state = "new"
			r.served += 30_0000
		case bought && boughtBefore:
			r.state = "retained"
		case bought:
			r.state = "won_back"
		case boughtBefore:
			r.state = "lost"
		}
		if first > before && first <= from {
			servedBefore += 30_0000
		}
		r.before = marginBefore - servedBefore
		out[i] = r
	}
	return out
}

// minor rounds fine units of the euro as people are shown them.
func minor(fine int64) int64 {
	if fine < 0 {
		return -minor(-fine)
	}
	return (fine + 50) / 100
}

func checkLevels(t *rapid.T, b *book, want []result, lines []line) {
	ctx := context.Background()
	var served, profits, unshared int64
	buyers := map[int]bool{}
	for _, l := range lines {
		if l.day > "2025-06-30" && l.day <= today {
			buyers[l.customer] = true
		}
	}
	byUnit := map[string]int64{}
	for i, w := range want {
		served += w.served
		if !buyers[i] {
			unshared += w.served
		}
		if w.told {
			profits += w.margin - w.served
			byUnit[key(units, unitOf(i))] += w.margin - w.served
		}
	}
	p, err := b.questions.Picture(ctx, access.Everything(), today, scoring.Narrow{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Total.CostToServe != minor(served) || p.Total.Profit != minor(profits) {
		t.Fatalf("the company: cost to serve %d, profit %d, want %d, %d", p.Total.CostToServe, p.Total.Profit, minor(served), minor(profits))
	}
	rows, err := b.warehouse.Query(ctx, "SELECT cast(unit_id AS varchar), cast(coalesce(sum(profit), 0) AS bigint) FROM score GROUP BY unit_id", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var unit string
		var sum int64
		if err := rows.Scan(&unit, &sum); err != nil {
			t.Fatal(err)
		}
		if sum != byUnit[unit] {
			t.Fatalf("unit %s: %d, want %d", unit, sum, byUnit[unit])
		}
		if unit == "" {
			continue
		}
		part, err := b.questions.Picture(ctx, access.Everything(), today, scoring.Narrow{Unit: id.ID(unit)})
		if err != nil {
			t.Fatal(err)
		}
		if part.Total.Profit != minor(sum) || part.Ledger != nil {
			t.Fatalf("the picture of unit %s: profit %d, want %d; ledger %v", unit, part.Total.Profit, minor(sum), part.Ledger)
		}
	}
	// Products and categories: margins are those of their lines, and their shares of the cost to serve add up to the whole.
	margins := map[string]int64{}
	for _, l := range lines {
		if l.day > "2025-06-30" && l.day <= today && l.cost >= 0 {
			product, category := "", ""
			if l.product > 0 {
				product, category = key(products, l.product), key(categories, categoryOf(l.product))
			}
			margins["product "+product] += l.revenue - l.cost
			margins["category "+category] += l.revenue - l.cost
		}
	}
	if p.Ledger.Total.CostToServe != minor(served-unshared) || p.Ledger.Unshared != minor(unshared) {
		t.Fatalf("shared %d, unshared %d, want %d, %d", p.Ledger.Total.CostToServe, p.Ledger.Unshared, minor(served-unshared), minor(unshared))
	}
	for what, items := range map[string][]profit.Item{"product ": p.Ledger.Products, "category ": p.Ledger.Categories} {
		var shared int64
		for _, i := range items {
			shared += i.CostToServe
			if i.Margin != minor(margins[what+i.ID]) {
				t.Fatalf("%s%s: margin %d, want %d", what, i.ID, i.Margin, minor(margins[what+i.ID]))
			}
		}
		if d := shared - p.Ledger.Total.CostToServe; d > int64(len(items)) || -d > int64(len(items)) { // each is rounded for people once
			t.Fatalf("%s: cost to serve adds up to %d, want %d", what, shared, p.Ledger.Total.CostToServe)
		}
	}
}

// Whom a comparison is about is said by the later date: who changed hands is neither new here nor lost there.
func TestComparisonOfAUnit(t *testing.T) {
	b := newBook(t)
	var lines []line
	for c := range 3 {
		lines = append(lines, line{c, "2025-01-01", "a", 1, 100_0000, 50_0000}, line{c, "2026-01-01", "b", 1, 100_0000, 50_0000})
	}
	b.load(t, 3, lines, nil)
	ctx := context.Background()
	moved := "INSERT INTO ownership (customer_id, valid_from, unit_id) VALUES (cast(:id AS uuid), date '2026-01-01', cast(:unit AS uuid))"
	err := b.warehouse.Write(ctx, func(tx *engine.Tx) error {
		_, err := tx.Exec(ctx, moved, engine.Args{"id": key(customers, 0), "unit": key(units, 1)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range []date.Date{"2025-06-30", today} {
		if _, err := b.scorer.Score(ctx, day, nil); err != nil {
			t.Fatal(err)
		}
	}
	for unit, want := range map[int]int64{0: 0, 1: 2, 2: 1} {
		o, err := b.questions.Compare(ctx, access.Everything(), profit.Pair{Base: "2025-06-30", Later: today, Narrow: scoring.Narrow{Unit: id.ID(key(units, unit))}})
		if err != nil {
			t.Fatal(err)
		}
		states := map[profit.State]int64{}
		for _, c := range o.Cells {
			if c.Class != profit.AllClasses {
				states[c.State] += c.Customers
			}
		}
		if states[profit.Retained] != want || states[profit.New]+states[profit.Lost]+states[profit.WonBack] != 0 {
			t.Errorf("unit %d: %v, want %d retained and nobody else", unit, states, want)
		}
	}
	for _, n := range []scoring.Narrow{{Unit: "x"}, {Owner: "' OR 1=1"}} {
		if _, err := b.questions.Picture(ctx, access.Everything(), today, n); !fault.Is(err, fault.Malformed) {
			t.Errorf("%v: %v", n, err)
		}
	}
}

// Parts add up to the whole and none is farther than one from its exact share.
func TestShareOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(0, 1<<62).Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1<<40), 1, 20).Draw(t, "weights")
		var sum, weight int64
		for i, part := range profit.ShareOut(total, weights) {
			sum += part
			weight += weights[i]
			if weights[i] == 0 && part > 1 || part < 0 {
				t.Fatalf("part %d of weight %d", part, weights[i])
			}
		}
		if weight > 0 && sum != total {
			t.Fatalf("%d shared out, want %d", sum, total)
		}
	})
	if got := profit.ShareOut(100, []int64{1, 1, 1}); !slices.Equal(got, []int64{34, 33, 33}) {
		t.Errorf("a hundred by three: %v", got)
	}
	if got := profit.ShareOut(7, []int64{0, 0}); !slices.Equal(got, []int64{0, 0}) {
		t.Errorf("by nothing: %v", got)
	}
}

func TestDefinition(t *testing.T) {
	t.Parallel()
	if err := profit.DefaultDefinition().Validate(); err != nil {
		t.Error(err)
	}
	for field, change := range map[string]func(d *profit.Definition){
		"costs.contacts[0].kind": func(d *profit.Definition) { d.Costs.Contacts[0].Kind = "Visit" },
		"costs.contacts[1].kind": func(d *profit.Definition) { d.Costs.Contacts[1].Kind = "visit" },
		"costs.contacts[0].cost": func(d *profit.Definition) { d.Costs.Contacts[0].Cost = -1 },
		"costs.order":            func(d *profit.Definition) { d.Costs.Order = 1 << 40 },
		"cuts.by":                func(d *profit.Definition) { d.Cuts.By = "mood" },
		"cuts.high_share":        func(d *profit.Definition) { d.Cuts.HighShare = 0.5 },
		"cuts.medium_share":      func(d *profit.Definition) { d.Cuts.MediumShare = 1 },
		"cuts.high_amount":       func(d *profit.Definition) { d.Cuts.HighAmount = d.Cuts.MediumAmount },
		"rates.high":             func(d *profit.Definition) { d.Rates.Profitable = 0.4 },
		"rates.plus_plus":        func(d *profit.Definition) { d.Rates.Minus = 0 },
		"falling":                func(d *profit.Definition) { d.Falling = 1.1 },
	} {
		d := profit.DefaultDefinition()
		change(&d)
		var f *fault.Fault
		if err := d.Validate(); !errors.As(err, &f) || f.Fields[0].Path != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestDefinitionIsKept(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		definitions := profit.NewDefinitions(setting.NewStore(d, now))
		def := profit.DefaultDefinition()
		def.Costs.Contacts = append(def.Costs.Contacts, profit.ContactCost{Kind: "besøg", Cost: 7})
		if _, err := definitions.Put(t.Context(), 0, def); err != nil {
			t.Fatal(err)
		}
		got, version, err := definitions.Get(t.Context())
		if err != nil || version != 1 || !cmp.Equal(got, def) {
			t.Errorf("version %d, %v, %s", version, err, cmp.Diff(def, got))
		}
	})
}

// Grades and marks begin at their rates; what brought no revenue is judged only where it made a loss.
func TestGradesAndMarks(t *testing.T) {
	t.Parallel()
	r := profit.Rates{High: 0.3, Profitable: 0.1, Medium: 0, TwicePlus: 0.2, Plus: 0, Minus: -0.2}
	for _, c := range []struct {
		profit, revenue int64
		grade           profit.Grade
		mark            profit.Mark
	}{
		{300, 1000, profit.GradeHigh, profit.TwicePlus}, {299, 1000, profit.GradeProfitable, profit.TwicePlus}, {199, 1000, profit.GradeProfitable, profit.Plus},
		{99, 1000, profit.GradeMedium, profit.Plus}, {0, 1000, profit.GradeMedium, profit.Plus}, {-1, 1000, profit.GradeLow, profit.Minus},
		{-200, 1000, profit.GradeLow, profit.Minus}, {-201, 1000, profit.GradeLow, profit.TwiceMinus},
		{-1, 0, profit.GradeLow, profit.TwiceMinus}, {-1, -5, profit.GradeLow, profit.TwiceMinus}, {0, 0, "", ""}, {5, -5, "", ""},
	} {
		if grade, mark := r.Grade(c.profit, c.revenue), r.Mark(c.profit, c.revenue); grade != c.grade || mark != c.mark {
			t.Errorf("%d of %d: %q, %q, want %q, %q", c.profit, c.revenue, grade, mark, c.grade, c.mark)
		}
	}
}
