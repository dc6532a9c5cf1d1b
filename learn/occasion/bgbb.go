// Package occasion knows customers who on every regular occasion buy or do not: a yearly donation, a fair, a seasonal
// catalogue. Time is counted in occasions; learn/lifetime knows those who buy at any time.
package occasion

import (
	"errors"
	"fmt"
	"math"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// Errors of a fit that has nothing to learn from.
var (
	ErrNoCustomers = errors.New("there are no customers to learn from")
	ErrNoPurchases = errors.New("nobody bought on any occasion: there is nothing to learn")
)

// History is that of a customer who in every period either buys or not: x of n periods with a purchase, the last of them in
// period t.x.
type History struct {
	Purchases float64 // x: periods with a purchase, whole
	Last      float64 // t.x: the last of them, 0 when x = 0
	Periods   float64 // n: periods observed
	Weight    float64 // customers with this history
}

// BGBB is the BG/BB model: while it is a customer it buys in a period with chance p ~ Beta(Alpha, Beta), and it leaves at
// the beginning of a period with chance θ ~ Beta(Gamma, Delta) (Fader, Hardie, Shang 2010, "Customer-Base Analysis in a
// Discrete-Time Noncontractual Setting").
type BGBB struct{ Alpha, Beta, Gamma, Delta float64 }

// Fit is a BG/BB model with what its fit says about itself.
type Fit struct {
	Model BGBB
	likelihood.Estimate
}

// FitBGBB fits the BG/BB model. Errors: no customers, no purchase at all, or a history that cannot be.
func FitBGBB(rows []History) (Fit, error) {
	var customers, bought float64
	for i, c := range rows {
		whole := c.Purchases == math.Trunc(c.Purchases) && c.Last == math.Trunc(c.Last) && c.Periods == math.Trunc(c.Periods)
		if !whole || !(c.Purchases >= 0 && c.Last >= c.Purchases && c.Periods >= c.Last && c.Weight > 0) ||
			(c.Purchases == 0) != (c.Last == 0) || math.IsInf(c.Periods+c.Weight, 0) {
			return Fit{}, fmt.Errorf("row %d (x %g, t.x %g, n %g, weight %g): it must be x ≤ t.x ≤ n in whole periods", i, c.Purchases, c.Last, c.Periods, c.Weight)
		}
		customers += c.Weight
		bought += c.Weight * c.Purchases
	}
	switch {
	case customers == 0:
		return Fit{}, ErrNoCustomers
	case bought == 0:
		return Fit{}, ErrNoPurchases
	}
	f := func(theta, gradient, hessian []float64) float64 {
		return periodLikelihood(rows, theta, gradient, hessian)
	}
	var starts [][]float64
	for _, s := range [][4]float64{{1, 1, 0.7, 3}, {2, 1, 0.3, 6}, {0.5, 2, 1, 2}} {
		starts = append(starts, []float64{math.Log(s[0]), math.Log(s[1]), math.Log(s[2]), math.Log(s[3])})
	}
	p := likelihood.Best(starts, f)
	e := likelihood.Describe(p, []string{"alpha", "beta", "gamma", "delta"}, []float64{1, 1, 1, 1})
	e.Customers, e.Tuples = customers, len(rows)
	v := e.Parameters
	m := BGBB{v[0].Value, v[1].Value, v[2].Value, v[3].Value}
	switch {
	case m.Gamma/(m.Gamma+m.Delta) < 1e-4:
		e.Add(likelihood.NoDropOut, "The log shows no customer leaving for good: the best fit has no drop-out, so silence says nothing.")
	case m.Gamma+m.Delta > 1e4:
		e.Add(likelihood.SameDropOut, "The log does not show customers differing in their chance of leaving: the best fit gives all the same.")
	}
	if m.Alpha+m.Beta > 1e4 {
		e.Add(likelihood.SameRate, "The log does not show customers differing in how often they buy: the best fit gives all the same chance.")
	}
	return Fit{m, e}, nil
}

// LogLikelihood of the histories at the model's parameters.
func (m BGBB) LogLikelihood(rows []History) float64 {
	sum := 0.0
	for _, c := range rows {
		sum += c.Weight * m.LogChance(c)
	}
	return sum
}

// LogChance is ln of the chance of one history (equation 5 of the paper): still a customer after n periods, or gone after
// any period from t.x on.
func (m BGBB) LogChance(c History) float64 {
	total := math.Inf(-1)
	for i := 0.0; i <= c.Periods-c.Last; i++ {
		total = logAdd(total, m.ended(c, i))
	}
	return total
}

// ended is ln of the chance of the history with the customer gone i periods after the last purchase; i = n − t.x stands for
// still being one after n.
func (m BGBB) ended(c History, i float64) float64 {
	seen := c.Last + i // periods as a customer
	v := likelihood.LogBetaRatio(m.Alpha, m.Beta, c.Purchases, seen-c.Purchases)
	if seen == c.Periods {
		return v + likelihood.LogBetaRatio(m.Gamma, m.Delta, 0, seen)
	}
	return v + likelihood.LogBetaRatio(m.Gamma, m.Delta, 1, seen)
}

func logAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// periodLikelihood sums the rows with gradient and Hessian: the derivatives of ln Σ exp(fᵢ) are the mean of fᵢ′ and the
// mean of fᵢ″ plus the covariance of fᵢ′.
func periodLikelihood(rows []History, theta, gradient, hessian []float64) float64 {
	m := BGBB{math.Exp(theta[0]), math.Exp(theta[1]), math.Exp(theta[2]), math.Exp(theta[3])}
	clear(gradient)
	clear(hessian)
	sum := 0.0
	for _, c := range rows {
		var mean [4]float64
		var second [16]float64
		total := m.LogChance(c)
		for i := 0.0; i <= c.Periods-c.Last; i++ {
			p := math.Exp(m.ended(c, i) - total)
			seen := c.Last + i
			gone := 1.0
			if seen == c.Periods {
				gone = 0
			}
			g, h := betaDerivatives(m.Alpha, m.Beta, c.Purchases, seen-c.Purchases)
			k, l := betaDerivatives(m.Gamma, m.Delta, gone, seen)
			d := [4]float64{g[0], g[1], k[0], k[1]}
			for a := range 4 {
				mean[a] += p * d[a]
				for b := range 4 {
					second[a*4+b] += p * d[a] * d[b]
				}
			}
			for a := range 2 {
				for b := range 2 {
					second[a*4+b] += p * h[a*2+b]
					second[(a+2)*4+b+2] += p * l[a*2+b]
				}
			}
		}
		sum += c.Weight * total
		for a := range 4 {
			gradient[a] += c.Weight * mean[a]
			for b := range 4 {
				hessian[a*4+b] += c.Weight * (second[a*4+b] - mean[a]*mean[b])
			}
		}
	}
	likelihood.FromNatural([]float64{m.Alpha, m.Beta, m.Gamma, m.Delta}, gradient, hessian)
	return sum
}

// betaDerivatives of ln B(a+x, b+y)/B(a, b) by a and b.
func betaDerivatives(a, b, x, y float64) (first [2]float64, second [4]float64) {
	a1, a2 := likelihood.DigammaRatio(a, x)
	b1, b2 := likelihood.DigammaRatio(b, y)
	c1, c2 := likelihood.DigammaRatio(a+b, x+y)
	return [2]float64{a1 - c1, b1 - c1}, [4]float64{a2 - c2, -c2, -c2, b2 - c2}
}

// Alive is the chance that the customer is still one in period n+1 (equation 11 of the paper).
func (m BGBB) Alive(c History) float64 {
	v := likelihood.LogBetaRatio(m.Alpha, m.Beta, c.Purchases, c.Periods-c.Purchases) +
		likelihood.LogBetaRatio(m.Gamma, m.Delta, 0, c.Periods+1)
	return math.Exp(v - m.LogChance(c))
}

// Expected is the mean number of purchases of a customer with this history in the next periods (equation 13 of the paper,
// summed period by period so that γ = 1 is an ordinary point).
func (m BGBB) Expected(c History, periods int) float64 {
	p := (m.Alpha + c.Purchases) / (m.Alpha + m.Beta + c.Periods)
	still, sum := m.Alive(c), 0.0
	n := c.Periods + 1
	for range periods {
		sum += still * p
		still *= (m.Delta + n) / (m.Gamma + m.Delta + n)
		n++
	}
	return sum
}

// New is the mean number of purchases of a new customer in its first periods, E[X(n)] (equation 9 of the paper).
func (m BGBB) New(periods int) float64 {
	return m.Expected(History{}, periods)
}

// Probability is the chance that a new customer buys in exactly x of its first n periods (equation 8 of the paper).
func (m BGBB) Probability(x, n int) float64 {
	if x < 0 || x > n {
		return 0
	}
	sum := 0.0
	for seen := x; seen <= n; seen++ {
		gone := 1.0
		if seen == n {
			gone = 0
		}
		ways := likelihood.LogGamma(float64(seen)+1) - likelihood.LogGamma(float64(x)+1) - likelihood.LogGamma(float64(seen-x)+1)
		sum += math.Exp(ways + likelihood.LogBetaRatio(m.Alpha, m.Beta, float64(x), float64(seen-x)) +
			likelihood.LogBetaRatio(m.Gamma, m.Delta, gone, float64(seen)))
	}
	return sum
}

// Residual is DERT (equation 14 of the paper): all purchases from period n+1 on, that of period n+j weighted by
// (1+rate)^−j. rate is per period, > 0.
func (m BGBB) Residual(c History, rate float64) float64 {
	p := (m.Alpha + c.Purchases) / (m.Alpha + m.Beta + c.Periods)
	d := m.Delta + c.Periods + 1
	return m.Alive(c) * p / (1 + rate) * likelihood.Hypergeometric(d, m.Gamma+d, 1/(1+rate))
}

// Next is when the next purchase of a customer is due, in periods from the end of observation.
type Next struct {
	Within float64 // chance that it comes within the limit
	Median float64 // if it comes: the period by which it is as likely to have come as not
	Low    float64 // if it comes: lower end of the interval
	High   float64 // if it comes: upper end of the interval
}

// Next is the distribution of the period of a customer's next purchase, followed for limit periods; level is the chance that
// the interval holds it if it comes, such as 0.8.
func (m BGBB) Next(c History, limit int, level float64) Next {
	still, sum := m.Alive(c), 0.0
	n := c.Periods + 1
	chances := make([]float64, limit)
	q := 1.0 // E of not buying so far, given alive: the beta updated by every period without
	a, b := m.Alpha+c.Purchases, m.Beta+c.Periods-c.Purchases
	for i := range chances {
		chances[i] = still * q * a / (a + b)
		q *= b / (a + b)
		b++
		still *= (m.Delta + n) / (m.Gamma + m.Delta + n)
		n++
		sum += chances[i]
	}
	out := Next{Within: sum}
	at := func(share float64) float64 {
		passed := 0.0
		for i, p := range chances {
			if passed += p; passed >= share*sum {
				return float64(i + 1)
			}
		}
		return math.NaN()
	}
	out.Low, out.Median, out.High = at((1-level)/2), at(0.5), at((1+level)/2)
	return out
}
