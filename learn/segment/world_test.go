package segment

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/projection"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// facts is where the test's step reads the measures of a date, as they are.
const facts = "CREATE TABLE fact (day DATE, customer_id UUID, amount BIGINT, share DOUBLE, place VARCHAR, seen DATE)"

func step() scoring.Step {
	of := func(unit scoring.Unit) scoring.Meaning {
		return scoring.Meaning{Label: "L", Unit: unit, Direction: scoring.Neutral}
	}
	return scoring.Step{Name: "test", SQL: "SELECT customer_id, amount, share, place, seen FROM fact WHERE day = :as_of", Columns: []scoring.Column{
		{Name: "amount", Type: scoring.Whole, Doc: "Fine units.", Rank: "amount", Meaning: of(scoring.FineMoney)},
		{Name: "share", Type: scoring.Real, Doc: "A share.", Meaning: of(scoring.Share)},
		{Name: "place", Type: scoring.Text, Doc: "A word.", Meaning: of(scoring.Word)},
		{Name: "seen", Type: scoring.Day, Doc: "A date.", Meaning: of(scoring.Date)}}}
}

type world struct {
	db        *db.DB
	warehouse *engine.Warehouse
	scorer    *scoring.Scorer
	book      *Book
	catchUp   func(ctx context.Context) error
	ids       map[string]id.ID
	clock     time.Time
}

type twelve struct{}

func (twelve) WindowMonths(context.Context) (int, error) { return 12, nil }

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{db: d, ids: map[string]id.ID{}, clock: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	now := func() time.Time { return w.clock }
	settings, units, customers := setting.NewStore(d, now), org.NewStore(d, now), customer.NewStore(d, now)
	steps := []scoring.Step{step()}
	schema, err := scoring.Schema(steps)
	if err != nil {
		t.Fatal(err)
	}
	w.warehouse, err = engine.Open(context.Background(), engine.Config{Path: filepath.Join(t.TempDir(), "warehouse.duckdb"), MemoryMB: 512,
		Schema: append(schema, projection.Schema, org.WarehouseSchema, customer.WarehouseSchema, WarehouseSchema, facts)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.warehouse.Close(); err != nil {
			t.Error(err)
		}
	})
	versions := &struct{ Versions }{}
	w.book = New(Config{DB: d, Warehouse: w.warehouse, Versions: versions, Customers: customers, Units: units, Currency: settings,
		Measures: measure.NewRegistry(steps), CatchUp: func(ctx context.Context) error { return w.catchUp(ctx) }, Clock: now})
	same := func(context.Context) (customer.Convert, error) {
		return func(amount int64, _ string, _ date.Date) (int64, bool) { return amount, true }, nil
	}
	sources := append(units.Projections(), customers.Projections(same)...)
	p := projection.New(d, w.warehouse, append(sources, w.book.Projections()...)...)
	w.catchUp = p.CatchUp
	if w.scorer, err = scoring.New(scoring.Config{Warehouse: w.warehouse, Projection: p, Window: twelve{}, Currency: settings, Steps: steps, Clock: now}); err != nil {
		t.Fatal(err)
	}
	versions.Versions = w.scorer
	return w
}

func (w *world) write(t testing.TB, statements ...[]any) {
	t.Helper()
	err := w.db.Write(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		for _, s := range statements {
			if _, err := tx.NewRaw(s[0].(string), s[1:]...).Exec(ctx); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Change{Kind: org.UnitKind, Action: audit.Import}, audit.Change{Kind: org.PersonKind, Action: audit.Import},
			audit.Change{Kind: "customer", Action: audit.Import})
	})
	if err != nil {
		t.Fatal(err)
	}
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

func (w *world) unit(t testing.TB, code, parent string) {
	w.write(t, []any{"INSERT INTO unit (id, code, name, kind, parent_id, version, created_at, updated_at) VALUES (?, ?, ?, 'team', ?, 1, ?, ?)",
		w.id(code), code, "Unit " + code, w.id(parent), w.clock, w.clock}, []any{"UPDATE unit_tree SET version = version + 1"})
}

func (w *world) person(t testing.TB, code string) {
	w.write(t, []any{"INSERT INTO person (id, code, name, email, title, version, created_at, updated_at) VALUES (?, ?, ?, '', '', 1, ?, ?)",
		w.id(code), code, "Person " + code, w.clock, w.clock})
}

