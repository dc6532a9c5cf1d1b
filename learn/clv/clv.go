// Package clv gives the scoring what is to be expected of every customer: the value to come, the danger of leaving, the next
// purchase, and the five groups of lifetime value (FIELD.md P2, P5, C9).
//
// The models are learn/lifetime (when customers buy) and learn/spend (for how much). The engine turns the purchase lines into
// one history per customer (lifetime.Summary) and counts equal histories; the models are fitted and asked here, once for each
// distinct history, and the answers go back into the engine, where they are joined to the customers. Which model speaks is
// decided on the company's own past: the last months are held out, every model is fitted on what was before and has to
// foretell them. Times are counted in weeks, days ÷ 7.
package clv

import (
	"fmt"
	"math"

	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/lifetime"
	"github.com/kvadrant/kvadrant/learn/likelihood"
	"github.com/kvadrant/kvadrant/learn/spend"
)

const (
	daysPerWeek  = 7.0
	weeksPerYear = 365.25 / daysPerWeek
	// most is how many customers a model is fitted to; beyond it a sample by the end of their ids, which is chance. More
	// would not change a figure that anybody reads: at this size the standard errors are some thousandths.
	most = 200_000
	// mostRegular is how many distinct histories the models of regular buying are asked for: they cost a hundred times
	// the others' effort each.
	mostRegular = 20_000
	// level is the chance that the interval of the next purchase holds it, if it comes.
	level = 0.8
	// planSteps is in how many steps the value to come is discounted.
	planSteps = 12
	// lastBin is the frequency from which on customers share a bin of the test.
	lastBin = 7
	// farthest is the number of weeks beyond which a date of a next purchase says nothing.
	farthest = 100 * weeksPerYear
	// dependent is the correlation of spend and frequency from which on the model of spend, which takes them as
	// independent, has to be read with care.
	dependent = 0.3
)

// everybody names the group of all customers.
const everybody = ""

// history is a past that some customers of a group share, in days.
type history struct {
	group                string
	repeats              int64 // x
	recency, age         int64 // from the first purchase to the last, and to the date
	customers, inSample  int64
	alive, ahead, danger float64 // answers
	worth, residual      float64 // for a spend of 1
	chance               float64 // of another purchase at all
	next, low, high      float64 // weeks from the date; NaN where there is none to tell
}

func (h history) tuple(weight int64) lifetime.Tuple {
	return lifetime.Tuple{Frequency: float64(h.repeats), Recency: float64(h.recency) / daysPerWeek, Age: float64(h.age) / daysPerWeek, Weight: float64(weight)}
}

// span is how far ahead is looked, in weeks.
type span struct{ ahead, horizon float64 }

// question is what is asked of every history.
func (d Definition) question(s span) lifetime.Question {
	yearly := 1 + d.Interest
	return lifetime.Question{Horizons: []float64{s.ahead}, Rate: math.Log(yearly) / weeksPerYear, Level: level, Within: s.ahead,
		Plan: lifetime.Plan{Steps: planSteps, Step: s.horizon / planSteps, Interest: math.Pow(yearly, float64(d.Horizon)/12/planSteps) - 1, Margin: 1}}
}

// answer writes the model's answers into the histories.
func answer(m lifetime.Model, all []*history, q lifetime.Question) {
	tuples := make([]lifetime.Tuple, len(all))
	for i, h := range all {
		tuples[i] = h.tuple(h.customers)
	}
	for i, a := range lifetime.Score(m, tuples, q) {
		h := all[i]
		h.alive, h.ahead, h.danger, h.worth, h.residual, h.chance = a.Alive, a.Expected[0], 1-a.Next.Within, a.Worth, a.Residual, a.Next.Chance
		h.next, h.low, h.high = tell(a.Next.Median), tell(a.Next.Low), tell(a.Next.High)
		if h.chance < lifetime.Likely { // a date would promise what is not likely to happen
			h.next, h.low, h.high = math.NaN(), math.NaN(), math.NaN()
		}
	}
}

func tell(weeks float64) float64 {
	if !(weeks <= farthest) {
		return math.NaN()
	}
	return weeks
}

// fitLike returns how to fit a model of the same kind.
func fitLike(m lifetime.Model) func([]lifetime.Tuple) (lifetime.Fit, error) {
	switch m := m.(type) {
	case lifetime.NBD:
		return lifetime.FitNBD
	case lifetime.Pareto:
		return lifetime.FitPareto
	case lifetime.BetaGeometric:
		return func(t []lifetime.Tuple) (lifetime.Fit, error) {
			return lifetime.FitBetaGeometric(t, m.K, m.DropoutAtZero)
		}
	}
	return func([]lifetime.Tuple) (lifetime.Fit, error) {
		return lifetime.Fit{}, fmt.Errorf("%s cannot be fitted", m.Name())
	}
}

// untested is the model where the past is too short for a test: it lets everybody leave, who bought once only included.
func untested() lifetime.Model { return lifetime.BetaGeometric{K: 1, DropoutAtZero: true} }

// payment is what customers of a group with equally many repeat purchases and the same sum spent on them.
type payment struct {
	repeats, total int64 // total in fine units
	customers      int64
}

func (p payment) customer() spend.Customer {
	return spend.Customer{Purchases: float64(p.repeats), Mean: float64(p.total) / money.FinePerMajor / float64(p.repeats), Weight: float64(p.customers)}
}

// fitSpend fits the spend, and tells what is wrong with the fit where each customer's own mean is the better answer.
func fitSpend(rows []spend.Customer) (spend.Fit, string) {
	f, err := spend.FitGammaGamma(rows)
	switch {
	case err != nil:
		return f, "No customer spent anything on a second purchase, so each customer's own mean counts, and the company's for those who bought once."
	case f.Has(likelihood.SameSpend) || f.Has(likelihood.NotConverged) || f.Model.Q <= 1:
		return f, f.Statement + " Each customer's own mean counts, and the group's for those who bought once."
	}
	return f, ""
}

// correlation of the number of repeat purchases and their mean spend; NaN where one never varies.
func correlation(rows []spend.Customer) float64 {
	var n, x, y float64
	for _, r := range rows {
		if r.Purchases > 0 {
			n, x, y = n+r.Weight, x+r.Weight*r.Purchases, y+r.Weight*r.Mean
		}
	}
	x, y = x/n, y/n
	var xx, yy, xy float64
	for _, r := range rows {
		if r.Purchases > 0 {
			a, b := r.Purchases-x, r.Mean-y
			xx, yy, xy = xx+r.Weight*a*a, yy+r.Weight*b*b, xy+r.Weight*a*b
		}
	}
	return xy / math.Sqrt(xx*yy)
}
