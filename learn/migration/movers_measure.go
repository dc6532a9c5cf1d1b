package migration

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"math"
	"strconv"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

//go:embed movers.sql
var moversSQL string

// Mover is a customer in the list behind a movement. Money is minor units.
type Mover struct {
	ID            id.ID    `json:"id"`
	Code          string   `json:"code"`
	Name          string   `json:"name"`
	UnitName      string   `json:"unit_name"`
	OwnerName     string   `json:"owner_name"`
	From          string   `json:"from" doc:"Where it stood; absent for one that is new to the book."`
	To            string   `json:"to" doc:"Where it stands; absent for one that is gone from the book."`
	RevenueFrom   *int64   `json:"revenue_from"`
	RevenueTo     *int64   `json:"revenue_to"`
	PotentialFrom *int64   `json:"potential_from"`
	PotentialTo   *int64   `json:"potential_to"`
	ShareFrom     *float64 `json:"share_from"`
	ShareTo       *float64 `json:"share_to"`
	Why           Why      `json:"why" enum:"revenue,potential,both,boundaries,new,gone,stayed" doc:"What moved it."`
	Overruled     bool     `json:"overruled" doc:"Its forecast is what somebody said."`
}

// Which is what of a migration a list shows.
type Which string

// The lists behind a migration.
const (
	Movements Which = "moved"  // who stands in another place of the matrix than before
	Stayers   Which = "stayed" // who stands where it stood
)

// The orders of the list.
const (
	bySize = "size"    // the largest change of revenue first, up or down
	byLoss = "change"  // the largest loss first
	byGain = "-change" // the largest gain first
)

// MoverAsk asks for the customers behind a movement; empty fields do not narrow.
type MoverAsk struct {
	Ask
	FromPlace, ToPlace string
	Which              Which
	Sort               string
	Cursor             string
	Limit              int
}

// MoverPage is a part of the list.
type MoverPage struct {
	From, To Side
	Currency string
	Movers   []Mover
	Next     string
}

// Movers lists the customers behind a movement, with the cursor of the next page. Who is out of reach in the operational store
// is left out. Faults as of Migration, migration.unknown_place, and scoring.scored_again between two pages.
func (q *Questions) Movers(ctx context.Context, reach access.Reach, ask MoverAsk) (MoverPage, error) {
	var page MoverPage
	err := q.pair(ctx, reach, ask.Ask, func(p pair) error {
		page = MoverPage{From: p.from.told, To: p.to.told, Currency: p.currency, Movers: []Mover{}}
		which, err := p.which(ask)
		if err != nil {
			return err
		}
		order, err := ordering(ask.Sort)
		if err != nil {
			return err
		}
		after, err := p.after(ask.Sort, ask.Cursor)
		if err != nil {
			return err
		}
		var at []float64
		holes := append(p.holes(), engine.Hole{Name: "which", Clause: which}, engine.Hole{Name: "order", Clause: filter.Clause{SQL: order}},
			engine.Hole{Name: "after", Clause: after}, engine.Hole{Name: "limit", Clause: filter.Clause{SQL: strconv.Itoa(ask.Limit + 1)}})
		err = q.each(ctx, moversSQL, func(rows *sql.Rows) error {
			m, place, err := p.mover(rows)
			page.Movers, at = append(page.Movers, m), append(at, place)
			return err
		}, holes...)
		if err != nil {
			return err
		}
		if len(page.Movers) > ask.Limit {
			page.Movers = page.Movers[:ask.Limit]
			page.Next = filter.Cursor(p.from.told.Version, p.to.told.Version, ask.Sort, at[ask.Limit-1], string(page.Movers[ask.Limit-1].ID))
		}
		page.Movers, err = q.named(ctx, reach, page.Movers)
		return err
	})
	return page, err
}

func ordering(sort string) (string, error) {
	switch sort {
	case "", bySize:
		return "-abs(moved.change)", nil
	case byLoss:
		return "moved.change", nil
	case byGain:
		return "-moved.change", nil
	}
	return "", fault.New(fault.Malformed, "migration.unknown_sort", "The list cannot be sorted by %.60q.", sort).At("sort", "Use size, change or -change.")
}

