package statistics_test

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
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/statistics"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

// purchases and visits are the tables of facts that scoring reads here, with the columns that matter.
const (
	purchases = `CREATE TABLE purchase (purchase_date DATE, customer_id UUID, revenue BIGINT, cost BIGINT)`
	visits    = `CREATE TABLE visit (customer_id UUID, visits BIGINT)`
)

// visitStep counts visits as a measure of effort would.
func visitStep() scoring.Step {
	return scoring.Step{Name: "effort", SQL: "SELECT customer_id, visits FROM visit", Columns: []scoring.Column{
		{Name: "visits", Type: scoring.Whole, Doc: "Visits in the window.", Meaning: scoring.Meaning{Label: "Visits", Unit: scoring.Count, Direction: scoring.Neutral}}}}
}

// world is a company whose warehouse is filled directly, with the organisation in the operational store as well.
type world struct {
	db        *db.DB
	warehouse *engine.Warehouse
	scorer    *scoring.Scorer
	cuts      *matrix.Definitions
	grids     *grid.Store
	lists     *matrix.Questions
	questions *statistics.Questions
	placer    *grid.Placer
	ids       map[string]id.ID
}

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

type quiet struct{}

func (quiet) CatchUp(context.Context) error { return nil }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{db: testkit.DB(t), ids: map[string]id.ID{}}
	settings := setting.NewStore(w.db, now)
	units, customers := org.NewStore(w.db, now), customer.NewStore(w.db, now)
	w.cuts = matrix.NewDefinitions(settings)
	steps := []scoring.Step{wallet.Step(nil), matrix.Step(w.cuts), visitStep()}
	own, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	w.warehouse = testkit.Warehouse(t, append([]string{purchases, visits, org.WarehouseSchema, customer.WarehouseSchema}, own...)...)
	w.scorer, err = scoring.New(scoring.Config{Warehouse: w.warehouse, Projection: quiet{}, Window: w.cuts, Currency: settings, Steps: steps, Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	registry := measure.NewRegistry(steps)
	w.grids, w.placer = grid.NewStore(w.db, now, registry, w.scorer), grid.NewPlacer(w.warehouse, registry, settings)
	w.lists = matrix.NewQuestions(w.warehouse, w.scorer, customers, units, settings, registry, w.grids, w.placer)
	w.questions = statistics.NewQuestions(statistics.Config{Warehouse: w.warehouse, Versions: w.scorer, Lists: w.lists, Matrices: w.grids, Placer: w.placer,
		Measures: registry, Currency: settings, Organisation: units})
	return w
}

func (w *world) id(code string) id.ID {
	if code == "" {
		return ""
	}
	if w.ids[code] == "" {
		w.ids[code] = id.New()
	}
	return w.ids[code]
}

// fill runs statements on the warehouse, each with its arguments as :a, :b, :c …
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

// unit hangs a unit under another since a date.
func (w *world) unit(t testing.TB, code, parent, from string) {
	t.Helper()
	if w.ids[code] == "" {
		w.fill(t, "INSERT INTO unit (id, code, name) VALUES (cast(:a AS uuid), :b, :c)", w.id(code), code, "Unit "+code)
		w.write(t, "INSERT INTO unit (id, code, name, kind, parent_id, version, created_at, updated_at) VALUES (?, ?, ?, 'team', ?, 1, ?, ?)",
			w.id(code), code, "Unit "+code, w.id(parent), now(), now())
	}
	w.write(t, "INSERT INTO unit_place (unit_id, valid_from, parent_id) VALUES (?, ?, ?)", w.id(code), from, w.id(parent))
}

func (w *world) person(t testing.TB, code, unit string) {
	t.Helper()
	w.fill(t, "INSERT INTO person (id, code, name) VALUES (cast(:a AS uuid), :b, :c)", w.id(code), code, "Person "+code)
	w.write(t, "INSERT INTO person (id, code, name, email, title, version, created_at, updated_at) VALUES (?, ?, ?, '', '', 1, ?, ?)", w.id(code), code, "Person "+code, now(), now())
	w.write(t, "INSERT INTO person_place (person_id, valid_from, unit_id) VALUES (?, ?, ?)", w.id(code), org.Beginning, w.id(unit))
}

// buyer is a customer with what there is to know of it; amounts are whole major units.
type buyer struct {
	code, unit, owner, country string
	potential                  int64 // -1 is not stated
	revenue, visits            int64
}

func (w *world) customer(t testing.TB, b buyer) {
	t.Helper()
	w.fill(t, `INSERT INTO customer (id, code, name, country, industry, owner_id, unit_id) VALUES (cast(:a AS uuid), :b, :b, :c, '', cast(:d AS uuid), cast(:e AS uuid))`,
		w.id(b.code), b.code, b.country, nothing(w.id(b.owner)), nothing(w.id(b.unit)))
	w.write(t, `INSERT INTO customer (id, code, name, kind, industry, street, postal_code, city, country, phone, email, website, owner_id, unit_id, lifecycle, version, created_at, updated_at)
		VALUES (?, ?, ?, 'organisation', '', '', '', '', ?, '', '', '', ?, ?, 'customer', 1, ?, ?)`, w.id(b.code), b.code, b.code, b.country, w.id(b.owner), w.id(b.unit), now(), now())
	w.fill(t, "INSERT INTO ownership VALUES (cast(:a AS uuid), DATE '1900-01-01', cast(:b AS uuid), cast(:c AS uuid))", w.id(b.code), nothing(w.id(b.owner)), nothing(w.id(b.unit)))
	if b.potential >= 0 {
		w.fill(t, "INSERT INTO potential VALUES (cast(:a AS uuid), cast(:b AS uuid), :c, 'declared', DATE '2020-01-01')", id.New(), w.id(b.code), 100*b.potential)
	}
	if b.revenue != 0 {
		w.fill(t, "INSERT INTO purchase VALUES (DATE '2026-03-01', cast(:a AS uuid), :b, 0)", w.id(b.code), 10_000*b.revenue)
	}
	if b.visits > 0 {
		w.fill(t, "INSERT INTO visit VALUES (cast(:a AS uuid), :b)", w.id(b.code), b.visits)
	}
}

func nothing(of id.ID) any {
	if of == "" {
		return nil
	}
	return of
}

// cut fixes the customer matrix: gold from 500, silver from 80 thousand …
func (w *world) cut(t testing.TB, gold, silver float64) {
	t.Helper()
	_, err := w.cuts.Put(context.Background(), 0, matrix.Definition{WindowMonths: 12, Potential: matrix.Cut{By: matrix.ByValue, At: []float64{100 * gold, 100 * silver}},
		Share: matrix.Cut{By: matrix.ByValue, At: []float64{0.25, 0.6}}})
	if err != nil {
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

func reachOf(t testing.TB, p access.Principal) access.Reach {
	t.Helper()
	p.Via = access.ViaSession
	reach, err := access.Decide(p, access.MatrixRead)
	if err != nil {
		t.Fatal(err)
	}
	return reach
}

// cells writes the cells that hold customers: key, customers and the figures in whole major units or counts.
func cells(all []statistics.CellFigures, figures ...string) []string {
	var lines []string
	for _, c := range all {
		if c.Customers > 0 {
			lines = append(lines, c.Key+told(c.Figures, figures...))
		}
	}
	return lines
}

func told(f statistics.Figures, figures ...string) string {
	line := fmt.Sprint(" ", f.Customers)
	for _, key := range figures {
		s := f.Sums[key]
		if key != "visits" && key != "lines" {
			s.Total /= 100
		}
		line += fmt.Sprintf(" %g/%d", s.Total, s.Known)
	}
	return line
}