// someone is a customer of the test.
type someone struct {
	code, name, industry, country, city, lifecycle, unit, owner string
	size                                                        *int64
}

func (w *world) customers(t testing.TB, all ...someone) {
	t.Helper()
	var statements [][]any
	for _, c := range all {
		if c.lifecycle == "" {
			c.lifecycle = "customer"
		}
		statements = append(statements, []any{`INSERT INTO customer (id, code, name, kind, industry, size_employees, street, postal_code, city, country, phone, email, website,
			owner_id, unit_id, lifecycle, version, created_at, updated_at) VALUES (?, ?, ?, 'organisation', ?, ?, '', '', ?, ?, '', '', '', ?, ?, ?, 1, ?, ?)`,
			w.id(c.code), c.code, c.name, c.industry, c.size, c.city, c.country, w.id(c.owner), w.id(c.unit), c.lifecycle, w.clock, w.clock},
			[]any{"INSERT INTO ownership (customer_id, valid_from, owner_id, unit_id) VALUES (?, ?, ?, ?)", w.id(c.code), customer.Beginning, w.id(c.owner), w.id(c.unit)})
	}
	w.write(t, statements...)
}

// fact says what the step finds of a customer on a date; nil is unknown.
func (w *world) fact(t testing.TB, day, code string, amount, share, place, seen any) {
	t.Helper()
	_, err := w.warehouse.Exec(context.Background(), "INSERT INTO fact VALUES (:day, :customer, cast(:amount AS BIGINT), cast(:share AS DOUBLE), cast(:place AS VARCHAR), cast(:seen AS DATE))",
		engine.Args{"day": date.Date(day), "customer": w.id(code), "amount": amount, "share": share, "place": place, "seen": seen})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) score(t testing.TB, asOf date.Date) {
	t.Helper()
	if _, err := w.scorer.Score(context.Background(), asOf, nil); err != nil {
		t.Fatal(err)
	}
}

func (w *world) rebuild(t testing.TB) {
	t.Helper()
	if err := w.book.Rebuild(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

// principal is a user of the test: "name/role/all" or "name/role/own:person".
func (w *world) principal(who string) access.Principal {
	parts := strings.Split(who, "/")
	p := access.Principal{UserID: w.id("user " + parts[0]), Name: parts[0], Role: access.Role(parts[1]), Scope: access.ScopeAll, Via: access.ViaSession}
	if kind, person, _ := strings.Cut(parts[2], ":"); kind == "own" {
		p.Scope, p.PersonID = access.ScopeOwn, w.id(person)
	}
	return p
}

func (w *world) as(t testing.TB, who string) (context.Context, access.Reach) {
	t.Helper()
	p := w.principal(who)
	reach, err := access.Decide(p, access.SegmentWrite)
	if err != nil {
		t.Fatal(err)
	}
	return access.With(context.Background(), p), reach
}

const (
	boss = "boss/director/all"
	nora = "nora/salesperson/own:nora"
	sven = "sven/salesperson/own:sven"
)

func (w *world) create(t testing.TB, who string, g Segment, in Gathering) (*Segment, error) {
	t.Helper()
	ctx, reach := w.as(t, who)
	_, err := w.book.create(ctx, reach, &g, in)
	if err == nil {
		err = w.catchUp(ctx)
	}
	return &g, err
}

func (w *world) made(t testing.TB, who string, g Segment, in Gathering) *Segment {
	t.Helper()
	s, err := w.create(t, who, g, in)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// meeting lists the codes of those who meet a rule, in order.
func (w *world) meeting(t testing.TB, who, asOf string, rule filter.Tree) string {
	t.Helper()
	ctx, reach := w.as(t, who)
	ids, err := w.book.meeting(ctx, reach, date.Date(asOf), &rule)
	if err != nil {
		t.Fatal(err)
	}
	return w.codes(ids)
}

func (w *world) codes(ids []id.ID) string {
	var codes []string
	for code, one := range w.ids {
		if slices.Contains(ids, one) {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return strings.Join(codes, " ")
}

func is(field, sign, value string) filter.Tree {
	return filter.Tree{Field: field, Sign: sign, Value: value}
}
func all(parts ...filter.Tree) filter.Tree  { return filter.Tree{All: parts} }
func some(parts ...filter.Tree) filter.Tree { return filter.Tree{Any: parts} }
func no(part filter.Tree) filter.Tree       { return filter.Tree{Not: &part} }
