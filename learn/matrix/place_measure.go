package matrix

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Stand is where a customer stood on a date.
type Stand struct {
	AsOf      date.Date `json:"as_of"`
	Cell      string    `json:"cell"`
	Revenue   int64     `json:"revenue"`
	Potential *int64    `json:"potential"`
	Share     *float64  `json:"share"`
}

// Place is where a customer stands, and its way there.
type Place struct {
	Stand
	Row        string     `json:"row" enum:"gold,silver,bronze,unknown"`
	Column     string     `json:"column" enum:"prospect,bubble,sailer,loyal,unknown"`
	Unused     *int64     `json:"unused"`
	Currency   string     `json:"currency"`
	Boundaries Boundaries `json:"boundaries"`
	History    []Stand    `json:"history" nullable:"false" doc:"In every scored version, the earliest date first."`
}

// Place returns where the customer stood on the date, the latest for an empty one. Faults: those of Matrix, customer.not_found
// beyond the reach, and matrix.not_in_version for a customer that was unknown when the date was scored.
func (q *Questions) Place(ctx context.Context, reach access.Reach, customerID id.ID, asOf date.Date) (Place, error) {
	if err := q.customers.Within(ctx, reach, customerID); err != nil {
		return Place{}, err
	}
	currency, err := q.currency.Base(ctx)
	if err != nil {
		return Place{}, fmt.Errorf("find the place of a customer: %w", err)
	}
	var place Place
	err = q.versions.On(ctx, asOf, func(v scoring.Version) error {
		b, err := BoundariesOf(v)
		if err != nil {
			return err
		}
		place = Place{Boundaries: b, Currency: currency, History: []Stand{}}
		return q.findPlace(ctx, customerID, v, &place)
	})
	return place, err
}

func (q *Questions) findPlace(ctx context.Context, customerID id.ID, v scoring.Version, place *Place) error {
	versions, err := q.versions.List(ctx)
	if err != nil {
		return fmt.Errorf("find the place of a customer: %w", err)
	}
	dates := map[int64]date.Date{}
	for _, v := range versions {
		dates[v.Version] = v.AsOf
	}
	spots, err := q.spotsOf(ctx, customerID)
	if err != nil {
		return err
	}
	found := false
	for _, spot := range spots {
		s, known := spot.Stand, false
		if s.AsOf, known = dates[spot.version]; !known {
			continue // of another scenario
		}
		s.Revenue = money.Minor(s.Revenue, place.Currency)
		place.History = append(place.History, s)
		if spot.version == v.Version {
			found = true
			place.Stand, place.Unused = s, spot.unused
			place.Row, place.Column = grid.SplitCell(s.Cell)
		}
	}
	slices.SortFunc(place.History, func(a, b Stand) int { return cmp.Compare(a.AsOf, b.AsOf) })
	if !found {
		return notInVersion(v)
	}
	return nil
}

// spot is where a customer stands in a version, as the warehouse has it.
type spot struct {
	Stand
	version, pos int64
	unused       *int64
}

// spotsOf returns where the customer stands in every version. Several parts of a customer's card ask that at once.
func (q *Questions) spotsOf(ctx context.Context, customerID id.ID) ([]spot, error) {
	return q.spots.OfMoment(ctx, func() (all []spot, err error) {
		rows, err := q.warehouse.Query(ctx, placesSQL, engine.Args{"customer": customerID})
		if err == nil {
			err = engine.Each(rows, func() error {
				var s spot
				err := rows.Scan(&s.version, &s.pos, &s.Cell, &s.Revenue, &s.Potential, &s.Share, &s.unused)
				all = append(all, s)
				return err
			})
		}
		if err != nil {
			return nil, fmt.Errorf("find the place of a customer: %w", err)
		}
		return all, nil
	}, customerID)
}

// posOf returns the place of the customer's row in the version. Fault: matrix.not_in_version.
func (q *Questions) posOf(ctx context.Context, customerID id.ID, v scoring.Version) (int64, error) {
	spots, err := q.spotsOf(ctx, customerID)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(spots, func(s spot) bool { return s.version == v.Version })
	if i < 0 {
		return 0, notInVersion(v)
	}
	return spots[i].pos, nil
}

// Standing is where a customer stands in any matrix, and how it is to be treated there.
type Standing struct {
	AsOf   date.Date `json:"as_of"`
	Matrix string    `json:"matrix"`
	Key    string    `json:"key" doc:"Of the cell."`
	grid.Cell
}

