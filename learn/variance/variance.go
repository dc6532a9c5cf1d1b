// Package variance holds what was bought against the budget (FIELD.md C5, K7): for the months and the part of the business
// that is looked at, by unit, person, country, customer, channel, product class, product or month, down to where the cause
// shows; and it keeps the causes that people found.
//
// A budget is kept by customer and month. Where it is looked at by channel or product, a customer's budget is spread as the
// customer bought in the same months of the year before; that is the only figure here that is not a plain sum, and every
// answer says so. Because the spreading is each customer's own, parts add up to the same sums in whatever order one drills.
package variance

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Dimension is a way to divide a budget into parts.
type Dimension string

// The dimensions.
const (
	ByUnit     Dimension = "unit"
	ByPerson   Dimension = "person"
	ByCountry  Dimension = "country"
	ByCustomer Dimension = "customer"
	ByChannel  Dimension = "channel"
	ByClass    Dimension = "class" // product class
	ByProduct  Dimension = "product"
	ByMonth    Dimension = "month"
)

func dimensions() []Dimension {
	return []Dimension{ByUnit, ByPerson, ByCountry, ByChannel, ByClass, ByProduct, ByMonth, ByCustomer}
}

// spread tells whether budgets are not kept by the dimension.
func (d Dimension) spread() bool { return d == ByChannel || d == ByClass || d == ByProduct }

// Keys of parts that are no record of their own.
const (
	None   = "-" // without a unit, a person, a product …
	Untold = "?" // budgets of customers that bought nothing a year before, which nobody can spread
	own    = "=" // before the id of a unit or a class: itself, without those below it
)

// Step is a part of the business that somebody went into.
type Step struct {
	By  Dimension
	Key string
}

// String is the step as requests have it: unit:0198….
func (s Step) String() string { return string(s.By) + ":" + s.Key }

// Cut is the part of the business that is looked at: months, and the steps that led there. A later step of a dimension counts
// instead of an earlier one.
type Cut struct {
	From, To date.Date // the first days of the first and the last month
	Way      []Step
}

// maxMonths bounds how many months are looked at together: lines outside them need not be read.
const maxMonths = 36

// ParseWay reads the steps of a request. The fault is variance.unknown_step.
func ParseWay(steps []string) ([]Step, error) {
	way := []Step{}
	for _, text := range steps {
		by, key, _ := strings.Cut(text, ":")
		s := Step{Dimension(by), key}
		if !s.valid() {
			return nil, fault.New(fault.Malformed, "variance.unknown_step", "There is no part %.80q of a budget.", text).
				At("at", "Write a dimension and the key of a part, such as unit:0198… or channel:web.")
		}
		way = append(way, s)
	}
	return way, nil
}

func (s Step) valid() bool {
	if s.Key == "" || len(s.Key) > 300 || !slices.Contains(dimensions(), s.By) {
		return false
	}
	switch s.By {
	case ByUnit, ByClass:
		return s.Key == None || id.Valid(strings.TrimPrefix(s.Key, own))
	case ByPerson, ByProduct:
		return s.Key == None || id.Valid(s.Key)
	case ByCustomer:
		return id.Valid(s.Key)
	case ByMonth:
		return date.Date(s.Key).Valid() && date.Date(s.Key).MonthStart() == date.Date(s.Key)
	}
	return true
}

// at is the key of the last step by a dimension; "" without one.
func (c Cut) at(by Dimension) string {
	for _, s := range slices.Backward(c.Way) {
		if s.By == by {
			return s.Key
		}
	}
	return ""
}

// check returns variance.invalid_months, and brings the months to their first days.
func (c *Cut) check() error {
	c.From, c.To = c.From.MonthStart(), c.To.MonthStart()
	if err := fault.Check("variance.invalid_months").
		That(c.From >= "1990-01-01" && c.To <= "2199-12-01", "from", "Give months from 1990 to 2199.").
		That(c.From <= c.To, "to", "The last month must not lie before the first.").
		That(c.From.AddMonths(maxMonths) > c.To, "to", "Look at %d months at most.", maxMonths).Err(); err != nil {
		return err
	}
	if m := c.at(ByMonth); m != "" && (date.Date(m) < c.From || date.Date(m) > c.To) {
		return fault.New(fault.Malformed, "variance.month_outside", "The month %s lies outside the months that are looked at.", m[:7]).At("at", "Choose a month from %s to %s.", c.From[:7], c.To[:7])
	}
	return nil
}

