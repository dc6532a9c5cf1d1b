package grid

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed quantiles.sql
	quantilesSQL string
	//go:embed cumulative.sql
	cumulativeSQL string
)

// Placer finds where the classes of any definition begin in any version. What it found it remembers: a version never
// changes.
type Placer struct {
	warehouse *engine.Warehouse
	measures  *measure.Registry
	currency  scoring.Currency
	found     *scoring.Answers[[]*float64]
}

// NewPlacer returns the placer.
func NewPlacer(w *engine.Warehouse, measures *measure.Registry, currency scoring.Currency) *Placer {
	return &Placer{warehouse: w, measures: measures, currency: currency, found: scoring.NewAnswers[[]*float64](w, 500)}
}

// Place returns the definition as it stands in the version. Fault: matrix.measure_missing when the version does not have
// one of its measures.
func (p *Placer) Place(ctx context.Context, d Definition, v scoring.Version) (Placing, error) {
	set, err := p.measures.In(v)
	if err != nil {
		return Placing{}, err
	}
	currency, err := p.currency.Base(ctx)
	if err != nil {
		return Placing{}, fmt.Errorf("place customers: %w", err)
	}
	placing := Placing{Definition: d}
	if placing.Row, placing.rows, placing.RowsBegin, err = p.axis(ctx, d.Rows, v, set, currency); err != nil {
		return Placing{}, err
	}
	placing.Column, placing.columns, placing.ColumnsBegin, err = p.axis(ctx, d.Columns, v, set, currency)
	return placing, err
}

func (p *Placer) axis(ctx context.Context, a Axis, v scoring.Version, set measure.Set, currency string) (filter.Clause, scale, []*float64, error) {
	m, ok := set.Find(a.Measure)
	if !ok || m.Numeric() != a.numeric() {
		return filter.Clause{}, scale{}, nil, fault.New(fault.Conflict, "matrix.measure_missing",
			"This matrix needs the measure %q, which there is not as of %s. Score that date again, or choose another matrix or date.", a.Measure, v.AsOf)
	}
	of := scale{axis: a, value: a.value(set)}
	if a.By == ByWord {
		return a.clause(set, nil), of, nil, nil
	}
	begins, err := p.begins(ctx, a, v, set, m, currency)
	if err != nil {
		return filter.Clause{}, of, nil, err
	}
	of.begins = begins
	values, told := make([]any, len(begins)), make([]*float64, len(begins))
	for i, x := range begins {
		if x != nil {
			y := shown(m, *x, currency)
			values[i], told[i] = *x, &y
		}
	}
	return a.clause(set, values), of, told, nil
}

// begins returns the values, as the column holds them, at which the second and each later class begins.
func (p *Placer) begins(ctx context.Context, a Axis, v scoring.Version, set measure.Set, m measure.Measure, currency string) ([]*float64, error) {
	if a.By == ByValue {
		values := make([]*float64, len(a.At))
		for i, x := range a.At {
			y := held(m, x, currency)
			values[i] = &y
		}
		return values, nil
	}
	if len(a.At) == 0 {
		return nil, nil
	}
	return p.found.OfVersion(v, func() ([]*float64, error) {
		found, err := p.ask(ctx, a, v, set, m)
		if err != nil {
			return nil, fmt.Errorf("find where the classes of %s begin: %w", a.Measure, err)
		}
		return found, nil
	}, m.Column(), a.By, a.At)
}

func (p *Placer) ask(ctx context.Context, a Axis, v scoring.Version, set measure.Set, m measure.Measure) ([]*float64, error) {
	text, bound := quantilesSQL, "min(CASE WHEN below / total >= ? THEN value END)"
	if a.By == ByCumulativeShare {
		text, bound = cumulativeSQL, "max(CASE WHEN so_far / total >= ? THEN value END)"
	}
	bounds := filter.Clause{SQL: bound + strings.Repeat(", "+bound, len(a.At)-1)}
	for _, x := range a.At {
		bounds.Args = append(bounds.Args, x)
	}
	rows, err := p.warehouse.Query(ctx, text, engine.Args{"version": v.Version}, engine.Hole{Name: "bounds", Clause: bounds},
		engine.Hole{Name: "value", Clause: filter.Clause{SQL: "s." + m.Column()}}, engine.Hole{Name: "known", Clause: filter.Clause{SQL: set.Known(m, "s")}})
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make([]sql.Null[float64], len(a.At))
	into := make([]any, len(found))
	for i := range found {
		into[i] = &found[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
	}
	begins := make([]*float64, len(found))
	for i, x := range found {
		if x.Valid {
			begins[i] = &x.V
		}
	}
	return begins, rows.Err()
}
