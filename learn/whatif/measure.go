package whatif

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

//go:embed sums.sql
var sumsSQL string

// Config is what the questions work with.
type Config struct {
	Warehouse *engine.Warehouse
	Versions  matrix.Versions
	Lists     *matrix.Questions // narrows as the matrix does
	Currency  scoring.Currency
}

// Questions answers what a scenario would bring.
type Questions struct {
	Config
	known *scoring.Answers[map[string]sums]
}

// NewQuestions returns the answerer.
func NewQuestions(c Config) *Questions {
	return &Questions{Config: c, known: scoring.NewAnswers[map[string]sums](c.Warehouse, 200)}
}

// WhatIf works the scenario out as of the date, the latest for an empty one, among the customers within reach. Faults: those of
// scoring.Scorer.On, whatif.malformed_scenario, whatif.not_scored for a date scored before costs were counted, and
// whatif.not_in_cell for chosen customers who do not stand in the cell or out of reach.
func (q *Questions) WhatIf(ctx context.Context, reach access.Reach, asOf date.Date, n matrix.Narrow, s Scenario) (Answer, error) {
	var a Answer
	if err := s.validate(); err != nil {
		return a, err
	}
	err := q.Versions.On(ctx, asOf, func(v scoring.Version) error {
		var err error
		if a, err = q.head(ctx, v, s); err != nil {
			return err
		}
		where, err := q.Lists.Narrowed(ctx, v, n)
		if err != nil {
			return err
		}
		within, err := scoring.Within(reach)
		if err != nil {
			return err
		}
		everybody := filter.Clause{SQL: "true"}
		all, err := q.known.Of(ctx, v, reach.All() && n.Settled(), func() (map[string]sums, error) { return q.sums(ctx, v, where, within, everybody) }, where, within)
		if err != nil {
			return err
		}
		moving := all[a.From]
		a.Available, a.Expected = moving.customers, all[a.To].customers
		if a.Chosen {
			which, err := filter.Compile(filter.And(filter.In("customer", s.Chosen...), filter.Eq("cell", s.From)), filter.Columns{"customer": "s.customer_id", "cell": "s.cell"})
			if err != nil {
				return err
			}
			chosen, err := q.sums(ctx, v, where, within, which)
			if err != nil {
				return err
			}
			if moving = chosen[s.From]; moving.customers != a.Customers {
				return fault.New(fault.Malformed, "whatif.not_in_cell", "%d of the %d chosen customers did not stand in this cell on %s, or are not among those shown. Choose them again.",
					a.Customers-moving.customers, a.Customers, v.AsOf).At("chosen", "Choose customers of the cell.")
			}
		}
		a.work(s, moving, all[a.To])
		return nil
	})
	return a, err
}

// head is the answer without figures.
func (q *Questions) head(ctx context.Context, v scoring.Version, s Scenario) (Answer, error) {
	a := Answer{AsOf: v.AsOf, Window: matrix.Window{From: v.From().AddDays(1), To: v.AsOf, Months: v.WindowMonths}, From: s.From, To: s.To,
		Customers: s.Customers, Chosen: len(s.Chosen) > 0, Least: leastCustomers, Lacks: []Lack{}}
	if v.Cuts["profit"] == nil {
		return a, fault.New(fault.NotFound, "whatif.not_scored", "The customers as of %s were scored before costs were counted. Score that date again.", v.AsOf)
	}
	var err error
	if a.Currency, err = q.Currency.Base(ctx); err != nil {
		return a, fmt.Errorf("work out a scenario: %w", err)
	}
	if a.Chosen {
		different := map[string]bool{}
		for _, c := range s.Chosen {
			different[string(c)] = true
		}
		a.Customers = int64(len(different))
	}
	if a.To == "" {
		var b matrix.Boundaries
		if err := json.Unmarshal(v.Cuts["matrix"], &b); err != nil {
			return a, fmt.Errorf("the boundaries of version %d: %w", v.Version, err)
		}
		row, _ := grid.SplitCell(s.From)
		a.To = grid.CellKey(row, column(s.Share, b.Share))
	}
	from, _ := grid.SplitCell(a.From)
	to, _ := grid.SplitCell(a.To)
	a.OtherRow = from != to
	return a, nil
}

func (q *Questions) sums(ctx context.Context, v scoring.Version, where, within, which filter.Clause) (map[string]sums, error) {
	rows, err := q.Warehouse.Query(ctx, sumsSQL, engine.Args{"version": v.Version}, engine.Hole{Name: "where", Clause: where},
		engine.Hole{Name: "reach", Clause: within}, engine.Hole{Name: "which", Clause: which})
	if err != nil {
		return nil, fmt.Errorf("work out a scenario: %w", err)
	}
	defer rows.Close()
	all := map[string]sums{}
	for rows.Next() {
		var cell string
		var s sums
		if err := rows.Scan(&cell, &s.customers, &s.revenue, &s.potential, &s.costedRevenue, &s.margin, &s.served, &s.visits); err != nil {
			return nil, fmt.Errorf("work out a scenario: %w", err)
		}
		all[cell] = s
	}
	return all, rows.Err()
}
