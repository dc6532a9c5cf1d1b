// Package pyramid sorts customers by what they bring and cuts them into tiers (FIELD.md D1, C1): the customer pyramid (Curry:
// the top 1 %, the next 4 %, the next 15 %, the rest), ABC by cumulative value, the curve behind both, movement between tiers
// from date to date, and who is blooming, interesting or tiring (*bloeiend, boeiend, vermoeiend*).
//
// No customers are sorted to draw it. Their values are counted in narrow steps, each twice as fine as anybody reads, and only
// the steps in which a tier begins are counted value by value; so the tiers are exact, and a million customers cost two scans.
package pyramid

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Cut says what the ends of tiers are shares of.
type Cut string

// The cuts.
const (
	ByCustomers Cut = "customers" // the pyramid: so many of the customers
	ByValue     Cut = "value"     // ABC: so much of the value
)

// Tier is a layer of the pyramid.
type Tier struct {
	Name string  `json:"name" minLength:"1" maxLength:"40"`
	UpTo float64 `json:"up_to" minimum:"0" maximum:"1" doc:"Where it ends, counted from the top: 0.05 is the first 5 %. The last ends at 1."`
}

// Definition is the company's settings of the pyramid.
type Definition struct {
	Measure string  `json:"measure" maxLength:"60" doc:"By which every customer gets its tier, and the page begins."`
	Tiers   []Tier  `json:"tiers" nullable:"false" minItems:"2" maxItems:"8" doc:"By shares of the customers, the top first."`
	Classes []Tier  `json:"classes" nullable:"false" minItems:"2" maxItems:"8" doc:"By cumulative shares of the value, the best first."`
	Upper   int     `json:"upper" minimum:"1" maximum:"7" doc:"So many of the tiers, from the top, are upper ones: there customers bloom."`
	Fall    float64 `json:"fall" minimum:"0" maximum:"1" doc:"Revenue that falls by more than this share between two dates is falling."`
	Effort  float64 `json:"effort" minimum:"0" maximum:"10" doc:"A customer that costs more than this share of its revenue to serve is tiring."`
}

// DefaultDefinition holds until somebody changes it.
func DefaultDefinition() Definition {
	return Definition{Measure: "revenue", Upper: 3, Fall: 0.1, Effort: 0.25,
		Tiers:   []Tier{{"top", 0.01}, {"large", 0.05}, {"medium", 0.2}, {"small", 1}},
		Classes: []Tier{{"A", 0.8}, {"B", 0.95}, {"C", 1}}}
}

// Places below the tiers.
const (
	None     = "none"     // brought nothing
	Negative = "negative" // cost more than it brought
	Unknown  = "unknown"  // has no value of the measure
	Absent   = "absent"   // was no customer yet, or is none any more
)

// below lists them; their numbers in questions follow the tiers' own, 0, 1, 2 …, as −1, −2, −3, −4.
func below() []string { return []string{None, Negative, Unknown, Absent} }

// Validate returns a fault that names every field that cannot stand.
func (d Definition) Validate() error {
	check := fault.Check("pyramid.invalid_definition").
		That(d.Measure != "" && len(d.Measure) <= 60, "measure", "Choose a measure.").
		That(d.Upper >= 1 && d.Upper < len(d.Tiers), "upper", "At least one tier is an upper one, and the last is not.").
		That(d.Fall >= 0 && d.Fall <= 1, "fall", "Give 0 to 100 %%.").
		That(d.Effort >= 0 && d.Effort <= 10, "effort", "Give 0 to 1,000 %%.")
	validTiers(check, "tiers", d.Tiers)
	validTiers(check, "classes", d.Classes)
	return check.Err()
}

func validTiers(check *fault.Checks, path string, tiers []Tier) {
	check.That(len(tiers) >= 2 && len(tiers) <= 8, path, "Give 2 to 8 tiers.")
	names, last := below(), 0.0
	for i, t := range tiers {
		at := fmt.Sprintf("%s[%d]", path, i)
		check.That(strings.TrimSpace(t.Name) == t.Name && t.Name != "" && len([]rune(t.Name)) <= 40, at+".name", "Give the tier a name of at most 40 characters.").
			That(!slices.Contains(names, t.Name), at+".name", "%q is the name of another tier, or of those below all tiers.", t.Name).
			That(t.UpTo > last && t.UpTo <= 1, at+".up_to", "It must end below the tier before, at 100 %% at most.")
		names, last = append(names, t.Name), t.UpTo
	}
	check.That(len(tiers) == 0 || tiers[len(tiers)-1].UpTo == 1, path, "The last tier ends at 100 %%.")
}

