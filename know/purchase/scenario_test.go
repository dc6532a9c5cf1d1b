package purchase_test

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/internal/testkit/loading"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/know/product"
	"github.com/kvadrant/kvadrant/know/purchase"
)

// directory is the tables of other words that lines refer to, as far as this word reads them.
const directory = `CREATE TABLE customer (id UUID, code VARCHAR); CREATE TABLE person (id UUID, code VARCHAR, name VARCHAR)`

func clock() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }

func danish(context.Context) (string, error) { return "DKK", nil }

// world is a warehouse with a few customers, products and people, and what can be done to it.
type world struct {
	*loading.Intake
	ledger    *purchase.Ledger
	customers map[string]id.ID
}

// The products and the seller of the scenarios.
const (
	rope   = id.ID("01900000-0000-7000-8000-000000000001")
	bell   = id.ID("01900000-0000-7000-8000-000000000002")
	seller = id.ID("01900000-0000-7000-8000-000000000003")
)

// names are those of the operational store; products have the codes P1 and P2.
type names map[id.ID]string

func (n names) Named(_ context.Context, ids []id.ID) (map[id.ID]product.Product, error) {
	found := map[id.ID]product.Product{}
	for _, one := range ids {
		code := "P1"
		if one == bell {
			code = "P2"
		}
		found[one] = product.Product{ID: one, Code: code, Name: n[one]}
	}
	return found, nil
}

func (n names) Names(context.Context) (org.Names, error) { return org.Names{People: n}, nil }

func newWorld(t *testing.T) *world {
	t.Helper()
	store := testkit.DB(t)
	kinds := purchase.NewLoader(purchase.NewRates(store, clock), danish).Imports()
	in := loading.New(t, store, clock, []string{directory, product.Schema, purchase.Schema}, kinds...)
	w := &world{Intake: in, ledger: purchase.NewLedger(in.Warehouse, names{rope: "Rope", bell: "Bell"}, names{seller: "Sara"}), customers: map[string]id.ID{}}
	for _, code := range []string{"C1", "C2"} {
		w.customers[code] = id.New()
		w.Exec(t, "INSERT INTO customer VALUES (:id, :code)", engine.Args{"id": w.customers[code], "code": code})
	}
	w.Exec(t, "INSERT INTO product (id, code, name) VALUES (:rope, 'P1', 'Rope'), (:bell, 'P2', 'Bell')", engine.Args{"rope": rope, "bell": bell})
	w.Exec(t, "INSERT INTO person VALUES (:sara, 'S1', 'Sara')", engine.Args{"sara": seller})
	return w
}

func TestScenarios(t *testing.T) {
	testkit.Scenarios(t, "testdata/*.txt", func(t *testing.T) map[string]testkit.Command {
		w := newWorld(t)
		return map[string]testkit.Command{"load": w.load, "ask": w.ask, "totals": w.totals, "months": w.months, "lines": w.lines}
	})
}

// load imports a file of one kind: load purchases from=shop.
func (w *world) load(t *testing.T, args, input string) []string {
	kind, source, _ := strings.Cut(args, " from=")
	return w.Load(t, kind, source, input)
}

// ask shows the rows of a question, NULL as a dash.
func (w *world) ask(t *testing.T, _, text string) (out []string) {
	t.Helper()
	rows, err := w.Warehouse.Query(context.Background(), text, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		cells, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.Join(shown(cells), " "))
	}
	return out
}

func shown(cells []any) (texts []string) {
	for _, cell := range cells {
		switch v := cell.(type) {
		case nil:
			texts = append(texts, "-")
		case time.Time:
			texts = append(texts, string(date.Of(v)))
		case sql.NullString:
			texts = append(texts, v.String)
		default:
			texts = append(texts, fmt.Sprint(v))
		}
	}
	return texts
}

func (w *world) totals(t *testing.T, _, _ string) []string {
	t.Helper()
	totals, err := w.ledger.Totals(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return []string{fmt.Sprintf("%d lines, revenue %d, cost %d", totals.Lines, totals.Revenue, totals.Cost)}
}

// options reads "C1 until=2026-11-22 months=5".
func options(args string) (first string, named map[string]string) {
	named = map[string]string{}
	fields := strings.Fields(args)
	for _, field := range fields[1:] {
		name, value, _ := strings.Cut(field, "=")
		named[name] = value
	}
	return fields[0], named
}

func (w *world) months(t *testing.T, args, _ string) (out []string) {
	t.Helper()
	code, named := options(args)
	count, err := strconv.Atoi(named["months"])
	if err != nil {
		t.Fatal(err)
	}
	months, err := w.ledger.Months(context.Background(), w.customers[code], date.Date(named["until"]), count)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range months {
		budget := "-"
		if m.Budget != nil {
			budget = strconv.FormatInt(*m.Budget, 10)
		}
		out = append(out, fmt.Sprint(m.Month, " ", m.Revenue, " ", m.Cost, " ", budget))
	}
	return out
}

// lines shows a page, after going over skip lines page by page.
func (w *world) lines(t *testing.T, args, _ string) (out []string) {
	t.Helper()
	code, named := options(args)
	customer, ok := w.customers[code]
	if !ok {
		customer = id.New()
	}
	limit, err := strconv.Atoi(named["limit"])
	if err != nil {
		t.Fatal(err)
	}
	var after []any
	if skip, err := strconv.Atoi(named["skip"]); err == nil {
		for range skip {
			before := w.page(t, customer, after, 1)
			after = []any{before[0].Date, before[0].ImportNo, before[0].RowNo}
		}
	}
	for _, n := range w.page(t, customer, after, limit) {
		out = append(out, strings.Join(shown([]any{n.Date, n.Document, n.Line, n.ProductCode, n.ProductName, *n.Quantity, n.Revenue}), " "))
	}
	return out
}

func (w *world) page(t *testing.T, customer id.ID, after []any, limit int) []purchase.Line {
	t.Helper()
	lines, err := w.ledger.Lines(context.Background(), customer, purchase.Between{}, after, limit)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
