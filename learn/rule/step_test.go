package rule_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/rule"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

type still struct{}

func (still) CatchUp(context.Context) error { return nil }

type window int

func (w window) WindowMonths(context.Context) (int, error) { return int(w), nil }

// book is a company whose measures are those of the wallet, and its rules.
type book struct {
	warehouse *engine.Warehouse
	rules     *rule.Store
	settings  *setting.Store
	steps     []scoring.Step
	measures  []scoring.Column
	scorer    *scoring.Scorer
	tester    *rule.Tester
	version   int64
}

func newBook(t *testing.T, d *db.DB) *book {
	t.Helper()
	b := &book{settings: setting.NewStore(d, now)}
	b.rules = rule.NewStore(b.settings)
	before := []scoring.Step{wallet.Step(nil)}
	b.measures = before[0].Columns
	b.steps = append(before, rule.Step(b.rules, before))
	schema, err := scoring.Schema(b.steps)
	if err != nil {
		t.Fatal(err)
	}
	b.warehouse = testkit.Warehouse(t, append(schema, customer.WarehouseSchema, "CREATE TABLE purchase (customer_id UUID, purchase_date DATE, revenue BIGINT, cost BIGINT)")...)
	if b.scorer, err = scoring.New(scoring.Config{Warehouse: b.warehouse, Projection: still{}, Window: window(12), Currency: b.settings, Steps: b.steps, Clock: now}); err != nil {
		t.Fatal(err)
	}
	b.tester = rule.NewTester(b.warehouse, b.scorer, customer.NewStore(d, now), b.settings, before)
	for _, c := range []struct {
		no                int
		industry          string
		employees         string
		revenue, potental int64 // whole euros; 0 is none
	}{{1, "Ferry", "10", 1000, 2000}, {2, "Yard", "NULL", 500, 0}, {3, "", "0", 0, 1000}, {4, "Ferry", "200", 30000, 40000}} {
		b.exec(t, fmt.Sprintf("INSERT INTO customer (id, code, name, kind, industry, country, size_employees, lifecycle, city) VALUES (%[1]s, 'C%[2]d', 'Customer %[2]d', 'organisation', '%[3]s', 'DK', %[4]s, 'customer', 'Ærø')",
			uuid(c.no), c.no, c.industry, c.employees))
		if c.revenue > 0 {
			b.exec(t, fmt.Sprintf("INSERT INTO purchase VALUES (%s, DATE '2026-05-31', %d, 0)", uuid(c.no), c.revenue*10_000))
		}
		if c.potental > 0 {
			b.exec(t, fmt.Sprintf("INSERT INTO potential VALUES (%s, %s, %d, 'declared', DATE '2020-01-01')", uuid(c.no), uuid(c.no), c.potental*100))
		}
	}
	return b
}

func uuid(no int) string { return fmt.Sprintf("cast('00000000-0000-7000-8000-%012d' AS uuid)", no) }

func (b *book) exec(t *testing.T, text string) {
	t.Helper()
	if _, err := b.warehouse.Exec(context.Background(), text, nil); err != nil {
		t.Fatal(err)
	}
}

func of(key, expression string, classes ...any) rule.Rule {
	r := rule.Rule{Key: key, Label: "Label of " + key, Definition: "What it means.", Expression: expression, Unit: scoring.Number, Direction: scoring.More}
	for i, c := range classes {
		if i%2 == 0 {
			r.Classes.Names = append(r.Classes.Names, c.(string))
		} else {
			r.Classes.At = append(r.Classes.At, c.(float64))
		}
	}
	return r
}

func (b *book) put(t *testing.T, rules ...rule.Rule) error {
	t.Helper()
	_, version, err := b.rules.Put(context.Background(), b.version, rules, b.measures)
	if err == nil {
		b.version = version
	}
	return err
}

func (b *book) must(t *testing.T, rules ...rule.Rule) {
	t.Helper()
	if err := b.put(t, rules...); err != nil {
		t.Fatal(err)
	}
}

