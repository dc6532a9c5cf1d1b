package purchase

import (
	"cmp"
	"context"
	_ "embed" // the questions
	"fmt"
	"slices"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/know/product"
)

// Schema is the text of this word's warehouse tables.
//
//go:embed warehouse.sql
var Schema string

// DaysSQL asks for the days on which customers bought, with :as_of: customer_id, purchase_date, net.
//
//go:embed days.sql
var DaysSQL string

//go:embed months.sql
var monthsSQL string

//go:embed lines.sql
var linesSQL string

//go:embed totals.sql
var totalsSQL string

// Ledger answers questions about purchases from the warehouse. It knows nothing of rights: callers have checked that the
// customer is within reach.
type Ledger struct {
	warehouse *engine.Warehouse
	products  Products
	people    People
}

// Products tells how products are called; *product.Store does.
type Products interface {
	Named(ctx context.Context, ids []id.ID) (map[id.ID]product.Product, error)
}

// People tells how people are called; *org.Store does.
type People interface {
	Names(ctx context.Context) (org.Names, error)
}

// NewLedger returns the ledger of a warehouse.
func NewLedger(w *engine.Warehouse, products Products, people People) *Ledger {
	return &Ledger{warehouse: w, products: products, people: people}
}

// Months returns what the customer bought and was to buy in each of the months up to asOf, the last of which ends on
// asOf. Months without anything are there with zeros.
func (l *Ledger) Months(ctx context.Context, customer id.ID, asOf date.Date, months int) ([]Month, error) {
	first := asOf.MonthStart().AddMonths(1 - months)
	rows, err := l.warehouse.Query(ctx, monthsSQL, engine.Args{"customer": customer, "from": first, "until": asOf})
	if err != nil {
		return nil, fmt.Errorf("ask for revenue by month: %w", err)
	}
	defer rows.Close()
	var known []Month
	for rows.Next() {
		var m Month
		if err := rows.Scan(&m.Month, &m.Revenue, &m.Cost, &m.Budget); err != nil {
			return nil, fmt.Errorf("read revenue by month: %w", err)
		}
		known = append(known, m)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read revenue by month: %w", err)
	}
	return fill(known, first, asOf), nil
}

// Between is a span of time, both ends included; an empty end is open.
type Between struct{ From, To date.Date }

// few is how many lines of a customer are read as they stand and put in order here, which takes half as long as letting the
// engine do it. Of who has more, the engine finds the newest.
const few = 200

const newestFirst = "purchase_date DESC, import_no DESC, row_no DESC"

// Lines returns up to limit lines of the customer, newest first. after is the date, import number and row number of the
// last line of the page before, nil for the first page.
func (l *Ledger) Lines(ctx context.Context, customer id.ID, between Between, after []any, limit int) ([]Line, error) {
	where, err := beyond(between, after)
	if err != nil {
		return nil, err
	}
	lines, err := l.read(ctx, customer, where, "", few+1)
	if err == nil && len(lines) > few {
		lines, err = l.read(ctx, customer, where, newestFirst, limit)
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(lines, func(a, b Line) int {
		return -cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.ImportNo, b.ImportNo), cmp.Compare(a.RowNo, b.RowNo))
	})
	lines = lines[:min(limit, len(lines))]
	return lines, l.name(ctx, lines)
}

func (l *Ledger) read(ctx context.Context, customer id.ID, where filter.Clause, order string, limit int) (lines []Line, err error) {
	rows, err := l.warehouse.Query(ctx, linesSQL, engine.Args{"customer": customer, "limit": limit},
		engine.Hole{Name: "after", Clause: where}, engine.Hole{Name: "order", Clause: filter.Clause{SQL: order}})
	if err != nil {
		return nil, fmt.Errorf("ask for purchase lines: %w", err)
	}
	err = engine.Each(rows, func() error {
		var n Line
		err := rows.Scan(&n.ImportNo, &n.RowNo, &n.Date, &n.Document, &n.Line, &n.ProductID,
			&n.Quantity, &n.Revenue, &n.Cost, &n.Currency, &n.Amount, &n.Channel, &n.SellerID)
		lines = append(lines, n)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read purchase lines: %w", err)
	}
	return lines, nil
}

// name fills in how products and sellers of the lines are called today.
func (l *Ledger) name(ctx context.Context, lines []Line) error {
	var ids []id.ID
	for _, n := range lines {
		if n.ProductID != "" && !slices.Contains(ids, n.ProductID) {
			ids = append(ids, n.ProductID)
		}
	}
	products, err := l.products.Named(ctx, ids)
	if err != nil {
		return err
	}
	names, err := l.people.Names(ctx)
	if err != nil {
		return err
	}
	for i, n := range lines {
		lines[i].ProductCode, lines[i].ProductName = products[n.ProductID].Code, products[n.ProductID].Name
		lines[i].SellerName = names.People[n.SellerID]
	}
	return nil
}

// beyond is the condition that a line lies in the span and comes after the last of a page.
func beyond(between Between, after []any) (filter.Clause, error) {
	var parts []filter.Expr
	if between.From != "" {
		parts = append(parts, filter.AtLeast("date", between.From))
	}
	if between.To != "" {
		parts = append(parts, filter.AtMost("date", between.To))
	}
	columns := filter.Columns{"date": "purchase_date", "import": "import_no", "row": "row_no"}
	sorts := []filter.Sort{{Name: "date", Desc: true}, {Name: "import", Desc: true}, {Name: "row", Desc: true}}
	if after != nil {
		parts = append(parts, filter.After(sorts, after))
	}
	return filter.Compile(filter.And(parts...), columns)
}

// Totals returns the sums over all lines.
func (l *Ledger) Totals(ctx context.Context) (Totals, error) {
	rows, err := l.warehouse.Query(ctx, totalsSQL, nil)
	if err != nil {
		return Totals{}, fmt.Errorf("ask for purchase totals: %w", err)
	}
	defer rows.Close()
	var t Totals
	for rows.Next() {
		if err := rows.Scan(&t.Lines, &t.Revenue, &t.Cost); err != nil {
			return Totals{}, fmt.Errorf("read purchase totals: %w", err)
		}
	}
	return t, rows.Err()
}
