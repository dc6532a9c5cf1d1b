package pyramid_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/pyramid"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

const (
	before = date.Date("2025-06-30")
	today  = date.Date("2026-06-30")
	north  = id.ID("00000000-0000-7000-8000-0000000000aa")
)

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// world is a warehouse with real scoring; the names of customers and the tree of units are the tests' own.
type world struct {
	warehouse   *engine.Warehouse
	scorer      *scoring.Scorer
	definitions *pyramid.Definitions
	questions   *pyramid.Questions
}

func (*world) CatchUp(context.Context) error             { return nil }
func (*world) WindowMonths(context.Context) (int, error) { return 12, nil }
func (*world) Below(_ context.Context, unit id.ID) ([]id.ID, error) {
	return []id.ID{unit}, nil
}

func (*world) Named(_ context.Context, _ access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error) {
	all := map[id.ID]*customer.Customer{}
	for _, i := range ids {
		all[i] = &customer.Customer{ID: i, Code: strings.TrimLeft(string(i)[24:], "0"), Name: "Customer"}
	}
	return all, nil
}

func newWorld(t testing.TB) *world {
	t.Helper()
	settings := setting.NewStore(testkit.DB(t), now)
	w := &world{definitions: pyramid.NewDefinitions(settings)}
	steps := []scoring.Step{wallet.Step(nil)}
	steps = append(steps, pyramid.Step(w.definitions, steps))
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
	w.questions = pyramid.NewQuestions(w.warehouse, w.scorer, w, w, settings, measure.NewRegistry(steps), w.definitions)
	return w
}

func key(n int) string { return fmt.Sprintf("00000000-0000-7000-8000-%012d", n) }