// score returns the values of a measure of the customers 1 to 4 as of 30 June 2026.
func (b *book) score(t *testing.T, keys ...string) string {
	t.Helper()
	v, err := b.scorer.Score(context.Background(), "2026-06-30", nil)
	if err != nil {
		t.Fatal(err)
	}
	set, err := measure.NewRegistry(b.steps).In(v)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, key := range keys {
		m, ok := set.Find(key)
		if !ok {
			out = append(out, key+" is not there")
			continue
		}
		rows, err := b.warehouse.Query(context.Background(), "SELECT coalesce(cast("+m.Column()+" AS varchar), '-') FROM score WHERE version = :version ORDER BY code", engine.Args{"version": v.Version})
		if err != nil {
			t.Fatal(err)
		}
		var values []string
		for rows.Next() {
			var v string
			if err := rows.Scan(&v); err != nil {
				t.Fatal(err)
			}
			values = append(values, v)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.Join(values, " "))
	}
	return strings.Join(out, " | ")
}

// Expressions computed by the engine for customers with and without a potential, an industry, purchases.
func TestExpressions(t *testing.T) {
	t.Parallel()
	b := newBook(t, testkit.DB(t))
	for _, c := range []struct{ expression, want string }{
		{"revenue", "1000.0 500.0 0.0 30000.0"}, // fine units are whole ones here
		{"potential", "2000.0 - 1000.0 40000.0"},
		{"revenue * 2 + 1", "2001.0 1001.0 1.0 60001.0"},
		{"-revenue / 4", "-250.0 -125.0 -0.0 -7500.0"},
		{"potential / revenue", "2.0 - - 1.3333333333333333"}, // ÷ 0 is no value
		{"1 / 0", "- - - -"},
		{"share > 0.6", "0.0 0.0 0.0 1.0"},
		{"not (share > 0.6)", "1.0 1.0 1.0 0.0"}, // a comparison with what is missing does not hold
		{"share > 0.6 or revenue == 500", "0.0 1.0 0.0 1.0"},
		{"missing(potential)", "0.0 1.0 0.0 0.0"},
		{"potential ?? (revenue * 3)", "2000.0 1500.0 1000.0 40000.0"},
		{`industry == "Ferry" ? 1.5 : 2.5`, "1.5 2.5 2.5 1.5"},
		{`industry != "Ferry"`, "0.0 1.0 0.0 0.0"},
		{`missing(industry) ? 1 : 0`, "0.0 0.0 1.0 0.0"},
		{`industry in ["Yard", "Zoo"]`, "0.0 1.0 0.0 0.0"},
		{`industry contains "ERR"`, "1.0 0.0 0.0 1.0"},
		{`industry startsWith "y"`, "0.0 1.0 0.0 0.0"},
		{`city == "Ærø" and country == "DK"`, "1.0 1.0 1.0 1.0"},
		{"size_employees", "10.0 - 0.0 200.0"},
		{"min(revenue, 600, potential)", "600.0 500.0 0.0 600.0"},
		{"max(revenue, 600)", "1000.0 600.0 600.0 30000.0"},
		{"abs(600 - revenue)", "400.0 100.0 600.0 29400.0"},
		{"round(share * 10) + floor(0.7) + ceil(0.2)", "6.0 - 1.0 9.0"}, // .75 × 10 = 7.5 rounds away from zero
		{"round(sqrt(revenue - 500) * 1000)", "22361.0 0.0 - 171756.0"},
		{"ln(revenue)", "6.907755278982137 6.214608098422191 - 10.308952660644293"},
		{"sqrt(-1) > 3 ? 1 : 2", "2.0 2.0 2.0 2.0"},
		{"days_since(last_purchase)", "30.0 30.0 - 30.0"},
		{`last_purchase >= date("2026-05-31")`, "1.0 1.0 0.0 1.0"},
		{"revenue > 100 ? (revenue > 900 ? 2 : 1) : 0", "2.0 1.0 0.0 2.0"},
		{strings.Repeat("1e15 * ", 30) + "revenue", "- - - -"}, // beyond any number: no value, and no failed run
		{"round(1e15 * 1e15 * 1e15 * revenue / 1e15 / 1e15 / 1e15)", "1000.0 500.0 0.0 30000.0"},
	} {
		b.must(t, of("r", c.expression))
		if got := b.score(t, "r"); got != c.want {
			t.Errorf("%.60s: got %s, want %s", c.expression, got, c.want)
		}
	}
}

