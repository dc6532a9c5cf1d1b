package migration_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
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
	"github.com/kvadrant/kvadrant/learn/migration"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/statistics"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

// The tables of facts that scoring and migration read here, with the columns that matter; model is what the models of lifetime
// value would say.
const (
	purchases = `CREATE TABLE purchase (purchase_date DATE, customer_id UUID, revenue BIGINT, cost BIGINT)`
	budgets   = `CREATE TABLE budget (customer_id UUID, month DATE, revenue BIGINT)`
	models    = `CREATE TABLE model (customer_id UUID, purchases_ahead DOUBLE, next_purchase_size BIGINT)`
)

func modelStep() scoring.Step {
	return scoring.Step{Name: "expectation", SQL: "SELECT customer_id, purchases_ahead, next_purchase_size FROM model", Columns: []scoring.Column{
		{Name: "purchases_ahead", Type: scoring.Real, Doc: "Expected.", Meaning: scoring.Meaning{Label: "Expected purchases", Unit: scoring.Number, Direction: scoring.More}},
		{Name: "next_purchase_size", Type: scoring.Whole, Doc: "Expected.", Meaning: scoring.Meaning{Label: "Size", Unit: scoring.Money, Mean: true, Direction: scoring.More}}}}
}

// world is a company whose warehouse is filled directly, with the organisation in the operational store as well.
type world struct {
	db         *db.DB
	warehouse  *engine.Warehouse
	scorer     *scoring.Scorer
	cuts       *matrix.Definitions
	grids      *grid.Store
	statistics *statistics.Questions
	questions  *migration.Questions
	statements *migration.Statements
	months     int // for which the models say what to expect
	ids        map[string]id.ID
	codes      map[id.ID]string
}

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

type quiet struct{}

