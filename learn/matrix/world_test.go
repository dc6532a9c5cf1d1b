package matrix_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/projection"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/rfm"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

// purchases is the table of facts that scoring reads, with the columns of package purchase that matter here.
const purchases = `CREATE TABLE purchase (import_no INTEGER, row_no BIGINT, purchase_date DATE, customer_id UUID, quantity DOUBLE,
	revenue BIGINT, cost BIGINT, currency VARCHAR, amount BIGINT, channel VARCHAR)`

func warehouseSchema() []string {
	return []string{projection.Schema, org.WarehouseSchema, customer.WarehouseSchema, purchases}
}

// world is a company in the real stores, with everything that scoring and the matrix work with.
type world struct {
	db          *db.DB
	warehouse   *engine.Warehouse
	projection  *projection.Projection
	customers   *customer.Store
	definitions *matrix.Definitions
	scorer      *scoring.Scorer
	questions   *matrix.Questions
	grids       *grid.Store
	ids         map[string]id.ID // of units, people and customers by code
	no          int
}

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{db: testkit.DB(t), ids: map[string]id.ID{}}
	settings := setting.NewStore(w.db, now)
	units := org.NewStore(w.db, now)
	w.customers = customer.NewStore(w.db, now)
	w.definitions = matrix.NewDefinitions(settings)
	steps := []scoring.Step{wallet.Step(nil), matrix.Step(w.definitions), rfm.Step(rfm.NewDefinitions(settings))}
	own, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	w.warehouse, err = engine.Open(context.Background(), engine.Config{
		Path: filepath.Join(t.TempDir(), "warehouse.duckdb"), Schema: append(warehouseSchema(), own...)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.warehouse.Close(); err != nil {
			t.Error(err)
		}
	})
	same := func(context.Context) (customer.Convert, error) {
		return func(amount int64, _ string, _ date.Date) (int64, bool) { return amount, true }, nil
	}
	w.projection = projection.New(w.db, w.warehouse, append(units.Projections(), w.customers.Projections(same)...)...)
	w.scorer, err = scoring.New(scoring.Config{Warehouse: w.warehouse, Projection: w.projection, Window: w.definitions,
		Currency: settings, Steps: steps, Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	registry := measure.NewRegistry(steps)
	w.grids = grid.NewStore(w.db, now, registry, w.scorer)
	w.questions = matrix.NewQuestions(w.warehouse, w.scorer, w.customers, units, settings, registry, w.grids, grid.NewPlacer(w.warehouse, registry, settings))
	return w
}

// write runs statements on the operational store and tells the projection that everything changed.
func (w *world) write(t testing.TB, statements ...[]any) {
	t.Helper()
	err := w.db.Write(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		for _, s := range statements {
			if _, err := tx.NewRaw(s[0].(string), s[1:]...).Exec(ctx); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Change{Kind: org.UnitKind, Action: audit.Import}, audit.Change{Kind: org.PersonKind, Action: audit.Import},
			audit.Change{Kind: "customer", Action: audit.Import}, audit.Change{Kind: "potential", Action: audit.Import})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// id returns the id that goes by a code, none for "".
func (w *world) id(code string) id.ID {
	if code == "" {
		return ""
	}
	if w.ids[code] == "" {
		w.ids[code] = id.New()
	}
	return w.ids[code]
}

func (w *world) unit(t testing.TB, code, parent string) {
	t.Helper()
	w.write(t, []any{"INSERT INTO unit (id, code, name, kind, parent_id, version, created_at, updated_at) VALUES (?, ?, ?, 'team', ?, 1, ?, ?)",
		w.id(code), code, "Unit " + code, w.id(parent), now(), now()},
		[]any{"INSERT INTO unit_place (unit_id, valid_from, parent_id) VALUES (?, ?, ?)", w.id(code), org.Beginning, w.id(parent)},
		[]any{"UPDATE unit_tree SET version = version + 1"})
}

func (w *world) person(t testing.TB, code string) {
	t.Helper()
	w.write(t, []any{"INSERT INTO person (id, code, name, email, title, version, created_at, updated_at) VALUES (?, ?, ?, '', '', 1, ?, ?)",
		w.id(code), code, "Person " + code, now(), now()})
}

// customer makes a customer; unit and owner hold from the beginning.
func (w *world) customer(t testing.TB, code, name, industry, country, unit, owner string) {
	t.Helper()
	statements := [][]any{{`INSERT INTO customer (id, code, name, kind, industry, street, postal_code, city, country, phone, email, website,
		owner_id, unit_id, lifecycle, version, created_at, updated_at) VALUES (?, ?, ?, 'organisation', ?, '', '', '', ?, '', '', '', ?, ?, 'customer', 1, ?, ?)`,
		w.id(code), code, name, industry, country, w.id(owner), w.id(unit), now(), now()}}
	if unit != "" || owner != "" {
		statements = append(statements, []any{"INSERT INTO ownership (customer_id, valid_from, owner_id, unit_id) VALUES (?, ?, ?, ?)",
			w.id(code), customer.Beginning, w.id(owner), w.id(unit)})
	}
	w.write(t, statements...)
}

// moves gives the customer to another unit and owner from a date on.
func (w *world) moves(t testing.TB, code, from, unit, owner string) {
	t.Helper()
	w.write(t, []any{"INSERT INTO ownership (customer_id, valid_from, owner_id, unit_id) VALUES (?, ?, ?, ?)", w.id(code), from, w.id(owner), w.id(unit)},
		[]any{"UPDATE customer SET owner_id = ?, unit_id = ? WHERE id = ?", w.id(owner), w.id(unit), w.id(code)})
}

func (w *world) potential(t testing.TB, code string, minor int64, source, from string) {
	t.Helper()
	w.write(t, []any{`INSERT INTO potential (id, customer_id, amount, currency, source, valid_from, note, created_by_name, version, created_at, updated_at)
		VALUES (?, ?, ?, 'EUR', ?, ?, '', '', 1, ?, ?)`, id.New(), w.id(code), minor, source, from, now(), now()})
}

func (w *world) purchase(t testing.TB, code, day string, fine int64) {
	t.Helper()
	w.no++
	if _, err := w.warehouse.Exec(context.Background(), "INSERT INTO purchase (import_no, row_no, purchase_date, customer_id, revenue, cost) VALUES (1, :no, :day, :customer, :revenue, 0)",
		engine.Args{"no": w.no, "day": date.Date(day), "customer": w.id(code), "revenue": fine}); err != nil {
		t.Fatal(err)
	}
}

func (w *world) score(t testing.TB, asOf date.Date) scoring.Version {
	t.Helper()
	v, err := w.scorer.Score(context.Background(), asOf, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// reach is that of "all", "own:<person>" or "unit:<unit>,<unit>".
func (w *world) reach(t testing.TB, who string) access.Reach {
	t.Helper()
	kind, codes, _ := strings.Cut(who, ":")
	p := access.Principal{Via: access.ViaSession, Role: access.Salesperson}
	switch kind {
	case "", "all":
		p.Scope = access.ScopeAll
	case "own":
		p.Scope, p.PersonID = access.ScopeOwn, w.id(codes)
	case "unit":
		p.Scope = access.ScopeUnit
		for code := range strings.SplitSeq(codes, ",") {
			p.Units = append(p.Units, w.id(code))
		}
	default:
		t.Fatalf("there is no reach %q", who)
	}
	return reachOf(t, p)
}

func (w *world) codes(t testing.TB, reach access.Reach, l matrix.List) string {
	t.Helper()
	var codes []string
	l.Limit = max(l.Limit, 100)
	page, err := w.questions.Customers(context.Background(), reach, l)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range page.Lines {
		codes = append(codes, line.Code)
	}
	return strings.Join(codes, " ")
}

// major writes minor units as people read them.
func major(minor int64) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return fmt.Sprintf("%s%d.%02d", sign, minor/100, minor%100)
}