func (d Definition) cut(by Cut) []Tier {
	if by == ByValue {
		return d.Classes
	}
	return d.Tiers
}

// step is the customers whose values lie from low to high; the values of one step lie apart from those of every other.
type step struct {
	low, high float64
	customers int64
	sum       float64
}

func (s step) exact() bool { return s.low == s.high }

// total adds steps up.
func total(steps []step) (customers int64, sum float64) {
	for _, s := range steps {
		customers, sum = customers+s.customers, sum+s.sum
	}
	return customers, sum
}

// rounding is what sums of shares may miss by.
const rounding = 1e-9

// bound finds the step, from the highest down, in which the first share of the customers or of the value ends: the customer at
// the end still belongs to it.
func bound(steps []step, by Cut, share float64) int {
	customers, sum := total(steps)
	wanted, so := share*sum, 0.0
	if by == ByCustomers {
		wanted = math.Max(1, math.Ceil(share*float64(customers)-rounding))
	}
	for i, s := range steps {
		if by == ByCustomers {
			so += float64(s.customers)
		} else {
			so += s.sum
		}
		if so >= wanted*(1-rounding) {
			return i
		}
	}
	return len(steps) - 1
}

// coarse returns the steps in which tiers begin and that hold more than one value.
func coarse(steps []step, by Cut, tiers []Tier) []step {
	var found []step
	for _, t := range tiers[:len(tiers)-1] {
		if s := steps[bound(steps, by, t.UpTo)]; !s.exact() && !slices.Contains(found, s) {
			found = append(found, s)
		}
	}
	return found
}

// refined puts finer steps in the place of wide ones.
func refined(steps, wide, finer []step) []step {
	all := slices.DeleteFunc(slices.Clone(steps), func(s step) bool { return slices.Contains(wide, s) })
	all = append(all, finer...)
	slices.SortFunc(all, func(a, b step) int { return cmp.Compare(b.low, a.low) })
	return all
}

// thresholds are the values from which on a customer belongs to each tier but the last, which takes all above nothing. Customers
// of equal value are of one tier, the upper. unit is what values are rounded down to where people are shown less of them than
// the column holds: a customer that is shown as 12.34 belongs where 12.34 begins.
func thresholds(steps []step, by Cut, tiers []Tier, unit float64) []float64 {
	all := make([]float64, len(tiers)-1)
	for i, t := range tiers[:len(tiers)-1] {
		if len(steps) == 0 {
			all[i] = math.MaxFloat64
			continue
		}
		low := steps[bound(steps, by, t.UpTo)].low
		if unit > 1 {
			low = math.Max(1, math.Floor(low/unit)) * unit
		}
		all[i] = low
	}
	return all
}

// CurvePoint is a place on the cumulative curve, customers from the highest value down.
type CurvePoint struct {
	Customers float64 `json:"customers" doc:"Share of those above nothing."`
	Value     float64 `json:"value" doc:"Share of their value."`
}

// curvePoints is how many points the drawn curve has at most.
const curvePoints = 100

// curve is the cumulative curve through steps from the highest down, thinned to what can be seen.
func curve(steps []step) []CurvePoint {
	all := []CurvePoint{{0, 0}}
	customers, sum := total(steps)
	if customers == 0 || sum <= 0 {
		return all
	}
	var n int64
	so := 0.0
	for i, s := range steps {
		n, so = n+s.customers, so+s.sum
		p := CurvePoint{float64(n) / float64(customers), so / sum}
		if last := all[len(all)-1]; i == len(steps)-1 || p.Customers-last.Customers >= 1.0/curvePoints || p.Value-last.Value >= 1.0/curvePoints {
			all = append(all, p)
		}
	}
	all[len(all)-1] = CurvePoint{1, 1}
	return all
}

// shareOf is how much of the value the first share of the customers brings: the curve between its points.
func shareOf(steps []step, share float64) float64 {
	customers, sum := total(steps)
	want, so := share*float64(customers), 0.0
	for _, s := range steps {
		if n := float64(s.customers); want > n {
			want, so = want-n, so+s.sum
			continue
		}
		return (so + s.sum*want/float64(s.customers)) / sum
	}
	return 1
}

// gini is Gini's coefficient of the values above nothing: 0 where all bring the same, near 1 where one brings all. Within a step
// all count as equal, which takes off less than a thousandth.
func gini(steps []step) float64 {
	customers, sum := total(steps)
	area, n, so := 0.0, 0.0, 0.0
	for _, s := range slices.Backward(steps) { // from the lowest up, as Lorenz draws it
		width, before := float64(s.customers)/float64(customers), so
		n, so = n+width, so+s.sum/sum
		area += width * (before + so)
	}
	return math.Max(0, 1-area)
}
