package migration

import (
	"context"
	_ "embed"
	"fmt"
	"slices"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed actual.sql
	actualSQL string
	//go:embed planned.sql
	plannedSQL string
	//go:embed budgets.sql
	budgetsSQL string
	//go:embed forecasts.sql
	forecastsSQL string
)

// yearMonths is how many months a forecast looks ahead, whatever the models were asked for.
const yearMonths = 12

// side is a scenario opened for asking: its rows, one for each customer, with place, revenue, potential and whether the
// question is about the customer.
type side struct {
	told    Side
	placing grid.Placing
	rows    filter.Clause
}

// planned tells whether a matrix can be drawn of what customers are budgeted or expected to buy: all that is known of that
// is their revenue, and what follows from it and the potential.
func planned(d grid.Definition) error {
	known := []string{"revenue", "potential", "share", "unused", "potential_class", "share_class"}
	if slices.Contains(known, d.Rows.Measure) && slices.Contains(known, d.Columns.Measure) {
		return nil
	}
	return fault.New(fault.Conflict, "migration.not_planned",
		"A budget or a forecast says what customers will buy, and nothing of the measures of the matrix %q. Choose the customer matrix, or two scored dates.", d.Name)
}

// base finds the date of the version whose potentials and cut points a scenario has.
func (q *Questions) base(ctx context.Context, s Scenario) (date.Date, error) {
	if s.Kind != Budget {
		return s.AsOf, nil
	}
	years, err := q.years(ctx)
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(years, func(y BudgetYear) bool { return y.Year == s.Year }) {
		return "", fault.New(fault.NotFound, "migration.no_budget", "There is no budget for %d. Import budgets by customer and month, or choose another year.", s.Year)
	}
	versions, err := q.Versions.List(ctx)
	if err != nil {
		return "", err
	}
	end := date.Date(fmt.Sprintf("%d-12-31", s.Year))
	for _, v := range versions { // the latest first
		if v.AsOf <= end {
			return v.AsOf, nil
		}
	}
	return "", fault.New(fault.NotFound, "migration.no_potential", "The budget of %d needs the potentials of a date up to the end of that year, and none was scored. Score %s or a date before it.", s.Year, end)
}

// side opens a scenario on the version of its date.
func (q *Questions) side(ctx context.Context, reach access.Reach, s Scenario, v scoring.Version, d grid.Definition, ask Ask) (side, error) {
	opened := side{told: Side{Kind: s.Kind, AsOf: v.AsOf, Year: s.Year, From: v.From().AddDays(1), To: v.AsOf, Version: v.Version, ComputedAt: v.ComputedAt}}
	switch s.Kind {
	case Budget:
		opened.told.From, opened.told.To = date.Date(fmt.Sprintf("%d-01-01", s.Year)), date.Date(fmt.Sprintf("%d-12-31", s.Year))
	case Forecast:
		opened.told.From, opened.told.To = v.AsOf.AddDays(1), v.AsOf.AddMonths(yearMonths)
	}
	s.AsOf = v.AsOf
	opened.told.Key = s.String()
	var err error
	if opened.placing, err = q.Placer.Place(ctx, d, v); err != nil {
		return opened, err
	}
	narrow := ask.Narrow
	narrow.Matrix = d.Key
	inside, err := q.Lists.Narrowed(ctx, v, narrow)
	if err != nil {
		return opened, err
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return opened, err
	}
	parts := map[string]filter.Clause{"version": {SQL: "?", Args: []any{v.Version}}, "place": place(opened.placing, ask.By),
		"inside": {SQL: "(" + inside.SQL + ") AND (" + within.SQL + ")", Args: slices.Concat(inside.Args, within.Args)}}
	if s.Kind == Actual {
		opened.rows, err = filter.Fill(actualSQL, parts)
		return opened, err
	}
	if err := planned(d); err != nil {
		return opened, err
	}
	if err := q.plan(ctx, opened.told, v, parts); err != nil {
		return opened, err
	}
	opened.rows, err = filter.Fill(plannedSQL, parts)
	return opened, err
}

// plan completes the parts of a side that was not really bought.
func (q *Questions) plan(ctx context.Context, s Side, v scoring.Version, parts map[string]filter.Clause) error {
	currency, err := q.Currency.Base(ctx)
	if err != nil {
		return fmt.Errorf("ask for migration: %w", err)
	}
	b, err := matrix.BoundariesOf(v)
	if err != nil {
		return err
	}
	parts["potential_class"], parts["share_class"] = b.Classes()
	fine := money.FinePerMinor(currency)
	parts["fine"] = filter.Clause{SQL: "?", Args: []any{int64(fine)}}
	if s.Kind == Budget {
		parts["revenue"] = filter.Clause{SQL: "coalesce(f.amount, 0)"}
		parts["overruled"] = filter.Clause{SQL: "false"}
		parts["said"], err = filter.Fill(budgetsSQL, between(s.From, s.To))
		return err
	}
	set, err := q.Measures.In(v)
	if err != nil {
		return err
	}
	expected, err := q.expected(v, set)
	if err != nil {
		return err
	}
	parts["revenue"] = filter.Clause{SQL: "coalesce(f.amount, " + expected.SQL + ", 0) * ?", Args: append(expected.Args, int64(fine))}
	parts["overruled"] = filter.Clause{SQL: "f.amount IS NOT NULL"}
	parts["said"], err = filter.Fill(forecastsSQL, between(v.AsOf.AddMonths(-yearMonths), v.AsOf))
	return err
}

func between(from, to date.Date) map[string]filter.Clause {
	return map[string]filter.Clause{"from": {SQL: "?", Args: []any{from}}, "to": {SQL: "?", Args: []any{to}}}
}

// mostExpected bounds what one customer is expected to buy in a year, in minor units.
const mostExpected = "1e15"

// expected is what the models expect a customer to buy in the twelve months ahead, in minor units, as an expression over
// score; NULL for who never bought. Faults of Ahead, and lifetime.not_in_version.
func (q *Questions) expected(v scoring.Version, set measure.Set) (filter.Clause, error) {
	months, err := q.Ahead(v)
	if err != nil {
		return filter.Clause{}, err
	}
	purchases, ok := set.Find("purchases_ahead")
	size, also := set.Find("next_purchase_size")
	if !ok || !also {
		return filter.Clause{}, fault.New(fault.Conflict, "lifetime.not_in_version", "There is no expectation as of %s: that date was scored without lifetime value. Score it again.", v.AsOf)
	}
	// Not least(): where there is no expectation the engines give different answers.
	amount := "s." + purchases.Column() + " * cast(s." + size.Column() + " AS double) * 12 / ?"
	return filter.Clause{SQL: "cast(round(CASE WHEN " + amount + " >= " + mostExpected + " THEN " + mostExpected + " ELSE " + amount + " END) AS bigint)",
		Args: []any{int64(months), int64(months)}}, nil
}

// place is the number of a customer's place.
func place(p grid.Placing, by Grouping) filter.Clause {
	switch by {
	case ByRow:
		return p.Row
	case ByColumn:
		return p.Column
	}
	return filter.Clause{SQL: fmt.Sprintf("(%s) * %d + (%s)", p.Row.SQL, perRow, p.Column.SQL), Args: slices.Concat(p.Row.Args, p.Column.Args)}
}
