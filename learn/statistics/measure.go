package statistics

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

//go:embed cells.sql
var cellsSQL string

// Organisation knows who hung and sat where on a date; *org.Store does.
type Organisation interface {
	TreeAsOf(ctx context.Context, day date.Date) (*org.Tree, error)
	PeopleAsOf(ctx context.Context, day date.Date) (map[id.ID]id.ID, error)
	Names(ctx context.Context) (org.Names, error)
}

// Config is what the questions work with.
type Config struct {
	Warehouse    *engine.Warehouse
	Versions     matrix.Versions
	Lists        *matrix.Questions // narrows as the lists behind the figures do
	Matrices     *grid.Store
	Placer       *grid.Placer
	Measures     *measure.Registry
	Currency     scoring.Currency
	Organisation Organisation
}

// Questions answers what stands in the cells of any matrix.
type Questions struct {
	Config
	known *scoring.Answers[[]row]
}

// NewQuestions returns the answerer.
func NewQuestions(c Config) *Questions {
	return &Questions{Config: c, known: scoring.NewAnswers[[]row](c.Warehouse, 300)}
}

// Ask is a question for a matrix of a date.
type Ask struct {
	AsOf    date.Date // empty is the latest scored date
	Matrix  string    // its key; empty is the customer matrix
	Narrow  matrix.Narrow
	Figures string // keys apart by commas
	// Effort and Value are the figures to set against each other; customers for their number. Both or neither.
	Effort, Value string
}

// mostFigures is how many figures can be asked for at once.
const mostFigures = 8

// row is the figures of one cell for one part of the company.
type row struct {
	row, column string
	part        string // "" for none
	figures     Figures
}

// view is a question made ready for one version.
type view struct {
	head    Head
	chosen  measure.Set
	placing grid.Placing
	where   filter.Clause
	settled bool // where depends on nothing but the version
	version scoring.Version
}

// Statistics answers what stands in the cells for the customers within reach. Faults: those of scoring.Scorer.On, Malformed
// for a filter or figure that cannot be, matrix.not_found and matrix.measure_missing.
func (q *Questions) Statistics(ctx context.Context, reach access.Reach, a Ask) (Picture, error) {
	d, err := q.Matrices.Definition(ctx, a.Matrix)
	if err != nil {
		return Picture{}, err
	}
	return q.draw(ctx, reach, d, a)
}

// Preview draws a matrix that nobody has kept yet. Faults: matrix.invalid with every place, and those of Statistics.
func (q *Questions) Preview(ctx context.Context, reach access.Reach, d grid.Definition, asOf date.Date) (Picture, error) {
	if err := q.Matrices.Check(ctx, &d); err != nil {
		return Picture{}, err
	}
	return q.draw(ctx, reach, d, Ask{AsOf: asOf})
}

func (q *Questions) draw(ctx context.Context, reach access.Reach, d grid.Definition, a Ask) (Picture, error) {
	var p Picture
	err := q.Versions.On(ctx, a.AsOf, func(v scoring.Version) error {
		at, err := q.view(ctx, v, d, a)
		if err != nil {
			return err
		}
		rows, err := q.rows(ctx, reach, at, "NULL")
		if err != nil {
			return err
		}
		t := tally{}
		for _, r := range rows {
			t.add(r.row, r.column, r.figures)
		}
		p = draw(at.head, t)
		if a.Effort != "" {
			p.Balance = balance(p.Cells, a.Effort, a.Value)
		}
		return nil
	})
	return p, err
}

// view finds everything that a question needs to know of the version.
func (q *Questions) view(ctx context.Context, v scoring.Version, d grid.Definition, a Ask) (view, error) {
	at := view{version: v, settled: a.Narrow.Settled()}
	set, err := q.Measures.In(v)
	if err != nil {
		return at, err
	}
	currency, err := q.Currency.Base(ctx)
	if err != nil {
		return at, fmt.Errorf("ask for statistics: %w", err)
	}
	if at.placing, err = q.Placer.Place(ctx, d, v); err != nil {
		return at, err
	}
	a.Narrow.Matrix = d.Key
	if at.where, err = q.Lists.Narrowed(ctx, v, a.Narrow); err != nil {
		return at, err
	}
	at.head = Head{AsOf: v.AsOf, Version: v.Version, ComputedAt: v.ComputedAt, Currency: currency, Matrix: d,
		Window:    matrix.Window{From: v.From().AddDays(1), To: v.AsOf, Months: v.WindowMonths},
		RowsBegin: at.placing.RowsBegin, ColumnsBegin: at.placing.ColumnsBegin, Figures: []Figure{}, Offered: []Figure{}}
	for _, m := range set {
		if m.Summable() {
			at.head.Offered = append(at.head.Offered, Figure{Key: m.Key, Label: m.Label, Unit: m.Unit})
		}
	}
	at.chosen, err = choose(set, a)
	for _, m := range at.chosen {
		at.head.Figures = append(at.head.Figures, Figure{Key: m.Key, Label: m.Label, Unit: m.Unit})
	}
	return at, err
}

