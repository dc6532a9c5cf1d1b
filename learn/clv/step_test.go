package clv_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/clv"
	"github.com/kvadrant/kvadrant/learn/lifetime"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/spend"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

const today = date.Date("2026-06-30")

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// still is a projection that has nothing to bring: the tests write to the warehouse themselves.
type still struct{}

func (still) CatchUp(context.Context) error { return nil }

type window int

func (w window) WindowMonths(context.Context) (int, error) { return int(w), nil }

// book is the purchases of a company in real stores.
type book struct {
	warehouse   *engine.Warehouse
	definitions *clv.Definitions
	scorer      *scoring.Scorer
}

func newBook(t testing.TB) *book {
	t.Helper()
	settings := setting.NewStore(testkit.DB(t), now)
	b := &book{definitions: clv.NewDefinitions(settings)}
	steps := []scoring.Step{wallet.Step(nil), clv.Step(b.definitions)}
	schema, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	b.warehouse = testkit.Warehouse(t, append(schema,
		"CREATE TABLE customer (id UUID, code VARCHAR, name VARCHAR, kind VARCHAR, industry VARCHAR, country VARCHAR, owner_id UUID, unit_id UUID)",
		"CREATE TABLE ownership (customer_id UUID, valid_from DATE, owner_id UUID, unit_id UUID)",
		"CREATE TABLE potential (id UUID, customer_id UUID, amount BIGINT, source VARCHAR, valid_from DATE)",
		"CREATE TABLE purchase (customer_id UUID, purchase_date DATE, revenue BIGINT, cost BIGINT)")...)
	if b.scorer, err = scoring.New(scoring.Config{Warehouse: b.warehouse, Projection: still{}, Window: window(12), Currency: settings, Steps: steps, Clock: now}); err != nil {
		t.Fatal(err)
	}
	return b
}

