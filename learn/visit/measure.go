package visit

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed cells.sql
	cellsSQL string
	//go:embed overdue.sql
	overdueSQL string
	//go:embed never.sql
	neverSQL string
)

// mostLate is how many customers a picture names; the list page has all.
const mostLate = 15

// Config is what the questions work with.
type Config struct {
	Warehouse *engine.Warehouse
	Versions  matrix.Versions
	Lists     *matrix.Questions // narrows as the lists behind the figures do
	Matrices  matrix.Grids
	Placer    *grid.Placer
	Customers matrix.Customers
	Currency  scoring.Currency
}

// Questions answers who is looked after.
type Questions struct {
	Config
	counted *scoring.Answers[tally]
	waiting *scoring.Answers[[]Late]
}

// NewQuestions returns the answerer.
func NewQuestions(c Config) *Questions {
	return &Questions{Config: c, counted: scoring.NewAnswers[tally](c.Warehouse, 200), waiting: scoring.NewAnswers[[]Late](c.Warehouse, 400)}
}

// view is a question about one version: who is meant, and where they stand.
type view struct {
	version scoring.Version
	placing grid.Placing
	where   filter.Clause
	reach   filter.Clause
	settled bool // where and reach depend on nothing but the version
}

// Picture draws the matrix of the key in n by colour, the customer matrix for an empty one, as of the date, the latest for an
// empty one, for the customers within reach. Faults: those of scoring.Scorer.On and of placing, and visit.not_scored for a
// date scored before there was a visit view.
func (q *Questions) Picture(ctx context.Context, reach access.Reach, asOf date.Date, n matrix.Narrow) (Picture, error) {
	var p Picture
	err := q.Versions.On(ctx, asOf, func(v scoring.Version) error {
		at, err := q.view(ctx, reach, v, n)
		if err != nil {
			return err
		}
		p, err = q.head(ctx, at)
		if err != nil {
			return err
		}
		t, err := q.count(ctx, at)
		if err != nil {
			return err
		}
		p.draw(t)
		norm := p.Definition.byCell("s.cell", "bigint", func(n Norm) any { return n.Yellow })
		if p.Overdue, err = q.late(ctx, reach, at, overdueSQL, engine.Args{"as_of": v.AsOf}, engine.Hole{Name: "norm", Clause: norm}); err != nil {
			return err
		}
		p.NeverYet, err = q.late(ctx, reach, at, neverSQL, engine.Args{})
		return err
	})
	return p, err
}

func (q *Questions) view(ctx context.Context, reach access.Reach, v scoring.Version, n matrix.Narrow) (view, error) {
	at := view{version: v, settled: reach.All() && n.Settled()}
	if n.Matrix == "" {
		n.Matrix = grid.CustomerKey
	}
	d, err := q.Matrices.Definition(ctx, n.Matrix)
	if err != nil {
		return at, err
	}
	if at.placing, err = q.Placer.Place(ctx, d, v); err != nil {
		return at, err
	}
	if at.where, err = q.Lists.Narrowed(ctx, v, n); err != nil {
		return at, err
	}
	at.reach, err = scoring.Within(reach)
	return at, err
}

func (q *Questions) head(ctx context.Context, at view) (Picture, error) {
	v := at.version
	p := Picture{AsOf: v.AsOf, ComputedAt: v.ComputedAt, Window: matrix.Window{From: v.From().AddDays(1), To: v.AsOf, Months: v.WindowMonths},
		Matrix: at.placing.Definition, RowsBegin: at.placing.RowsBegin, ColumnsBegin: at.placing.ColumnsBegin}
	kept := v.Cuts[stepName]
	if kept == nil {
		return p, fault.New(fault.NotFound, "visit.not_scored", "The customers as of %s were scored before there was a visit view. Score that date again.", v.AsOf)
	}
	if err := json.Unmarshal(kept, &p.Definition); err != nil {
		return p, fmt.Errorf("the definition of visits of version %d: %w", v.Version, err)
	}
	var err error
	if p.Currency, err = q.Currency.Base(ctx); err != nil {
		return p, fmt.Errorf("draw the visit view: %w", err)
	}
	return p, nil
}

func (q *Questions) count(ctx context.Context, at view) (tally, error) {
	p := at.placing
	return q.counted.Of(ctx, at.version, at.settled, func() (tally, error) { return q.askCount(ctx, at) },
		at.where, at.reach, p.Row, p.Column, p.Definition.Rows.Classes, p.Definition.Columns.Classes)
}

func (q *Questions) askCount(ctx context.Context, at view) (tally, error) {
	t := tally{}
	err := q.each(ctx, cellsSQL, engine.Args{"version": at.version.Version}, []engine.Hole{{Name: "row", Clause: at.placing.Row}, {Name: "column", Clause: at.placing.Column},
		{Name: "where", Clause: at.where}, {Name: "reach", Clause: at.reach}}, func(rows *sql.Rows) error {
		var i, j int
		var c Colours
		err := rows.Scan(&i, &j, &c.Customers, &c.Green, &c.Yellow, &c.Red, &c.Never, &c.None)
		t[[2]string{at.placing.RowKey(i), at.placing.ColumnKey(j)}] = c
		return err
	})
	return t, err
}

// late finds customers and gives them their names of today; who is no longer within reach is left out.
func (q *Questions) late(ctx context.Context, reach access.Reach, at view, text string, args engine.Args, holes ...engine.Hole) ([]Late, error) {
	currency, err := q.Currency.Base(ctx)
	if err != nil {
		return nil, fmt.Errorf("find who is overdue: %w", err)
	}
	found, err := q.waiting.Of(ctx, at.version, at.settled, func() ([]Late, error) { return q.askLate(ctx, at, currency, text, args, holes) },
		at.where, at.reach, currency, text)
	if err != nil {
		return nil, err
	}
	ids := make([]id.ID, len(found))
	for i, l := range found {
		ids[i] = l.ID
	}
	known, err := q.Customers.Named(ctx, reach, ids)
	if err != nil {
		return nil, err
	}
	all := []Late{}
	for _, l := range found {
		if c := known[l.ID]; c != nil {
			l.Code, l.Name, l.OwnerID = c.Code, c.Name, c.OwnerID
			all = append(all, l)
		}
	}
	return all, nil
}

func (q *Questions) askLate(ctx context.Context, at view, currency, text string, args engine.Args, holes []engine.Hole) (found []Late, err error) {
	args["version"], args["limit"] = at.version.Version, mostLate
	err = q.each(ctx, text, args, append(holes, engine.Hole{Name: "where", Clause: at.where}, engine.Hole{Name: "reach", Clause: at.reach}), func(rows *sql.Rows) error {
		var l Late
		err := rows.Scan(&l.ID, &l.Cell, &l.LastContact, &l.Days, &l.Over, &l.Revenue)
		l.Revenue = money.Minor(l.Revenue, currency)
		found = append(found, l)
		return err
	})
	return found, err
}

func (q *Questions) each(ctx context.Context, text string, args engine.Args, holes []engine.Hole, read func(*sql.Rows) error) error {
	rows, err := q.Warehouse.Query(ctx, text, args, holes...)
	if err != nil {
		return fmt.Errorf("ask who is looked after: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return fmt.Errorf("ask who is looked after: %w", err)
		}
	}
	return rows.Err()
}
