// Package spend knows what a customer spends per purchase: the other half of a customer's value, beside how often it buys
// (learn/lifetime).
package spend

import (
	"errors"
	"fmt"
	"math"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// Customer is what one customer spent on repeat purchases, the first one left out.
type Customer struct {
	Purchases float64 // repeat purchases, x > 0
	Mean      float64 // mean value of them, > 0, in money
	Weight    float64 // customers, > 0
}

// GammaGamma is the model of spend per purchase: a purchase is Gamma(P, ν), ν ~ Gamma(Q, V) differs between customers
// (Fader, Hardie 2013, "The Gamma-Gamma Model of Monetary Value"). V has the unit of money. It assumes that spend does not
// depend on how often a customer buys.
type GammaGamma struct{ P, Q, V float64 }

// ErrNoRepeats is returned where no customer has a repeat purchase of some value.
var ErrNoRepeats = errors.New("no customer has a repeat purchase of some value: there is no spend to learn from")

// roughRows is how many customers the search for a good start looks at.
const roughRows = 4000

// Fit is a Gamma-Gamma model with what its fit says about itself.
type Fit struct {
	Model GammaGamma
	likelihood.Estimate
	LeftOut float64 // customers without a repeat purchase or with a mean of zero or less: they do not inform the model
}

// FitGammaGamma fits the model. Customers without a repeat purchase, or whose mean is not above zero, are left out and
// counted. Errors: nobody is left, or a value is not a number.
func FitGammaGamma(rows []Customer) (Fit, error) {
	var d spending
	var out Fit
	money, customers := 0.0, 0.0
	for i, c := range rows {
		if math.IsNaN(c.Mean) || math.IsInf(c.Mean, 0) || !(c.Purchases >= 0) || !(c.Weight > 0) || math.IsInf(c.Purchases+c.Weight, 0) {
			return out, fmt.Errorf("row %d (purchases %g, mean %g, weight %g): not a number, or negative", i, c.Purchases, c.Mean, c.Weight)
		}
		if c.Purchases == 0 || c.Mean <= 0 {
			out.LeftOut += c.Weight
			continue
		}
		money += c.Weight * c.Mean
		customers += c.Weight
	}
	if customers == 0 {
		return out, ErrNoRepeats
	}
	d.fill(rows, money/customers)
	var steps []likelihood.Function
	for _, n := range [2]int{roughRows, 20 * roughRows} {
		if len(d.total) < 3*n {
			break
		}
		var part spending
		if part.fill(every(rows, len(rows)/n), d.scale); len(part.total) > roughRows/2 {
			steps = append(steps, part.likelihood())
		}
	}
	starts := [][]float64{{math.Log(2), math.Log(3), math.Log(1)}, {math.Log(6), math.Log(4), math.Log(0.5)}, {math.Log(0.7), math.Log(1.5), 0}}
	p := likelihood.Best(starts, append(steps, d.likelihood())...)
	p.Value -= customers * math.Log(d.scale)
	out.Estimate = likelihood.Describe(p, []string{"p", "q", "v"}, []float64{1, 1, d.scale})
	out.Customers, out.Tuples = customers, len(d.total)
	v := out.Parameters
	m := GammaGamma{v[0].Value, v[1].Value, v[2].Value}
	out.Model = m
	if m.P > 1e4 || m.Q > 1e4 {
		out.Drop(likelihood.NotConverged) // the peak is at infinity
		out.Add(likelihood.SameSpend, "The purchases do not show both kinds of difference that the model looks for, between customers and between one customer's purchases: its parameters mean little, only the mean spend does.")
	}
	if m.Q <= 1 {
		out.Add(likelihood.SameSpend, "Spend differs so much between customers that the model gives it no mean: a few very large customers stand for all. Use each customer's own mean.")
	}
	return out, nil
}

func every(rows []Customer, step int) []Customer {
	var part []Customer
	for i := 0; i < len(rows); i += step {
		part = append(part, rows[i])
	}
	return part
}

// spending is the data laid out for the likelihood, money divided by its mean.
type spending struct {
	counts, weight []float64 // distinct x and their customers
	logMean        []float64 // Σ weight·ln(mean) per distinct x
	kind           []int32
	total, wgt     []float64 // x·mean, customers
	scale          float64
}

func (d *spending) fill(rows []Customer, scale float64) {
	d.scale = scale
	number := make(map[float64]int32)
	var small [256]int32
	for _, c := range rows {
		if c.Purchases == 0 || c.Mean <= 0 {
			continue
		}
		j := int(c.Purchases)
		few := j < len(small) && float64(j) == c.Purchases
		g := int32(0)
		if few {
			g = small[j]
		} else {
			g = number[c.Purchases]
		}
		if g == 0 {
			d.counts, d.weight, d.logMean = append(d.counts, c.Purchases), append(d.weight, 0), append(d.logMean, 0)
			g = int32(len(d.counts))
			if few {
				small[j] = g
			} else {
				number[c.Purchases] = g
			}
		}
		d.weight[g-1] += c.Weight
		d.logMean[g-1] += c.Weight * math.Log(c.Mean/scale)
		d.kind = append(d.kind, g-1)
		d.total = append(d.total, c.Purchases*c.Mean/scale)
		d.wgt = append(d.wgt, c.Weight)
	}
}

// likelihood is equation 1a of Fader, Hardie 2013:
//
//	ln Γ(px+q)/(Γ(px)Γ(q)) + q ln v + (px−1) ln m + px ln x − (px+q) ln(v + mx)
func (d *spending) likelihood() likelihood.Function {
	return func(theta, gradient, hessian []float64) float64 {
		p, q, v := math.Exp(theta[0]), math.Exp(theta[1]), math.Exp(theta[2])
		iv := 1 / v
		s := make([]float64, 10)
		for i, x := range d.counts {
			px, w := p*x, d.weight[i]
			// ln Γ(px+q) − ln Γ(px) − ln Γ(q): derivatives by p and q.
			a, a2 := likelihood.DigammaRatio(px, q)
			b, b2 := likelihood.DigammaRatio(q, px)
			both := likelihood.Trigamma(px + q)
			s[0] += w*(likelihood.LogGammaRatio(px, q)-likelihood.LogGamma(q)+px*math.Log(x*iv)) + (px-1)*d.logMean[i]
			s[1] += w*x*(a+math.Log(x*iv)) + x*d.logMean[i]
			s[2] += w * b
			s[3] -= w * px * iv
			s[4] += w * x * x * a2
			s[5] += w * x * both
			s[6] -= w * x * iv
			s[7] += w * b2
			s[9] += w * px * iv * iv
		}
		// −(px+q) ln(v+mx) + (q + px) ln v, the ln v kept together with it for the digits' sake.
		row := likelihood.Sum(len(d.total), 10, func(low, high int, s []float64) {
			d.rows(p, q, iv, low, high, s)
		})
		for i := range s {
			s[i] += row[i]
		}
		copy(gradient, s[1:4])
		likelihood.Mirror(s[4:], hessian, 3)
		likelihood.FromNatural([]float64{p, q, v}, gradient, hessian)
		return s[0]
	}
}

// rows adds −(px+q) ln(1 + mx/v) and its derivatives by (p, q, v).
func (d *spending) rows(p, q, iv float64, low, high int, s []float64) {
	var l, xl, a, xa, b, xb float64
	for i := low; i < high; i++ {
		w, x := d.wgt[i], d.counts[d.kind[i]]
		u := d.total[i] * iv
		inv := 1 / (1 + u)
		la := w * math.Log1p(u)
		da := w * u * inv
		db := da * (1 + inv)
		l += la
		xl += x * la
		a += da
		xa += x * da
		b += db
		xb += x * db
	}
	s[0] -= p*xl + q*l
	s[1] -= xl
	s[2] -= l
	s[3] += (p*xa + q*a) * iv
	s[6] += xa * iv
	s[8] += a * iv
	s[9] -= (p*xb + q*b) * iv * iv
}

// LogLikelihood of the customers at the model's parameters; those it leaves out do not count.
func (m GammaGamma) LogLikelihood(rows []Customer) float64 {
	var d spending
	d.fill(rows, 1)
	theta := []float64{math.Log(m.P), math.Log(m.Q), math.Log(m.V)}
	return d.likelihood()(theta, make([]float64, 3), make([]float64, 9))
}

// Population is the mean spend per purchase over all customers, p v/(q−1); NaN where q ≤ 1 gives none.
func (m GammaGamma) Population() float64 { return m.Mean(0, 0) }

// Mean is the expected spend per purchase of a customer with x repeat purchases of the given mean (equation 5 of the
// paper): p (v + x m)/(p x + q − 1), between its own mean and that of all.
func (m GammaGamma) Mean(x, mean float64) float64 {
	below := m.P*x + m.Q - 1
	if below <= 0 {
		return math.NaN()
	}
	if x == 0 || mean <= 0 {
		x, mean = 0, 0
		if below = m.Q - 1; below <= 0 {
			return math.NaN()
		}
	}
	return m.P * (m.V + x*mean) / below
}

// Quantile is the value that the customer's next single purchase stays below with the given chance, 0 < chance < 1: the
// spend of one purchase is (v + xm)·B/(1−B) with B ~ Beta(p, px+q).
//
// The paper's posterior of ν is Gamma(px + q, v + xm); a purchase Gamma(p, ν) over it has that compound, a beta of the second
// kind.
func (m GammaGamma) Quantile(x, mean, chance float64) float64 {
	if x == 0 || mean <= 0 {
		x, mean = 0, 0
	}
	return (m.V + x*mean) * m.Factor(x, chance)
}

// Factor is B/(1−B) of Quantile: it is the same for all customers with equally many repeat purchases.
func (m GammaGamma) Factor(x, chance float64) float64 {
	b := likelihood.BetaQuantile(chance, m.P, m.P*x+m.Q)
	return b / (1 - b)
}

// Density is the chance density of an observed mean over x purchases of a random customer (equation 1a of the paper).
func (m GammaGamma) Density(mean, x float64) float64 {
	return math.Exp(m.LogLikelihood([]Customer{{x, mean, 1}}))
}