func (quiet) CatchUp(context.Context) error { return nil }

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{db: d, ids: map[string]id.ID{}, codes: map[id.ID]string{}, months: 12}
	settings := setting.NewStore(w.db, now)
	units, customers := org.NewStore(w.db, now), customer.NewStore(w.db, now)
	w.cuts = matrix.NewDefinitions(settings)
	steps := []scoring.Step{wallet.Step(nil), matrix.Step(w.cuts), modelStep()}
	own, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	w.warehouse = testkit.Warehouse(t, append([]string{purchases, budgets, models, projection.Schema, org.WarehouseSchema, customer.WarehouseSchema, migration.WarehouseSchema}, own...)...)
	w.scorer, err = scoring.New(scoring.Config{Warehouse: w.warehouse, Projection: quiet{}, Window: w.cuts, Currency: settings, Steps: steps, Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	registry := measure.NewRegistry(steps)
	w.grids = grid.NewStore(w.db, now, registry, w.scorer)
	placer := grid.NewPlacer(w.warehouse, registry, settings)
	lists := matrix.NewQuestions(w.warehouse, w.scorer, customers, units, settings, registry, w.grids, placer)
	w.statistics = statistics.NewQuestions(statistics.Config{Warehouse: w.warehouse, Versions: w.scorer, Lists: lists, Matrices: w.grids, Placer: placer,
		Measures: registry, Currency: settings, Organisation: units})
	w.statements = migration.NewStatements(w.db, customers, now)
	said := projection.New(w.db, w.warehouse, w.statements.Projections()...)
	w.questions = migration.NewQuestions(migration.Config{Warehouse: w.warehouse, Versions: w.scorer, Lists: lists, Matrices: w.grids, Placer: placer, Measures: registry,
		Currency: settings, Customers: customers, Ahead: func(scoring.Version) (int, error) { return w.months, nil }, CatchUp: said.CatchUp})
	_, err = w.cuts.Put(context.Background(), 0, matrix.Definition{WindowMonths: 12, Potential: matrix.Cut{By: matrix.ByValue, At: []float64{50_000, 10_000}},
		Share: matrix.Cut{By: matrix.ByValue, At: []float64{0.25, 0.6}}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) id(code string) id.ID {
	if code == "" {
		return ""
	}
	if w.ids[code] == "" {
		w.ids[code] = id.New()
		w.codes[w.ids[code]] = code
	}
	return w.ids[code]
}

// fill runs a statement on the warehouse with its arguments as :a, :b, :c …
func (w *world) fill(t testing.TB, text string, values ...any) {
	t.Helper()
	args := engine.Args{}
	for i, v := range values {
		args[string(rune('a'+i))] = v
	}
	if _, err := w.warehouse.Exec(context.Background(), text, args); err != nil {
		t.Fatal(err)
	}
}

// write runs a statement on the operational store.
func (w *world) write(t testing.TB, text string, values ...any) {
	t.Helper()
	err := w.db.Write(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(text, values...).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) unit(t testing.TB, code, parent string) {
	t.Helper()
	w.fill(t, "INSERT INTO unit (id, code, name) VALUES (cast(:a AS uuid), :b, :b)", w.id(code), code)
	w.write(t, "INSERT INTO unit (id, code, name, kind, parent_id, version, created_at, updated_at) VALUES (?, ?, ?, 'team', ?, 1, ?, ?)", w.id(code), code, code, w.id(parent), now(), now())
	w.write(t, "INSERT INTO unit_place (unit_id, valid_from, parent_id) VALUES (?, ?, ?)", w.id(code), org.Beginning, w.id(parent))
}

func (w *world) person(t testing.TB, code, unit string) {
	t.Helper()
	w.fill(t, "INSERT INTO person (id, code, name) VALUES (cast(:a AS uuid), :b, :b)", w.id(code), code)
	w.write(t, "INSERT INTO person (id, code, name, email, title, version, created_at, updated_at) VALUES (?, ?, ?, '', '', 1, ?, ?)", w.id(code), code, code, now(), now())
	w.write(t, "INSERT INTO person_place (person_id, valid_from, unit_id) VALUES (?, ?, ?)", w.id(code), org.Beginning, w.id(unit))
}

func nothing(of id.ID) any {
	if of == "" {
		return nil
	}
	return of
}

func (w *world) customer(t testing.TB, code, unit, owner, country string) {
	t.Helper()
	w.fill(t, `INSERT INTO customer (id, code, name, country, industry, owner_id, unit_id) VALUES (cast(:a AS uuid), :b, :b, :c, '', cast(:d AS uuid), cast(:e AS uuid))`,
		w.id(code), code, country, nothing(w.id(owner)), nothing(w.id(unit)))
	w.write(t, `INSERT INTO customer (id, code, name, kind, industry, street, postal_code, city, country, phone, email, website, owner_id, unit_id, lifecycle, version, created_at, updated_at)
		VALUES (?, ?, ?, 'organisation', '', '', '', '', ?, '', '', '', ?, ?, 'customer', 1, ?, ?)`, w.id(code), code, code, country, w.id(owner), w.id(unit), now(), now())
	w.owned(t, code, unit, owner, "1990-01-01")
}

// owned says who had the customer since a date.
func (w *world) owned(t testing.TB, code, unit, owner, from string) {
	t.Helper()
	w.fill(t, "INSERT INTO ownership VALUES (cast(:a AS uuid), cast(:d AS date), cast(:b AS uuid), cast(:c AS uuid))", w.id(code), nothing(w.id(owner)), nothing(w.id(unit)), from)
}

// gone takes a customer out of the book.
func (w *world) gone(t testing.TB, code string) {
	t.Helper()
	w.fill(t, "DELETE FROM customer WHERE code = :a", code)
	w.write(t, "DELETE FROM customer WHERE code = ?", code)
}

// potential states what a customer could buy in a year; amounts here and below are whole major units.
func (w *world) potential(t testing.TB, code, from string, amount int64) {
	t.Helper()
	w.fill(t, "INSERT INTO potential VALUES (cast(:a AS uuid), cast(:b AS uuid), :c, 'declared', cast(:d AS date))", id.New(), w.id(code), 100*amount, from)
}

func (w *world) bought(t testing.TB, code, day string, amount int64) {
	t.Helper()
	w.fill(t, "INSERT INTO purchase VALUES (cast(:c AS date), cast(:a AS uuid), :b, 0)", w.id(code), 10_000*amount, day)
}

func (w *world) budget(t testing.TB, code, month string, amount int64) {
	t.Helper()
	w.fill(t, "INSERT INTO budget VALUES (cast(:a AS uuid), cast(:c AS date), :b)", w.id(code), 10_000*amount, month)
}

func (w *world) expect(t testing.TB, code string, purchases float64, size int64) {
	t.Helper()
	w.fill(t, "INSERT INTO model VALUES (cast(:a AS uuid), :b, :c)", w.id(code), purchases, 100*size)
}

func (w *world) score(t testing.TB, asOf date.Date) {
	t.Helper()
	if _, err := w.scorer.Score(context.Background(), asOf, nil); err != nil {
		t.Fatal(err)
	}
}

func reachOf(t testing.TB, p access.Principal) access.Reach {
	t.Helper()
	p.Via = access.ViaSession
	reach, err := access.Decide(p, access.MatrixRead)
	if err != nil {
		t.Fatal(err)
	}
	return reach
}

func (w *world) ask(t testing.TB, reach access.Reach, ask migration.Ask) migration.Picture {
	t.Helper()
	p, err := w.questions.Migration(context.Background(), reach, ask)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// flows writes what moved: from, to, customers, revenue before and after in major units.
func flows(p migration.Picture) []string {
	var lines []string
	for _, f := range p.Flows {
		lines = append(lines, fmt.Sprintf("%s → %s: %d, %g → %g", f.From, f.To, f.Customers, f.RevenueFrom/100, f.RevenueTo/100))
	}
	return lines
}
