// Package goal keeps what the company wants to reach of its customers (FIELD.md K4, K7, Y1, Y10, D10): goals by measure and
// on the cells of a matrix, broken down to units and people while the sum is kept, and measured in the scored versions.
//
// A goal counts the customers that belonged to its unit and person on the date of each version. Its value is the same for
// everybody who may see the goal; the lists of customers behind it are cut to the reach of who asks.
package goal

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/learn/measure"
)

// auditKind is what goals are called in the audit log.
const auditKind = "goal"

// Kind is how the customers of a goal become one number.
type Kind string

// The kinds of goals.
const (
	Sum      Kind = "sum"       // of a measure
	Average  Kind = "average"   // of a measure, among customers that have a value
	Count    Kind = "count"     // of customers that meet the conditions
	Share    Kind = "share"     // of customers that meet the conditions, from 0 to 1
	CellMove Kind = "cell_move" // of customers that stood in one cell at the start and stand in another
)

func kinds() []Kind { return []Kind{Sum, Average, Count, Share, CellMove} }

// additive tells whether the parts of a goal add up to it; of the others every part reaches the same level.
func (k Kind) additive() bool { return k == Sum || k == Count || k == CellMove }

// What is what a goal counts, and of which customers.
type What struct {
	Kind    Kind     `json:"kind" enum:"sum,average,count,share,cell_move"`
	Measure string   `json:"measure,omitempty" maxLength:"41" doc:"The key of the measure of a sum or an average."`
	Matrix  string   `json:"matrix,omitempty" maxLength:"31" doc:"Of the cells; absent for the customer matrix."`
	Cell    string   `json:"cell,omitempty" maxLength:"64" doc:"Only the customers of this cell, row or column."`
	Row     string   `json:"row,omitempty" maxLength:"31"`
	Column  string   `json:"column,omitempty" maxLength:"31"`
	Country string   `json:"country,omitempty" maxLength:"200"`
	Among   []string `json:"among,omitempty" maxItems:"10" doc:"Only the customers that meet these conditions on measures, such as revenue>=100000."`
	Meeting []string `json:"meeting,omitempty" maxItems:"10" doc:"What counts in a count or a share: conditions on measures, such as care=green."`
	From    string   `json:"from,omitempty" maxLength:"64" doc:"The cell at the start of a move."`
	To      string   `json:"to,omitempty" maxLength:"64" doc:"The cell to be reached."`
	Revenue int64    `json:"revenue,omitempty" doc:"The revenue expected to come of it, in minor units."`
}

// Goal is one thing to be reached.
type Goal struct {
	ID            id.ID     `json:"id" bun:"id,pk"`
	ParentID      id.ID     `json:"parent_id,omitempty" doc:"The goal that it is a part of; absent at the top, and where that is out of your reach."`
	Title         string    `json:"title"`
	What          What      `json:"what" bun:"-"`
	UnitID        id.ID     `json:"unit_id,omitempty" doc:"Absent for the whole company."`
	PersonID      id.ID     `json:"person_id,omitempty" doc:"Only the customers that this person looks after in the unit."`
	Direct        bool      `json:"direct,omitempty" doc:"Only the unit itself, without those below it."`
	StartAsOf     date.Date `json:"start_as_of"`
	StartValue    float64   `json:"start_value" doc:"Money in minor units."`
	Target        float64   `json:"target"`
	DueOn         date.Date `json:"due_on"`
	DroppedOn     date.Date `json:"dropped_on,omitempty"`
	DroppedWhy    string    `json:"dropped_why,omitempty"`
	CreatedByName string    `json:"created_by_name"`
	Version       int64     `json:"version"`
	CreatedAt     time.Time `json:"created_at"`
	UpdatedAt     time.Time `json:"updated_at"`
}

// State is how a goal stands.
type State string

// The states.
const (
	Running State = "running"
	Reached State = "reached"
	Missed  State = "missed"
	Dropped State = "dropped"
)

// Bounds of what is kept.
const (
	maxTitle = 200
	maxWhy   = 500
	maxValue = 1 << 53 // where a double still tells whole numbers apart
)

func length(text string, least, most int) bool {
	n := utf8.RuneCountInString(text)
	return utf8.ValidString(text) && n >= least && n <= most
}

