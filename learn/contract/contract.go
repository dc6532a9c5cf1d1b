// Package contract knows how long customers with a contract stay: renewals in periods (shifted beta-geometric) and tenure
// in any time (Kaplan–Meier). With a contract the company sees who left; without one it has to guess (learn/lifetime).
package contract

import (
	"errors"
	"fmt"
	"math"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// Renewal counts the customers who were in their n-th period.
type Renewal struct {
	Period int     // 1 is the first period after the contract began
	Lost   float64 // did not renew at its end: lived Period periods
	Kept   float64 // renewed, and nothing is known after it (end of observation)
}

// ShiftedBetaGeometric is the model of renewals: a customer leaves at the end of every period with the same chance
// θ ~ Beta(Alpha, Beta), which differs between customers (Fader, Hardie 2007, "How to Project Customer Retention"). The
// renewal rate rises with tenure because those with a high chance leave first.
type ShiftedBetaGeometric struct{ Alpha, Beta float64 }

// Fit is a model of renewals with what its fit says about itself.
type Fit struct {
	Model ShiftedBetaGeometric
	likelihood.Estimate
}

// Errors of data that say nothing.
var (
	ErrNoCustomers = errors.New("there are no customers to learn from")
	ErrNobodyLeft  = errors.New("nobody left: there is nothing to learn a rate of leaving from")
	ErrAllLeft     = errors.New("everybody left in the first period: there is nothing to learn renewal from")
	ErrOneGroup    = errors.New("it takes two groups to compare")
)

// Cohort turns the survivors of a group that began together, the number of those who began first, into renewals: survivors[n]
// renewed n times. Errors: it rises, or holds a negative number.
func Cohort(survivors []float64) ([]Renewal, error) {
	var out []Renewal
	for n := 1; n < len(survivors); n++ {
		lost := survivors[n-1] - survivors[n]
		if !(lost >= 0) || !(survivors[n] >= 0) {
			return nil, fmt.Errorf("after period %d there are %g customers left of %g: survivors cannot rise or be negative", n, survivors[n], survivors[n-1])
		}
		r := Renewal{Period: n, Lost: lost}
		if n == len(survivors)-1 {
			r.Kept = survivors[n]
		}
		out = append(out, r)
	}
	return out, nil
}

// FitShiftedBetaGeometric fits the model; rows of several cohorts are simply put together. Errors: see above, or a row that
// cannot be.
func FitShiftedBetaGeometric(rows []Renewal) (Fit, error) {
	var customers, lost, later float64
	for i, r := range rows {
		if r.Period < 1 || !(r.Lost >= 0) || !(r.Kept >= 0) || math.IsInf(r.Lost+r.Kept, 0) {
			return Fit{}, fmt.Errorf("row %d (period %d, lost %g, kept %g): periods count from 1, customers are not negative", i, r.Period, r.Lost, r.Kept)
		}
		customers += r.Lost + r.Kept
		lost += r.Lost
		later += r.Kept
		if r.Period > 1 {
			later += r.Lost
		}
	}
	switch {
	case customers == 0:
		return Fit{}, ErrNoCustomers
	case lost == 0:
		return Fit{}, ErrNobodyLeft
	case later == 0:
		return Fit{}, ErrAllLeft
	}
	f := func(theta, gradient, hessian []float64) float64 {
		m := ShiftedBetaGeometric{math.Exp(theta[0]), math.Exp(theta[1])}
		return m.likelihood(rows, gradient, hessian)
	}
	p := likelihood.Best([][]float64{{0, 0}, {0, 1.5}, {1, 3}}, f)
	e := likelihood.Describe(p, []string{"alpha", "beta"}, []float64{1, 1})
	e.Customers, e.Tuples = customers, len(rows)
	m := ShiftedBetaGeometric{e.Parameters[0].Value, e.Parameters[1].Value}
	if m.Alpha+m.Beta > 1e4 {
		e.Add(likelihood.SameDropOut, "The renewals do not show customers differing in their chance of leaving: the best fit gives all the same, and the renewal rate does not rise with tenure.")
	}
	return Fit{m, e}, nil
}

// LogLikelihood of the renewals at the model's parameters.
func (m ShiftedBetaGeometric) LogLikelihood(rows []Renewal) float64 {
	return m.likelihood(rows, make([]float64, 2), make([]float64, 4))
}

// likelihood is Σ lost ln B(α+1, β+n−1)/B(α, β) + kept ln B(α, β+n)/B(α, β), with derivatives by the logarithms.
func (m ShiftedBetaGeometric) likelihood(rows []Renewal, gradient, hessian []float64) float64 {
	clear(gradient)
	clear(hessian)
	sum := 0.0
	add := func(w, gone, renewed float64) {
		if w == 0 {
			return
		}
		sum += w * likelihood.LogBetaRatio(m.Alpha, m.Beta, gone, renewed)
		a1, a2 := likelihood.DigammaRatio(m.Alpha, gone)
		b1, b2 := likelihood.DigammaRatio(m.Beta, renewed)
		c1, c2 := likelihood.DigammaRatio(m.Alpha+m.Beta, gone+renewed)
		gradient[0] += w * (a1 - c1)
		gradient[1] += w * (b1 - c1)
		hessian[0] += w * (a2 - c2)
		hessian[1] -= w * c2
		hessian[2] -= w * c2
		hessian[3] += w * (b2 - c2)
	}
	for _, r := range rows {
		add(r.Lost, 1, float64(r.Period-1))
		add(r.Kept, 0, float64(r.Period))
	}
	likelihood.FromNatural([]float64{m.Alpha, m.Beta}, gradient, hessian)
	return sum
}

// Mean chance of leaving in the first period, α/(α+β).
func (m ShiftedBetaGeometric) Mean() float64 { return m.Alpha / (m.Alpha + m.Beta) }

// Survival is the share of customers still there after n periods, S(n) = B(α, β+n)/B(α, β) (equation 6 of the paper).
func (m ShiftedBetaGeometric) Survival(n int) float64 {
	return math.Exp(likelihood.LogBetaRatio(m.Alpha, m.Beta, 0, float64(max(0, n))))
}

// Retention is the renewal rate at the end of period n, (β+n−1)/(α+β+n−1) (equation 8 of the paper).
func (m ShiftedBetaGeometric) Retention(n int) float64 {
	k := float64(max(1, n) - 1)
	return (m.Beta + k) / (m.Alpha + m.Beta + k)
}

// Residual is the discounted expected residual lifetime (DERL) of a customer who has renewed the given number of times and
// is about to decide again: the periods to come, the first of them not discounted, the one j later weighted by (1+rate)^−j
// (Fader, Hardie 2010, "Customer-Base Valuation in a Contractual Setting: The Perils of Ignoring Heterogeneity"). rate is
// per period, > 0.
func (m ShiftedBetaGeometric) Residual(renewals int, rate float64) float64 {
	b := m.Beta + float64(max(0, renewals))
	return b / (m.Alpha + b) * likelihood.Hypergeometric(b+1, m.Alpha+b+1, 1/(1+rate))
}

// Lifetime is the discounted expected lifetime (DEL) of a new customer, the first period included and not discounted.
func (m ShiftedBetaGeometric) Lifetime(rate float64) float64 {
	return likelihood.Hypergeometric(m.Beta, m.Alpha+m.Beta, 1/(1+rate))
}

// Remaining is the mean number of further periods, not discounted, of a customer who has renewed the given number of times
// and is about to decide again: (β+n)/(α−1) for α > 1; +Inf otherwise, because a few stay for ever in the model.
func (m ShiftedBetaGeometric) Remaining(renewals int) float64 {
	if m.Alpha <= 1 {
		return math.Inf(1)
	}
	return (m.Beta + float64(max(0, renewals))) / (m.Alpha - 1)
}
