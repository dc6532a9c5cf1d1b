package matrix

import (
	"context"
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
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/learn/grid"
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
	//go:embed standing.sql
	standingSQL string
	//go:embed standings.sql
	standingsSQL string
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
	// TreeAsOf returns which unit hung under which on the date.
	TreeAsOf(ctx context.Context, day date.Date) (*org.Tree, error)
}

// Grids knows the definition of every matrix by its key; *grid.Store does.
type Grids interface {
	Definition(ctx context.Context, key string) (grid.Definition, error)
	Definitions(ctx context.Context) ([]grid.Definition, error)
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
	grids     Grids
	placer    *grid.Placer
	leaves    *scoring.Answers[leaf]
	placed    *scoring.Answers[[]grid.Placing]
	spots     *scoring.Answers[[]spot]
}

// leaves is how many pages of lists are remembered, some ten thousand bytes each.
const leaves = 300

// NewQuestions returns the answerer.
func NewQuestions(w *engine.Warehouse, versions Versions, customers Customers, units Units, currency scoring.Currency, measures *measure.Registry,
	grids Grids, placer *grid.Placer) *Questions {
	return &Questions{warehouse: w, versions: versions, customers: customers, units: units, currency: currency, measures: measures, grids: grids, placer: placer,
		leaves: scoring.NewAnswers[leaf](w, leaves), placed: scoring.NewAnswers[[]grid.Placing](w, 20), spots: scoring.NewAnswers[[]spot](w, 1000)}
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

// Narrowed compiles the condition of a question about a version, over rows s of score. Of the customer matrix it also serves
// score_sum, unless it asks for a segment or a rule (see Summed). Faults Malformed for a filter that cannot be, and those of placing in another matrix.
func (q *Questions) Narrowed(ctx context.Context, v scoring.Version, n Narrow) (filter.Clause, error) {
	if err := n.validate(); err != nil {
		return filter.Clause{}, err
	}
	var units []id.ID
	if n.Unit != "" && n.Unit != None {
		units = []id.ID{n.Unit}
		if !n.Direct {
			tree, err := q.units.TreeAsOf(ctx, v.AsOf)
			if err != nil {
				return filter.Clause{}, err
			}
			units = tree.Below(n.Unit)
		}
	}
	clause, err := filter.Compile(n.expr(units), narrowColumns())
	if err != nil {
		return clause, err
	}
	among, err := q.among(ctx, v, n)
	if err != nil {
		return clause, err
	}
	clause = both(clause, among)
	if n.standard() || n.Cell+n.Row+n.Column == "" {
		return clause, err
	}
	placing, err := q.placing(ctx, v, n.Matrix)
	if err != nil {
		return clause, err
	}
	behind, err := placing.Behind(n.Cell, n.Row, n.Column)
	return filter.Clause{SQL: clause.SQL + " AND " + behind.SQL, Args: append(clause.Args, behind.Args...)}, err
}

func (q *Questions) placing(ctx context.Context, v scoring.Version, key string) (grid.Placing, error) {
	d, err := q.grids.Definition(ctx, key)
	if err != nil {
		return grid.Placing{}, err
	}
	return q.placer.Place(ctx, d, v)
}

// Matrix draws the matrix of the date, the latest for an empty one, for the customers within reach. Its thirteen cells are
// always there. Faults: scoring.empty and scoring.not_scored, and Malformed for a filter that cannot be.
func (q *Questions) Matrix(ctx context.Context, reach access.Reach, asOf date.Date, n Narrow) (Picture, error) {
	currency, err := q.currency.Base(ctx)
	if err != nil {
		return Picture{}, fmt.Errorf("draw the matrix: %w", err)
	}
	var p Picture
	err = q.versions.On(ctx, asOf, func(v scoring.Version) error {
		where, err := q.Narrowed(ctx, v, n)
		if err != nil {
			return err
		}
		sums, err := q.sums(ctx, reach, v.Version, where, n.Summed())
		if err != nil {
			return err
		}
		p, err = draw(v, sums, currency)
		return err
	})
	return p, err
}

func (q *Questions) sums(ctx context.Context, reach access.Reach, version int64, where filter.Clause, summed bool) (map[string]sum, error) {
	text, holes := cellsSQL, []engine.Hole{{Name: "where", Clause: where}}
	if !reach.All() || !summed {
		clause, err := scoring.Within(reach)
		if err != nil {
			return nil, err
		}
		text, holes = cellsReachSQL, append(holes, engine.Hole{Name: "reach", Clause: clause})
	}
	rows, err := q.warehouse.Query(ctx, text, engine.Args{"version": version}, holes...)
	if err != nil {
		return nil, fmt.Errorf("add up the cells: %w", err)
	}
	sums := map[string]sum{}
	err = engine.Each(rows, func() error {
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

// BoundariesOf returns where the classes of a version begin.
func BoundariesOf(v scoring.Version) (Boundaries, error) {
	var b Boundaries
	if err := json.Unmarshal(v.Cuts[stepName], &b); err != nil {
		return b, fmt.Errorf("the boundaries of version %d: %w", v.Version, err)
	}
	return b, nil
}