// validate returns a fault that names every place that cannot stand; measures are those of the start.
func (g *Goal) validate(measures measure.Set) error {
	g.Title = strings.TrimSpace(g.Title)
	w := &g.What
	c := fault.Check("goal.invalid").
		That(length(g.Title, 1, maxTitle), "title", "Give the goal a title of at most %d characters.", maxTitle).
		That(slices.Contains(kinds(), w.Kind), "what.kind", "Choose what is to be counted.").
		That(g.DueOn.Valid() && g.DueOn > g.StartAsOf, "due_on", "Choose a day after the start, %s.", g.StartAsOf).
		That(!math.IsNaN(g.Target) && math.Abs(g.Target) <= maxValue, "target", "Write the target as a number.").
		That(w.Revenue >= 0 && w.Revenue <= maxValue, "what.revenue", "Write the expected revenue as a number.")
	m, known := measures.Find(w.Measure)
	switch w.Kind {
	case Sum:
		c.That(known && m.Summable(), "what.measure", "Choose a measure that can be added up.")
	case Average:
		c.That(known && m.Numeric(), "what.measure", "Choose a measure that is a number.")
	case Share:
		c.That(len(w.Meeting) > 0, "what.meeting", "Say which condition the customers are to meet.").
			That(g.Target >= 0 && g.Target <= 1, "target", "A share lies between 0 and 100 %%.")
	case Count:
		c.That(g.Target >= 0 && g.Target == math.Trunc(g.Target), "target", "Write how many customers, as a whole number.")
	case CellMove:
		c.That(w.From != "", "what.from", "Choose the cell that the customers stand in now.").
			That(w.To != "" && w.To != w.From, "what.to", "Choose another cell, where they are to stand.").
			That(g.Target >= 1 && g.Target == math.Trunc(g.Target), "target", "Write how many customers are to move, as a whole number from 1.")
	}
	if w.Kind == CellMove {
		w.Cell, w.Row, w.Column = "", "", "" // the move says where
	} else {
		w.From, w.To = "", ""
	}
	if w.Kind != Sum && w.Kind != Average {
		w.Measure = ""
	}
	return c.Err()
}

// met tells whether a value is what the goal wants: at least the target, or at most where it lies below the start.
func (g *Goal) met(value float64) bool {
	if g.Target < g.StartValue {
		return value <= g.Target
	}
	return value >= g.Target
}

// wanted is the value that a straight line from start to target has on the day.
func (g *Goal) wanted(day date.Date) float64 {
	all := g.DueOn.Time().Sub(g.StartAsOf.Time()).Hours()
	gone := min(max(day.Time().Sub(g.StartAsOf.Time()).Hours(), 0), all)
	if all <= 0 {
		return g.Target
	}
	return g.StartValue + (g.Target-g.StartValue)*gone/all
}

// behind tells whether a value of the day lies on the wrong side of the line.
func (g *Goal) behind(value float64, day date.Date) bool {
	if g.Target < g.StartValue {
		return value > g.wanted(day)
	}
	return value < g.wanted(day)
}

// Point is the value of a goal in one scored version.
type Point struct {
	AsOf      date.Date `json:"as_of"`
	Value     *float64  `json:"value" doc:"Null where the version does not know it."`
	Wanted    float64   `json:"wanted" doc:"On the straight line from start to target."`
	Customers int64     `json:"customers" doc:"Of how many customers."`
}

// state judges by the readings, the earliest first: at the first one on or after the due day, until then by the latest.
func (g *Goal) state(points []Point) (State, *Point) {
	if g.DroppedOn != "" {
		return Dropped, last(points)
	}
	for i, p := range points {
		if p.AsOf >= g.DueOn && p.Value != nil {
			if g.met(*p.Value) {
				return Reached, &points[i]
			}
			return Missed, &points[i]
		}
	}
	if p := last(points); p != nil && p.AsOf > g.StartAsOf && p.Value != nil && g.met(*p.Value) {
		return Reached, p
	}
	return Running, last(points)
}

func last(points []Point) *Point {
	for i := len(points) - 1; i >= 0; i-- {
		if points[i].Value != nil {
			return &points[i]
		}
	}
	return nil
}
