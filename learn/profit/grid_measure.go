package profit

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed"
	"slices"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

//go:embed cells.sql
var cellsSQL string

// Bounds of the table of customers and products.
const (
	MaxCustomers = 50
	mostColumns  = 10 // the last holds all others
)

// Of says which customers the table shows.
type Of string

// The choices.
const (
	Best    Of = "best"    // the most profit
	Worst   Of = "worst"   // the least
	Largest Of = "largest" // the most revenue
)

// GridAsk is a question for customer × product.
type GridAsk struct {
	AsOf      date.Date // empty is the latest scored date
	Narrow    scoring.Narrow
	Of        Of
	Customers int
	// Within is a category whose categories below, or products, are the columns; nil takes those at the top. Empty is no
	// category, whose products are the columns.
	Within *string
}

// GridCell is what a customer buys of a column.
type GridCell struct {
	Mark Mark `json:"mark" enum:"plus_plus,plus,minus,minus_minus," doc:"By profit of revenue; empty where nothing can be said."`
	Figures
}

// GridRow is a customer and its cells, in the order of the columns; null where it buys nothing of one.
type GridRow struct {
	ID    id.ID       `json:"id"`
	Code  string      `json:"code"`
	Name  string      `json:"name"`
	Grade Grade       `json:"grade" enum:"high,profitable,medium,low,"`
	Cells []*GridCell `json:"cells" nullable:"false"`
	Figures
}

// Crumb is a category on the way down.
type Crumb struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Grid is customer × product profitability (P9).
type Grid struct {
	AsOf     date.Date `json:"as_of"`
	Currency string    `json:"currency"`
	Window   Span      `json:"window"`
	Rates    Rates     `json:"rates"`
	Path     []Crumb   `json:"path" nullable:"false" doc:"The categories from the top down to the one whose inside the columns are; empty for all."`
	Columns  []Item    `json:"columns" nullable:"false" doc:"Categories, or the categories and products in one, with the sums of the customers shown. The most revenue first."`
	Others   int64     `json:"others" doc:"How many further ones the last column holds together; 0 where it is one of them."`
	Rows     []GridRow `json:"rows" nullable:"false" doc:"Of a category: those of the customers who buy of it."`
}

// Grid draws the table. The cost to serve of a customer is shared over all its products by lines, so the cells of a customer add
// up to it. Faults as of Picture.
func (q *Questions) Grid(ctx context.Context, reach access.Reach, ask GridAsk) (Grid, error) {
	var g Grid
	order := map[Of]string{Best: byProfit, Worst: byLoss, Largest: byRevenue}[ask.Of]
	if order == "" {
		return g, fault.New(fault.Malformed, "profit.unknown_choice", "There is no such choice of customers.").At("of", "Use best, worst or largest.")
	}
	err := q.on(ctx, reach, ask.AsOf, ask.Narrow, func(a asked) error {
		top, err := q.largest(ctx, a, order, filter.Clause{SQL: "true"}, min(max(ask.Customers, 1), MaxCustomers))
		if err != nil {
			return err
		}
		g, err = q.grid(ctx, reach, a, top, ask.Within)
		return err
	})
	return g, err
}

// lines are what a customer bought of a product.
type lines struct {
	customer id.ID
	product  entry
	column   int
}

