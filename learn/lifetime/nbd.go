package lifetime

import (
	"math"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// NBD is the model in which nobody leaves: purchases at rate λ ~ Gamma(R, Alpha) (Ehrenberg 1959). It is the yardstick that
// a model with drop-out has to beat.
type NBD struct{ R, Alpha float64 }

var _ Model = NBD{}

// Name is NBD.
func (m NBD) Name() string { return "NBD" }

// FitNBD fits the NBD model. Errors: nothing to learn from, or a tuple that cannot be.
func FitNBD(tuples []Tuple) (Fit, error) {
	customers, repeats, time, err := check(tuples)
	if err != nil {
		return Fit{}, err
	}
	d := lay(tuples, customers, time)
	start := []float64{0, -math.Log(repeats / customers)}
	p := climb(d, func(c *columns) likelihood.Function { return c.nbd() }, [][]float64{start})
	p.Value -= repeats * math.Log(d.scale)
	e := likelihood.Describe(p, []string{"r", "alpha"}, []float64{1, d.scale})
	e.Customers, e.Tuples = customers, len(tuples)
	v := values(e)
	if v[0] > 1e4 {
		e.Add(likelihood.SameRate, "The log does not show customers differing in how often they buy: the best fit gives all the same rate.")
	}
	return Fit{NBD{v[0], v[1]}, e}, nil
}

// LogLikelihood of the tuples at the model's parameters (of the times of the purchases, as the other models).
func (m NBD) LogLikelihood(tuples []Tuple) float64 {
	customers, repeats, time, _ := check(tuples)
	if time == 0 {
		return math.NaN()
	}
	d := lay(tuples, customers, time)
	theta := []float64{math.Log(m.R), math.Log(m.Alpha / d.scale)}
	return d.nbd()(theta, make([]float64, 2), make([]float64, 4)) - repeats*math.Log(d.scale)
}

// nbd is Σ ln Γ(r+x)/Γ(r) + r ln α − (r+x) ln(α+T).
func (d *columns) nbd() likelihood.Function {
	return func(theta, gradient, hessian []float64) float64 {
		r, alpha := math.Exp(theta[0]), math.Exp(theta[1])
		ia := 1 / alpha
		fixed := make([]float64, 6)
		for i, x := range d.counts {
			w := d.weight[i]
			g1, g2 := likelihood.DigammaRatio(r, x)
			fixed[0] += w * (likelihood.LogGammaRatio(r, x) - x*math.Log(alpha))
			fixed[1] += w * g1
			fixed[2] -= w * x * ia
			fixed[3] += w * g2
			fixed[5] += w * x * ia * ia
		}
		sum := likelihood.Sum(d.rows, 6, func(low, high int, s []float64) {
			for i := low; i < high; i++ {
				w, n := d.wgt[i], r+d.counts[d.kind[i]]
				a := 1 / (alpha + d.age[i])
				la, da := math.Log1p(d.age[i]*ia), d.age[i]*a*ia
				s[0] -= w * n * la
				s[1] -= w * la
				s[2] += w * n * da
				s[4] += w * da
				s[5] -= w * n * da * (ia + a)
			}
		})
		for i := range sum {
			sum[i] += fixed[i]
		}
		copy(gradient, sum[1:3])
		likelihood.Mirror(sum[3:], hessian, 2)
		likelihood.FromNatural([]float64{r, alpha}, gradient, hessian)
		return sum[0]
	}
}

// Alive is always 1.
func (m NBD) Alive(Tuple) float64 { return 1 }

// Ahead is an NBD again, with the gamma updated by Bayes' rule.
func (m NBD) Ahead(c Tuple) Process { return NBD{m.R + c.Frequency, m.Alpha + c.Age} }

// Expected is r t/α.
func (m NBD) Expected(t float64) float64 { return m.R * math.Max(0, t) / m.Alpha }

// Probability is the negative binomial P(X(t) = n).
func (m NBD) Probability(n int, t float64) float64 {
	if n < 0 {
		return 0
	}
	if t <= 0 {
		t = 0
	}
	count := float64(n)
	v := likelihood.LogGammaRatio(m.R, count) - likelihood.LogGamma(count+1) - m.R*math.Log1p(t/m.Alpha)
	if n > 0 {
		v -= count * math.Log1p(m.Alpha/t)
	}
	return math.Exp(v)
}

// Residual is r/(α δ): a perpetuity.
func (m NBD) Residual(rate float64) float64 { return m.R / m.Alpha / rate }
