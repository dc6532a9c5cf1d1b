package migration

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed migration.sql
	migrationSQL string
	//go:embed years.sql
	yearsSQL string
)

// Customers is the operational store's word on who customers are now and who may see them; *customer.Store has it.
type Customers interface {
	Named(ctx context.Context, reach access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error)
}

// Config is what the questions work with.
type Config struct {
	Warehouse *engine.Warehouse
	Versions  matrix.Versions
	Lists     *matrix.Questions // narrows as the lists behind the figures do
	Matrices  *grid.Store
	Placer    *grid.Placer
	Measures  *measure.Registry
	Currency  scoring.Currency
	Customers Customers
	// Ahead says for how many months of a version the models of lifetime value say how many purchases to expect.
	Ahead func(v scoring.Version) (int, error)
	// CatchUp brings what people say of customers over to the warehouse.
	CatchUp func(ctx context.Context) error
}

// Questions answers who moved between two scenarios.
type Questions struct {
	Config
	known  *scoring.Answers[[]Flow]
	budget *scoring.Answers[[]BudgetYear]
}

// NewQuestions returns the answerer.
func NewQuestions(c Config) *Questions {
	return &Questions{Config: c, known: scoring.NewAnswers[[]Flow](c.Warehouse, 300), budget: scoring.NewAnswers[[]BudgetYear](c.Warehouse, 4)}
}

// Ask is a question for migration.
type Ask struct {
	From, To string // scenarios; empty are last year and the latest date
	Matrix   string // its key; empty is the customer matrix
	By       Grouping
	Narrow   matrix.Narrow
}

// pair is two scenarios opened.
type pair struct {
	matrix   grid.Definition
	by       Grouping
	from, to side
	currency string
	later    scoring.Version
	settled  bool // the answer depends on nothing but the two versions
}

// pair opens both scenarios and keeps their versions standing while use asks.
func (q *Questions) pair(ctx context.Context, reach access.Reach, ask Ask, use func(p pair) error) error {
	if ask.By == "" {
		ask.By = ByCell
	}
	from, to, err := q.scenarios(ctx, ask)
	if err != nil {
		return err
	}
	p := pair{by: ask.By}
	if p.matrix, err = q.Matrices.Definition(ctx, ask.Matrix); err != nil {
		return err
	}
	if p.currency, err = q.Currency.Base(ctx); err != nil {
		return fmt.Errorf("ask for migration: %w", err)
	}
	fromDate, err := q.base(ctx, from)
	if err != nil {
		return err
	}
	toDate, err := q.base(ctx, to)
	if err != nil {
		return err
	}
	if from.Kind == Forecast || to.Kind == Forecast {
		if err := q.CatchUp(ctx); err != nil {
			return err
		}
	}
	return q.Versions.On(ctx, toDate, func(later scoring.Version) error {
		return q.Versions.On(ctx, fromDate, func(earlier scoring.Version) error {
			p.later = later
			p.settled = reach.All() && ask.Narrow.Settled() && from.Kind == Actual && to.Kind == Actual
			var err error
			if p.from, err = q.side(ctx, reach, from, earlier, p.matrix, ask); err != nil {
				return err
			}
			if p.to, err = q.side(ctx, reach, to, later, p.matrix, ask); err != nil {
				return err
			}
			return use(p)
		})
	})
}

// scenarios reads the two scenarios: without any, from a year before the latest scored date to that; without the first, from
// what was really bought a year before the second, or up to where a plan begins.
func (q *Questions) scenarios(ctx context.Context, ask Ask) (from, to Scenario, err error) {
	if to, err = ParseScenario("to", ask.To); err != nil {
		return from, to, err
	}
	if from, err = ParseScenario("from", ask.From); err != nil {
		return from, to, err
	}
	latest := func() (date.Date, error) {
		versions, err := q.Versions.List(ctx)
		if err != nil || len(versions) == 0 {
			return "", err
		}
		return versions[0].AsOf, nil
	}
	if to.Kind != Budget && to.AsOf == "" {
		if to.AsOf, err = latest(); err != nil {
			return from, to, err
		}
	}
	if ask.From == "" && to.Kind != Budget {
		from.AsOf = to.AsOf
		if to.Kind == Actual && to.AsOf != "" {
			from.AsOf = to.AsOf.AddMonths(-yearMonths)
		}
	}
	return from, to, nil
}

