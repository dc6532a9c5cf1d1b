package lifetime

import (
	"math"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// Alive is P(alive) at the end of observation (equation 7 of Fader, Hardie 2005, by the integral of the likelihood).
func (m Pareto) Alive(c Tuple) float64 {
	if c.Recency >= c.Age {
		return 1
	}
	integral, factor := m.logGone(m.R+c.Frequency, c.Recency, c.Age)
	stay := -(m.R+c.Frequency)*math.Log(m.Alpha+c.Age) - m.S*math.Log(m.Beta+c.Age)
	return 1 / (1 + math.Exp(math.Log(m.S)+integral+factor-stay))
}

// Ahead is a living customer's future: a Pareto/NBD process again, with both gammas updated by Bayes' rule.
func (m Pareto) Ahead(c Tuple) Process {
	return Pareto{m.R + c.Frequency, m.Alpha + c.Age, m.S, m.Beta + c.Age}
}

// Expected is E[X(t)] = rβ/(α(s−1)) [1 − (β/(β+t))^(s−1)] of a new customer (equation 17 of Fader, Hardie 2005); s = 1 is an
// ordinary point.
func (m Pareto) Expected(t float64) float64 {
	if t <= 0 {
		return 0
	}
	l := math.Log1p(t / m.Beta)
	e := m.S - 1
	phi := l
	if x := e * l; math.Abs(x) > 1e-300 {
		phi = -math.Expm1(-x) / e
	}
	return m.R * m.Beta / m.Alpha * phi
}

// Probability is P(X(t) = n) of a new customer: n purchases and still a customer at t, or n purchases up to the time τ of
// leaving, integrated over τ. All terms are positive, unlike in the closed form (Fader, Hardie, Lee 2006, "Deriving an
// Expression for P(X(t) = x) Under the Pareto/NBD Model").
func (m Pareto) Probability(n int, t float64) float64 {
	if n < 0 {
		return 0
	}
	if t <= 0 {
		if n == 0 {
			return 1
		}
		return 0
	}
	count := float64(n)
	ways := likelihood.LogGammaRatio(m.R, count) - likelihood.LogGamma(count+1)
	bought := func(age float64) float64 { // ln of P(X = n) of the NBD
		v := ways - m.R*math.Log1p(age/m.Alpha)
		if n > 0 {
			v -= count * math.Log1p(m.Alpha/age)
		}
		return v
	}
	stay := math.Exp(bought(t) - m.S*math.Log1p(t/m.Beta))
	if n == 0 {
		integral, factor := m.logGone(m.R, 0, t)
		return math.Min(1, stay+math.Exp(math.Log(m.S)+integral+factor+m.R*math.Log(m.Alpha)+m.S*math.Log(m.Beta)))
	}
	rule := rules()[3]
	c := math.Min(m.Alpha, m.Beta)
	end := math.Log1p(t / c)
	panels := int(end) + 4 + int(math.Sqrt(count))/2
	sum, width := 0.0, end/float64(panels)
	for p := range panels {
		for i, x := range rule.X {
			u := (float64(p) + x) * width
			age := c * math.Expm1(u)
			sum += rule.W[i] * math.Exp(bought(age)-(m.S+1)*math.Log1p(age/m.Beta)+u)
		}
	}
	return math.Min(1, stay+sum*width*c*m.S/m.Beta)
}

// Residual is DERT in closed form (Fader, Hardie, Lee 2005, "RFM and CLV"; its confluent hypergeometric function of the
// second kind written as a generalised exponential integral): R/A · B e^(δB) E_s(δB).
func (m Pareto) Residual(rate float64) float64 {
	return m.R / m.Alpha * m.Beta * likelihood.ScaledExponentialIntegral(m.S, rate*m.Beta)
}