// months are those that are looked at, first days.
func (c Cut) months() (from, to date.Date) {
	if m := date.Date(c.at(ByMonth)); m != "" {
		return m, m
	}
	return c.From, c.To
}

// lastDay is the end of the months.
func lastDay(to date.Date) date.Date { return to.AddMonths(1).AddDays(-1) }

// divided tells whether a cut goes by what budgets are not kept by.
func (c Cut) divided() bool {
	return c.at(ByChannel) != "" || c.at(ByClass) != "" || c.at(ByProduct) != ""
}

// choices are the dimensions by which a cut can still be divided.
func (c Cut) choices() []Dimension {
	var all []Dimension
	for _, d := range dimensions() {
		settled := c.at(d) != "" && d != ByUnit && d != ByClass
		switch d {
		case ByUnit:
			key := c.at(ByUnit)
			settled = c.at(ByPerson) != "" || c.at(ByCustomer) != "" || key == None || strings.HasPrefix(key, own)
		case ByPerson, ByCountry:
			settled = settled || c.at(ByCustomer) != ""
		case ByClass:
			key := c.at(ByClass)
			settled = c.at(ByProduct) != "" || key == None || strings.HasPrefix(key, own)
		case ByMonth:
			settled = settled || c.From == c.To
		}
		if !settled {
			all = append(all, d)
		}
	}
	return all
}

// Figures are a budget and what was bought, in minor units.
type Figures struct {
	Budget     int64    `json:"budget"`
	Actual     int64    `json:"actual" doc:"What was bought, returns taken off."`
	Difference int64    `json:"difference" doc:"Actual less budget."`
	Percent    *float64 `json:"percent" doc:"The difference as a share of the budget; null without a budget."`
}

func figures(budget, actual int64) Figures {
	f := Figures{Budget: budget, Actual: actual, Difference: actual - budget}
	if budget > 0 {
		p := float64(f.Difference) / float64(budget)
		f.Percent = &p
	}
	return f
}

// Part is a part of what is looked at.
type Part struct {
	Key       string `json:"key" doc:"As a step of the way has it; - for what has none, ? for budgets that cannot be spread."`
	Name      string `json:"name" doc:"Empty where the key says it."`
	Code      string `json:"code,omitempty" doc:"Of a customer or a product."`
	Itself    bool   `json:"itself,omitempty" doc:"The unit or class itself, without those below it."`
	Customers *int64 `json:"customers" doc:"Who had a budget or bought; null where it is not counted."`
	Figures
	Exception bool     `json:"exception" doc:"One of the few that explain most of the difference."`
	Share     *float64 `json:"share" doc:"Of all that is missing, or of all that is above; null for parts of the other direction."`

	budget, actual float64 // fine units
}

// Rest is all parts that are not listed.
type Rest struct {
	Parts int64 `json:"parts"`
	Figures
}

// Exceptions tells where a difference comes from: the few parts that together explain at least four fifths of all that is
// missing, or of all that is above, when together there is more than budgeted.
type Exceptions struct {
	Direction string  `json:"direction" enum:"missing,above"`
	Gross     int64   `json:"gross" doc:"What all parts of the direction miss, or have above, together, in minor units."`
	Parts     int64   `json:"parts" doc:"How many parts the exceptions are."`
	Of        int64   `json:"of" doc:"How many parts miss something, or are above."`
	Share     float64 `json:"share" doc:"What of the gross the exceptions explain."`
	Even      bool    `json:"even" doc:"It takes more than two thirds of these parts to explain it: it is so everywhere."`
}

// explained is the part of a difference that exceptions explain together.
const explained = 0.8

// whole is what all parts are together, those that are not listed too.
type whole struct {
	parts, short, over int64 // how many; of them below and above their budget
	budget, actual     float64
	shortSum, overSum  float64
	missing            bool // the direction of the difference
	gross              float64
}