type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func (b *book) define(t fataler, def clv.Definition) {
	t.Helper()
	_, version, err := b.definitions.Get(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.definitions.Put(context.Background(), version, def); err != nil {
		t.Fatal(err)
	}
}

type line struct {
	customer int
	day      date.Date
	fine     int64
	cost     any // fine units or nil
}

func key(customer int) string { return fmt.Sprintf("00000000-0000-7000-8000-%012d", customer) }

// load replaces all customers and their purchases; industries are by customer.
func (b *book) load(t fataler, customers int, industry func(int) string, lines []line) {
	t.Helper()
	err := b.warehouse.Write(context.Background(), func(tx *engine.Tx) error {
		_, err := tx.Exec(context.Background(), "DELETE FROM customer", nil)
		_, err2 := tx.Exec(context.Background(), "DELETE FROM purchase", nil)
		at := 0
		_, err3 := tx.Append(context.Background(), "customer", []string{"id", "code", "name", "industry"}, func() ([]any, bool, error) {
			if at == customers {
				return nil, false, nil
			}
			at++
			word := ""
			if industry != nil {
				word = industry(at - 1)
			}
			return []any{id.ID(key(at - 1)), key(at - 1), key(at - 1), word}, true, nil
		})
		i := 0
		_, err4 := tx.Append(context.Background(), "purchase", []string{"customer_id", "purchase_date", "revenue", "cost"}, func() ([]any, bool, error) {
			if i == len(lines) {
				return nil, false, nil
			}
			l := lines[i]
			i++
			return []any{id.ID(key(l.customer)), l.day, l.fine, l.cost}, true, nil
		})
		return errors.Join(err, err2, err3, err4)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// got is what the step computed of a customer; nil is none.
type got struct {
	repeats, recency, age, mean   *int64
	alive, ahead, danger, margin  *float64
	next, low, high               *string
	size, soFar, toCome, residual *int64
	sizeLow, sizeHigh             *int64
	group, judged                 *string
}

func (b *book) score(t fataler, asOf date.Date) (map[string]got, clv.Kept) {
	t.Helper()
	ctx := context.Background()
	v, err := b.scorer.Score(ctx, asOf, nil)
	if err != nil {
		t.Fatal(err)
	}
	var kept clv.Kept
	if err := json.Unmarshal(v.Cuts["lifetime"], &kept); err != nil {
		t.Fatal(err)
	}
	rows, err := b.warehouse.Query(ctx, `SELECT s.code, repeat_purchases, days_first_to_last, days_since_first, mean_spend, alive, purchases_ahead, danger, margin_share,
		cast(next_purchase AS varchar), cast(next_purchase_from AS varchar), cast(next_purchase_to AS varchar), next_purchase_size, value_so_far, value_to_come, residual_value,
		lifetime_group, judged_by, next_purchase_size_low, next_purchase_size_high FROM score s WHERE s.version = :version`, engine.Args{"version": v.Version})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]got{}
	for rows.Next() {
		var code string
		var g got
		if err := rows.Scan(&code, &g.repeats, &g.recency, &g.age, &g.mean, &g.alive, &g.ahead, &g.danger, &g.margin, &g.next, &g.low, &g.high, &g.size,
			&g.soFar, &g.toCome, &g.residual, &g.group, &g.judged, &g.sizeLow, &g.sizeHigh); err != nil {
			t.Fatal(err)
		}
		all[code] = g
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all, kept
}

// town is an invented company: customers of two industries, one of which buys twice as often; some leave.
func town(customers int, seed uint64) (lines []line, industry func(int) string) {
	r := rand.New(rand.NewPCG(seed, 1))
	industry = func(i int) string { return []string{"Boatyard", "Harbour"}[i%2] }
	for c := range customers {
		pace := 30 * (0.5 + r.ExpFloat64()) * float64(1+c%2)
		leave := 0.15 * r.Float64()
		for day := float64(-r.IntN(900)); day <= 0; day += math.Max(1, pace*r.ExpFloat64()) {
			amount := int64(1e6 * (0.5 + r.Float64()) * float64(1+c%5))
			lines = append(lines, line{c, today.AddDays(int(day)), amount, amount * 6 / 10})
			if r.Float64() < leave {
				break
			}
		}
	}
	return lines, industry
}

// TestSummaryInTheEngineIsLifetimeSummarise: the engine's histories are exactly those of the definition.
func TestSummaryInTheEngineIsLifetimeSummarise(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	start := int(today.AddDays(-200).Time().Unix() / 86400)
	rapid.Check(t, func(t *rapid.T) {
		customers := rapid.IntRange(1, 6).Draw(t, "customers")
		var lines []line
		var log []lifetime.Purchase
		for range rapid.IntRange(0, 40).Draw(t, "lines") {
			c, after := rapid.IntRange(0, customers-1).Draw(t, "customer"), rapid.IntRange(0, 260).Draw(t, "day")
			fine := rapid.SampledFrom([]int64{-500, -100, 0, 0, 100, 250, 500, 7700}).Draw(t, "fine") * 100
			lines = append(lines, line{c, today.AddDays(after - 200), fine, nil})
			log = append(log, lifetime.Purchase{Customer: c, Day: start + after, Amount: float64(fine)})
		}
		b.load(t, customers, nil, lines)
		all, _ := b.score(t, today)
		want, err := lifetime.Summarise(log, lifetime.Observation{End: start + 200, Unit: 7})
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, s := range want {
			g := all[key(s.Customer)]
			if g.repeats == nil {
				t.Fatalf("customer %d bought, the engine says not", s.Customer)
			}
			seen++
			if float64(*g.repeats) != s.Frequency || float64(*g.recency)/7 != s.Recency || float64(*g.age)/7 != s.Age {
				t.Fatalf("customer %d: x %d t.x %d T %d, want %+v", s.Customer, *g.repeats, *g.recency, *g.age, s)
			}
			// The definition's mean is a sum of quotients: it may miss the half that the engine rounds by less than a billionth.
			if s.Frequency > 0 && math.Abs(float64(*g.mean)-s.Monetary/100) > 0.5+1e-9*math.Abs(s.Monetary) {
				t.Fatalf("customer %d: mean %d, want %g", s.Customer, *g.mean, s.Monetary/100)
			}
		}
		for code, g := range all {
			if g.repeats != nil {
				seen--
			}
			if g.repeats == nil && g.group != nil {
				t.Fatalf("%s never bought and has the group %s", code, *g.group)
			}
		}
		if seen != 0 {
			t.Fatalf("%d customers too few have a history", seen)
		}
	})
}

// TestStepAnswersAsTheModels: what stands in score is what the models say of the same histories, segment by segment.
func TestStepAnswersAsTheModels(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	def := clv.DefaultDefinition()
	def.Alike, def.Acquisition = clv.ByIndustry, 50_000
	b.define(t, def)
	lines, industry := town(800, 7)
	b.load(t, 801, industry, lines) // one who never bought
	all, kept := b.score(t, today)
	if kept.TooFew != "" || kept.Test == nil || len(kept.Groups) != 3 || math.Abs(kept.Margin.Average-0.4) > 1e-6 || kept.Margin.Known != 1 {
		t.Fatalf("%+v", kept)
	}
	if len(kept.Test.Candidates) < 4 || kept.Test.Naive.RMSE <= 0 || len(kept.Test.Track) < 100 || len(kept.Test.Bins) != 8 {
		t.Errorf("the test: %+v", kept.Test)
	}
	for i, c := range kept.Test.Candidates {
		if c.Chosen != (i == 0) {
			t.Errorf("candidate %d, %s: chosen %v", i, c.Model, c.Chosen)
		}
	}
	if _, ok := all[key(800)]; !ok || all[key(800)].toCome != nil || all[key(800)].group != nil {
		t.Errorf("who never bought: %+v", all[key(800)])
	}
	groups := map[string]int{}
	for code, g := range all {
		if g.repeats == nil {
			continue
		}
		groups[*g.group]++
		if *g.judged != "Boatyard" && *g.judged != "Harbour" {
			t.Fatalf("%s is judged by %s", code, *g.judged)
		}
		if !(*g.alive >= 0 && *g.alive <= 1 && *g.danger >= 0 && *g.danger <= 1 && *g.ahead >= 0 && *g.toCome >= 0 && *g.residual >= 0 && *g.size > 0) {
			t.Fatalf("%s: %+v", code, g)
		}
		if *g.danger < 1-*g.alive-1e-9 {
			t.Fatalf("%s: a customer that has left buys nothing, so danger %g ≥ 1 − alive %g", code, *g.danger, *g.alive)
		}
		if g.next != nil && g.low != nil && g.high != nil && !(*g.low <= *g.next && *g.next <= *g.high && *g.next > string(today)) {
			t.Fatalf("%s: next %s from %s to %s", code, *g.next, *g.low, *g.high)
		}
		if !(*g.sizeLow > 0 && *g.sizeLow < *g.size && *g.size < *g.sizeHigh) {
			t.Fatalf("%s: size %d from %d to %d", code, *g.size, *g.sizeLow, *g.sizeHigh)
		}
		for _, f := range kept.Groups {
			if f.Name != *g.judged {
				continue
			}
			m, x := spend.GammaGamma{P: f.Spend.Parameters[0].Value, Q: f.Spend.Parameters[1].Value, V: f.Spend.Parameters[2].Value}, float64(*g.repeats)
			own := 0.0
			if *g.repeats > 0 {
				own = float64(*g.mean) / 100
			}
			if want := 100 * m.Quantile(x, own, .9); math.Abs(float64(*g.sizeHigh)-want) > 2+1e-4*want {
				t.Fatalf("%s: the size lies up to %d, the model says %g", code, *g.sizeHigh, want)
			}
		}
		want := lifetime.Classify(margin12(lines, code), float64(*g.toCome), 1-*g.danger)
		if string(want) != *g.group {
			t.Fatalf("%s: group %s, want %s of %+v", code, *g.group, want, g)
		}
	}
	if len(groups) < 3 {
		t.Errorf("groups: %v", groups)
	}
	n := kept.Newcomer
	if n == nil || len(n.Cumulative) != 37 || n.Cumulative[0] != -500 || n.PaidBack < 0 {
		t.Errorf("newcomer: %+v", n)
	}
	// The same facts give the same rows.
	again, _ := b.score(t, today)
	for code, g := range all {
		a := again[code]
		if fmt.Sprint(deref(g)) != fmt.Sprint(deref(a)) {
			t.Fatalf("%s differs when scored again:\n%v\n%v", code, deref(g), deref(a))
		}
	}
}

func deref(g got) []any {
	raw, _ := json.Marshal([]any{g.repeats, g.recency, g.age, g.mean, g.alive, g.ahead, g.danger, g.margin, g.next, g.low, g.high, g.size, g.soFar, g.toCome, g.residual, g.group})
	return []any{string(raw)}
}

func margin12(lines []line, code string) float64 {
	sum := 0.0
	for _, l := range lines {
		if key(l.customer) == code && l.day > today.AddMonths(-12) && l.day <= today {
			sum += float64(l.fine - l.cost.(int64))
		}
	}
	return sum
}

// TestHostileLogs: whatever the log, the version is complete and what cannot be said is said in words.
func TestHostileLogs(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	def := clv.DefaultDefinition()
	def.Minimum = 20
	b.define(t, def)
	many := []line{}
	for i := range 100_000 {
		many = append(many, line{0, today.AddDays(-i % 8000), 10_000, nil})
	}
	clock := []line{}
	for c := range 40 {
		for i := range 30 {
			clock = append(clock, line{c, today.AddDays(-7 * i), 10_000, nil})
		}
	}
	town, _ := town(60, 3)
	each := func(n int, f func(c int) line) (all []line) {
		for c := range n {
			all = append(all, f(c))
		}
		return all
	}
	for _, c := range []struct {
		name      string
		customers int
		lines     []line
		fitted    bool
	}{
		{"nobody", 0, nil, false},
		{"no purchases", 3, nil, false},
		{"one customer, one purchase", 1, []line{{0, today, 100, nil}}, false},
		{"all on one day", 50, each(50, func(c int) line { return line{c, today, 100, nil} }), false},
		{"returns only", 50, each(50, func(c int) line { return line{c, today.AddDays(-c), -100, nil} }), false},
		{"the future only", 50, each(50, func(c int) line { return line{c, today.AddDays(1 + c), 100, nil} }), false},
		{"nothing for nothing", 50, append(each(50, func(c int) line { return line{c, today.AddDays(-300), 0, nil} }), each(50, func(c int) line { return line{c, today.AddDays(-10 - c), 0, nil} })...), true},
		{"100,000 lines of one customer", 1, many, false},
		{"100,000 lines of one among others", 60, append(many, town...), true},
		{"like a clock", 40, clock, true},
		{"all twice, a day ago and today", 40, append(each(40, func(c int) line { return line{c, today, 100, nil} }), each(40, func(c int) line { return line{c, today.AddDays(-1), 100, nil} })...), true},
		{"very large sums", 60, each(60*20, func(i int) line { return line{i % 60, today.AddDays(-i), 90_000_000_000_000, nil} }), true},
		{"cost far above revenue", 60, each(60*20, func(i int) line { return line{i % 60, today.AddDays(-i), 100, int64(90_000_000_000)} }), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.load(t, c.customers, nil, c.lines)
			all, kept := b.score(t, today)
			if len(all) != c.customers {
				t.Fatalf("%d rows of %d customers", len(all), c.customers)
			}
			if c.fitted != (kept.TooFew == "") {
				t.Errorf("too few: %q", kept.TooFew)
			}
			for code, g := range all {
				if (g.toCome != nil) != (c.fitted && g.repeats != nil) {
					t.Errorf("%s: value %v with %v repeats", code, g.toCome, g.repeats)
				}
				for _, p := range []*float64{g.alive, g.danger, g.ahead} {
					if p != nil && (math.IsNaN(*p) || math.IsInf(*p, 0) || *p < -1e-9) {
						t.Errorf("%s: %v", code, *p)
					}
				}
			}
		})
	}
}

// TestProfitableNowIsAfterTheCostToServe: where a step before works it out, who costs more than its margin is not profitable.
func TestProfitableNowIsAfterTheCostToServe(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	dear := scoring.Step{Name: "dear", SQL: "SELECT DISTINCT customer_id, cast(1000000000 AS bigint) AS cost_to_serve FROM purchase WHERE substr(cast(customer_id AS varchar), 36, 1) < '5'",
		Columns: []scoring.Column{{Name: "cost_to_serve", Type: scoring.Whole, Doc: "Serving.", Meaning: scoring.Meaning{Label: "Cost", Unit: scoring.FineMoney, Direction: scoring.Less}}}}
	steps := []scoring.Step{wallet.Step(nil), dear, clv.Step(b.definitions, dear)}
	settings := setting.NewStore(testkit.DB(t), now)
	schema, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	b.warehouse = testkit.Warehouse(t, append(schema,
		"CREATE TABLE customer (id UUID, code VARCHAR, name VARCHAR, kind VARCHAR, industry VARCHAR, country VARCHAR, owner_id UUID, unit_id UUID)",
		"CREATE TABLE ownership (customer_id UUID, valid_from DATE, owner_id UUID, unit_id UUID)",
		"CREATE TABLE potential (id UUID, customer_id UUID, amount BIGINT, source VARCHAR, valid_from DATE)",
		"CREATE TABLE purchase (customer_id UUID, purchase_date DATE, revenue BIGINT, cost BIGINT)")...)
	if b.scorer, err = scoring.New(scoring.Config{Warehouse: b.warehouse, Projection: still{}, Window: window(12), Currency: settings, Steps: steps, Clock: now}); err != nil {
		t.Fatal(err)
	}
	lines, industry := town(800, 7)
	b.load(t, 800, industry, lines)
	all, kept := b.score(t, today)
	if !kept.Served {
		t.Error("the version does not say that the cost to serve counted")
	}
	profitable := 0
	for code, g := range all {
		if g.group == nil {
			continue
		}
		now := *g.group == string(lifetime.Now) || *g.group == string(lifetime.NowAndLater)
		switch dear := code[35] < '5'; {
		case dear && now:
			t.Fatalf("%s costs more than it brings and is %s", code, *g.group)
		case !dear && now != (margin12(lines, code) > 0):
			t.Fatalf("%s costs nothing to serve, brings %g, and is %s", code, margin12(lines, code), *g.group)
		case now:
			profitable++
		}
	}
	if profitable == 0 {
		t.Error("nobody is profitable")
	}
}