func TestARuleUsesEarlierOnesAndHasClasses(t *testing.T) {
	t.Parallel()
	b := newBook(t, testkit.DB(t))
	worth := of("worth", "revenue + (potential ?? 0) / 2", "small", 1000.0, "middle", 10_000.0, "large")
	worth.Unit = scoring.Money
	b.must(t, worth, of("again", `worth_class == "large" ? worth / 1000 : 0`))
	// Money is kept in minor units, as all money of the interface.
	if got := b.score(t, "worth", "worth_class", "again"); got != "200000.0 50000.0 50000.0 5000000.0 | middle small small large | 0.0 0.0 0.0 50.0" {
		t.Error(got)
	}
	// Only an earlier one.
	if err := b.put(t, of("again", "worth / 2"), worth); err == nil || !strings.Contains(err.Error(), `no measure or field "worth"`) {
		t.Errorf("a later rule was used: %v", err)
	}
	// Taking away what another uses is refused at its place.
	err := b.put(t, of("again", `worth_class == "large" ? worth / 1000 : 0`))
	if f := fault.Of(err); f == nil || f.Fields[0].Path != "rules[0].expression[0]" {
		t.Errorf("%v", err)
	}
}

// Each of twenty rules uses the one before many times over: the work must grow with the rules, not double with each.
func TestCostIsBounded(t *testing.T) {
	t.Parallel()
	b := newBook(t, testkit.DB(t))
	rules := []rule.Rule{of("r01", "revenue")}
	for i := 2; i <= rule.Most; i++ {
		before := fmt.Sprintf("r%02d", i-1)
		rules = append(rules, of(fmt.Sprintf("r%02d", i), "("+strings.Repeat(before+" + ", 19)+before+") / 20", "low", 800.0, "high"))
	}
	b.must(t, rules...)
	if got := b.score(t, "r20", "r20_class"); got != "1000.0 500.0 0.0 30000.0 | high low low high" {
		t.Error(got)
	}
	if err := b.put(t, append(rules, of("more", "1"))...); err == nil || !strings.Contains(err.Error(), "at most 20") {
		t.Errorf("a rule too many: %v", err)
	}
}

func TestARuleThatNoLongerCompilesIsLeftOut(t *testing.T) {
	t.Parallel()
	b := newBook(t, testkit.DB(t))
	ctx := context.Background()
	// As an older program may have kept it: with a name that this one does not know.
	kept := rule.Book{Rules: []rule.Placed{{Rule: of("good", "revenue"), Slot: 1}, {Rule: of("gone", "credit_rating * 2"), Slot: 2}, {Rule: of("user", "gone + 1"), Slot: 3}}}
	version, err := b.settings.Put(ctx, "rules", 0, kept)
	if err != nil {
		t.Fatal(err)
	}
	b.version = version
	if got := b.score(t, "good", "gone", "user"); got != "1000.0 500.0 0.0 30000.0 | gone is not there | user is not there" {
		t.Error(got)
	}
	// It does not keep others from being changed, but cannot be changed to another that does not compile.
	b.must(t, of("good", "revenue * 2"), of("gone", "credit_rating * 2"), of("user", "gone + 1"))
	if err := b.put(t, of("good", "revenue * 2"), of("gone", "credit_rating * 3")); err == nil {
		t.Error("a wrong rule was taken")
	}
	if got := b.score(t, "good"); got != "2000.0 1000.0 0.0 60000.0" {
		t.Error(got)
	}
}

// A rule keeps its column; a version is explained by the rules that it was computed by.
func TestVersionsKeepTheirRules(t *testing.T) {
	t.Parallel()
	b := newBook(t, testkit.DB(t))
	ctx := context.Background()
	b.must(t, of("first", "revenue"), of("second", "revenue * 2", "a", 1500.0, "b"))
	if _, err := b.scorer.Score(ctx, "2026-05-31", nil); err != nil {
		t.Fatal(err)
	}
	b.must(t, of("third", "7"), of("second", "revenue * 3"))
	if got := b.score(t, "first", "second", "third"); got != "first is not there | 3000.0 1500.0 0.0 90000.0 | 7.0 7.0 7.0 7.0" {
		t.Error(got)
	}
	old, err := b.scorer.At(ctx, "2026-05-31")
	if err != nil {
		t.Fatal(err)
	}
	set, err := measure.NewRegistry(b.steps).In(old)
	if err != nil {
		t.Fatal(err)
	}
	m, ok := set.Find("second")
	if !ok || m.Formula != "revenue * 2" || m.Definition != "What it means." || !strings.Contains(m.Source, "version 1") || fmt.Sprint(m.Inputs) != "[revenue]" {
		t.Errorf("%+v", m)
	}
	if c, ok := set.Find("second_class"); !ok || c.Unit != scoring.Word || c.Column() != m.Column()+"_class" {
		t.Errorf("%+v", c)
	}
}