func (w *whole) add(budget, actual float64) {
	w.parts++
	w.budget += budget
	w.actual += actual
	switch d := actual - budget; {
	case d < 0:
		w.short++
		w.shortSum -= d
	case d > 0:
		w.over++
		w.overSum += d
	}
}

// direction settles whether the question is what is missing. Without a difference the larger side asks.
func (w *whole) direction() {
	w.missing, w.gross = w.actual <= w.budget, w.shortSum
	if !w.missing {
		w.gross = w.overSum
	}
}

// toward is how far a part goes the way of the whole.
func (w *whole) toward(p Part) float64 {
	if w.missing {
		return p.budget - p.actual
	}
	return p.actual - p.budget
}

// arrange orders the parts, the ones that go the way of the whole first, the largest difference first of each, marks the
// exceptions, and leaves a rest beyond most.
func (w *whole) arrange(parts []Part, most int) ([]Part, Exceptions) {
	slices.SortStableFunc(parts, func(a, b Part) int {
		x, y := w.toward(a), w.toward(b)
		return cmp.Or(cmp.Compare(side(y), side(x)), cmp.Compare(math.Abs(y), math.Abs(x)), cmp.Compare(a.Key, b.Key))
	})
	parts = parts[:min(most, len(parts))]
	e := Exceptions{Direction: "above", Of: w.over}
	if w.missing {
		e.Direction, e.Of = "missing", w.short
	}
	sum := 0.0
	for i := range parts {
		x := w.toward(parts[i])
		if x <= 0 || w.gross <= 0 {
			break
		}
		share := x / w.gross
		parts[i].Share = &share
		if sum < explained*w.gross {
			sum += x
			parts[i].Exception = true
			e.Parts++
		}
	}
	if w.gross > 0 {
		e.Share = sum / w.gross
	}
	// A list that ends before four fifths are explained tells of more parts than it holds.
	short := e.Share < explained && e.Of > e.Parts
	e.Even = e.Of > 2 && (3*e.Parts > 2*e.Of || short)
	if e.Even {
		for i := range parts {
			parts[i].Exception = false
		}
	}
	return parts, e
}

func side(x float64) int { return cmp.Compare(x, 0) }

// settle turns fine units into minor ones so that the sum of the parts and the rest is that of the whole to the last unit.
func (w *whole) settle(parts []Part, perMinor int64) (total Figures, rest *Rest) {
	budgets, actuals := make([]float64, 0, len(parts)+1), make([]float64, 0, len(parts)+1)
	leftBudget, leftActual := w.budget, w.actual
	for _, p := range parts {
		budgets, actuals = append(budgets, p.budget), append(actuals, p.actual)
		leftBudget, leftActual = leftBudget-p.budget, leftActual-p.actual
	}
	more := w.parts > int64(len(parts))
	if more {
		budgets, actuals = append(budgets, leftBudget), append(actuals, leftActual)
	}
	b, sumBudget := apportion(budgets, w.budget, float64(perMinor))
	a, sumActual := apportion(actuals, w.actual, float64(perMinor))
	for i := range parts {
		parts[i].Figures = figures(b[i], a[i])
	}
	if more {
		rest = &Rest{Parts: w.parts - int64(len(parts)), Figures: figures(b[len(parts)], a[len(parts)])}
	}
	return figures(sumBudget, sumActual), rest
}

// apportion rounds amounts to units by the largest remainder, so that they add up to the rounded sum.
func apportion(amounts []float64, sum, unit float64) ([]int64, int64) {
	whole := int64(math.Round(sum / unit))
	rounded, order := make([]int64, len(amounts)), make([]int, len(amounts))
	left := whole
	for i, x := range amounts {
		rounded[i], order[i] = int64(math.Floor(x/unit)), i
		left -= rounded[i]
	}
	remainder := func(i int) float64 { return amounts[i]/unit - math.Floor(amounts[i]/unit) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainder(b), remainder(a)) })
	for k := range order {
		if left <= 0 {
			break
		}
		rounded[order[k]]++
		left--
	}
	if len(order) > 0 { // what the inexactness of a sum of doubles leaves
		rounded[order[0]] += left
	}
	return rounded, whole
}
