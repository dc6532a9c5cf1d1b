// Package lifetime knows how customers without a contract buy, fall silent and spend: "buy till you die" (FIELD.md P5, C9).
//
// A customer is seen as a Tuple: repeat purchases x, the time of the last one t.x and the time under observation T, both
// counted from the first purchase (Fader and Hardie). A model has a rhythm of buying that differs between customers and a
// chance of leaving that differs too; it is fitted by maximum likelihood on the distinct tuples:
//
//   - NBD: nobody leaves (Ehrenberg 1959)
//   - Pareto/NBD: leaving at any time (Schmittlein, Morrison, Colombo 1987; Fader, Hardie 2005, "A Note on Deriving the
//     Pareto/NBD Model")
//   - BG/NBD: leaving right after a repeat purchase (Fader, Hardie, Lee 2005, "Counting Your Customers the Easy Way")
//   - MBG/NBD: leaving right after any purchase, the first included (Batislam, Denizel, Filiztekin 2007)
//   - BG/CNBD-k and MBG/CNBD-k: the same with regular buying, Erlang-k gaps (Platzer, Reutterer 2016; Reutterer, Platzer,
//     Schröder 2021)
//
// Spend per purchase is learn/spend, buying or not on regular occasions learn/occasion, contracts learn/contract.
// Times are in any one unit, the same for all; rates are per that unit. Nothing here reads a store or the clock.
package lifetime

