// Package migration says how customers and their money move between the cells of any matrix (FIELD.md K5, kundevandring): from
// one scenario to another, each of which is what was really bought up to a scored date, the budget of a year, or the
// forecast of the twelve months after a scored date.
//
// Every customer of the one side or the other is counted once, in the place where it stood and the place where it stands;
// who is on one side only is new to the book or gone from it. So customers and money are conserved.
package migration

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/learn/grid"
)

// Kind is what a scenario tells.
type Kind string

// The kinds of scenario.
const (
	Actual   Kind = "actual"   // what was bought in the window up to a scored date
	Budget   Kind = "budget"   // what customers are budgeted to buy in a year
	Forecast Kind = "forecast" // what customers are expected to buy in the twelve months after a scored date
)

// Scenario names a picture of all customers: actual:2026-06-30, budget:2026 or forecast:2026-06-30.
type Scenario struct {
	Kind Kind
	AsOf date.Date // of actual and forecast; empty is the latest scored date
	Year int       // of budget
}

// ParseScenario reads a scenario; the empty text is the actual one of the latest date. Fault Malformed for what is none.
func ParseScenario(field, text string) (Scenario, error) {
	kind, of, _ := strings.Cut(text, ":")
	s := Scenario{Kind: Kind(kind), AsOf: date.Date(of)}
	switch s.Kind {
	case "":
		return Scenario{Kind: Actual}, nil
	case Actual, Forecast:
		if of == "" || s.AsOf.Valid() {
			return s, nil
		}
	case Budget:
		year, err := strconv.Atoi(of)
		if err == nil && year >= 1900 && year <= 2199 {
			return Scenario{Kind: Budget, Year: year}, nil
		}
	}
	return s, fault.New(fault.Malformed, "migration.unknown_scenario", "There is no scenario %.60q.", text).
		At(field, "Write actual:2026-06-30, budget:2026 or forecast:2026-06-30.")
}

// String is what ParseScenario reads.
func (s Scenario) String() string {
	if s.Kind == Budget {
		return fmt.Sprintf("%s:%d", s.Kind, s.Year)
	}
	return string(s.Kind) + ":" + string(s.AsOf)
}

// Side is a scenario as it was found.
type Side struct {
	Key        string    `json:"key" doc:"Such as actual:2026-06-30, budget:2026 or forecast:2026-06-30."`
	Kind       Kind      `json:"kind" enum:"actual,budget,forecast"`
	AsOf       date.Date `json:"as_of" doc:"The scored date of the potentials, of the cut points, and of unit and owner."`
	Year       int       `json:"year,omitempty" doc:"Of a budget."`
	From       date.Date `json:"from" doc:"The first day of the time whose revenue counts."`
	To         date.Date `json:"to" doc:"The last."`
	Version    int64     `json:"version"`
	ComputedAt time.Time `json:"computed_at"`
}

// Grouping is what of a matrix counts as a place.
type Grouping string

// The groupings.
const (
	ByCell   Grouping = "cell"
	ByRow    Grouping = "row"
	ByColumn Grouping = "column"
)

// Groupings lists them.
func Groupings() []Grouping { return []Grouping{ByCell, ByRow, ByColumn} }

// Absent is the place of customers that a side does not have.
const Absent = "absent"

// absent is its number.
const absent = -1

// Flow are the customers that stood in one place and stand in another. Money is minor units.
type Flow struct {
	From          string  `json:"from" doc:"A place, or absent for customers that are new to the book."`
	To            string  `json:"to" doc:"A place, or absent for customers that are gone from the book."`
	Customers     int64   `json:"customers"`
	RevenueFrom   float64 `json:"revenue_from" doc:"Revenue of the one side, minor units."`
	RevenueTo     float64 `json:"revenue_to" doc:"Revenue of the other side, minor units."`
	PotentialFrom float64 `json:"potential_from" doc:"Minor units; of customers whose potential is known."`
	PotentialTo   float64 `json:"potential_to"`
}

// Part is what some customers are and bring on each side.
type Part struct {
	Customers   int64   `json:"customers"`
	RevenueFrom float64 `json:"revenue_from" doc:"Minor units."`
	RevenueTo   float64 `json:"revenue_to" doc:"Minor units."`
}

func (p *Part) add(f Flow) {
	p.Customers, p.RevenueFrom, p.RevenueTo = p.Customers+f.Customers, p.RevenueFrom+f.RevenueFrom, p.RevenueTo+f.RevenueTo
}

// Place is a cell, a row or a column with what happened in it.
type Place struct {
	Key    string `json:"key"`
	Row    string `json:"row,omitempty"`
	Column string `json:"column,omitempty"`
	Before Part   `json:"before" doc:"Who stood in it."`
	After  Part   `json:"after" doc:"Who stands in it."`
	Stayed Part   `json:"stayed" doc:"Who stood and stands in it."`
	Came   Part   `json:"came" doc:"Who came from another place of the matrix."`
	Left   Part   `json:"left" doc:"Who went to another place of the matrix."`
	New    Part   `json:"new" doc:"Who stands in it and was not in the book before."`
	Gone   Part   `json:"gone" doc:"Who stood in it and is not in the book any more."`
}

