package matrix_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

// benchVariable names a warehouse file to measure on; it is made, with a million customers and ten million lines, when it
// does not exist. Unset, the measurement is skipped. benchCustomersVariable makes another number, with ten lines each.
const (
	benchVariable          = "KVADRANT_BENCH_WAREHOUSE"
	benchCustomersVariable = "KVADRANT_BENCH_CUSTOMERS"
)

// everybody stands in for the operational store, which is not measured here: it names everybody and hides nobody.
type everybody struct{}

func (everybody) Within(context.Context, access.Reach, id.ID) error { return nil }

func (everybody) Named(_ context.Context, _ access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error) {
	named := map[id.ID]*customer.Customer{}
	for _, one := range ids {
		named[one] = &customer.Customer{ID: one}
	}
	return named, nil
}

type flat struct{}

func (flat) TreeAsOf(context.Context, date.Date) (*org.Tree, error) { return org.NewTree(nil), nil }

func (f flat) Definitions(ctx context.Context) ([]grid.Definition, error) {
	d, err := f.Definition(ctx, "")
	return []grid.Definition{d}, err
}

func (flat) Definition(context.Context, string) (grid.Definition, error) {
	return grid.Definition{}, errors.New("only the customer matrix is asked for")
}

type unset struct{}

func (unset) Get(context.Context, string, any) (int64, error)        { return 0, nil }
func (unset) Put(context.Context, string, int64, any) (int64, error) { return 0, nil }

type quiet struct{}

func (quiet) CatchUp(context.Context) error { return nil }

type euro struct{}

func (euro) Base(context.Context) (string, error) { return "EUR", nil }

func TestSpeedAtAMillionCustomers(t *testing.T) {
	t.Parallel()
	path := os.Getenv(benchVariable)
	if path == "" {
		t.Skip(benchVariable + " is not set")
	}
	ctx := context.Background()
	definitions := matrix.NewDefinitions(unset{})
	steps := []scoring.Step{wallet.Step(nil), matrix.Step(definitions)}
	own, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	_, missing := os.Stat(path)
	w, err := engine.Open(ctx, engine.Config{Path: path, Schema: append(warehouseSchema(), own...)})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if missing != nil {
		fillBench(t, w)
	}
	s, err := scoring.New(scoring.Config{Warehouse: w, Projection: quiet{}, Window: definitions, Currency: euro{}, Steps: steps})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second replaces the first
		began, cpu := time.Now(), spent()
		if _, err := s.Score(ctx, "2026-10-31", func(_, _ int64, note string) {
			t.Logf("%6.2f s, %6.2f s of processor: %s", time.Since(began).Seconds(), (spent() - cpu).Seconds(), note)
		}); err != nil {
			t.Fatal(err)
		}
		t.Logf("scoring: %.1f s, %.1f s of processor", time.Since(began).Seconds(), (spent() - cpu).Seconds())
	}
	registry := measure.NewRegistry(steps)
	q := matrix.NewQuestions(w, s, everybody{}, flat{}, euro{}, registry, flat{}, grid.NewPlacer(w, registry, euro{}))
	for _, c := range benchCases(t, w, q) {
		timed(t, c.name, c.ask)
	}
}

type benchCase struct {
	name string
	ask  func() error
}

