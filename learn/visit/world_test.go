package visit_test

import (
	"context"
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
	"github.com/kvadrant/kvadrant/learn/visit"
	"github.com/kvadrant/kvadrant/learn/wallet"
)

const today = date.Date("2026-06-30")

func now() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

type still struct{}

func (still) CatchUp(context.Context) error { return nil }

// world is a company in real stores whose warehouse is filled directly.
type world struct {
	db          *db.DB
	warehouse   *engine.Warehouse
	settings    *setting.Store
	cuts        *matrix.Definitions
	definitions *visit.Definitions
	scorer      *scoring.Scorer
	lists       *matrix.Questions
	questions   *visit.Questions
	ids         map[string]id.ID
}

// newWorld cuts the customer matrix at potentials of 1,000 and 500 and at shares of 25 and 60 %.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{db: testkit.DB(t), ids: map[string]id.ID{}}
	w.settings = setting.NewStore(w.db, now)
	units, customers := org.NewStore(w.db, now), customer.NewStore(w.db, now)
	w.cuts, w.definitions = matrix.NewDefinitions(w.settings), visit.NewDefinitions(w.settings)
	steps := []scoring.Step{wallet.Step(nil), matrix.Step(w.cuts), visit.Step(w.definitions)}
	own, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	w.warehouse = testkit.Warehouse(t, append(own, org.WarehouseSchema, customer.WarehouseSchema,
		"CREATE TABLE interaction (customer_id UUID, kind VARCHAR, interaction_date DATE)",
		"CREATE TABLE purchase (purchase_date DATE, customer_id UUID, revenue BIGINT, cost BIGINT)")...)
	w.scorer = w.scores(t, steps)
	registry := measure.NewRegistry(steps)
	grids, placer := grid.NewStore(w.db, now, registry, w.scorer), grid.NewPlacer(w.warehouse, registry, w.settings)
	w.lists = matrix.NewQuestions(w.warehouse, w.scorer, customers, units, w.settings, registry, grids, placer)
	w.questions = visit.NewQuestions(visit.Config{Warehouse: w.warehouse, Versions: w.scorer, Lists: w.lists, Matrices: grids, Placer: placer, Customers: customers, Currency: w.settings})
	if _, err := w.cuts.Put(t.Context(), 0, matrix.Definition{WindowMonths: 12, Potential: matrix.Cut{By: matrix.ByValue, At: []float64{1000_00, 500_00}},
		Share: matrix.Cut{By: matrix.ByValue, At: []float64{0.25, 0.6}}}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) scores(t testing.TB, steps []scoring.Step) *scoring.Scorer {
	t.Helper()
	s, err := scoring.New(scoring.Config{Warehouse: w.warehouse, Projection: still{}, Window: w.cuts, Currency: w.settings, Steps: steps, Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *world) id(code string) id.ID {
	if w.ids[code] == "" {
		w.ids[code] = id.New()
	}
	return w.ids[code]
}

func (w *world) fill(t testing.TB, text string, args engine.Args) {
	t.Helper()
	if _, err := w.warehouse.Exec(context.Background(), text, args); err != nil {
		t.Fatal(err)
	}
}

// customer makes a customer; amounts are whole major units, a potential below 0 is not stated.
func (w *world) customer(t testing.TB, code, owner string, potential, revenue int64) {
	t.Helper()
	args := engine.Args{"id": w.id(code), "code": code, "owner": w.id(owner)}
	w.fill(t, "INSERT INTO customer (id, code, name, country, industry, owner_id) VALUES (cast(:id AS uuid), :code, :code, '', '', cast(:owner AS uuid))", args)
	w.fill(t, "INSERT INTO ownership VALUES (cast(:id AS uuid), DATE '1900-01-01', cast(:owner AS uuid), NULL)", engine.Args{"id": w.id(code), "owner": w.id(owner)})
	err := w.db.Write(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("INSERT INTO person (id, code, name, email, title, version, created_at, updated_at) VALUES (?, ?, ?, '', '', 1, ?, ?) ON CONFLICT DO NOTHING",
			w.id(owner), owner, owner, now(), now()).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw(`INSERT INTO customer (id, code, name, kind, industry, street, postal_code, city, country, phone, email, website, owner_id, unit_id, lifecycle, version, created_at, updated_at)
			VALUES (?, ?, ?, 'organisation', '', '', '', '', '', '', '', '', ?, NULL, 'customer', 1, ?, ?)`, w.id(code), code, code, w.id(owner), now(), now()).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if potential >= 0 {
		w.fill(t, "INSERT INTO potential VALUES (cast(:no AS uuid), cast(:id AS uuid), :amount, 'declared', DATE '2020-01-01')", engine.Args{"no": id.New(), "id": w.id(code), "amount": 100 * potential})
	}
	if revenue != 0 {
		w.fill(t, "INSERT INTO purchase VALUES (DATE '2026-03-01', cast(:id AS uuid), :fine, 0)", engine.Args{"id": w.id(code), "fine": 10_000 * revenue})
	}
}

func (w *world) touch(t testing.TB, code, kind string, day date.Date) {
	t.Helper()
	w.fill(t, "INSERT INTO interaction VALUES (cast(:id AS uuid), :kind, :day)", engine.Args{"id": w.id(code), "kind": kind, "day": day})
}

func (w *world) score(t testing.TB) {
	t.Helper()
	if _, err := w.scorer.Score(context.Background(), today, nil); err != nil {
		t.Fatal(err)
	}
}

// reach is of everybody, or of who owns customers.
func (w *world) reach(t testing.TB, owner string) access.Reach {
	t.Helper()
	p := access.Principal{Via: access.ViaSession, Role: access.Salesperson, Scope: access.ScopeAll}
	if owner != "" {
		p.Scope, p.PersonID = access.ScopeOwn, w.id(owner)
	}
	reach, err := access.Decide(p, access.MatrixRead)
	if err != nil {
		t.Fatal(err)
	}
	return reach
}
