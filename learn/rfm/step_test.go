package rfm_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/rfm"
	"github.com/kvadrant/kvadrant/learn/scoring"
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
	definitions *rfm.Definitions
	scorer      *scoring.Scorer
	settings    *setting.Store
}

func newBook(t testing.TB) *book {
	t.Helper()
	b := &book{settings: setting.NewStore(testkit.DB(t), now)}
	b.definitions = rfm.NewDefinitions(b.settings)
	steps := []scoring.Step{wallet.Step(nil), rfm.Step(b.definitions)}
	schema, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	b.warehouse = testkit.Warehouse(t, append(schema,
		"CREATE TABLE customer (id UUID, code VARCHAR, name VARCHAR, kind VARCHAR, industry VARCHAR, country VARCHAR, owner_id UUID, unit_id UUID)",
		"CREATE TABLE ownership (customer_id UUID, valid_from DATE, owner_id UUID, unit_id UUID)",
		"CREATE TABLE potential (id UUID, customer_id UUID, amount BIGINT, source VARCHAR, valid_from DATE)",
		"CREATE TABLE purchase (customer_id UUID, purchase_date DATE, revenue BIGINT, cost BIGINT)")...)
	if b.scorer, err = scoring.New(scoring.Config{Warehouse: b.warehouse, Projection: still{}, Window: window(12), Currency: b.settings, Steps: steps, Clock: now}); err != nil {
		t.Fatal(err)
	}
	return b
}

type fataler interface {
	Helper()
	Fatal(args ...any)
}

func (b *book) define(t fataler, def rfm.Definition) {
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
}

func key(customer int) string { return fmt.Sprintf("00000000-0000-7000-8000-%012d", customer) }