func (w *world) exec(t testing.TB, text string, args engine.Args) {
	t.Helper()
	err := w.warehouse.Write(t.Context(), func(tx *engine.Tx) error {
		_, err := tx.Exec(t.Context(), text, args)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// buys gives customers 1, 2, 3 … revenue in cents on a day; 0 is no purchase. Those of even number belong to the unit north.
func (w *world) buys(t testing.TB, day date.Date, cents ...int64) {
	t.Helper()
	for i, c := range cents {
		k := key(i + 1)
		w.exec(t, "INSERT INTO customer (id, code, name, country) SELECT cast(:id AS uuid), :id, :id, 'DK' WHERE NOT EXISTS (SELECT 1 FROM customer WHERE id = cast(:id AS uuid))", engine.Args{"id": k})
		if i%2 == 1 {
			w.exec(t, "INSERT INTO ownership SELECT cast(:id AS uuid), cast('2020-01-01' AS date), NULL, cast(:unit AS uuid) WHERE NOT EXISTS (SELECT 1 FROM ownership WHERE customer_id = cast(:id AS uuid))", engine.Args{"id": k, "unit": string(north)})
		}
		if c != 0 {
			w.exec(t, "INSERT INTO purchase VALUES (cast(:id AS uuid), :day, :fine, 0)", engine.Args{"id": k, "day": day, "fine": c * 100})
		}
	}
}

func (w *world) score(t testing.TB, asOf date.Date) {
	t.Helper()
	if _, err := w.scorer.Score(t.Context(), asOf, nil); err != nil {
		t.Fatal(err)
	}
}

func (w *world) draw(t testing.TB, ask pyramid.Question) pyramid.Picture {
	t.Helper()
	p, err := w.questions.Draw(t.Context(), access.Everything(), ask)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func said(layers []pyramid.Layer) string {
	var all []string
	for _, l := range layers {
		all = append(all, fmt.Sprintf("%s %d %v", l.Name, l.Customers, l.Value))
	}
	return strings.Join(all, ", ")
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// Twelve customers worth 50 20 10 5 4 3 2 2 1 1 1 1 of 100, one with nothing and one below: worked by hand. Of twelve, 1 % and 5 %
// round up to one customer, 20 % to three; 80 % of the value are the first three, 95 % the first eight, whose last two are equal.
func TestTiersByHand(t *testing.T) {
	w := newWorld(t)
	w.buys(t, "2026-01-15", 5000, 2000, 1000, 500, 400, 300, 200, 200, 100, 100, 100, 100, 0, -700)
	w.score(t, today)
	p := w.draw(t, pyramid.Question{})
	if got := said(p.Tiers); got != "top 1 5000, large 0 0, medium 2 3000, small 9 2000" {
		t.Errorf("tiers: %s", got)
	}
	if got := said(p.Below); got != "none 1 0, negative 1 -700, unknown 0 0" {
		t.Errorf("below: %s", got)
	}
	if p.Customers != 14 || p.Above != 12 || p.Value != 10000 || p.Measure.Key != "revenue" || p.Measure.Unit != scoring.Money {
		t.Errorf("%+v", p)
	}
	// The first 20 % are 2.4 customers: 50 + 20 + 0.4 × 10 = 74 of 100.
	if p.TopFifth == nil || !near(*p.TopFifth, 0.74) {
		t.Errorf("top fifth %v", p.TopFifth)
	}
	// Gini by its definition: Σ|xi − xj| ÷ (2 n² mean).
	values, sum := []float64{50, 20, 10, 5, 4, 3, 2, 2, 1, 1, 1, 1}, 0.0
	for _, a := range values {
		for _, b := range values {
			sum += math.Abs(a - b)
		}
	}
	if want := sum / (2 * 12 * 100); p.Gini == nil || !near(*p.Gini, want) {
		t.Errorf("Gini %v, want %v", p.Gini, want)
	}
	if first := p.Curve[1]; !near(first.Customers, 1.0/12) || !near(first.Value, 0.5) || p.Curve[len(p.Curve)-1] != (pyramid.CurvePoint{Customers: 1, Value: 1}) {
		t.Errorf("curve %v", p.Curve)
	}
	if !slices.Equal(p.Tiers[0].Conditions, []string{"tier=top"}) || !slices.Equal(p.Below[1].Conditions, []string{"revenue<0"}) {
		t.Errorf("conditions %v and %v", p.Tiers[0].Conditions, p.Below[1].Conditions)
	}
	abc := w.draw(t, pyramid.Question{By: pyramid.ByValue})
	if got := said(abc.Tiers); got != "A 3 8000, B 5 1600, C 4 400" {
		t.Errorf("ABC: %s", got)
	}
	if got := abc.Tiers[1].Conditions; !slices.Equal(got, []string{"revenue>=200", "revenue<1000"}) {
		t.Errorf("conditions of B: %v", got)
	}
	if got := abc.Tiers[2].Conditions; !slices.Equal(got, []string{"revenue>0", "revenue<200"}) {
		t.Errorf("conditions of C: %v", got)
	}
	// Tiers are the company's: of those in the north, only what stands there changes.
	if got := said(w.draw(t, pyramid.Question{Narrow: scoring.Narrow{Unit: north}}).Tiers); got != "top 0 0, large 0 0, medium 1 2000, small 5 1200" {
		t.Errorf("in the north: %s", got)
	}
	// Every customer carries its tier as a measure, and it is the same.
	rows, err := w.warehouse.Query(t.Context(), "SELECT string_agg(tier, ' ' ORDER BY code) FROM score", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var tiers string
	for rows.Next() {
		if err := rows.Scan(&tiers); err != nil {
			t.Fatal(err)
		}
	}
	if tiers != "top medium medium"+strings.Repeat(" small", 9)+" none negative" {
		t.Errorf("the column: %s", tiers)
	}
}

// Where too few bring anything no concentration is told, and without anybody there is nothing but words.
func TestTooFew(t *testing.T) {
	w := newWorld(t)
	w.buys(t, "2026-01-15", 500, 0, -100)
	w.score(t, today)
	for _, by := range []pyramid.Cut{pyramid.ByCustomers, pyramid.ByValue} {
		p := w.draw(t, pyramid.Question{By: by})
		if p.Gini != nil || p.TopFifth != nil || p.TooFew == "" || p.Above != 1 || p.Tiers[0].Customers != 1 {
			t.Errorf("%s: %+v", by, p)
		}
		p = w.draw(t, pyramid.Question{By: by, Narrow: scoring.Narrow{Country: "SE"}})
		if p.Customers != 0 || p.TooFew == "" || len(p.Tiers) < 3 {
			t.Errorf("%s in Sweden: %+v", by, p)
		}
	}
	if _, err := w.questions.Draw(t.Context(), access.Everything(), pyramid.Question{Measure: "share"}); !fault.Is(err, fault.Malformed) {
		t.Errorf("a pyramid of shares: %v", err)
	}
	if _, err := w.questions.Draw(t.Context(), access.Everything(), pyramid.Question{Narrow: scoring.Narrow{Unit: "x"}}); !fault.Is(err, fault.Malformed) {
		t.Errorf("a strange unit: %v", err)
	}
	if _, err := w.questions.Draw(t.Context(), access.Everything(), pyramid.Question{AsOf: before}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a date that was not scored: %v", err)
	}
}

// Of more customers than are counted one by one, the tiers are exactly those that sorting gives.
func TestManyCustomersAgainstSorting(t *testing.T) {
	w := newWorld(t)
	const n = 30_000
	w.exec(t, fmt.Sprintf(`INSERT INTO customer (id, code, name) SELECT cast(lpad(cast(i AS varchar), 32, '0') AS uuid), cast(i AS varchar), 'x' FROM range(%d) r(i)`, n), nil)
	w.exec(t, fmt.Sprintf(`INSERT INTO purchase SELECT cast(lpad(cast(i AS varchar), 32, '0') AS uuid), cast('2026-03-01' AS date), cast(exp(12 + 3 * sin(i * 12.9898)) AS bigint) * (i %% 3), 0 FROM range(%d) r(i)`, n), nil)
	w.score(t, today)
	rows, err := w.warehouse.Query(t.Context(), "SELECT cast(revenue AS double) FROM score WHERE revenue > 0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var values []float64
	for rows.Next() {
		var x float64
		if err := rows.Scan(&x); err != nil {
			t.Fatal(err)
		}
		values = append(values, x)
	}
	sort.Sort(sort.Reverse(sort.Float64Slice(values)))
	sum := 0.0
	for _, x := range values {
		sum += x
	}
	at := func(by pyramid.Cut, share float64) float64 {
		if by == pyramid.ByCustomers {
			return values[int(math.Ceil(share*float64(len(values))-1e-9))-1]
		}
		so := 0.0
		for _, x := range values {
			if so += x; so >= share*sum {
				return x
			}
		}
		return 0
	}
	for by, shares := range map[pyramid.Cut][]float64{pyramid.ByCustomers: {0.01, 0.05, 0.2}, pyramid.ByValue: {0.8, 0.95}} {
		p := w.draw(t, pyramid.Question{By: by})
		for i, share := range shares {
			want := math.Floor(at(by, share) / 100) // cents, as people are shown
			if got := *p.Tiers[i].From; got != want {
				t.Errorf("%s: tier %d begins at %v, sorting says %v", by, i, got, want)
			}
		}
		var customers int64
		for _, l := range p.Tiers {
			customers += l.Customers
		}
		if customers != int64(len(values)) || p.Above != customers {
			t.Errorf("%s: %d customers in the tiers, %d above, want %d", by, customers, p.Above, len(values))
		}
	}
}

// Movement keeps customers and money: rows add up to what stood then, columns to what stands now. Tempers follow the rule.
func TestMovementConserves(t *testing.T) {
	w := newWorld(t)
	w.buys(t, "2025-01-15", 5000, 2000, 1000, 500, 400, 300, 200, 200, 100, 100, 100, 100)
	w.score(t, before)
	w.buys(t, "2026-01-15", 2000, 5000, 1000, 500, 400, 100, 300, 0, 100, 100, 100, 100, 700, -50)
	w.score(t, today)
	ask := pyramid.MoveQuestion{Then: before}
	m, err := w.questions.Movement(t.Context(), access.Everything(), ask)
	if err != nil {
		t.Fatal(err)
	}
	then, at := w.draw(t, pyramid.Question{AsOf: before}), w.draw(t, pyramid.Question{})
	type sum struct {
		customers int64
		value     float64
	}
	rows, columns := map[string]sum{}, map[string]sum{}
	for _, x := range m.Moved {
		r, c := rows[x.From], columns[x.To]
		rows[x.From], columns[x.To] = sum{r.customers + x.Customers, r.value + x.ValueThen}, sum{c.customers + x.Customers, c.value + x.ValueNow}
	}
	for _, side := range []struct {
		name   string
		layers []pyramid.Layer
		sums   map[string]sum
	}{{"then", append(then.Tiers, then.Below...), rows}, {"now", append(at.Tiers, at.Below...), columns}} {
		for _, l := range side.layers {
			if got := side.sums[l.Name]; got.customers != l.Customers || got.value != l.Value {
				t.Errorf("%s, %s: the table has %+v, the pyramid %d and %v", side.name, l.Name, got, l.Customers, l.Value)
			}
		}
	}
	if rows[pyramid.Absent].customers != 2 {
		t.Errorf("%d came new, want 2", rows[pyramid.Absent].customers)
	}
	// Bloom: 2 rose to the top, 3 held its tier. Tire: 6 lost two thirds below, 8 stopped. 1 fell, but to a tier that is an upper one.
	// 14 has less than nothing and had nothing: it bought on neither date.
	var tempers []string
	for _, x := range m.Tempers {
		tempers = append(tempers, fmt.Sprintf("%s %d %v %v", x.Temper, x.Customers, x.RevenueThen, x.RevenueNow))
	}
	if got := strings.Join(tempers, ", "); got != "bloom 2 3000 6000, interest 9 6500 4300, tire 2 500 100, none 1 0 -50" {
		t.Errorf("tempers: %s", got)
	}
	if m.Effort || m.Tempers[0].CostToServe != nil {
		t.Error("what customers cost to serve is not computed here, yet it is told")
	}
	// Every figure has its customers, over pages of any length.
	for _, x := range m.Moved {
		var codes []string
		cursor := ""
		for {
			page, next, err := w.questions.Movers(t.Context(), access.Everything(), pyramid.MoverQuestion{MoveQuestion: ask, From: x.From, To: x.To, Cursor: cursor, Limit: 2})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range page {
				if c.From != x.From || c.To != x.To {
					t.Errorf("%s stood in %s and stands in %s", c.Code, c.From, c.To)
				}
				codes = append(codes, c.Code)
			}
			if cursor = next; next == "" {
				break
			}
		}
		if slices.Sort(codes); int64(len(slices.Compact(codes))) != x.Customers {
			t.Errorf("%s to %s: %v, want %d customers", x.From, x.To, codes, x.Customers)
		}
	}
	tiring, _, err := w.questions.Movers(t.Context(), access.Everything(), pyramid.MoverQuestion{MoveQuestion: ask, Temper: pyramid.Tire, Limit: 10})
	if err != nil || len(tiring) != 2 || tiring[0].Code != "6" || tiring[1].Code != "8" || *tiring[0].RevenueThen != 300 || *tiring[0].RevenueNow != 100 {
		t.Errorf("tiring: %+v, %v", tiring, err)
	}
	// In the north only its customers move.
	ask.Narrow = scoring.Narrow{Unit: north}
	if m, err = w.questions.Movement(t.Context(), access.Everything(), ask); err != nil {
		t.Fatal(err)
	}
	var moved int64
	for _, x := range m.Moved {
		moved += x.Customers
	}
	if moved != 7 {
		t.Errorf("%d customers of the north, want 7", moved)
	}
	for _, bad := range []pyramid.MoveQuestion{{Then: today}, {}, {Then: "2024-06-30"}} {
		if _, err := w.questions.Movement(t.Context(), access.Everything(), bad); !fault.Is(err, fault.Malformed) && !fault.Is(err, fault.NotFound) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// The history is what each date's pyramid says, whether it was kept or is counted.
func TestHistory(t *testing.T) {
	w := newWorld(t)
	w.buys(t, "2025-01-15", 5000, 2000, 1000, 500)
	w.score(t, before)
	w.buys(t, "2026-01-15", 100, 5000, 1000, 0)
	w.score(t, today)
	for _, n := range []scoring.Narrow{{}, {Unit: north}} {
		h, err := w.questions.History(t.Context(), access.Everything(), n)
		if err != nil || len(h.Items) != 2 || h.Items[0].AsOf != before || h.Measure != "revenue" {
			t.Fatalf("%+v, %v", h, err)
		}
		for _, item := range h.Items {
			p := w.draw(t, pyramid.Question{AsOf: item.AsOf, Narrow: n})
			for i, l := range append(p.Tiers, p.Below...) {
				if s := item.Tiers[i]; s.Name != l.Name || s.Customers != l.Customers || s.Value != l.Value {
					t.Errorf("%s %+v: %+v, the pyramid says %s %d %v", item.AsOf, n, s, l.Name, l.Customers, l.Value)
				}
			}
		}
	}
}

func TestWhatCanStand(t *testing.T) {
	for _, c := range []struct {
		field  string
		change func(d *pyramid.Definition)
	}{
		{"", func(*pyramid.Definition) {}},
		{"measure", func(d *pyramid.Definition) { d.Measure = "" }},
		{"upper", func(d *pyramid.Definition) { d.Upper = 4 }},
		{"fall", func(d *pyramid.Definition) { d.Fall = math.NaN() }},
		{"effort", func(d *pyramid.Definition) { d.Effort = -1 }},
		{"tiers[1].up_to", func(d *pyramid.Definition) { d.Tiers[1].UpTo = 0.005 }},
		{"tiers[1].name", func(d *pyramid.Definition) { d.Tiers[1].Name = "top" }},
		{"tiers[1].name", func(d *pyramid.Definition) { d.Tiers[1].Name = "none" }},
		{"classes", func(d *pyramid.Definition) { d.Classes[2].UpTo = 0.99 }},
		{"classes", func(d *pyramid.Definition) { d.Classes = nil }},
	} {
		d := pyramid.DefaultDefinition()
		c.change(&d)
		f := fault.Of(d.Validate())
		if (f == nil) != (c.field == "") || f != nil && !slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Path == c.field }) {
			t.Errorf("%q: %v", c.field, f)
		}
	}
}

// Own names and ends count from the next scoring on; a tier's name is a text and nothing else.
func TestOwnTiers(t *testing.T) {
	w := newWorld(t)
	d := pyramid.DefaultDefinition()
	d.Tiers, d.Upper = []pyramid.Tier{{Name: "it's; DROP", UpTo: 0.5}, {Name: "rest?", UpTo: 1}}, 1
	if _, err := w.definitions.Put(t.Context(), 0, d); err != nil {
		t.Fatal(err)
	}
	w.buys(t, "2026-01-15", 4, 3, 2, 1)
	w.score(t, today)
	if got := said(w.draw(t, pyramid.Question{}).Tiers); got != "it's; DROP 2 7, rest? 2 3" {
		t.Error(got)
	}
}
