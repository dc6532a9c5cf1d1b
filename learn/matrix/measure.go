package matrix

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed cells.sql
	cellsSQL string
	//go:embed cells_reach.sql
	cellsReachSQL string
	//go:embed places.sql
	placesSQL string
)

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	On(ctx context.Context, asOf date.Date, ask func(v scoring.Version) error) error
	List(ctx context.Context) ([]scoring.Version, error)
}

// Customers is the operational store's word on who customers are now and who may see them; *customer.Store has it.
type Customers interface {
	Named(ctx context.Context, reach access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error)
	Within(ctx context.Context, reach access.Reach, customerID id.ID) error
}

// Units knows the tree of the organisation; *org.Store does.
type Units interface {
	// Below returns the unit and all units under it.
	Below(ctx context.Context, unitID id.ID) ([]id.ID, error)
}

// Segments says who belongs to a segment and who meets a rule; *segment.Book does.
type Segments interface {
	// Among is a condition on rows s of score; segment and rule may be empty.
	Among(ctx context.Context, v scoring.Version, segmentID id.ID, rule string) (filter.Clause, error)
}

// Questions answers what the scored versions know.
type Questions struct {
	warehouse *engine.Warehouse
	versions  Versions
	customers Customers
	units     Units
	currency  scoring.Currency
	measures  *measure.Registry
	segments  Segments
}

// NewQuestions returns the answerer.
func NewQuestions(w *engine.Warehouse, versions Versions, customers Customers, units Units, currency scoring.Currency, measures *measure.Registry) *Questions {
	return &Questions{warehouse: w, versions: versions, customers: customers, units: units, currency: currency, measures: measures}
}

// Among makes segments and rules something that questions can be narrowed by.
func (q *Questions) Among(segments Segments) *Questions {
	q.segments = segments
	return q
}

// among is who of a version belongs to the segment and meets the rule of a question.
func (q *Questions) among(ctx context.Context, v scoring.Version, n Narrow) (filter.Clause, error) {
	if q.segments == nil || n.Segment == "" && n.Rule == "" {
		return filter.Clause{SQL: "true"}, nil
	}
	return q.segments.Among(ctx, v, n.Segment, n.Rule)
}

// both is one clause of two.
func both(a, b filter.Clause) filter.Clause {
	if b.SQL == "true" {
		return a
	}
	return filter.Clause{SQL: "(" + a.SQL + ") AND (" + b.SQL + ")", Args: slices.Concat(a.Args, b.Args)}
}

// each reads all rows and closes them.
func each(rows *sql.Rows, read func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := read(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// narrowed compiles the condition of a question.
func (q *Questions) narrowed(ctx context.Context, n Narrow) (filter.Clause, error) {
	if err := n.validate(); err != nil {
		return filter.Clause{}, err
	}
	var units []id.ID
	if n.Unit != "" {
		var err error
		if units, err = q.units.Below(ctx, n.Unit); err != nil {
			return filter.Clause{}, err
		}
	}
	return filter.Compile(n.expr(units), narrowColumns())
}

// Matrix draws the matrix of the date, the latest for an empty one, for the customers within reach. Its thirteen cells are
// always there. Faults: scoring.empty and scoring.not_scored, and Malformed for a filter that cannot be.
func (q *Questions) Matrix(ctx context.Context, reach access.Reach, asOf date.Date, n Narrow) (Picture, error) {
	currency, err := q.currency.Base(ctx)
	if err != nil {
		return Picture{}, fmt.Errorf("draw the matrix: %w", err)
	}
	where, err := q.narrowed(ctx, n)
	if err != nil {
		return Picture{}, err
	}
	var p Picture
	err = q.versions.On(ctx, asOf, func(v scoring.Version) error {
		among, err := q.among(ctx, v, n)
		if err != nil {
			return err
		}
		sums, err := q.sums(ctx, reach, v.Version, where, among)
		if err != nil {
			return err
		}
		p, err = draw(v, sums, currency)
		return err
	})
	return p, err
}

func (q *Questions) sums(ctx context.Context, reach access.Reach, version int64, where, among filter.Clause) (map[string]sum, error) {
	text, holes := cellsSQL, []engine.Hole{{Name: "where", Clause: where}}
	if !reach.All() || among.SQL != "true" { // the sums of the version do not know who is in a segment
		clause, err := scoring.Within(reach)
		if err != nil {
			return nil, err
		}
		text, holes = cellsReachSQL, append(holes, engine.Hole{Name: "reach", Clause: both(clause, among)})
	}
	rows, err := q.warehouse.Query(ctx, text, engine.Args{"version": version}, holes...)
	if err != nil {
		return nil, fmt.Errorf("add up the cells: %w", err)
	}
	sums := map[string]sum{}
	err = each(rows, func() error {
		var cell string
		var s sum
		if err := rows.Scan(&cell, &s.customers, &s.revenue, &s.potential, &s.unused); err != nil {
			return err
		}
		sums[cell] = s
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("add up the cells: %w", err)
	}
	return sums, nil
}

// boundaries returns where the classes of a version begin.
func boundaries(v scoring.Version) (Boundaries, error) {
	var b Boundaries
	if err := json.Unmarshal(v.Cuts[stepName], &b); err != nil {
		return b, fmt.Errorf("the boundaries of version %d: %w", v.Version, err)
	}
	return b, nil
}