// load replaces all customers and their purchases.
func (b *book) load(t fataler, customers int, lines []line) {
	t.Helper()
	err := b.warehouse.Write(context.Background(), func(tx *engine.Tx) error {
		exec := func(text string, args engine.Args) error {
			_, err := tx.Exec(context.Background(), text, args)
			return err
		}
		err := errors.Join(exec("DELETE FROM customer", nil), exec("DELETE FROM purchase", nil))
		for i := range customers {
			err = errors.Join(err, exec("INSERT INTO customer (id, code, name) VALUES (cast(:id AS uuid), :id, :id)", engine.Args{"id": key(i)}))
		}
		for _, l := range lines {
			err = errors.Join(err, exec("INSERT INTO purchase VALUES (cast(:id AS uuid), :day, :fine, 0)", engine.Args{"id": key(l.customer), "day": l.day, "fine": l.fine}))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// got is what the step computed of a customer; a nil band is none.
type got struct {
	points             rfm.Points
	r, f, m            *int64
	cell               *string
	days               *int64
	purchases, revenue int64
}

func (b *book) score(t fataler, asOf date.Date) map[string]got {
	t.Helper()
	ctx := context.Background()
	if _, err := b.scorer.Score(ctx, asOf, nil); err != nil {
		t.Fatal(err)
	}
	rows, err := b.warehouse.Query(ctx, `SELECT s.code, rfm_recency_points, rfm_frequency_points, rfm_money_points, rfm_points, rfm_r, rfm_f, rfm_m, rfm_cell,
		days_since_purchase, purchase_days, revenue_ever FROM score s JOIN score_version v ON v.version = s.version WHERE v.as_of = :as_of`, engine.Args{"as_of": asOf})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]got{}
	for rows.Next() {
		var code string
		var g got
		if err := rows.Scan(&code, &g.points.Recency, &g.points.Frequency, &g.points.Money, &g.points.Total, &g.r, &g.f, &g.m, &g.cell, &g.days, &g.purchases, &g.revenue); err != nil {
			t.Fatal(err)
		}
		all[code] = g
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// P4 as REFERENCE.md works it out: last purchase 40 days ago; 50, 120, 30, 200 and 90 in the year → 24 + 20 + 35 = 79.
func TestPointsOfTheSourceP4(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.load(t, 1, []line{{0, today.AddDays(-40), 50_0000}, {0, "2026-01-10", 120_0000}, {0, "2025-12-10", 30_0000}, {0, "2025-10-10", 200_0000}, {0, "2025-07-01", 90_0000},
		{0, "2025-06-30", 500_0000}}) // a year ago: no longer in the year
	g := b.score(t, today)[key(0)]
	if want := (rfm.Points{Recency: 24, Frequency: 20, Money: 35, Total: 79}); g.points != want {
		t.Errorf("got %+v, want %+v", g.points, want)
	}
	if *g.days != 40 || g.purchases != 6 || g.revenue != 990_0000 || g.r != nil || g.cell != nil {
		t.Errorf("got %+v", g)
	}
}

func TestBandsEndWhereTheSourceSays(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for _, test := range []struct {
		last   date.Date
		points float64
	}{
		{"2026-06-30", 24}, {"2026-03-31", 24}, {"2026-03-30", 12}, // a band of three months leaves out the day three months back
		{"2025-12-31", 12}, {"2025-12-30", 6}, {"2025-10-01", 6}, {"2025-09-30", 3}, {"2025-07-01", 3}, {"2025-06-30", 0}, {"2001-01-01", 0},
		{"2026-07-01", 0}, // after the date
	} {
		b.load(t, 1, []line{{0, test.last, 1}})
		if g := b.score(t, today)[key(0)]; g.points.Recency != test.points {
			t.Errorf("bought last on %s: %v points, want %v", test.last, g.points.Recency, test.points)
		}
	}
}

func TestWhatIsNoPurchase(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.load(t, 5, []line{
		{0, "2026-06-01", 100_0000}, {0, "2026-06-01", -100_0000}, // taken back the same day
		{1, "2026-06-01", -5_0000},                             // a return alone
		{2, "2026-06-01", 0},                                   // nothing
		{3, "2026-06-01", 30_0000}, {3, "2026-06-01", 20_0000}, // two lines are one purchase
	}) // 4 never bought
	got := b.score(t, today)
	for _, i := range []int{0, 1, 2, 4} {
		if g := got[key(i)]; g.points != (rfm.Points{}) || g.days != nil || g.purchases != 0 {
			t.Errorf("customer %d: %+v", i, g)
		}
	}
	if g := got[key(3)]; g.points != (rfm.Points{Recency: 24, Frequency: 4, Money: 5, Total: 33}) || g.purchases != 1 {
		t.Errorf("two lines of a day: %+v", g)
	}
	if got[key(1)].revenue != -5_0000 {
		t.Errorf("a return counts as revenue: %+v", got[key(1)])
	}
}

// Any settings, any log: the step gives what the rules give.
func TestStepEqualsTheRules(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	rapid.Check(t, func(t *rapid.T) {
		def := rfm.Definition{
			Points: rfm.Rules{Window: rapid.IntRange(1, 30).Draw(t, "window"), Factor: hundredths(t, "factor", 2000), Rate: hundredths(t, "rate", 300), Cap: hundredths(t, "cap", 3000)},
			Cells: rfm.Division{R: rapid.IntRange(1, 6).Draw(t, "r"), F: rapid.IntRange(1, 12).Draw(t, "f"), M: rapid.IntRange(1, 6).Draw(t, "m"),
				Method: rapid.SampledFrom([]rfm.Method{rfm.Independent, rfm.Nested}).Draw(t, "method")},
		}
		months, points := 0, 100.0
		for range rapid.IntRange(1, 5).Draw(t, "bands") {
			months += rapid.IntRange(1, 8).Draw(t, "months")
			points = math.Floor(points * rapid.Float64Range(0.2, 1).Draw(t, "points"))
			def.Points.Bands = append(def.Points.Bands, rfm.Band{Months: months, Points: points})
		}
		b.define(t, def)
		asOf := rapid.SampledFrom([]date.Date{"2026-06-30", "2024-02-29", "2026-05-31"}).Draw(t, "as of")
		n := rapid.IntRange(1, 25).Draw(t, "customers")
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) line {
			return line{rapid.IntRange(0, n-1).Draw(t, "customer"), asOf.AddDays(-rapid.IntRange(-20, 900).Draw(t, "days ago")), rapid.Int64Range(-300_0000, 500_0000).Draw(t, "fine")}
		}), 0, 60).Draw(t, "lines")
		b.load(t, n, lines)
		compare(t, def, asOf, n, lines, b.score(t, asOf))
	})
}

func hundredths(t *rapid.T, name string, most int) float64 {
	return float64(rapid.IntRange(0, most).Draw(t, name)) / 100
}

func compare(t *rapid.T, def rfm.Definition, asOf date.Date, n int, lines []line, all map[string]got) {
	var buyers []rfm.Customer
	for i := range n {
		days, total := map[date.Date]int64{}, int64(0)
		for _, l := range lines {
			if l.customer == i && l.day <= asOf {
				days[l.day] += l.fine
				total += l.fine
			}
		}
		var purchases []rfm.Purchase
		last := date.Date("")
		count := 0
		for day, net := range days {
			purchases = append(purchases, rfm.Purchase{Date: day, Amount: float64(net) / 1e4})
			if net > 0 {
				last, count = max(last, day), count+1
			}
		}
		want, g := def.Points.Score(purchases, asOf), all[key(i)]
		for _, p := range [][2]float64{{g.points.Recency, want.Recency}, {g.points.Frequency, want.Frequency}, {g.points.Money, want.Money}, {g.points.Total, want.Total}} {
			if math.Abs(p[0]-p[1]) > 1e-6 {
				t.Fatalf("customer %d: got %+v, want %+v", i, g.points, want)
			}
		}
		if last == "" {
			if g.cell != nil || g.days != nil {
				t.Fatalf("customer %d never bought and has a cell: %+v", i, g)
			}
			continue
		}
		buyers = append(buyers, rfm.Customer{Key: key(i), Recency: float64(*g.days), Frequency: float64(count), Money: float64(total)})
		if last.AddDays(int(*g.days)) != asOf {
			t.Fatalf("customer %d: last purchase %s, %d days before %s", i, last, *g.days, asOf)
		}
	}
	want, err := rfm.Cells(buyers, def.Cells.Bands(), def.Cells.Method)
	if err != nil {
		t.Fatal(err)
	}
	few := len(buyers) < max(def.Cells.R, def.Cells.F, def.Cells.M)
	for i, c := range buyers {
		g := all[c.Key]
		if few {
			if g.cell != nil || g.r != nil {
				t.Fatalf("%d buyers are too few, yet %s has cell %v", len(buyers), c.Key, *g.cell)
			}
			continue
		}
		cell := rfm.Cell{R: int(*g.r), F: int(*g.f), M: int(*g.m)}
		text := cell.String()
		if max(def.Cells.R, def.Cells.F, def.Cells.M) > 9 { // one way of writing for all cells of a division
			text = fmt.Sprintf("%d.%d.%d", cell.R, cell.F, cell.M)
		}
		if cell != want[i] || *g.cell != text {
			t.Fatalf("%s: cell %s (%s), want %s", c.Key, cell, *g.cell, want[i])
		}
	}
}

func TestDefinition(t *testing.T) {
	t.Parallel()
	ok := rfm.DefaultDefinition()
	if err := ok.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(d *rfm.Definition){
		"points.bands":         func(d *rfm.Definition) { d.Points.Bands = nil },
		"points.bands: rising": func(d *rfm.Definition) { d.Points.Bands = []rfm.Band{{Months: 3, Points: 6}, {Months: 6, Points: 12}} },
		"points.bands: months": func(d *rfm.Definition) { d.Points.Bands = []rfm.Band{{Months: 6, Points: 6}, {Months: 3, Points: 1}} },
		"points.factor":        func(d *rfm.Definition) { d.Points.Factor = -1 },
		"points.rate":          func(d *rfm.Definition) { d.Points.Rate = 0.000001 },
		"points.cap":           func(d *rfm.Definition) { d.Points.Cap = math.Inf(1) },
		"points.window_months": func(d *rfm.Definition) { d.Points.Window = 0 },
		"cells.f":              func(d *rfm.Definition) { d.Cells.F = 101 },
		"cells":                func(d *rfm.Definition) { d.Cells.R, d.Cells.F, d.Cells.M = 20, 20, 20 },
		"cells.method":         func(d *rfm.Definition) { d.Cells.Method = rfm.AtQuantiles },
	} {
		d := rfm.DefaultDefinition()
		change(&d)
		f := fault.Of(d.Validate())
		path, _, _ := strings.Cut(name, ":")
		if f == nil || len(f.Fields) == 0 || f.Fields[0].Path != path {
			t.Errorf("%s: %v", name, f)
		}
	}
}

func TestDefinitionIsKept(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		keep := rfm.NewDefinitions(setting.NewStore(d, now))
		def, version, err := keep.Get(t.Context())
		if err != nil || version != 0 {
			t.Fatal(version, err)
		}
		def.Cells.R = 3
		if version, err = keep.Put(t.Context(), 0, def); err != nil || version != 1 {
			t.Fatal(version, err)
		}
		if _, err := keep.Put(t.Context(), 0, def); !fault.Is(err, fault.Precondition) {
			t.Errorf("a stale version was taken: %v", err)
		}
		if kept, _, err := keep.Get(t.Context()); err != nil || kept.Cells.R != 3 || len(kept.Points.Bands) != 4 {
			t.Errorf("%+v %v", kept, err)
		}
	})
}