// judge says whether a customer counts: the later side does, for who is not there the other.
func (p pair) judge() filter.Clause {
	if p.from.told.AsOf > p.to.told.AsOf {
		return filter.Clause{SQL: "a.inside, b.inside"}
	}
	return filter.Clause{SQL: "b.inside, a.inside"}
}

func (p pair) holes() []engine.Hole {
	return []engine.Hole{{Name: "from", Clause: p.from.rows}, {Name: "to", Clause: p.to.rows}, {Name: "judge", Clause: p.judge()}}
}

// Migration draws who moved between two scenarios, for the customers within reach. Faults: those of scoring.Scorer.On, of the
// matrix and the filter, migration.unknown_scenario, migration.no_budget, migration.no_potential, migration.not_planned, and
// those of Config.Ahead.
func (q *Questions) Migration(ctx context.Context, reach access.Reach, ask Ask) (Picture, error) {
	var picture Picture
	err := q.pair(ctx, reach, ask, func(p pair) error {
		picture = Picture{From: p.from.told, To: p.to.told, Currency: p.currency, Matrix: p.matrix, By: p.by}
		flows, err := q.flows(ctx, p)
		if err != nil {
			return err
		}
		picture.draw(append([]Flow{}, flows...))
		return nil
	})
	return picture, err
}

// flows asks for the flows, or remembers them.
func (q *Questions) flows(ctx context.Context, p pair) ([]Flow, error) {
	return q.known.Of(ctx, p.later, p.settled, func() ([]Flow, error) { return q.ask(ctx, p) },
		p.from.told, p.to.told, p.by, p.currency, p.from.rows, p.to.rows, p.matrix)
}

func (q *Questions) ask(ctx context.Context, p pair) ([]Flow, error) {
	var flows []Flow
	unit := float64(money.FinePerMinor(p.currency))
	err := q.each(ctx, migrationSQL, func(rows *sql.Rows) error {
		var from, to int
		var f Flow
		if err := rows.Scan(&from, &to, &f.Customers, &f.RevenueFrom, &f.RevenueTo, &f.PotentialFrom, &f.PotentialTo); err != nil {
			return err
		}
		f.From, f.To = key(p.from.placing, p.by, from), key(p.to.placing, p.by, to)
		f.RevenueFrom, f.RevenueTo = f.RevenueFrom/unit, f.RevenueTo/unit
		flows = append(flows, f)
		return nil
	}, p.holes()...)
	return flows, err
}

// each asks and reads all rows.
func (q *Questions) each(ctx context.Context, text string, read func(rows *sql.Rows) error, holes ...engine.Hole) error {
	rows, err := q.Warehouse.Query(ctx, text, engine.Args{}, holes...)
	if err != nil {
		return fmt.Errorf("ask for migration: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return fmt.Errorf("ask for migration: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("ask for migration: %w", err)
	}
	return nil
}

// BudgetYear is a year that has a budget.
type BudgetYear struct {
	Year      int   `json:"year"`
	Customers int64 `json:"customers" doc:"Who have a budget, of the whole company."`
}

// Choices are the scenarios there are.
type Choices struct {
	Dates   []date.Date  `json:"dates" nullable:"false" doc:"The scored dates, the latest first: of what was really bought, and of forecasts."`
	Budgets []BudgetYear `json:"budgets" nullable:"false" doc:"The latest year first."`
}

// Choices lists the scenarios there are.
func (q *Questions) Choices(ctx context.Context) (Choices, error) {
	c := Choices{Dates: []date.Date{}, Budgets: []BudgetYear{}}
	versions, err := q.Versions.List(ctx)
	if err != nil {
		return c, err
	}
	for _, v := range versions {
		c.Dates = append(c.Dates, v.AsOf)
	}
	years, err := q.years(ctx)
	c.Budgets = append(c.Budgets, years...)
	return c, err
}

// years are remembered for as long as nothing is written to the warehouse.
func (q *Questions) years(ctx context.Context) ([]BudgetYear, error) {
	return q.budget.OfMoment(ctx, func() (found []BudgetYear, err error) {
		err = q.each(ctx, yearsSQL, func(rows *sql.Rows) error {
			var y BudgetYear
			err := rows.Scan(&y.Year, &y.Customers)
			found = append(found, y)
			return err
		})
		return found, err
	})
}

// unknownPlace is the fault of asking for a place that a side does not have.
func unknownPlace(field, of string) error {
	return fault.New(fault.Malformed, "migration.unknown_place", "There is no place %.60q in this matrix.", of).At(field, "Use a key that the table of migration names.")
}