func benchCases(t *testing.T, w *engine.Warehouse, q *matrix.Questions) []benchCase {
	ctx, all := context.Background(), access.Everything()
	owner, unit, one := benchID(t, w, "SELECT owner_id FROM customer WHERE code = 'C0000077'"), benchID(t, w, "SELECT unit_id FROM customer WHERE code = 'C0000077'"), benchID(t, w, "SELECT id FROM customer WHERE code = 'C0000077'")
	own := reachOf(t, access.Principal{Via: access.ViaSession, Role: access.Salesperson, Scope: access.ScopeOwn, PersonID: owner})
	units := reachOf(t, access.Principal{Via: access.ViaSession, Role: access.Manager, Scope: access.ScopeUnit, PersonID: owner, Units: someUnits(t, w)})
	draw := func(reach access.Reach, n matrix.Narrow) func() error {
		return func() error { _, err := q.Matrix(ctx, reach, "", n); return err }
	}
	list := func(reach access.Reach, l matrix.List) func() error {
		l.Limit = 50
		return func() error { _, err := q.Customers(ctx, reach, l); return err }
	}
	deep := func(sort string, pages int) func() error {
		l := matrix.List{Sort: sort, Limit: 500}
		for range pages {
			page, err := q.Customers(ctx, all, l)
			if err != nil {
				t.Fatal(err)
			}
			l.Cursor = page.Next
		}
		return list(all, l)
	}
	return []benchCase{
		{"matrix", draw(all, matrix.Narrow{})},
		{"matrix of a country and industry", draw(all, matrix.Narrow{Country: "DK", Industry: "Industry 5"})},
		{"matrix of an owner", draw(all, matrix.Narrow{Owner: owner})},
		{"matrix of a unit", draw(all, matrix.Narrow{Unit: unit, Direct: true})},
		{"matrix within own reach", draw(own, matrix.Narrow{})},
		{"matrix within 20 units", draw(units, matrix.Narrow{})},
		{"list", list(all, matrix.List{})},
		{"list of a cell", list(all, matrix.List{Narrow: matrix.Narrow{Cell: "gold_bubble"}})},
		{"list of a cell by name", list(all, matrix.List{Sort: "name", Narrow: matrix.Narrow{Cell: "gold_bubble"}})},
		{"list by name", list(all, matrix.List{Sort: "name"})},
		{"list by -name", list(all, matrix.List{Sort: "-name"})},
		{"list by code", list(all, matrix.List{Sort: "code"})},
		{"list by country", list(all, matrix.List{Sort: "country"})},
		{"list by share", list(all, matrix.List{Sort: "share"})},
		{"list by -share", list(all, matrix.List{Sort: "-share"})},
		{"list by -unused", list(all, matrix.List{Sort: "-unused"})},
		{"list by last_purchase", list(all, matrix.List{Sort: "last_purchase"})},
		{"list by -cell", list(all, matrix.List{Sort: "-cell"})},
		{"page after 100,000 by name", deep("name", 200)},
		{"page after 100,000 by -share", deep("-share", 200)},
		{"page after 100,000", deep("-revenue", 200)},
		{"search", list(all, matrix.List{Narrow: matrix.Narrow{Text: "ferries 4"}})},
		{"search for nothing there", list(all, matrix.List{Narrow: matrix.Narrow{Text: "zzzz"}})},
		{"list of a country and industry by name", list(all, matrix.List{Sort: "name", Narrow: matrix.Narrow{Country: "DK", Industry: "Industry 5"}})},
		{"list within own reach", list(own, matrix.List{})},
		{"list within own reach by name", list(own, matrix.List{Sort: "name"})},
		{"list within 20 units", list(units, matrix.List{})},
		{"list within 20 units by name", list(units, matrix.List{Sort: "name"})},
		{"place", func() error { _, err := q.Place(ctx, all, one, ""); return err }},
	}
}

// timed prints the processor time of one question and how long it takes alone and among eight clients. The machine may
// be shared: the processor time is what compares.
func timed(t *testing.T, name string, ask func() error) {
	const clients, each = 8, 12
	for range 2 {
		if err := ask(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	cpu := spent()
	var alone []time.Duration
	for range each {
		began := time.Now()
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		alone = append(alone, time.Since(began))
	}
	cpu = (spent() - cpu) / each
	var mu sync.Mutex
	var together []time.Duration
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for range each {
				began := time.Now()
				if err := ask(); err != nil {
					t.Error(err)
				}
				mu.Lock()
				together = append(together, time.Since(began))
				mu.Unlock()
			}
		})
	}
	group.Wait()
	slices.Sort(alone)
	slices.Sort(together)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	t.Logf("cpu %6.1f | alone p50 %6.1f | 8 clients p50 %6.1f p95 %6.1f ms | %s", ms(cpu), ms(alone[len(alone)/2]),
		ms(together[len(together)/2]), ms(together[len(together)*95/100]), name)
}