// Picture is who moved from one scenario to another.
type Picture struct {
	From     Side            `json:"from"`
	To       Side            `json:"to"`
	Currency string          `json:"currency"`
	Matrix   grid.Definition `json:"matrix"`
	By       Grouping        `json:"by" enum:"cell,row,column"`
	Places   []Place         `json:"places" nullable:"false" doc:"In the order of the matrix, from the top and the left; unknown last, where somebody is there."`
	Flows    []Flow          `json:"flows" nullable:"false" doc:"Only where there are customers, in the order of the places."`
	Total    Part            `json:"total" doc:"Everybody on either side."`
	Moved    Part            `json:"moved" doc:"Of those, who stands in another place of the matrix than before."`
	New      Part            `json:"new"`
	Gone     Part            `json:"gone"`
}

// draw puts the flows in order and adds up what happened in each place.
func (p *Picture) draw(flows []Flow) {
	p.Flows, p.Places = flows, places(p.Matrix, p.By)
	seen := map[string]bool{}
	for _, f := range flows {
		seen[f.From], seen[f.To] = true, true
	}
	// What the matrix has no name for holds customers without one of the values.
	p.Places = slices.DeleteFunc(p.Places, func(at Place) bool {
		return (at.Row == grid.Unknown || at.Column == grid.Unknown) && !seen[at.Key]
	})
	order := map[string]int{Absent: len(p.Places)}
	for i, at := range p.Places {
		order[at.Key] = i
	}
	slices.SortFunc(p.Flows, func(a, b Flow) int {
		return cmp.Or(cmp.Compare(order[a.From], order[b.From]), cmp.Compare(order[a.To], order[b.To]))
	})
	for _, f := range p.Flows {
		p.Total.add(f)
		if f.From != Absent {
			p.Places[order[f.From]].left(f)
		}
		if f.To != Absent {
			p.Places[order[f.To]].came(f)
		}
		switch {
		case f.From == Absent:
			p.New.add(f)
		case f.To == Absent:
			p.Gone.add(f)
		case f.From != f.To:
			p.Moved.add(f)
		}
	}
}

func (at *Place) left(f Flow) {
	at.Before.add(f)
	switch f.To {
	case f.From:
		at.Stayed.add(f)
	case Absent:
		at.Gone.add(f)
	default:
		at.Left.add(f)
	}
}

func (at *Place) came(f Flow) {
	at.After.add(f)
	switch f.From {
	case f.To:
	case Absent:
		at.New.add(f)
	default:
		at.Came.add(f)
	}
}

// places are all there can be.
func places(d grid.Definition, by Grouping) []Place {
	rows, columns := append(d.RowKeys(), grid.Unknown), append(d.ColumnKeys(), grid.Unknown)
	var all []Place
	switch by {
	case ByRow:
		for _, row := range rows {
			all = append(all, Place{Key: row, Row: row})
		}
	case ByColumn:
		for _, column := range columns {
			all = append(all, Place{Key: column, Column: column})
		}
	default:
		for _, row := range rows {
			for _, column := range columns {
				all = append(all, Place{Key: grid.CellKey(row, column), Row: row, Column: column})
			}
		}
	}
	return all
}

// perRow is by how much the number of a row is shifted before that of the column; no axis has that many classes.
const perRow = 10

// key is the place of a number that the question gave.
func key(p grid.Placing, by Grouping, n int) string {
	switch {
	case n == absent:
		return Absent
	case by == ByRow:
		return p.RowKey(n)
	case by == ByColumn:
		return p.ColumnKey(n)
	}
	return grid.CellKey(p.RowKey(n/perRow), p.ColumnKey(n%perRow))
}

// number is the other way; false for what is no place.
func number(p grid.Placing, by Grouping, of string) (int, bool) {
	if of == Absent {
		return absent, true
	}
	for n := range grid.Most*perRow + grid.Most + 1 {
		if key(p, by, n) == of && (by != ByCell || n%perRow <= grid.Most) {
			return n, true
		}
	}
	return 0, false
}

// Why is what moved a customer.
type Why string

// What can move a customer.
const (
	ByRevenue    Why = "revenue"    // its revenue changed, its potential did not
	ByPotential  Why = "potential"  // the other way
	ByBoth       Why = "both"       // revenue and potential changed
	ByBoundaries Why = "boundaries" // neither did: the classes begin elsewhere, or another measure places it
	New          Why = "new"
	Gone         Why = "gone"
	Stayed       Why = "stayed" // nothing: it stands where it stood
)

// why says what moved a customer, from what the two sides know of it.
func (m *Mover) why() Why {
	switch {
	case m.From == Absent:
		return New
	case m.To == Absent:
		return Gone
	case m.From == m.To:
		return Stayed
	}
	revenue := *m.RevenueFrom != *m.RevenueTo
	potential := (m.PotentialFrom == nil) != (m.PotentialTo == nil) || m.PotentialFrom != nil && *m.PotentialFrom != *m.PotentialTo
	switch {
	case revenue && potential:
		return ByBoth
	case revenue:
		return ByRevenue
	case potential:
		return ByPotential
	}
	return ByBoundaries
}
