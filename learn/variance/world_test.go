package variance_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/know/product"
	"github.com/kvadrant/kvadrant/know/purchase"
	"github.com/kvadrant/kvadrant/learn/variance"
)

// world is a company whose warehouse is filled directly, with the organisation and the customers in the operational store too.
type world struct {
	db        *db.DB
	warehouse *engine.Warehouse
	questions *variance.Questions
	causes    *variance.Causes
	ids       map[string]id.ID
}

func now() time.Time { return time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC) }

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{db: d, ids: map[string]id.ID{}}
	w.warehouse = testkit.Warehouse(t, purchase.Schema, product.Schema, org.WarehouseSchema, customer.WarehouseSchema)
	w.questions = variance.NewQuestions(variance.Config{Warehouse: w.warehouse, Organisation: org.NewStore(d, now), Customers: customer.NewStore(d, now),
		Currency: setting.NewStore(d, now), Now: now})
	w.causes = variance.NewCauses(d, w.questions, now)
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

// code is the short name of an id in what is asked and answered.
func (w *world) code(key string) string {
	for code, known := range w.ids {
		if string(known) == key {
			return code
		}
		if "="+string(known) == key {
			return "=" + code
		}
	}
	return key
}

func nothing(of id.ID) any {
	if of == "" {
		return nil
	}
	return of
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
	w.write(t, "INSERT INTO unit (id, code, name, kind, parent_id, version, created_at, updated_at) VALUES (?, ?, ?, 'team', ?, 1, ?, ?)",
		w.id(code), code, "Unit "+code, w.id(parent), now(), now())
	w.write(t, "INSERT INTO unit_place (unit_id, valid_from, parent_id) VALUES (?, ?, ?)", w.id(code), org.Beginning, w.id(parent))
}

func (w *world) person(t testing.TB, code, unit string) {
	t.Helper()
	w.write(t, "INSERT INTO person (id, code, name, email, title, version, created_at, updated_at) VALUES (?, ?, ?, '', '', 1, ?, ?)", w.id(code), code, "Person "+code, now(), now())
	w.write(t, "INSERT INTO person_place (person_id, valid_from, unit_id) VALUES (?, ?, ?)", w.id(code), org.Beginning, w.id(unit))
}

// customer is one of a unit and owner since always.
func (w *world) customer(t testing.TB, code, unit, owner, country string) {
	t.Helper()
	w.fill(t, `INSERT INTO customer (id, code, name, country, owner_id, unit_id) VALUES (cast(:a AS uuid), :b, :b, :c, cast(:d AS uuid), cast(:e AS uuid))`,
		w.id(code), code, country, nothing(w.id(owner)), nothing(w.id(unit)))
	w.write(t, `INSERT INTO customer (id, code, name, kind, industry, street, postal_code, city, country, phone, email, website, owner_id, unit_id, lifecycle, version, created_at, updated_at)
		VALUES (?, ?, ?, 'organisation', '', '', '', '', ?, '', '', '', ?, ?, 'customer', 1, ?, ?)`, w.id(code), code, "Customer "+code, country, w.id(owner), w.id(unit), now(), now())
	w.held(t, code, "1900-01-01", unit, owner)
}

func (w *world) held(t testing.TB, code, from, unit, owner string) {
	t.Helper()
	w.fill(t, "INSERT INTO ownership VALUES (cast(:a AS uuid), cast(:b AS date), cast(:c AS uuid), cast(:d AS uuid))", w.id(code), from, nothing(w.id(owner)), nothing(w.id(unit)))
}

// moves hands a customer over on a day.
func (w *world) moves(t testing.TB, code, from, unit, owner string) {
	t.Helper()
	w.held(t, code, from, unit, owner)
	w.fill(t, "UPDATE customer SET owner_id = cast(:b AS uuid), unit_id = cast(:c AS uuid) WHERE id = cast(:a AS uuid)", w.id(code), w.id(owner), w.id(unit))
	w.write(t, "UPDATE customer SET owner_id = ?, unit_id = ? WHERE id = ?", w.id(owner), w.id(unit), w.id(code))
}

func (w *world) class(t testing.TB, code, parent string) {
	t.Helper()
	w.fill(t, "INSERT INTO product_category VALUES (cast(:a AS uuid), :b, :c, cast(:d AS uuid))", w.id(code), code, "Class "+code, nothing(w.id(parent)))
}

func (w *world) product(t testing.TB, code, class string) {
	t.Helper()
	w.fill(t, "INSERT INTO product (id, code, name, category_id) VALUES (cast(:a AS uuid), :b, :c, cast(:d AS uuid))", w.id(code), code, "Product "+code, nothing(w.id(class)))
}

// budget and buy take hundredths of a minor unit, as the warehouse does.
func (w *world) budget(t testing.TB, code, month string, fine int64) {
	t.Helper()
	w.fill(t, "INSERT INTO budget (customer_id, month, revenue) VALUES (cast(:a AS uuid), cast(:b AS date), :c)", w.id(code), month+"-01", fine)
}

func (w *world) buy(t testing.TB, code, day, channel, product string, fine int64) {
	t.Helper()
	w.fill(t, "INSERT INTO purchase (customer_id, purchase_date, channel, product_id, revenue) VALUES (cast(:a AS uuid), cast(:b AS date), :c, cast(:d AS uuid), :e)",
		w.id(code), day, channel, nothing(w.id(product)), fine)
}

// whole is so many whole major units of a currency with two decimals.
func whole(n int64) int64 { return 10_000 * n }

func as(p access.Principal) (context.Context, access.Reach) {
	p.Via, p.UserID = access.ViaSession, id.New()
	reach, err := access.Decide(p, access.BudgetRead)
	if err != nil {
		panic(err)
	}
	return access.With(context.Background(), p), reach
}

func director() (context.Context, access.Reach) {
	return as(access.Principal{Name: "Dora", Role: access.Director, Scope: access.ScopeAll})
}

// way translates steps by code: "unit:N".
func (w *world) way(steps ...string) []variance.Step {
	var way []variance.Step
	for _, s := range steps {
		by, key := s, ""
		for i := range s {
			if s[i] == ':' {
				by, key = s[:i], s[i+1:]
				break
			}
		}
		if known, ok := w.ids[key]; ok {
			key = string(known)
		} else if key != "" && key[0] == '=' {
			key = "=" + string(w.ids[key[1:]])
		}
		way = append(way, variance.Step{By: variance.Dimension(by), Key: key})
	}
	return way
}

// lines writes the parts in whole major units: key, budget, actual, and a star for exceptions.
func (w *world) lines(r variance.Report) []string {
	var lines []string
	for _, p := range r.Parts {
		mark := ""
		if p.Exception {
			mark = " *"
		}
		lines = append(lines, fmt.Sprintf("%s %d %d%s", w.code(p.Key), p.Budget/100, p.Actual/100, mark))
	}
	return lines
}
