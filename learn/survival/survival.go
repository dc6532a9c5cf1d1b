// Package survival tells how long customers stay (FIELD.md P4, P5): for companies that sell by contract or subscription, and
// for all others as far as silence may be taken for leaving.
//
// The mathematics is learn/contract. A customer that buys nothing for a number of months counts as lost at its last
// purchase. Whether somebody who bought last month will be silent from now on nobody knows yet, so the curves end that
// number of months before the scored date: up to there it is known of everybody. To count the time since as time survived
// would make every curve too high.
//
// All of it is asked of the columns of a scored version when somebody looks; there is no step.
package survival

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/kvadrant/kvadrant/learn/contract"
)

const (
	// level is the chance that the band holds the true share.
	level = 0.95
	// mostGroups is how many curves people can tell apart on a chart; the largest groups get one.
	mostGroups = 8
)

// Row is customers of a group who were seen equally long.
type Row struct {
	Group     string
	Months    int64 // whole months from the first purchase to the last, or to the day up to which it is known
	Lost      bool
	Customers int64
}

// Step is the curve after the months at which somebody was lost.
type Step struct {
	Months   float64  `json:"months" doc:"Since the first purchase."`
	AtRisk   int64    `json:"at_risk" doc:"Customers just before."`
	Lost     int64    `json:"lost"`
	Survival float64  `json:"survival" doc:"Share of customers still there afterwards."`
	StdErr   *float64 `json:"std_err" doc:"Greenwood's formula; null when nobody is left."`
	Low      *float64 `json:"low" doc:"Lower end of the band of 95 %."`
	High     *float64 `json:"high" doc:"Upper end of the band of 95 %."`
}

// Curve is how long the customers of a group stay, by Kaplan and Meier.
type Curve struct {
	Name      string   `json:"name" doc:"Industry or country; empty for all customers."`
	Customers int64    `json:"customers"`
	Lost      int64    `json:"lost"`
	TooFew    string   `json:"too_few,omitempty" doc:"Why there is no curve."`
	Median    *float64 `json:"median" doc:"Months after which half are lost; null when fewer than half were."`
	Mean      *float64 `json:"mean" doc:"Mean months that a customer stays, counted up to the limit only."`
	MeanErr   *float64 `json:"mean_std_err"`
	Limit     float64  `json:"limit" doc:"Months up to which the mean is counted: as long as every group was seen."`
	Last      float64  `json:"last" doc:"The longest that anybody was seen."`
	Steps     []Step   `json:"steps" nullable:"false"`
}

// Comparison is whether the groups stay equally long.
type Comparison struct {
	Groups     int     `json:"groups"`
	ChiSquared float64 `json:"chi_squared" doc:"Log-rank test."`
	Freedom    int     `json:"freedom"`
	Chance     float64 `json:"chance" doc:"Of differences as large as these if the groups were alike."`
}

// Survival is the curves of all customers and of groups.
type Survival struct {
	All        Curve       `json:"all"`
	Groups     []Curve     `json:"groups" nullable:"false" doc:"The largest first."`
	LeftOut    int         `json:"left_out" doc:"Groups beyond the largest; in the curve of all they count."`
	Comparison *Comparison `json:"comparison" doc:"Null where there are no two groups to compare."`
}

// Survive draws the curves. Groups are told apart where named holds; of fewer customers than minimum nothing is said.
func Survive(rows []Row, named bool, minimum int64) (Survival, error) {
	byName := map[string][]contract.Tenure{}
	var all []contract.Tenure
	for _, r := range rows {
		t := contract.Tenure{Time: float64(r.Months), Left: r.Lost, Weight: float64(r.Customers)}
		all = append(all, t)
		byName[r.Group] = append(byName[r.Group], t)
	}
	var s Survival
	s.Groups = []Curve{}
	limit := last(all)
	var names []string
	if named {
		for name := range byName {
			names = append(names, name)
		}
		slices.SortFunc(names, func(a, b string) int { return order(byName[a], byName[b], a, b) })
		if len(names) > mostGroups {
			s.LeftOut, names = len(names)-mostGroups, names[:mostGroups]
		}
	}
	var compared [][]contract.Tenure
	for _, name := range names {
		if customers(byName[name]) >= float64(minimum) {
			compared = append(compared, byName[name])
			limit = math.Min(limit, last(byName[name]))
		}
	}
	var err error
	if s.All, err = draw("", all, limit, minimum); err != nil {
		return s, err
	}
	for _, name := range names {
		c, err := draw(name, byName[name], limit, minimum)
		if err != nil {
			return s, err
		}
		s.Groups = append(s.Groups, c)
	}
	s.Comparison, err = compare(compared)
	return s, err
}

func compare(groups [][]contract.Tenure) (*Comparison, error) {
	if len(groups) < 2 {
		return nil, nil
	}
	c, err := contract.LogRank(groups)
	if errors.Is(err, contract.ErrNobodyLeft) {
		return nil, nil
	}
	return &Comparison{len(groups), c.ChiSquared, c.Freedom, c.P}, err
}

func order(a, b []contract.Tenure, x, y string) int {
	switch p, q := customers(a), customers(b); {
	case p > q || p == q && x < y:
		return -1
	default:
		return 1
	}
}

func customers(rows []contract.Tenure) float64 {
	n := 0.0
	for _, r := range rows {
		n += r.Weight
	}
	return n
}

func last(rows []contract.Tenure) float64 {
	t := 0.0
	for _, r := range rows {
		t = math.Max(t, r.Time)
	}
	return t
}

func draw(name string, rows []contract.Tenure, limit float64, minimum int64) (Curve, error) {
	c := Curve{Name: name, Customers: int64(math.Round(customers(rows))), Limit: limit, Last: last(rows), Steps: []Step{}}
	for _, r := range rows {
		if r.Left {
			c.Lost += int64(math.Round(r.Weight))
		}
	}
	switch {
	case c.Customers == 0:
		c.TooFew = "No customer has been known long enough to tell."
		return c, nil
	case c.Customers < minimum:
		c.TooFew = fmt.Sprintf("Too few to say: %d customers, and a curve needs %d.", c.Customers, minimum)
		return c, nil
	case c.Lost == 0:
		c.TooFew = fmt.Sprintf("None of the %d customers was lost, so there is nothing to tell of how long they stay.", c.Customers)
		return c, nil
	}
	k, err := contract.KaplanMeier(rows, level)
	if err != nil {
		return c, err
	}
	for _, s := range k.Steps {
		c.Steps = append(c.Steps, Step{s.Time, int64(math.Round(s.AtRisk)), int64(math.Round(s.Left)), s.Survival, finite(s.StdErr), finite(s.Low), finite(s.High)})
	}
	mean, stdErr := k.RestrictedMean(limit)
	c.Median, c.Mean, c.MeanErr = finite(k.Median()), finite(mean), finite(stdErr)
	return c, nil
}

// finite is the number, or nil where it is none.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
