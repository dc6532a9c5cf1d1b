package lifetime

import (
	"math"
	"sync"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// Pareto is the Pareto/NBD model: purchases at rate λ ~ Gamma(R, Alpha), leaving at rate μ ~ Gamma(S, Beta), both per unit
// of time and independent (Schmittlein, Morrison, Colombo 1987).
type Pareto struct {
	R, Alpha float64
	S, Beta  float64
}

var _ Model = Pareto{}

// Name is Pareto/NBD.
func (m Pareto) Name() string { return "Pareto/NBD" }

// FitPareto fits the Pareto/NBD model. Errors: nothing to learn from, or a tuple that cannot be.
func FitPareto(tuples []Tuple) (Fit, error) {
	customers, repeats, time, err := check(tuples)
	if err != nil {
		return Fit{}, err
	}
	d := lay(tuples, customers, time)
	rate := repeats / customers
	var starts [][]float64
	for _, s := range [][3]float64{{0.6, 0.6, 0.3}, {1.2, 0.5, 3}, {1, 2, 30}} {
		starts = append(starts, []float64{math.Log(s[0]), math.Log(s[0] / (1.5 * rate)), math.Log(s[1]), math.Log(s[2])})
	}
	p := climb(d, func(c *columns) likelihood.Function { return c.pareto() }, starts)
	p.Value -= repeats * math.Log(d.scale)
	e := likelihood.Describe(p, []string{"r", "alpha", "s", "beta"}, []float64{1, d.scale, 1, d.scale})
	e.Customers, e.Tuples = customers, len(tuples)
	v := values(e)
	m := Pareto{v[0], v[1], v[2], v[3]}
	switch {
	case m.S*math.Log1p(d.scale/m.Beta) < 1e-4:
		e.Parameters[2].StdErr, e.Parameters[3].StdErr = math.NaN(), math.NaN() // only s·ln(1+T/β) = 0 means anything
		e.Add(likelihood.NoDropOut, "The log shows no customer leaving for good: the best fit has no drop-out, so everybody counts as a customer and silence says nothing.")
	case m.S > 1e4:
		e.Add(likelihood.SameDropOut, "The log does not show customers differing in how soon they leave: the best fit gives all the same rate of leaving.")
	}
	if m.R > 1e4 {
		e.Add(likelihood.SameRate, "The log does not show customers differing in how often they buy: the best fit gives all the same rate.")
	}
	return Fit{m, e}, nil
}

// LogLikelihood of the tuples at the model's parameters.
func (m Pareto) LogLikelihood(tuples []Tuple) float64 {
	customers, repeats, time, _ := check(tuples)
	if time == 0 {
		return math.NaN()
	}
	d := lay(tuples, customers, time)
	theta := []float64{math.Log(m.R), math.Log(m.Alpha / d.scale), math.Log(m.S), math.Log(m.Beta / d.scale)}
	return d.pareto()(theta, make([]float64, 4), make([]float64, 16)) - repeats*math.Log(d.scale)
}

// pareto is the log-likelihood in the form without hypergeometric functions (equation 12 of Fader, Hardie 2005, before the
// integral is solved):
//
//	Γ(r+x) αʳ βˢ/Γ(r) [ (α+T)^−(r+x) (β+T)^−s + s ∫_{t.x}^{T} (α+t)^−(r+x) (β+t)^−(s+1) dt ]
//
// The integral is taken by Gauss–Legendre relative to its largest value, so that nothing over- or underflows for any x, and
// the same points give its derivatives: the mean and covariance of the derivatives of the exponent.
func (d *columns) pareto() likelihood.Function {
	rules := rules()
	return func(theta, gradient, hessian []float64) float64 {
		m := Pareto{math.Exp(theta[0]), math.Exp(theta[1]), math.Exp(theta[2]), math.Exp(theta[3])}
		fixed := make([]float64, 15)
		for i, x := range d.counts {
			w := d.weight[i]
			g1, g2 := likelihood.DigammaRatio(m.R, x)
			fixed[0] += w * (likelihood.LogGammaRatio(m.R, x) - x*math.Log(m.Alpha))
			fixed[1] += w * g1
			fixed[2] -= w * x / m.Alpha
			fixed[5] += w * g2
			fixed[9] += w * x / (m.Alpha * m.Alpha)
		}
		sum := likelihood.Sum(d.rows, 15, func(low, high int, s []float64) {
			for i := low; i < high; i++ {
				m.row(&rules, d.counts[d.kind[i]], d.recency[i], d.age[i], d.wgt[i], s)
			}
		})
		for i := range sum {
			sum[i] += fixed[i]
		}
		copy(gradient, sum[1:5])
		likelihood.Mirror(sum[5:], hessian, 4)
		likelihood.FromNatural([]float64{m.R, m.Alpha, m.S, m.Beta}, gradient, hessian)
		return sum[0]
	}
}

// row adds one tuple: value, gradient and upper Hessian by (r, α, s, β).
func (m Pareto) row(rules *[4]likelihood.Rule, x, last, age, w float64, sum []float64) {
	n := m.R + x
	ia, ib := 1/m.Alpha, 1/m.Beta
	a, b := 1/(m.Alpha+age), 1/(m.Beta+age)
	la, lb := math.Log1p(age*ia), math.Log1p(age*ib)
	stay := -n*la - m.S*lb
	// Derivatives of the logarithm of the first term, relative to α^(r+x) βˢ.
	f := [14]float64{-la, n * (ia - a), -lb, m.S * (ib - b),
		0, ia - a, 0, 0, -n * (ia*ia - a*a), 0, 0, 0, ib - b, -m.S * (ib*ib - b*b)}
	if last >= age {
		sum[0] += w * stay
		for i, v := range f {
			sum[i+1] += w * v
		}
		return
	}
	q := m.gone(rules, n, last, age)
	da, db := math.Log1p(last*ia), math.Log1p(last*ib)
	left := math.Log(m.S*q.total) - n*da - m.S*db - math.Log(m.Beta+last)
	k := m.S + 1
	g := [14]float64{-da - q.mean[0], n * (ia - q.mean[2]), 1/m.S - db - q.mean[1], m.S*ib - k*q.mean[3],
		q.cov(0, 0), ia - q.mean[2] + n*q.cov(0, 2), q.cov(0, 1), k * q.cov(0, 3),
		-n*ia*ia + n*q.square(2) + n*n*q.cov(2, 2), n * q.cov(1, 2), n * k * q.cov(2, 3),
		-1/(m.S*m.S) + q.cov(1, 1), ib - q.mean[3] + k*q.cov(1, 3),
		-m.S*ib*ib + k*q.square(3) + k*k*q.cov(3, 3)}
	p, value := 0.0, 0.0
	if z := left - stay; z > 0 {
		t := math.Exp(-z)
		p, value = 1/(1+t), left+math.Log1p(t)
	} else {
		t := math.Exp(z)
		p, value = t/(1+t), stay+math.Log1p(t)
	}
	sum[0] += w * value
	h := 4
	for i := range 4 {
		sum[i+1] += w * (f[i] + p*(g[i]-f[i]))
		for j := i; j < 4; j++ {
			sum[h+1] += w * (f[h] + p*(g[h]-f[h]) + p*(1-p)*(g[i]-f[i])*(g[j]-f[j]))
			h++
		}
	}
}

// rules are the quadrature rules of the integral, the shortest first; computed once, they never change.
var rules = sync.OnceValue(func() [4]likelihood.Rule {
	return [4]likelihood.Rule{likelihood.Legendre(5), likelihood.Legendre(8), likelihood.Legendre(12), likelihood.Legendre(16)}
})

// spread is the integral of exp(−n ln(α+t)/(α+t.x) − (s+1) ln (β+t)/(β+t.x)) over t, and under that density the means and
// second moments of ln((α+t)/(α+t.x)), ln((β+t)/(β+t.x)), 1/(α+t) and 1/(β+t).
type spread struct {
	total float64
	mean  [4]float64
	two   [10]float64
}

// upper is where the pair i ≤ j stands in an upper triangle of 4 × 4.
func upper(i, j int) int { return i*(7-i)/2 + j }

func (s *spread) cov(i, j int) float64 {
	return s.square2(i, j) - s.mean[i]*s.mean[j]
}

func (s *spread) square(i int) float64 { return s.square2(i, i) }

func (s *spread) square2(i, j int) float64 {
	if i > j {
		i, j = j, i
	}
	return s.two[upper(i, j)]
}

// deep is how far the integrand is followed down, in powers of e.
const deep = 45.0

// span is how the integral of a history is cut up: on the scale u = ln((c+t)/(c+t.x)) with the smaller c of α and β, where
// the integrand is smooth and its exponent convex.
type span struct {
	base, ratio       float64 // c+t.x, and its ratio to the larger one + t.x
	power, otherPower float64 // exponents of the two, one less for the base because dt = (c+t) du
	width             float64 // of a panel
	panels            int
	rule              *likelihood.Rule
	swapped           bool // c is β
}

// span cuts [t.x, T]. What lies more than e^−45 below the start is left out; the error of the rules on e^(−depth·v) is below
// 1e-11 of the integral, and the nearest singularity is at ±πi.
func (m Pareto) span(rules *[4]likelihood.Rule, n, last, age float64) span {
	c, o := m.Alpha, m.Beta
	s := span{power: n - 1, otherPower: m.S + 1, swapped: m.Beta < m.Alpha, panels: 1}
	if s.swapped {
		c, o, s.power, s.otherPower = o, c, m.S, n
	}
	s.base, s.ratio = c+last, (c+last)/(o+last)
	end := math.Log1p((age - last) / s.base)
	decay := func(u float64) float64 { return s.power*u + s.otherPower*math.Log1p(s.ratio*(math.Exp(u)-1)) }
	depth := decay(end)
	for range 60 { // Newton from the right on a convex function stays on the right of the root
		if depth <= deep*1.5 {
			break
		}
		e := math.Exp(end)
		end -= (depth - deep) / (s.power + s.otherPower*s.ratio*e/(1+s.ratio*(e-1)))
		depth = decay(end)
	}
	switch steep := math.Abs(depth); {
	case end < 0.3 && steep < 1:
		s.rule = &rules[0]
	case end < 1.2 && steep < 4:
		s.rule = &rules[1]
	case end < 2 && steep < 12:
		s.rule = &rules[2]
	default:
		s.rule = &rules[3]
		s.panels = int(math.Max(end/2.5, steep/20)) + 1
	}
	s.width = end / float64(s.panels)
	return s
}

// gone integrates from the last purchase to the end, with the moments.
func (m Pareto) gone(rules *[4]likelihood.Rule, n, last, age float64) spread {
	cut := m.span(rules, n, last, age)
	var t, a, b, c, d, aa, ab, ac, ad, bb, bc, bd, cc, cd, dd float64
	for p := range cut.panels {
		for i, x := range cut.rule.X {
			u := (float64(p) + x) * cut.width
			grow := math.Exp(u) - 1
			other := math.Log(1 + cut.ratio*grow)
			w := cut.rule.W[i] * math.Exp(-cut.power*u-cut.otherPower*other)
			at := last + cut.base*grow
			v0, v1 := u, other
			if cut.swapped {
				v0, v1 = v1, v0
			}
			v2, v3 := 1/(m.Alpha+at), 1/(m.Beta+at)
			t += w
			w0, w1, w2, w3 := w*v0, w*v1, w*v2, w*v3
			a, b, c, d = a+w0, b+w1, c+w2, d+w3
			aa, ab, ac, ad = aa+w0*v0, ab+w0*v1, ac+w0*v2, ad+w0*v3
			bb, bc, bd = bb+w1*v1, bc+w1*v2, bd+w1*v3
			cc, cd, dd = cc+w2*v2, cd+w2*v3, dd+w3*v3
		}
	}
	i := 1 / t
	return spread{t * cut.width * cut.base, [4]float64{a * i, b * i, c * i, d * i},
		[10]float64{aa * i, ab * i, ac * i, ad * i, bb * i, bc * i, bd * i, cc * i, cd * i, dd * i}}
}

// logGone is ln ∫_{t.x}^{T} (α+t)^−n (β+t)^−(s+1) dt, as the logarithm of the integral relative to its value at t.x and the
// logarithm of that value.
func (m Pareto) logGone(n, last, age float64) (integral, factor float64) {
	r := rules()
	cut := m.span(&r, n, last, age)
	sum := 0.0
	for p := range cut.panels {
		for i, x := range cut.rule.X {
			u := (float64(p) + x) * cut.width
			sum += cut.rule.W[i] * math.Exp(-cut.power*u-cut.otherPower*math.Log(1+cut.ratio*(math.Exp(u)-1)))
		}
	}
	return math.Log(sum * cut.width * cut.base), -n*math.Log(m.Alpha+last) - (m.S+1)*math.Log(m.Beta+last)
}