func (p pair) which(ask MoverAsk) (filter.Clause, error) {
	c := filter.Clause{SQL: "true"}
	for _, at := range []struct {
		field, place string
		of           side
	}{{"place_from", ask.FromPlace, p.from}, {"place_to", ask.ToPlace, p.to}} {
		if at.place == "" {
			continue
		}
		n, ok := number(at.of.placing, p.by, at.place)
		if !ok {
			return c, unknownPlace(at.field, at.place)
		}
		c.SQL += " AND moved." + at.field + " = ?"
		c.Args = append(c.Args, n)
	}
	switch ask.Which {
	case "":
	case Movements:
		c.SQL += " AND moved.place_from <> moved.place_to AND moved.place_from >= 0 AND moved.place_to >= 0"
	case Stayers:
		c.SQL += " AND moved.place_from = moved.place_to"
	default:
		return c, fault.New(fault.Malformed, "migration.unknown_list", "There is no list %.60q behind a migration.", string(ask.Which)).At("which", "Use moved or stayed.")
	}
	return c, nil
}

// after is where a page begins.
func (p pair) after(sort, cursor string) (filter.Clause, error) {
	values, err := filter.ParseCursor(cursor, 5)
	if err != nil || values == nil {
		return filter.Clause{SQL: "true"}, err
	}
	from, ok1 := values[0].(int64)
	to, ok2 := values[1].(int64)
	sorted, ok3 := values[2].(string)
	place, ok4 := float(values[3])
	last, ok5 := values[4].(string)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || sorted != sort || !id.Valid(last) {
		return filter.Clause{}, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
	}
	if from != p.from.told.Version || to != p.to.told.Version {
		return filter.Clause{}, scoring.ScoredAgain()
	}
	return filter.Clause{SQL: "(ordered.place > cast(? AS double) OR ordered.place = cast(? AS double) AND ordered.customer_id > cast(? AS uuid))", Args: []any{place, place, last}}, nil
}

func float(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func (p pair) mover(rows *sql.Rows) (Mover, float64, error) {
	var m Mover
	var from, to int
	var revenueFrom, revenueTo *float64
	var at float64
	if err := rows.Scan(&m.ID, &from, &to, &revenueFrom, &revenueTo, &m.PotentialFrom, &m.PotentialTo, &m.Overruled, &at); err != nil {
		return m, 0, err
	}
	m.From, m.To = key(p.from.placing, p.by, from), key(p.to.placing, p.by, to)
	unit := float64(money.FinePerMinor(p.currency))
	m.RevenueFrom, m.RevenueTo = minor(revenueFrom, unit), minor(revenueTo, unit)
	m.ShareFrom, m.ShareTo = share(revenueFrom, m.PotentialFrom, unit), share(revenueTo, m.PotentialTo, unit)
	m.Why = m.why()
	return m, at, nil
}

func minor(fine *float64, unit float64) *int64 {
	if fine == nil {
		return nil
	}
	n := int64(math.Round(*fine / unit))
	return &n
}

func share(fine *float64, potential *int64, unit float64) *float64 {
	if fine == nil || potential == nil || *potential <= 0 {
		return nil
	}
	x := *fine / unit / float64(*potential)
	return &x
}

// named completes the movers from the operational store and leaves out those that are out of reach there.
func (q *Questions) named(ctx context.Context, reach access.Reach, movers []Mover) ([]Mover, error) {
	ids := make([]id.ID, len(movers))
	for i, m := range movers {
		ids[i] = m.ID
	}
	known, err := q.Customers.Named(ctx, reach, ids)
	if err != nil {
		return nil, fmt.Errorf("list the customers that moved: %w", err)
	}
	seen := make([]Mover, 0, len(movers))
	for _, m := range movers {
		if c := known[m.ID]; c != nil {
			m.Code, m.Name, m.UnitName, m.OwnerName = c.Code, c.Name, c.UnitName, c.OwnerName
			seen = append(seen, m)
		}
	}
	return seen, nil
}
