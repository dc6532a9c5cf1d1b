// Package profit works out what each customer leaves: the contribution margin of its purchases less what it costs to serve it
// (FIELD.md K10, P7, P8, P9, D2, D5).
//
// Contribution margin is revenue less product cost, of the purchase lines whose cost is known: a line without a cost is told,
// never taken as free. Cost to serve is every contact, order, delivered line and return at the unit cost that the company set,
// and the cost of winning the customer in the window of its first purchase. All is counted in fine units and rounded once,
// after adding up, so that sums over customers, units, products and the company are those of the ledger.
package profit

import (
	"cmp"
	"math/bits"
	"slices"
)

// State is where a customer stands between two periods (DESIGN.md 4).
type State string

// The states. To buy is to have a line of more than nothing: a return or a free sample is no purchase.
const (
	New      State = "new"      // bought in the period and never before
	Retained State = "retained" // bought in both
	WonBack  State = "won_back" // bought in the period, and before the one before, but not in that
	Lost     State = "lost"     // bought in the one before and not in the period
	Prospect State = "prospect" // never bought
	None     State = "none"     // bought, but in neither period
)

// States lists all of them, those of the profit cycle first.
func States() []State { return []State{New, Retained, WonBack, Lost, Prospect, None} }

// Class is a row of the profit opportunity matrix (P8).
type Class string

// The classes of profitability.
const (
	High   Class = "high"
	Medium Class = "medium"
	Low    Class = "low"
)

// Classes lists them from the best down.
func Classes() []Class { return []Class{High, Medium, Low} }

// Grade is how profitable a customer or a product is, by profit of its revenue (P9).
type Grade string

// The grades.
const (
	GradeHigh       Grade = "high"
	GradeProfitable Grade = "profitable"
	GradeMedium     Grade = "medium"
	GradeLow        Grade = "low"
)

// Mark is what stands in a cell of customer × product (P9): ++, +, −, −−.
type Mark string

// The marks.
const (
	TwicePlus  Mark = "plus_plus"
	Plus       Mark = "plus"
	Minus      Mark = "minus"
	TwiceMinus Mark = "minus_minus"
)

// Grade returns the grade of a profit of some revenue. What brought no revenue is low where it made a loss, and nothing is said
// of it else.
func (r Rates) Grade(profit, revenue int64) Grade {
	if revenue <= 0 && profit < 0 {
		return GradeLow
	}
	if revenue <= 0 {
		return ""
	}
	rate := float64(profit) / float64(revenue)
	switch {
	case rate >= r.High:
		return GradeHigh
	case rate >= r.Profitable:
		return GradeProfitable
	case rate >= r.Medium:
		return GradeMedium
	}
	return GradeLow
}

// Mark returns the mark of a cell. A cell without revenue is −− where it made a loss, and nothing is said of it else.
func (r Rates) Mark(profit, revenue int64) Mark {
	if revenue <= 0 && profit < 0 {
		return TwiceMinus
	}
	if revenue <= 0 {
		return ""
	}
	rate := float64(profit) / float64(revenue)
	switch {
	case rate >= r.TwicePlus:
		return TwicePlus
	case rate >= r.Plus:
		return Plus
	case rate >= r.Minus:
		return Minus
	}
	return TwiceMinus
}

// ShareOut divides an amount that is not negative by weights that are not, so that the parts add up to it exactly: what is
// left over by rounding goes to the largest fractions, equal ones in order. Without any weight there is nothing to divide by,
// and every part is 0.
func ShareOut(total int64, weights []int64) []int64 {
	parts := make([]int64, len(weights))
	var sum uint64
	for _, w := range weights {
		sum += uint64(w)
	}
	if sum == 0 {
		return parts
	}
	rest := make([]uint64, len(weights))
	left := total
	for i, w := range weights {
		high, low := bits.Mul64(uint64(total), uint64(w))
		part, remainder := bits.Div64(high, low, sum) // cannot overflow: no weight is more than their sum
		parts[i], rest[i] = int64(part), remainder
		left -= int64(part)
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, i := range order[:left] {
		parts[i]++
	}
	return parts
}
