// Package allocation spreads money over segments of customers so that it brings the most in total (FIELD.md P6): from what each
// segment returns at a few spends per customer, under a budget, a least spend (service that nobody falls below) and a most
// (capacity). It also keeps the plans made of that, and works out what losing fewer customers is worth (C11, loyalty.go).
//
// Returns between two given spends are reached by giving the one spend to a part of the segment's customers and the other to
// the rest. So the straight line between any two given points can be had, the best that can be had is the upper concave
// envelope of the points, and taking the steepest pieces of the envelopes first is exact: it solves the linear programme. A
// fitted response curve (curve.go) is concave by its form, and the money goes where the next unit brings most, found by
// bisection on that price (Lagrange). Little's curve (adbudg.go) need not be: it is spent along as closely drawn points.
package allocation

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Method says how returns between and beside the given spends are told.
type Method string

// The methods.
const (
	ByPoints Method = "points" // part of the customers gets one given spend, the rest the next
	ByCurve  Method = "curve"  // a saturating curve fitted through the given points
	ByAdbudg Method = "adbudg" // Little's curve fitted through the given points, which may be S-shaped
)

// Point is what a customer of a segment returns at a spend. Both are money in major units of the base currency.
type Point struct {
	Spend  float64 `json:"spend" minimum:"0" maximum:"1000000000" doc:"Per customer and year, in whole units of the base currency."`
	Return float64 `json:"return" minimum:"-1000000000000" maximum:"1000000000000" doc:"Per customer, in the same money: lifetime value, margin, whatever is to be most, the same for all segments."`
}

// Segment is a group of customers that are treated alike, with what is known of their response.
type Segment struct {
	Name        string   `json:"name" minLength:"1" maxLength:"100"`
	Customers   int64    `json:"customers" minimum:"0" maximum:"1000000000"`
	Points      []Point  `json:"points" nullable:"false" minItems:"1" maxItems:"50"`
	Saturation  *float64 `json:"saturation,omitempty" minimum:"-1000000000000" maximum:"1000000000000" doc:"What a customer returns however much is spent, for the method adbudg; absent where nobody judged it."`
	Least       float64  `json:"least" minimum:"0" maximum:"1000000000" doc:"No customer gets less: minimum service."`
	Most        *float64 `json:"most" minimum:"0" maximum:"1000000000" doc:"The mean spend per customer cannot be more; null is the highest spend whose return is given."`
	Contacts    *float64 `json:"contacts" minimum:"0" maximum:"1000000000000" doc:"Capacity: so many contacts (or hours) can be given to the whole segment; null is no limit."`
	ContactCost *float64 `json:"contact_cost" minimum:"0" maximum:"1000000000" doc:"What one of those costs; needed where they are limited."`
	Now         *float64 `json:"now" minimum:"0" maximum:"1000000000" doc:"What a customer gets today; null is unknown."`
}

// Problem is what is to be spread and over whom.
type Problem struct {
	Budget   float64   `json:"budget" minimum:"0" maximum:"1000000000000000" doc:"For all customers together, in whole units of the base currency."`
	Method   Method    `json:"method" enum:"points,curve,adbudg"`
	Gross    bool      `json:"gross" doc:"The returns do not have the spend taken off yet: money that brings back less than itself is not spent."`
	Segments []Segment `json:"segments" nullable:"false" minItems:"1" maxItems:"200"`
}

// Bounds of what is reckoned with: sums of products stay exact enough for money.
const (
	maxSegments  = 200
	maxPoints    = 50
	maxCustomers = 1_000_000_000
	maxSpend     = 1e9
	maxReturn    = 1e12
	maxBudget    = 1e15
)

func within(x, most float64) bool { return x >= 0 && x <= most } // NaN is not

// Validate returns a fault that names every field that cannot stand.
func (p Problem) Validate() error {
	check := fault.Check("allocation.invalid").
		That(within(p.Budget, maxBudget), "budget", "Give an amount from 0 to 1,000,000,000,000,000.").
		That(slices.Contains([]Method{ByPoints, ByCurve, ByAdbudg}, p.Method), "method", "Use points, curve or adbudg.").
		That(len(p.Segments) >= 1 && len(p.Segments) <= maxSegments, "segments", "Give 1 to %d segments.", maxSegments)
	if err := check.Err(); err != nil {
		return err
	}
	names := map[string]bool{}
	for i, s := range p.Segments {
		at := fmt.Sprintf("segments[%d]", i)
		check.That(strings.TrimSpace(s.Name) != "" && len(s.Name) <= 400, at+".name", "Give the segment a name.").
			That(!names[s.Name], at+".name", "Another segment is called %q too.", s.Name)
		names[s.Name] = true
		s.validate(check, at, p.Method)
	}
	return check.Err()
}