import (
	"errors"
	"fmt"
	"math"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// Tuple is one history, and how many customers have it.
type Tuple struct {
	Frequency float64 // x: repeat purchases, whole, ≥ 0
	Recency   float64 // t.x: time from the first purchase to the last, 0 when x = 0
	Age       float64 // T: time from the first purchase to the end of observation, ≥ t.x
	LogGaps   float64 // sum over the customer's gaps of ln(gap), summed over the customers; only regularity uses it
	Weight    float64 // customers with this history, > 0
}

// Process is a customer, or a random one of many, who is known to buy from time 0 on; it may be over by chance.
type Process interface {
	// Expected is the mean number of purchases in (0, t].
	Expected(t float64) float64
	// Probability is the chance of exactly n purchases in (0, t].
	Probability(n int, t float64) float64
	// Residual is the mean number of purchases in (0, ∞), each weighted by e^(−rate·time): DERT for a customer. The rate
	// is continuous, per unit of time, > 0.
	Residual(rate float64) float64
}

// Model is a fitted model of the number of purchases.
type Model interface {
	// Process is a new customer right after the first purchase.
	Process
	// Name is the model's short name in the literature.
	Name() string
	// Alive is the chance that a customer with this history is still one at the end of observation, P(alive).
	Alive(c Tuple) float64
	// Ahead is the customer's future from the end of observation on, given that it is still a customer.
	Ahead(c Tuple) Process
	// LogLikelihood is the model's log-likelihood of the tuples, weights included.
	LogLikelihood(tuples []Tuple) float64
}

// Fit is a model with what its fit says about itself.
type Fit struct {
	Model Model
	likelihood.Estimate
}

// Errors of a fit that has nothing to learn from.
var (
	ErrNoCustomers = errors.New("there are no customers to learn from")
	ErrNoRepeats   = errors.New("no customer bought a second time: there is no rhythm to learn")
	ErrNoTime      = errors.New("no time has passed since the first purchases: there is nothing to learn yet")
)

// check refuses tuples that cannot be; the error names the place.
func check(tuples []Tuple) (customers, repeats, time float64, err error) {
	for i, c := range tuples {
		bad := ""
		switch {
		case !(c.Weight > 0) || math.IsInf(c.Weight, 0):
			bad = "its weight is not a positive number"
		case !(c.Frequency >= 0) || math.IsInf(c.Frequency, 0):
			bad = "its frequency is negative or not a number"
		case !(c.Recency >= 0) || !(c.Age >= c.Recency) || math.IsInf(c.Age, 0):
			bad = "recency and age are not in order: 0 ≤ recency ≤ age"
		case c.Frequency == 0 && c.Recency != 0:
			bad = "it has a recency without a repeat purchase"
		case math.IsNaN(c.LogGaps) || math.IsInf(c.LogGaps, 0):
			bad = "its sum of logarithms of gaps is not a number"
		}
		if bad != "" {
			return 0, 0, 0, fmt.Errorf("tuple %d (x %g, t.x %g, T %g): %s", i, c.Frequency, c.Recency, c.Age, bad)
		}
		customers += c.Weight
		repeats += c.Weight * c.Frequency
		time += c.Weight * c.Age
	}
	switch {
	case customers == 0:
		err = ErrNoCustomers
	case time == 0:
		err = ErrNoTime
	case repeats == 0:
		err = ErrNoRepeats
	}
	return customers, repeats, time, err
}

// Expected is the mean number of purchases of a customer in the time t after observation, given its history:
// P(alive) × what a living customer with that history buys.
func Expected(m Model, c Tuple, t float64) float64 {
	alive := m.Alive(c)
	if alive == 0 || t <= 0 {
		return 0
	}
	return alive * m.Ahead(c).Expected(t)
}

// Probability is the chance that a customer with this history buys exactly n times in the time t after observation.
func Probability(m Model, c Tuple, n int, t float64) float64 {
	alive := m.Alive(c)
	p := alive * m.Ahead(c).Probability(n, t)
	if n == 0 {
		p += 1 - alive
	}
	return p
}

// Residual is the discounted expected residual transactions of a customer (DERT; Fader, Hardie, Lee 2005, "RFM and
// CLV"): all future purchases, each weighted by e^(−rate·time). rate is continuous, per unit of time, > 0: for a yearly
// interest i and time in weeks, ln(1+i)/52.18.
func Residual(m Model, c Tuple, rate float64) float64 {
	alive := m.Alive(c)
	if alive == 0 {
		return 0
	}
	return alive * m.Ahead(c).Residual(rate)
}

// Next is when the next purchase of a customer is due, in units of time from the end of observation.
type Next struct {
	Chance float64 // that there is another purchase at all
	Within float64 // that it comes within the horizon asked for
	Median float64 // if it comes: as likely before as after
	Low    float64 // if it comes: lower end of the interval
	High   float64 // if it comes: upper end of the interval; +Inf where it is beyond any date
}

// NextPurchase is the distribution of the time to the next purchase (FIELD.md C9). level is the chance that the interval
// holds the purchase if it comes, such as 0.8; horizon is in units of time.
func NextPurchase(m Model, c Tuple, horizon, level float64) Next {
	return next(m.Ahead(c), m.Alive(c), horizon, level)
}

func next(p Process, alive, horizon, level float64) Next {
	const never = 1e15
	ever := 1 - p.Probability(0, never)
	n := Next{Chance: alive * ever, Within: alive * (1 - p.Probability(0, horizon))}
	if ever <= 0 {
		n.Median, n.Low, n.High = math.NaN(), math.NaN(), math.NaN()
		return n
	}
	at := func(q float64) float64 {
		if r, ok := p.(renewal); ok && r.k == 1 { // Lomax: 1 − (A/(A+t))^R
			return r.rate * math.Expm1(-math.Log1p(-q)/r.shape)
		}
		return quantile(func(t float64) float64 { return 1 - p.Probability(0, t) - q*ever }, never)
	}
	n.Low, n.Median, n.High = at((1-level)/2), at(0.5), at((1+level)/2)
	return n
}

// quantile is the root of a rising f on a logarithmic scale, to nine digits, by false position with the Illinois rule; +Inf
// if it is beyond the end.
func quantile(f func(t float64) float64, end float64) float64 {
	low, high := 1e-9, 1.0
	fLow, fHigh := f(low), f(high)
	for fHigh < 0 {
		if high >= end {
			return math.Inf(1)
		}
		low, fLow = high, fHigh
		high *= 8
		fHigh = f(high)
	}
	if fLow >= 0 {
		return low
	}
	a, b := math.Log(low), math.Log(high)
	side := 0
	for range 200 {
		c := (a*fHigh - b*fLow) / (fHigh - fLow)
		v := f(math.Exp(c))
		if v < 0 {
			a, fLow = c, v
			if side < 0 {
				fHigh /= 2
			}
			side = -1
		} else {
			b, fHigh = c, v
			if side > 0 {
				fLow /= 2
			}
			side = 1
		}
		if b-a < 1e-10 || math.Abs(v) < 1e-12 {
			return math.Exp(c)
		}
	}
	return math.Exp((a + b) / 2)
}

// parameters of a fit in its model's order.
func values(e likelihood.Estimate) []float64 {
	v := make([]float64, len(e.Parameters))
	for i, p := range e.Parameters {
		v[i] = p.Value
	}
	return v
}