func spent() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func benchID(t *testing.T, w *engine.Warehouse, question string) id.ID {
	t.Helper()
	ids := benchIDs(t, w, question)
	if len(ids) != 1 {
		t.Fatalf("%s: %d rows", question, len(ids))
	}
	return ids[0]
}

func benchIDs(t *testing.T, w *engine.Warehouse, question string) []id.ID {
	t.Helper()
	rows, err := w.Query(context.Background(), question, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var ids []id.ID
	for rows.Next() {
		var one id.ID
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, one)
	}
	return ids
}

func someUnits(t *testing.T, w *engine.Warehouse) []id.ID {
	return benchIDs(t, w, "SELECT id FROM unit ORDER BY code LIMIT 20")
}

func reachOf(t testing.TB, p access.Principal) access.Reach {
	t.Helper()
	reach, err := access.Decide(p, access.MatrixRead)
	if err != nil {
		t.Fatal(err)
	}
	return reach
}

// fillBench makes customers of 500 owners in 60 units, 20 industries and 5 countries, and ten lines each on the average,
// few customers having many.
func fillBench(t *testing.T, w *engine.Warehouse) {
	n := 1_000_000
	if text := os.Getenv(benchCustomersVariable); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []string{
		"INSERT INTO unit SELECT uuid(), 'U' || i, 'Unit ' || i, 'team', NULL FROM range(60) t(i)",
		"INSERT INTO person SELECT uuid(), 'P' || i, 'Person ' || i, u.id FROM range(500) t(i) JOIN unit u ON u.code = 'U' || i % 60",
		fmt.Sprintf(`INSERT INTO customer
			SELECT uuid(), 'C' || lpad(cast(i AS VARCHAR), 7, '0'),
				(['Nordic','Baltic','Harbour','Blue','Star','Marine','Polar','Sea'])[1 + i %% 8] || ' ' ||
				(['Shipping','Fishing','Yards','Logistics','Ferries','Supply'])[1 + i %% 6] || ' ' || cast(hash(i) %% 1000000 AS VARCHAR),
				'organisation', 'Industry ' || cast(hash(i + 1) %% 20 AS VARCHAR), 10, 'City', (['DK','DE','NL','PL','TW'])[1 + cast(hash(i + 2) %% 5 AS BIGINT)],
				NULL, p.id, p.unit_id, 'customer'
			FROM range(%d) t(i) JOIN person p ON p.code = 'P' || i %% 500`, n),
		"INSERT INTO ownership SELECT id, DATE '1900-01-01', owner_id, unit_id FROM customer",
		"INSERT INTO potential SELECT uuid(), id, cast(exp(random() * 8 + 8) AS BIGINT), (['declared','surveyed','imported','estimated'])[1 + cast(hash(code) % 4 AS BIGINT)], DATE '2020-01-01' + cast(random() * 1500 AS INTEGER) FROM customer WHERE hash(code) % 5 > 0",
		fmt.Sprintf(`INSERT INTO purchase (import_no, row_no, purchase_date, customer_id, quantity, revenue, cost, currency, amount, channel)
			SELECT 1, i, DATE '2021-11-01' + cast(random() * 1820 AS INTEGER), c.id, 1, cast((exp(random() * 7) + random()) * 10000 AS BIGINT),
				cast(exp(random() * 6) * 10000 AS BIGINT), 'EUR', 1, 'web'
			FROM (SELECT row_number() OVER () AS rn, id FROM customer) c
			JOIN (SELECT i, 1 + cast(floor(power(random(), 2) * %d) AS BIGINT) AS k FROM range(%d) t(i)) l ON l.k = c.rn
			ORDER BY c.id, 3`, n-1, 10*n),
	} {
		if _, err := w.Exec(context.Background(), s, nil); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if err := w.Checkpoint(context.Background()); err != nil {
		t.Fatal(err)
	}
}
