package variance

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

var (
	//go:embed bought.sql
	boughtSQL string
	//go:embed planned.sql
	plannedSQL string
	//go:embed spread.sql
	spreadSQL string
	//go:embed held.sql
	heldSQL string
	//go:embed groups.sql
	groupsSQL string
	//go:embed parts.sql
	partsSQL string
	//go:embed extent.sql
	extentSQL string
	//go:embed classes.sql
	classesSQL string
	//go:embed products.sql
	productsSQL string
)

// group is what is known of one person's customers in one unit and country; money in fine units.
type group struct {
	unit, person, country       string
	customers, unplanned, idle  int64
	budget, actual              float64
	unplannedActual, idleBudget float64
}

// listed is the parts of a question, or the first of them, and what all are together.
type listed struct {
	parts []Part
	whole whole
}

// all joins conditions that must hold together.
func all(clauses ...filter.Clause) filter.Clause {
	joined := filter.Clause{SQL: "true"}
	for _, c := range clauses {
		joined.SQL += " AND (" + c.SQL + ")"
		joined.Args = append(joined.Args, c.Args...)
	}
	return joined
}

func compiled(e filter.Expr, column string) (filter.Clause, error) {
	return filter.Compile(e, filter.Columns{"x": column})
}

// narrow compiles the cut.
func (l *look) narrow() error {
	var err error
	if l.held, err = filter.Fill(heldSQL, map[string]filter.Clause{"day": {SQL: "?", Args: []any{lastDay(l.cut.To)}}}); err != nil {
		return err
	}
	if err := l.narrowCustomers(); err != nil {
		return err
	}
	if err := l.narrowPlaces(); err != nil {
		return err
	}
	return l.narrowLines()
}

// narrowCustomers settles whose budgets count by what customers are today: who may see them, their country.
func (l *look) narrowCustomers() error {
	l.customers = filter.Clause{SQL: "true"}
	country := l.cut.at(ByCountry)
	if !l.reach.All() || country != "" {
		expr := l.reach.Filter("unit", "owner")
		if country != "" {
			expr = filter.And(expr, filter.Eq("country", country))
		}
		c, err := filter.Compile(expr, filter.Columns{"unit": "c.unit_id", "owner": "c.owner_id", "country": "coalesce(nullif(c.country, ''), '-')"})
		if err != nil {
			return err
		}
		l.customers = filter.Clause{SQL: "p.customer_id IN (SELECT c.id FROM customer c WHERE " + c.SQL + ")", Args: c.Args}
	}
	if customer := l.cut.at(ByCustomer); customer != "" {
		l.customers = all(l.customers, filter.Clause{SQL: "p.customer_id = cast(? AS uuid)", Args: []any{customer}})
	}
	return nil
}

// narrowPlaces settles whose budgets count by unit and person of the last day.
func (l *look) narrowPlaces() error {
	l.placed = filter.Clause{SQL: "true"}
	if unit := l.cut.at(ByUnit); unit != "" && unit != None {
		l.unitsBelow = l.units.within(unit)
	}
	for _, at := range []struct {
		key, column string
		ids         []id.ID
	}{{l.cut.at(ByUnit), "h.unit_id", l.unitsBelow}, {l.cut.at(ByPerson), "h.owner_id", []id.ID{id.ID(l.cut.at(ByPerson))}}} {
		if at.key == "" {
			continue
		}
		which, of := filter.Clause{SQL: at.column + " IS NOT NULL"}, "p.customer_id NOT IN (SELECT h.customer_id FROM ("
		if at.key != None {
			of = "p.customer_id IN (SELECT h.customer_id FROM ("
			var err error
			if which, err = compiled(filter.In("x", at.ids...), at.column); err != nil {
				return err
			}
		}
		l.placed = all(l.placed, filter.Clause{SQL: of + l.held.SQL + ") h WHERE " + which.SQL + ")", Args: slices.Concat(l.held.Args, which.Args)})
	}
	return nil
}