func (q *Questions) grid(ctx context.Context, reach access.Reach, a asked, top []large, within *string) (Grid, error) {
	g := Grid{AsOf: a.version.AsOf, Currency: a.currency, Window: Span{a.version.From().AddDays(1), a.version.AsOf}, Rates: a.kept.Definition.Rates, Path: []Crumb{}, Columns: []Item{}, Rows: []GridRow{}}
	all, err := q.bought(ctx, a, top)
	if err != nil {
		return g, err
	}
	known, err := q.customers.Named(ctx, reach, idsOf(top))
	if err != nil {
		return g, err
	}
	categories := tree{}
	if err := q.each(ctx, categoriesSQL, nil, nil, categories.read); err != nil {
		return g, err
	}
	all = slices.DeleteFunc(all, func(l lines) bool {
		_, in := categories.below(l.product, within)
		return known[l.customer] == nil || !in
	})
	if within != nil {
		for _, at := range categories.path(*within) {
			g.Path = append(g.Path, Crumb{at, categories[at].name})
		}
	}
	columns, others := arrange(all, categories, within)
	g.Others = others
	for _, c := range columns {
		g.Columns = append(g.Columns, Item{ID: c.ID, Code: c.Code, Name: c.Name, CategoryID: c.CategoryID, Product: c.Product, Products: c.Products, Grade: g.Rates.gradeOf(c.sums), Figures: c.figures(a.currency)})
	}
	for _, l := range top {
		c := known[l.id]
		if c == nil {
			continue
		}
		row := GridRow{ID: l.id, Code: c.Code, Name: c.Name, Cells: make([]*GridCell, len(columns))}
		cells, whole := make([]sums, len(columns)), sums{}
		for _, x := range all {
			if x.customer == l.id {
				cells[x.column].add(x.product.sums)
				whole.add(x.product.sums)
			}
		}
		if within != nil && whole.Lines == 0 {
			continue // it buys nothing of the category
		}
		for i, s := range cells {
			if s.Lines > 0 {
				row.Cells[i] = &GridCell{Mark: g.Rates.markOf(s), Figures: s.figures(a.currency)}
			}
		}
		row.Grade, row.Figures = g.Rates.gradeOf(whole), whole.figures(a.currency)
		g.Rows = append(g.Rows, row)
	}
	return g, nil
}

// bought reads what customers bought in the window, with their cost to serve shared out by lines.
func (q *Questions) bought(ctx context.Context, a asked, top []large) ([]lines, error) {
	if len(top) == 0 {
		return nil, nil
	}
	which, err := filter.Compile(filter.In("customer", idsOf(top)...), filter.Columns{"customer": "l.customer_id"})
	if err != nil {
		return nil, err
	}
	var all []lines
	err = q.each(ctx, cellsSQL, engine.Args{"from": a.version.From(), "as_of": a.version.AsOf}, []engine.Hole{{Name: "which", Clause: which}}, func(rows *sql.Rows) error {
		var l lines
		p := &l.product
		err := rows.Scan(&l.customer, &p.ID, &p.Code, &p.Name, &p.CategoryID, &p.Lines, &p.Costed, &p.Revenue, &p.Known, &p.Cost)
		all = append(all, l)
		return err
	})
	if err != nil {
		return nil, err
	}
	served := map[id.ID]int64{}
	for _, l := range top {
		served[l.id] = l.sums.CostToServe
	}
	for from := 0; from < len(all); {
		to := from
		var weights []int64
		for to < len(all) && all[to].customer == all[from].customer {
			weights = append(weights, all[to].product.Lines)
			to++
		}
		for i, part := range ShareOut(served[all[from].customer], weights) {
			all[from+i].product.CostToServe = part
		}
		from = to
	}
	return all, nil
}

// arrange finds the columns, gives each line its own, and says how many the last one holds together.
func arrange(all []lines, categories tree, within *string) ([]entry, int64) {
	at := map[string]int{}
	var columns []entry
	seen := map[string]bool{}
	keys := make([]string, len(all))
	for n, l := range all {
		e, _ := categories.below(l.product, within)
		keys[n] = e.key()
		i, ok := at[keys[n]]
		if !ok {
			i = len(columns)
			at[keys[n]] = i
			columns = append(columns, e)
		}
		columns[i].add(l.product.sums)
		if !e.Product && !seen[l.product.ID] {
			seen[l.product.ID] = true
			columns[i].Products++
		}
	}
	slices.SortFunc(columns, func(a, b entry) int { return cmp.Or(cmp.Compare(b.Revenue, a.Revenue), cmp.Compare(a.ID, b.ID)) })
	var others int64
	if len(columns) > mostColumns {
		rest := entry{}
		for _, c := range columns[mostColumns-1:] {
			rest.add(c.sums)
			rest.Products += c.Products
			others++
		}
		columns = append(columns[:mostColumns-1:mostColumns-1], rest)
	}
	clear(at)
	for i, c := range columns {
		if others > 0 && i == mostColumns-1 {
			break // the rest has no key of its own
		}
		at[c.key()] = i
	}
	for i := range all {
		column, ok := at[keys[i]]
		if !ok {
			column = mostColumns - 1
		}
		all[i].column = column
	}
	return columns, others
}