// choose returns the figures that were asked for, with those of the balance.
func choose(set measure.Set, a Ask) (measure.Set, error) {
	if (a.Effort == "") != (a.Value == "") {
		return nil, fault.New(fault.Malformed, "statistics.one_figure", "Give two figures to set against each other: effort and value.").At("value", "Give both or neither.")
	}
	var chosen measure.Set
	for key := range strings.SplitSeq(a.Figures+","+a.Effort+","+a.Value, ",") {
		if key = strings.TrimSpace(key); key == "" || key == customersKey {
			continue
		}
		if _, twice := chosen.Find(key); twice {
			continue
		}
		m, ok := set.Find(key)
		if !ok || !m.Summable() {
			return nil, fault.New(fault.Malformed, "statistics.unknown_figure", "There is no figure %.60q as of this date that can be added up; the picture names those there are under offered.", key).
				At("figures", "Use keys that the picture names under offered.")
		}
		chosen = append(chosen, m)
	}
	if len(chosen) > mostFigures {
		return nil, fault.New(fault.Malformed, "statistics.too_many_figures", "Ask for at most %d figures at once.", mostFigures).At("figures", "Give at most %d.", mostFigures)
	}
	return chosen, nil
}

// rows asks for the figures of every cell, and of every part where part is a column of score.
func (q *Questions) rows(ctx context.Context, reach access.Reach, at view, part string) ([]row, error) {
	within, err := scoring.Within(reach)
	if err != nil {
		return nil, err
	}
	p := at.placing
	return q.known.Of(ctx, at.version, at.settled && reach.All(), func() ([]row, error) { return q.ask(ctx, at, part, within) },
		part, at.sums(), at.where, within, p.Row, p.Column, p.Definition.Rows.Classes, p.Definition.Columns.Classes)
}

// sums are the columns of the chosen figures.
func (at view) sums() string {
	var b strings.Builder
	for _, m := range at.chosen {
		fmt.Fprintf(&b, ", cast(coalesce(sum(s.%[1]s), 0) AS double), count(s.%[1]s)", m.Column())
	}
	return b.String()
}

func (q *Questions) ask(ctx context.Context, at view, part string, within filter.Clause) ([]row, error) {
	hole := func(name, text string) engine.Hole {
		return engine.Hole{Name: name, Clause: filter.Clause{SQL: text}}
	}
	// An empty clause would be "true".
	sums := " " + at.sums()
	rows, err := q.Warehouse.Query(ctx, cellsSQL, engine.Args{"version": at.version.Version}, hole("part", part), hole("sums", sums),
		engine.Hole{Name: "row", Clause: at.placing.Row}, engine.Hole{Name: "column", Clause: at.placing.Column},
		engine.Hole{Name: "where", Clause: at.where}, engine.Hole{Name: "reach", Clause: within})
	if err != nil {
		return nil, fmt.Errorf("ask for statistics: %w", err)
	}
	var all []row
	err = engine.Each(rows, func() error {
		r, err := at.scan(rows)
		all = append(all, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ask for statistics: %w", err)
	}
	return all, nil
}

func (at view) scan(rows *sql.Rows) (row, error) {
	r := row{figures: Figures{Sums: map[string]Sum{}}}
	var i, j int
	var part sql.Null[string]
	sums := make([]Sum, len(at.chosen))
	into := []any{&i, &j, &part, &r.figures.Customers}
	for k := range sums {
		into = append(into, &sums[k].Total, &sums[k].Known)
	}
	if err := rows.Scan(into...); err != nil {
		return r, err
	}
	r.row, r.column, r.part = at.placing.RowKey(i), at.placing.ColumnKey(j), part.V
	for k, m := range at.chosen {
		if m.Fine() {
			sums[k].Total /= float64(money.FinePerMinor(at.head.Currency))
		}
		r.figures.Sums[m.Key] = sums[k]
	}
	return r, nil
}