// narrowLines settles which lines count by channel, class and product.
func (l *look) narrowLines() error {
	l.lines = filter.Clause{SQL: "true"}
	if channel := l.cut.at(ByChannel); channel != "" {
		l.lines = all(l.lines, filter.Clause{SQL: "coalesce(nullif(p.channel, ''), '-') = ?", Args: []any{channel}})
	}
	switch product := l.cut.at(ByProduct); product {
	case "":
	case None:
		l.lines = all(l.lines, filter.Clause{SQL: "p.product_id IS NULL"})
	default:
		l.lines = all(l.lines, filter.Clause{SQL: "p.product_id = cast(? AS uuid)", Args: []any{product}})
	}
	switch class := l.cut.at(ByClass); class {
	case "":
	case None:
		l.lines = all(l.lines, filter.Clause{SQL: "p.product_id IS NULL OR p.product_id NOT IN (SELECT g.id FROM product g WHERE g.category_id IS NOT NULL)"})
	default:
		in, err := compiled(filter.In("x", l.classes.within(class)...), "g.category_id")
		if err != nil {
			return err
		}
		l.lines = all(l.lines, filter.Clause{SQL: "p.product_id IN (SELECT g.id FROM product g WHERE " + in.SQL + ")", Args: in.Args})
	}
	return nil
}

// facts are the budgets and lines of a cut, each with its part by a dimension. by is empty where the customer alone counts.
func (l *look) facts(by Dimension, customers filter.Clause) (filter.Clause, error) {
	day := func(d date.Date) filter.Clause { return filter.Clause{SQL: "?", Args: []any{d}} }
	column := map[Dimension]string{ByCustomer: "p.customer_id", ByChannel: "nullif(p.channel, '')", ByClass: "g.category_id", ByProduct: "p.product_id",
		ByMonth: "cast(date_trunc('month', p.purchase_date) AS date)"}[by]
	planned := map[Dimension]string{ByCustomer: "p.customer_id", ByChannel: "line.part", ByClass: "line.part", ByProduct: "line.part", ByMonth: "p.month"}[by]
	if by == "" {
		column, planned = "cast(NULL AS varchar)", "cast(NULL AS varchar)"
	}
	line := "0"
	product := filter.Clause{}
	if by.spread() {
		line = column
	}
	if by == ByClass {
		product.SQL = "LEFT JOIN product g ON g.id = p.product_id"
	}
	// A budget is spread by all the months together, so that going into one of them does not change it.
	// Within a channel or a class a budget that cannot be spread has no place.
	told := filter.Clause{SQL: "true"}
	if l.cut.divided() {
		told.SQL = "line.customer_id IS NOT NULL"
	}
	parts := map[string]filter.Clause{"part": {SQL: column}, "product": product, "from": day(l.from), "to": day(l.to), "until": day(lastDay(l.to)), "lines": l.lines,
		"customers": customers, "line": {SQL: line}, "told": told, "year_from": day(l.cut.From.AddMonths(-12)), "year_until": day(lastDay(l.cut.To.AddMonths(-12)))}
	bought, err := filter.Fill(boughtSQL, parts)
	if err != nil {
		return bought, err
	}
	parts["part"] = filter.Clause{SQL: planned}
	text := plannedSQL
	if l.cut.divided() || by.spread() {
		text = spreadSQL
	}
	budget, err := filter.Fill(text, parts)
	return filter.Clause{SQL: bought.SQL + "UNION ALL\n" + budget.SQL, Args: slices.Concat(bought.Args, budget.Args)}, err
}