func TestRulesAreChecked(t *testing.T) {
	t.Parallel()
	b := newBook(t, testkit.DB(t))
	change := func(change func(r *rule.Rule)) rule.Rule {
		r := of("fine", "1", "a", 1.0, "b")
		change(&r)
		return r
	}
	for path, rules := range map[string][]rule.Rule{
		"rules[0].key":              {change(func(r *rule.Rule) { r.Key = "Not plain" })},
		"rules[1].key":              {of("twice", "1"), of("twice", "2")},
		"rules[0].label":            {change(func(r *rule.Rule) { r.Label = "" })},
		"rules[0].definition":       {change(func(r *rule.Rule) { r.Definition = strings.Repeat("x", 501) })},
		"rules[0].unit":             {change(func(r *rule.Rule) { r.Unit = scoring.Word })},
		"rules[0].direction":        {change(func(r *rule.Rule) { r.Direction = "up" })},
		"rules[0].classes":          {change(func(r *rule.Rule) { r.Classes.Names = []string{"a"} })},
		"rules[0].classes.at[1]":    {of("x", "1", "a", 2.0, "b", 1.0, "c")},
		"rules[0].classes.names[1]": {of("x", "1", "a", 2.0, "a")},
		"rules[0].expression[0]":    {of("revenue", "1")}, // the name of a measure
		"rules[1].expression[4]":    {of("x", "1"), of("y", "x + nothing_known")},
	} {
		f := fault.Of(b.put(t, rules...))
		if f == nil || f.Kind != fault.Invalid || f.Fields[0].Path != path {
			t.Errorf("%s: %v", path, f)
		}
	}
}

func TestRulesAreKept(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		rules := rule.NewStore(setting.NewStore(d, now))
		measures := wallet.Step(nil).Columns
		if _, version, err := rules.Put(t.Context(), 0, []rule.Rule{of("a", "revenue", "x", 1.0, "y")}, measures); err != nil || version != 1 {
			t.Fatal(version, err)
		}
		if _, _, err := rules.Put(t.Context(), 0, nil, measures); !fault.Is(err, fault.Precondition) {
			t.Errorf("a stale version was taken: %v", err)
		}
		book, version, err := rules.Get(t.Context())
		if err != nil || version != 1 || len(book.Rules) != 1 || book.Rules[0].Slot != 1 || book.Rules[0].Classes.Names[1] != "y" {
			t.Errorf("%+v %d %v", book, version, err)
		}
	})
}

func TestPreview(t *testing.T) {
	t.Parallel()
	b := newBook(t, testkit.DB(t))
	ctx := context.Background()
	if _, err := b.tester.Preview(ctx, access.Everything(), []rule.Rule{of("x", "revenue")}); !fault.Is(err, fault.NotFound) {
		t.Errorf("before anything was scored: %v", err)
	}
	b.score(t)
	p, err := b.tester.Preview(ctx, access.Everything(), []rule.Rule{of("half", "potential / 2"), of("x", "half / 1000", "low", 5.0, "high")})
	if err != nil {
		t.Fatal(err)
	}
	if p.Customers != 4 || p.Valued != 3 || *p.Least != 0.5 || *p.Most != 20 || fmt.Sprint(p.Classes) != "[{low 2} {high 1}]" || len(p.Bins) != 20 || p.Bins[0].Customers != 2 || p.Bins[19].Customers != 1 {
		t.Errorf("%+v", p)
	}
	if p, err = b.tester.Preview(ctx, access.Everything(), []rule.Rule{of("x", "7")}); err != nil || len(p.Bins) != 1 || p.Bins[0].Customers != 4 {
		t.Errorf("all equal: %+v %v", p, err)
	}
	if p, err = b.tester.Preview(ctx, access.Everything(), []rule.Rule{of("x", "1/0")}); err != nil || p.Valued != 0 || p.Least != nil {
		t.Errorf("no value: %+v %v", p, err)
	}
	if p, err = b.tester.Preview(ctx, access.Everything(), []rule.Rule{of("x", "revenue + nothing")}); err != nil || p.Mistake == nil || p.Mistake.At != 10 || p.Valued != 0 {
		t.Errorf("a mistake: %+v %v", p, err)
	}
	if _, err := b.tester.Preview(ctx, access.Everything(), nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("no rule: %v", err)
	}
	if v, err := b.scorer.Find(ctx, ""); err != nil || v.AsOf != date.Date("2026-06-30") {
		t.Errorf("%+v %v", v, err)
	}
}