func (s Segment) validate(check *fault.Checks, at string, method Method) {
	check.That(s.Customers >= 0 && s.Customers <= maxCustomers, at+".customers", "Give a number of customers from 0 to 1,000,000,000.").
		That(len(s.Points) >= 1 && len(s.Points) <= maxPoints, at+".points", "Give 1 to %d pairs of spend and return.", maxPoints).
		That(within(s.Least, maxSpend), at+".least", "Give an amount from 0 to 1,000,000,000.")
	known := len(s.Points) > 0 && within(s.Least, maxSpend)
	for _, x := range []struct {
		name  string
		value *float64
		most  float64
	}{{"most", s.Most, maxSpend}, {"contacts", s.Contacts, maxReturn}, {"contact_cost", s.ContactCost, maxSpend}, {"now", s.Now, maxSpend}} {
		ok := x.value == nil || within(*x.value, x.most)
		known = known && ok
		check.That(ok, at+"."+x.name, "Give an amount that is not negative.")
	}
	check.That(s.Contacts == nil || s.ContactCost != nil && *s.ContactCost > 0, at+".contact_cost", "Say what a contact costs, above 0: only then their number limits the spend.")
	for j, p := range s.Points {
		ok := within(p.Spend, maxSpend) && math.Abs(p.Return) <= maxReturn
		known = known && ok
		check.That(ok, fmt.Sprintf("%s.points[%d]", at, j), "Give a spend that is not negative and a return, both numbers.")
	}
	if !known {
		return
	}
	points := s.given()
	last := points[len(points)-1].Spend
	check.That(points[0].Spend <= s.Least, at+".points", "Give the return at a spend of %s too, the least: below %s nothing is known.", digits(s.Least), digits(points[0].Spend)).
		That(s.Least <= last, at+".least", "The least spend of %s is more than the highest whose return is given, %s.", digits(s.Least), digits(last)).
		That(s.Least <= s.most()+slack, at+".least", "The least spend of %s is more than the most that can be spent, %s.", digits(s.Least), digits(s.most())).
		That(s.Saturation == nil || math.Abs(*s.Saturation) <= maxReturn, at+".saturation", "Give a number.").
		That(method != ByCurve || len(points) == 1 || len(points) >= 3, at+".points", "A curve needs three different spends at least; give another, or go by the points.")
	if method == ByAdbudg {
		why := s.judgment()
		check.That(why == "", at+".points", "%s", why)
	}
}

// slack is how much a bound may be missed by: rounding of what was divided and multiplied again.
const slack = 1e-9

// given are the points by rising spend, the highest return of each.
func (s Segment) given() []Point {
	points := slices.Clone(s.Points)
	slices.SortFunc(points, func(a, b Point) int { return cmp.Or(cmp.Compare(a.Spend, b.Spend), cmp.Compare(b.Return, a.Return)) })
	return slices.CompactFunc(points, func(a, b Point) bool { return a.Spend == b.Spend })
}

// most is the highest mean spend: nothing is known beyond the last given spend.
func (s Segment) most() float64 {
	points := s.given()
	most := points[len(points)-1].Spend
	if s.Most != nil {
		most = min(most, *s.Most)
	}
	if s.Contacts != nil && s.ContactCost != nil && s.Customers > 0 {
		most = min(most, *s.Contacts**s.ContactCost/float64(s.Customers))
	}
	return most
}

// between is the straight line through the given points; beyond the last it stays level, since nothing is known there.
func between(points []Point, spend float64) float64 {
	for i, p := range points {
		if spend <= p.Spend {
			if i == 0 || spend == p.Spend {
				return p.Return
			}
			before := points[i-1]
			return before.Return + (p.Return-before.Return)*(spend-before.Spend)/(p.Spend-before.Spend)
		}
	}
	return points[len(points)-1].Return
}

// envelope is the upper concave envelope of points by rising spend (Andrew's monotone chain): what mixing customers of two
// given spends can reach.
func envelope(points []Point) []Point {
	var hull []Point
	for _, p := range points {
		for len(hull) >= 2 && slope(hull[len(hull)-2], p) >= slope(hull[len(hull)-2], hull[len(hull)-1]) {
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, p)
	}
	return hull
}

func slope(a, b Point) float64 { return (b.Return - a.Return) / (b.Spend - a.Spend) }

// reachable is the envelope from the least spend on.
func (s Segment) reachable() []Point {
	points := s.given()
	from := []Point{{s.Least, between(points, s.Least)}}
	for _, p := range points {
		if p.Spend > s.Least {
			from = append(from, p)
		}
	}
	return envelope(from)
}

func digits(x float64) string { return fmt.Sprintf("%.10g", x) }
