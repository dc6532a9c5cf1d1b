package lifetime

import (
	"fmt"
	"math"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// BetaGeometric is the family BG/NBD, MBG/NBD, BG/CNBD-k and MBG/CNBD-k: while a customer is one, the gaps between its
// purchases are Erlang-K with rate λ ~ Gamma(R, Alpha); after a purchase it leaves with chance p ~ Beta(A, B).
type BetaGeometric struct {
	R, Alpha      float64 // shape, and rate in units of time (of the stages, when K > 1)
	A, B          float64 // of the chance of leaving after a purchase; its mean is A/(A+B)
	K             int     // regularity of the gaps: 1 is Poisson
	DropoutAtZero bool    // may leave right after the first purchase: the "modified" models
}

var _ Model = BetaGeometric{}

// Name is BG/NBD, MBG/NBD, BG/CNBD-k or MBG/CNBD-k.
func (m BetaGeometric) Name() string {
	name := "BG/"
	if m.DropoutAtZero {
		name = "MBG/"
	}
	if m.K > 1 {
		return fmt.Sprintf("%sCNBD-%d", name, m.K)
	}
	return name + "NBD"
}

// FitBetaGeometric fits one model of the family; k is the regularity, 1 for the NBD models. For k > 1 the tuples must
// carry LogGaps. Errors: nothing to learn from, or a tuple that cannot be.
func FitBetaGeometric(tuples []Tuple, k int, dropoutAtZero bool) (Fit, error) {
	if k < 1 {
		return Fit{}, fmt.Errorf("the regularity k is %d; it must be at least 1", k)
	}
	customers, repeats, time, err := check(tuples)
	if err != nil {
		return Fit{}, err
	}
	d := lay(tuples, customers, time)
	rate := float64(k) * repeats / customers // stages per customer and mean age
	var starts [][]float64
	for _, s := range [][3]float64{{0.4, 0.8, 2}, {1.2, 1, 3}, {1, 0.1, 4}} {
		starts = append(starts, []float64{math.Log(s[0]), math.Log(s[0] / (2 * rate)), math.Log(s[1]), math.Log(s[2])})
	}
	p := climb(d, func(c *columns) likelihood.Function { return c.betaGeometric(k, dropoutAtZero) }, starts)
	p.Value += d.constant(k, repeats)
	e := likelihood.Describe(p, []string{"r", "alpha", "a", "b"}, []float64{1, d.scale, 1, 1})
	e.Customers, e.Tuples = customers, len(tuples)
	v := values(e)
	m := BetaGeometric{v[0], v[1], v[2], v[3], k, dropoutAtZero}
	m.flag(&e)
	return Fit{m, e}, nil
}

// flag says in plain words where the best fit is at the edge of what the model can be.
func (m BetaGeometric) flag(e *likelihood.Estimate) {
	switch {
	case m.A/(m.A+m.B) < 1e-4:
		e.Parameters[2].StdErr, e.Parameters[3].StdErr = math.NaN(), math.NaN() // only a/(a+b) = 0 means anything
		e.Add(likelihood.NoDropOut, "The log shows no customer leaving for good: the best fit has no drop-out, so everybody counts as a customer and silence says nothing.")
	case m.A+m.B > 1e4:
		e.Add(likelihood.SameDropOut, "The log does not show customers differing in their chance of leaving: the best fit gives all the same.")
	}
	if m.R > 1e4 {
		e.Add(likelihood.SameRate, "The log does not show customers differing in how often they buy: the best fit gives all the same rate.")
	}
}

// LogLikelihood of the tuples at the model's parameters.
func (m BetaGeometric) LogLikelihood(tuples []Tuple) float64 {
	customers, repeats, time, err := check(tuples)
	if err != nil && time == 0 {
		return math.NaN()
	}
	d := lay(tuples, customers, time)
	theta := []float64{math.Log(m.R), math.Log(m.Alpha / d.scale), math.Log(m.A), math.Log(m.B)}
	v := d.betaGeometric(m.K, m.DropoutAtZero)(theta, make([]float64, 4), make([]float64, 16))
	return v + d.constant(m.K, repeats)
}

// constant is the part of the log-likelihood that no parameter changes: the densities of the gaps, and the unit of time.
func (d *columns) constant(k int, repeats float64) float64 {
	unit := math.Log(d.scale)
	return float64(k-1)*(d.gaps+repeats*unit) - repeats*(likelihood.LogGamma(float64(k))+float64(k)*unit)
}

// perCount is what the likelihood needs of one distinct x.
type perCount struct {
	m     float64 // r + k·x, shape of the rate after x purchases
	odds  float64 // ln of a/(b+x−1) or a/(b+x): left after the last purchase, against stayed
	inv   float64 // 1/(b+x−1) or 1/(b+x)
	stays bool    // cannot have left: x = 0 in the models without drop-out at zero
}

// betaGeometric is the log-likelihood without the terms that do not depend on the parameters (equation 6 of Fader, Hardie,
// Lee 2005; equation 3 of Batislam et al. 2007; appendix of Platzer, Reutterer 2016):
//
//	ln B(a, b+x+d)/B(a, b) + ln Γ(r+kx)/Γ(r) + r ln α − (r+kx) ln(α+T) + ln(S + ρ)
//	S = Σ_{j<k} (r+kx)ⱼ/j! ((T−t.x)/(α+T))ʲ    ρ = a/(b+x−1+d) ((α+T)/(α+t.x))^(r+kx)
//
// with d = 1 for drop-out at zero.
func (d *columns) betaGeometric(k int, atZero bool) likelihood.Function {
	kf, extra := float64(k), 0.0
	if atZero {
		extra = 1
	}
	return func(theta, gradient, hessian []float64) float64 {
		r, alpha, a, b := math.Exp(theta[0]), math.Exp(theta[1]), math.Exp(theta[2]), math.Exp(theta[3])
		table := make([]perCount, len(d.counts))
		fixed := make([]float64, 15)
		for i, x := range d.counts {
			t := perCount{m: r + kf*x, stays: x == 0 && !atZero}
			if !t.stays {
				t.odds, t.inv = math.Log(a/(b+x-1+extra)), 1/(b+x-1+extra)
			}
			table[i] = t
			countTerms(fixed, d.weight[i], r, alpha, a, b, kf*x, x+extra)
		}
		sum := likelihood.Sum(d.rows, 15, func(low, high int, s []float64) {
			d.betaGeometricRows(table, k, r, alpha, a, low, high, s)
		})
		for i := range sum {
			sum[i] += fixed[i]
		}
		copy(gradient, sum[1:5])
		likelihood.Mirror(sum[5:], hessian, 4)
		likelihood.FromNatural([]float64{r, alpha, a, b}, gradient, hessian)
		return sum[0]
	}
}

// countTerms adds the terms that depend on x alone: stages = k·x, stayed = purchases after which the customer stayed.
func countTerms(s []float64, w, r, alpha, a, b, stages, stayed float64) {
	g1, g2 := likelihood.DigammaRatio(r, stages)
	b1, b2 := likelihood.DigammaRatio(b, stayed)
	c1, c2 := likelihood.DigammaRatio(a+b, stayed)
	s[0] += w * (likelihood.LogGammaRatio(r, stages) - stages*math.Log(alpha) +
		likelihood.LogGammaRatio(b, stayed) - likelihood.LogGammaRatio(a+b, stayed))
	s[1] += w * g1
	s[2] -= w * stages / alpha
	s[3] -= w * c1
	s[4] += w * (b1 - c1)
	s[5] += w * g2
	s[9] += w * stages / (alpha * alpha)
	s[12] -= w * c2
	s[13] -= w * c2
	s[14] += w * (b2 - c2)
}

// betaGeometricRows adds value, gradient and upper Hessian by (r, α, a, b) of the rows. Logarithms are relative to α
// (r ln α − m ln(α+T) = −m ln(1+T/α) − kx ln α), which keeps the digits when α is large.
func (d *columns) betaGeometricRows(table []perCount, k int, r, alpha, a float64, low, high int, s []float64) {
	ia := 1 / alpha
	var v, g0, g1, g2, g3, h0, h1, h2, h3, h4, h5, h6, h7, h8, h9 float64
	for i := low; i < high; i++ {
		c, w := &table[d.kind[i]], d.wgt[i]
		age := d.age[i]
		inv := 1 / (alpha + age)
		la := math.Log1p(age * ia)
		dm := age * inv * ia // 1/α − 1/(α+T)
		v -= w * c.m * la
		g0 -= w * la
		g1 += w * c.m * dm
		h1 += w * dm
		h4 -= w * c.m * dm * (ia + inv)
		var f stageSum
		if k > 1 {
			f = stages(c.m, age-d.recency[i], inv, k)
			v += w * f.log
		}
		if c.stays {
			if k > 1 {
				g0, g1 = g0+w*f.r, g1+w*f.a
				h0, h1, h4 = h0+w*f.rr, h1+w*f.ra, h4+w*f.aa
			}
			continue
		}
		last := d.recency[i]
		invLast := 1 / (alpha + last)
		e0 := math.Log((alpha + age) * invLast)
		step := inv - invLast
		e1 := c.m * step
		z := c.odds + c.m*e0 - f.log
		q := 1.0
		if z > 0 {
			t := math.Exp(-z)
			q = 1 / (1 + t)
			v += w * (z + math.Log1p(t))
		} else {
			t := math.Exp(z)
			q = t / (1 + t)
			v += w * math.Log1p(t)
		}
		wq, wp := w*q, w*(1-q)
		wpq := wq * (1 - q)
		e2, e3 := 1/a, -c.inv
		e0d, e1d := e0-f.r, e1-f.a
		g0 += wq*e0 + wp*f.r
		g1 += wq*e1 + wp*f.a
		g2 += wq * e2
		g3 += wq * e3
		h0 += wpq*e0d*e0d + wp*f.rr
		h1 += wpq*e0d*e1d + wq*step + wp*f.ra
		h2 += wpq * e0d * e2
		h3 += wpq * e0d * e3
		h4 += wpq*e1d*e1d - wq*e1*(inv+invLast) + wp*f.aa
		h5 += wpq * e1d * e2
		h6 += wpq * e1d * e3
		h7 += wpq*e2*e2 - wq*e2*e2
		h8 += wpq * e2 * e3
		h9 += wpq*e3*e3 + wq*e3*e3
	}
	for i, t := range [15]float64{v, g0, g1, g2, g3, h0, h1, h2, h3, h4, h5, h6, h7, h8, h9} {
		s[i] += t
	}
}

// stageSum is ln Σ_{j<k} (m)ⱼ/j! uʲ with u = (T−t.x)/(α+T), and its derivatives by r (that is, by m) and α.
type stageSum struct{ log, r, a, rr, ra, aa float64 }

func stages(m, silent, inv float64, k int) stageSum {
	u := silent * inv
	term, harmonic, squares := 1.0, 0.0, 0.0
	s, sr, sa, srr, sra, saa := 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
	for j := 1; j < k; j++ {
		i := m + float64(j-1)
		term *= i / float64(j) * u
		harmonic += 1 / i
		squares += 1 / (i * i)
		down := -float64(j) * inv
		s += term
		sr += term * harmonic
		sa += term * down
		srr += term * (harmonic*harmonic - squares)
		sra += term * harmonic * down
		saa += term * float64(j) * float64(j+1) * inv * inv
	}
	r, a := sr/s, sa/s
	return stageSum{math.Log(s), r, a, srr/s - r*r, sra/s - r*a, saa/s - a*a}
}