// Standing returns where the customer stood in the matrix of the key on the date, the latest for an empty one. Faults: those
// of Place, matrix.not_found and matrix.measure_missing.
func (q *Questions) Standing(ctx context.Context, reach access.Reach, key string, customerID id.ID, asOf date.Date) (Standing, error) {
	if err := q.customers.Within(ctx, reach, customerID); err != nil {
		return Standing{}, err
	}
	var standing Standing
	err := q.versions.On(ctx, asOf, func(v scoring.Version) error {
		placing, err := q.placing(ctx, v, key)
		if err != nil {
			return err
		}
		pos, err := q.posOf(ctx, customerID, v)
		if err != nil {
			return err
		}
		rows, err := q.warehouse.Query(ctx, standingSQL, engine.Args{"version": v.Version, "pos": pos},
			engine.Hole{Name: "row", Clause: placing.Row}, engine.Hole{Name: "column", Clause: placing.Column})
		if err != nil {
			return fmt.Errorf("find where a customer stands: %w", err)
		}
		found := false
		err = engine.Each(rows, func() error {
			var row, column int
			found = true
			if err := rows.Scan(&row, &column); err != nil {
				return err
			}
			r, c := placing.RowKey(row), placing.ColumnKey(column)
			standing = Standing{AsOf: v.AsOf, Matrix: placing.Definition.Key, Key: grid.CellKey(r, c), Cell: placing.Definition.Cell(r, c)}
			return nil
		})
		if err != nil {
			return fmt.Errorf("find where a customer stands: %w", err)
		}
		if !found {
			return notInVersion(v)
		}
		return nil
	})
	return standing, err
}

// Standings returns where the customer stood in every other matrix that the version has the measures of, asked in one look at
// its row. Faults: those of Place.
func (q *Questions) Standings(ctx context.Context, reach access.Reach, customerID id.ID, asOf date.Date) ([]Standing, error) {
	if err := q.customers.Within(ctx, reach, customerID); err != nil {
		return nil, err
	}
	definitions, err := q.grids.Definitions(ctx)
	if err != nil {
		return nil, err
	}
	currency, err := q.currency.Base(ctx)
	if err != nil {
		return nil, fmt.Errorf("find where a customer stands: %w", err)
	}
	all := []Standing{}
	err = q.versions.On(ctx, asOf, func(v scoring.Version) error {
		placings, err := q.placed.OfVersion(v, func() ([]grid.Placing, error) { return q.others(ctx, v, definitions) }, definitions, currency)
		if err != nil || len(placings) == 0 {
			return err
		}
		all, err = q.stand(ctx, customerID, v, placings)
		return err
	})
	return all, err
}

// others places all matrices but the customer matrix, as far as the version has their measures.
func (q *Questions) others(ctx context.Context, v scoring.Version, definitions []grid.Definition) ([]grid.Placing, error) {
	placings := []grid.Placing{}
	for _, d := range definitions {
		if d.Key == grid.CustomerKey {
			continue
		}
		placing, err := q.placer.Place(ctx, d, v)
		if f := fault.Of(err); f != nil && f.Code == "matrix.measure_missing" {
			continue
		}
		if err != nil {
			return nil, err
		}
		placings = append(placings, placing)
	}
	return placings, nil
}

func (q *Questions) stand(ctx context.Context, customerID id.ID, v scoring.Version, placings []grid.Placing) ([]Standing, error) {
	asked := make([]string, len(placings))
	for i, p := range placings {
		asked[i] = p.Asked()
	}
	pos, err := q.posOf(ctx, customerID, v)
	if err != nil {
		return nil, err
	}
	rows, err := q.warehouse.Query(ctx, standingsSQL, engine.Args{"version": v.Version, "pos": pos}, engine.Hole{Name: "places", Clause: filter.Clause{SQL: strings.Join(asked, ", ")}})
	if err != nil {
		return nil, fmt.Errorf("find where a customer stands: %w", err)
	}
	values, into := make([]any, 2*len(placings)), make([]any, 2*len(placings))
	for i := range values {
		into[i] = &values[i]
	}
	all := []Standing{}
	err = engine.Each(rows, func() error {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, p := range placings {
			row, column := p.At(values[2*i], values[2*i+1])
			r, c := p.RowKey(row), p.ColumnKey(column)
			all = append(all, Standing{AsOf: v.AsOf, Matrix: p.Definition.Key, Key: grid.CellKey(r, c), Cell: p.Definition.Cell(r, c)})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find where a customer stands: %w", err)
	}
	if len(all) == 0 {
		return nil, notInVersion(v)
	}
	return all, nil
}

func notInVersion(v scoring.Version) error {
	return fault.New(fault.NotFound, "matrix.not_in_version",
		"This customer was not known when the customers were scored as of %s. Score that date again.", v.AsOf)
}