// grouped reads budget and actual by unit, person and country, and keeps what lies in the cut.
func (q *Questions) grouped(ctx context.Context, l look) ([]group, error) {
	facts, err := l.facts("", l.customers)
	if err != nil {
		return nil, err
	}
	every, err := q.groups.OfMoment(ctx, func() ([]group, error) {
		var found []group
		rows, err := q.Warehouse.Query(ctx, groupsSQL, nil, engine.Hole{Name: "facts", Clause: facts}, engine.Hole{Name: "held", Clause: l.held})
		if err != nil {
			return nil, fmt.Errorf("ask for the budget: %w", err)
		}
		err = engine.Each(rows, func() error {
			var g group
			err := rows.Scan(&g.unit, &g.person, &g.country, &g.customers, &g.budget, &g.actual, &g.unplanned, &g.unplannedActual, &g.idle, &g.idleBudget)
			found = append(found, g)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("ask for the budget: %w", err)
		}
		return found, nil
	}, lastDay(l.cut.To), facts, l.held)
	if err != nil {
		return nil, err
	}
	unit, person := l.cut.at(ByUnit), l.cut.at(ByPerson)
	if unit == "" && person == "" {
		return every, nil
	}
	below := map[string]bool{None: unit == None}
	for _, u := range l.unitsBelow {
		below[string(u)] = true
	}
	var mine []group
	for _, g := range every {
		if (unit == "" || below[g.unit]) && (person == "" || g.person == person) {
			mine = append(mine, g)
		}
	}
	return mine, nil
}

// rolled adds the groups up to the parts of a unit, or by person or country.
func (l look) rolled(groups []group) listed {
	under := map[string]string{}
	if l.by == ByUnit {
		under = l.units.under(l.units.top(strings.TrimPrefix(l.cut.at(ByUnit), None)))
	}
	at, found := map[string]int{}, listed{}
	for _, g := range groups {
		key := map[Dimension]string{ByUnit: g.unit, ByPerson: g.person, ByCountry: g.country}[l.by]
		if l.by == ByUnit {
			if key = under[g.unit]; key == "" {
				key = None
			}
		}
		i, ok := at[key]
		if !ok {
			i = len(found.parts)
			at[key] = i
			found.parts = append(found.parts, Part{Key: key, Customers: new(int64)})
		}
		found.parts[i].budget += g.budget
		found.parts[i].actual += g.actual
		*found.parts[i].Customers += g.customers
	}
	for _, p := range found.parts {
		found.whole.add(p.budget, p.actual)
	}
	return found
}

// listed asks for the parts by customer, channel, class, product or month.
func (q *Questions) listed(ctx context.Context, l look, most int) (listed, error) {
	facts, err := l.facts(l.by, all(l.customers, l.placed))
	if err != nil {
		return listed{}, err
	}
	limit := most
	if l.by == ByClass { // they are added up by their tree
		limit = fileMost
	}
	found, err := q.parts.OfMoment(ctx, func() (listed, error) { return q.askParts(ctx, facts, limit) }, limit, facts)
	if err != nil {
		return listed{}, err
	}
	if l.by == ByClass {
		return l.classed(found), nil
	}
	return listed{slices.Clone(found.parts), found.whole}, nil
}

func (q *Questions) askParts(ctx context.Context, facts filter.Clause, limit int) (listed, error) {
	var found listed
	rows, err := q.Warehouse.Query(ctx, partsSQL, nil, engine.Hole{Name: "facts", Clause: facts},
		engine.Hole{Name: "limit", Clause: filter.Clause{SQL: strconv.Itoa(limit)}})
	if err != nil {
		return found, fmt.Errorf("ask for the parts of a budget: %w", err)
	}
	err = engine.Each(rows, func() error {
		var p Part
		w := &found.whole
		err := rows.Scan(&p.Key, &p.budget, &p.actual, &w.parts, &w.budget, &w.actual, &w.short, &w.over, &w.shortSum, &w.overSum)
		found.parts = append(found.parts, p)
		return err
	})
	if err != nil {
		return found, fmt.Errorf("ask for the parts of a budget: %w", err)
	}
	return found, nil
}

// classed adds classes up to those right below the one that was gone into.
func (l look) classed(found listed) listed {
	under := l.classes.under(l.classes.top(strings.TrimPrefix(l.cut.at(ByClass), None)))
	at, up := map[string]int{}, listed{}
	for _, p := range found.parts {
		key := under[p.Key]
		if key == "" {
			key = None
			if p.Key == Untold {
				key = Untold
			}
		}
		i, ok := at[key]
		if !ok {
			i = len(up.parts)
			at[key] = i
			up.parts = append(up.parts, Part{Key: key})
		}
		up.parts[i].budget += p.budget
		up.parts[i].actual += p.actual
	}
	for _, p := range up.parts {
		up.whole.add(p.budget, p.actual)
	}
	return up
}