// Card is the profit of one customer. Amounts are minor units.
type Card struct {
	AsOf       date.Date `json:"as_of"`
	Currency   string    `json:"currency"`
	Window     Span      `json:"window"`
	State      State     `json:"state" enum:"new,retained,won_back,lost,prospect,none"`
	Class      Class     `json:"class" enum:"high,medium,low,"`
	Grade      Grade     `json:"grade" enum:"high,profitable,medium,low,"`
	Figures    Figures   `json:"figures"`
	Parts      []Part    `json:"parts" nullable:"false" doc:"Of the cost to serve; they add up to it."`
	Categories []Item    `json:"categories" nullable:"false" doc:"The cost to serve shared over them by lines. The most revenue first; they add up to the customer."`
	Others     int64     `json:"others" doc:"How many further categories the last one holds together; 0 where it is one of them."`
}

// Part is a part of a customer's cost to serve.
type Part struct {
	Of     string `json:"of" enum:"contacts,minutes,orders,lines,returns,acquisition"`
	Count  int64  `json:"count"`
	Unit   *int64 `json:"unit" doc:"What one costs; null for contacts, whose cost depends on their kind."`
	Amount int64  `json:"amount"`
}

//go:embed card.sql
var cardSQL string

// Card returns the profit of a customer as of the date. Faults: customer.not_found beyond the reach, those of Picture, and
// profit.not_in_version for a customer that was unknown when the date was scored.
func (q *Questions) Card(ctx context.Context, reach access.Reach, customerID id.ID, asOf date.Date) (Card, error) {
	if err := q.customers.Within(ctx, reach, customerID); err != nil {
		return Card{}, err
	}
	var card Card
	err := q.on(ctx, reach, asOf, scoring.Narrow{}, func(a asked) error {
		var c counted
		found := false
		err := q.each(ctx, cardSQL, engine.Args{"version": a.version.Version, "customer": customerID}, nil, func(rows *sql.Rows) error {
			found = true
			var margin *int64
			err := rows.Scan(&c.state, &c.class, &c.sums.Lines, &c.sums.Costed, &c.sums.Revenue, &c.sums.Cost, &margin, &c.sums.CostToServe, &c.contacts, &c.minutes, &c.orders, &c.returns)
			if margin != nil {
				c.sums.Known = *margin + c.sums.Cost
			}
			return err
		})
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "profit.not_in_version", "This customer was not known when the customers were scored as of %s. Score that date again.", a.version.AsOf)
		}
		g, err := q.grid(ctx, reach, a, []large{{id: customerID, sums: c.sums}}, nil)
		if err != nil {
			return err
		}
		card = Card{AsOf: g.AsOf, Currency: g.Currency, Window: g.Window, State: State(c.state), Class: Class(c.class.String), Grade: g.Rates.gradeOf(c.sums),
			Figures: c.sums.figures(a.currency), Parts: c.parts(a), Categories: g.Columns, Others: g.Others}
		return nil
	})
	return card, err
}

// counted is what a version has of a customer.
type counted struct {
	state                              string
	class                              sql.NullString
	sums                               sums
	contacts, minutes, orders, returns int64
}

// parts takes the cost to serve apart; what no other part explains is that of the contacts by their kinds.
func (c counted) parts(a asked) []Part {
	costs := a.kept.Definition.Costs
	rest := c.sums.CostToServe
	all := []Part{{Of: "contacts", Count: c.contacts}}
	add := func(of string, count, unit int64) {
		if count == 0 {
			return
		}
		rest -= money.Fine(count*unit, a.currency)
		all = append(all, Part{Of: of, Count: count, Unit: &unit, Amount: count * unit})
	}
	if costs.Minute > 0 {
		add("minutes", c.minutes, costs.Minute)
	}
	add("orders", c.orders, costs.Order)
	add("lines", c.sums.Lines-c.returns, costs.Line)
	add("returns", c.returns, costs.Return)
	if State(c.state) == New && a.kept.Acquisition > 0 {
		add("acquisition", 1, a.kept.Acquisition)
	}
	all[0].Amount = money.Minor(rest, a.currency)
	if all[0].Count == 0 {
		all = all[1:]
	}
	return all
}
