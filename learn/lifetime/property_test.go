package lifetime

import (
	"fmt"
	"math"
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

func drawModel(t *rapid.T) Model {
	p := func(name string, low, high float64) float64 {
		return math.Exp(rapid.Float64Range(low, high).Draw(t, name))
	}
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return Pareto{p("r", -2, 2), p("alpha", -1, 4), p("s", -2, 1.5), p("beta", -1, 4)}
	case 1:
		return BetaGeometric{p("r", -2, 2), p("alpha", -1, 4), p("a", -4, 1.5), p("b", -2, 2), rapid.IntRange(2, 4).Draw(t, "k"), rapid.Bool().Draw(t, "zero")}
	case 2:
		return NBD{p("r", -2, 2), p("alpha", -1, 4)}
	}
	return BetaGeometric{p("r", -2, 2), p("alpha", -1, 4), p("a", -4, 1.5), p("b", -2, 2), 1, rapid.Bool().Draw(t, "zero")}
}

func drawTuple(t *rapid.T) Tuple {
	age := rapid.Float64Range(.1, 80).Draw(t, "T")
	x := rapid.IntRange(0, 30).Draw(t, "x")
	c := Tuple{Frequency: float64(x), Age: age, Weight: 1}
	if x > 0 {
		c.Recency = age * rapid.Float64Range(.01, 1).Draw(t, "t.x")
	}
	return c
}

func TestProperties_OfEveryModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, c := drawModel(t), drawTuple(t)
		alive := m.Alive(c)
		if !(alive >= 0 && alive <= 1) {
			t.Fatalf("P(alive) = %g", alive)
		}
		if c.Recency > 0 {
			earlier := c
			earlier.Recency *= .8
			if m.Alive(earlier) > alive+1e-12 {
				t.Fatalf("P(alive) falls from %g to %g with a later last purchase", m.Alive(earlier), alive)
			}
		}
		before := 0.0
		for _, h := range []float64{.5, 3, 20, 100, 1000} {
			e := Expected(m, c, h)
			if !(e >= before*(1-1e-9)) || math.IsInf(e, 0) {
				t.Fatalf("E[Y(%g)] = %g after %g", h, e, before)
			}
			before = e
		}
		near := Expected(m, c, 1e-6) / 1e-6
		if far := (Expected(m, c, 20) - Expected(m, c, 19)); far > near*1.000001 && m.Name()[len(m.Name())-3:] == "NBD" {
			t.Fatalf("a memoryless customer's purchases speed up: %g, %g", near, far)
		}
		// The chances add up to 1, and their mean is the expectation.
		sum, mean := 0.0, 0.0
		h := rapid.Float64Range(.5, 15).Draw(t, "t")
		for n := 0; n < 4000; n++ {
			p := Probability(m, c, n, h)
			if !(p >= 0 && p <= 1+1e-12) {
				t.Fatalf("P(Y(%g) = %d) = %g", h, n, p)
			}
			sum += p
			mean += float64(n) * p
			if sum > 1-1e-13 {
				break
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("%s: the chances add up to %.12g", m.Name(), sum)
		}
		if e := Expected(m, c, h); math.Abs(mean-e) > 1e-7*(1+e) {
			t.Fatalf("%s: mean of the chances %.12g, expectation %.12g", m.Name(), mean, e)
		}
	})
}

func TestProperties_ResidualIsTheDiscountedExpectation(t *testing.T) {
	rule := likelihood.Legendre(16)
	rapid.Check(t, func(t *rapid.T) {
		m, c := drawModel(t), drawTuple(t)
		rate := math.Exp(rapid.Float64Range(-5, 0).Draw(t, "rate"))
		p := m.Ahead(c)
		// ∫ e^(−x) E[Y(x/rate)] dx over panels, by parts.
		want := 0.0
		edges := []float64{0, 1e-4, 1e-3, .01, .05, .2, .6, 1.5, 3, 6, 10, 16, 25, 40}
		for i := 1; i < len(edges); i++ {
			width := edges[i] - edges[i-1]
			for j, u := range rule.X {
				x := edges[i-1] + u*width
				want += width * rule.W[j] * math.Exp(-x) * p.Expected(x/rate)
			}
		}
		if got := p.Residual(rate); math.Abs(got-want) > 1e-6*(1e-6+want) {
			t.Fatalf("%s: residual %.12g, integral %.12g", m.Name(), got, want)
		}
	})
}

func TestProperties_TheUnitOfTimeDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(40, 80).Draw(t, "n")
		rows, scaled := make([]Tuple, n), make([]Tuple, n)
		repeats := 0.0
		unit := math.Exp(rapid.Float64Range(-6, 6).Draw(t, "unit"))
		for i := range rows {
			rows[i] = drawTuple(t)
			rows[i].Frequency = math.Mod(rows[i].Frequency, 5)
			if rows[i].Frequency == 0 {
				rows[i].Recency = 0
			}
			repeats += rows[i].Frequency
			scaled[i] = rows[i]
			scaled[i].Recency *= unit
			scaled[i].Age *= unit
		}
		if repeats == 0 {
			return
		}
		for name, fit := range map[string]func([]Tuple) (Fit, error){
			"Pareto/NBD": FitPareto, "NBD": FitNBD,
			"BG/NBD":  func(c []Tuple) (Fit, error) { return FitBetaGeometric(c, 1, false) },
			"MBG/NBD": func(c []Tuple) (Fit, error) { return FitBetaGeometric(c, 1, true) },
		} {
			a, err := fit(rows)
			if err != nil {
				t.Fatal(err)
			}
			b, err := fit(scaled)
			if err != nil {
				t.Fatal(err)
			}
			if want := a.LogLikelihood - repeats*math.Log(unit); math.Abs(b.LogLikelihood-want) > 1e-4 {
				t.Fatalf("%s: %.9g, in the other unit %.9g", name, want, b.LogLikelihood)
			}
			if x, y := Expected(a.Model, rows[0], 10), Expected(b.Model, scaled[0], 10*unit); math.Abs(x-y) > 1e-2*(x+1e-3) {
				t.Fatalf("%s: expected %g, in the other unit %g", name, x, y)
			}
		}
	})
}

func TestProperties_TheDerivativesAreThose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := make([]Tuple, 12)
		for i := range rows {
			rows[i] = drawTuple(t)
			rows[i].Weight = float64(1 + i%3)
		}
		rows[0] = Tuple{Frequency: 3, Recency: 9, Age: 9, Weight: 1}
		customers, _, time, err := check(rows)
		if err != nil {
			t.Fatal(err)
		}
		d := lay(rows, customers, time)
		k := rapid.IntRange(1, 3).Draw(t, "k")
		theta := make([]float64, 4)
		for i := range theta {
			theta[i] = rapid.Float64Range(-1.5, 1.5).Draw(t, "theta")
		}
		functions := map[string]struct {
			n int
			f likelihood.Function
		}{
			"BG":     {4, d.betaGeometric(k, false)},
			"MBG":    {4, d.betaGeometric(k, true)},
			"Pareto": {4, d.pareto()},
			"NBD":    {2, d.nbd()},
		}
		for name, c := range functions {
			derivatives(t, name, c.f, theta[:c.n])
		}
	})
}

// derivatives compares gradient and Hessian with differences.
func derivatives(t *rapid.T, name string, f likelihood.Function, theta []float64) {
	n := len(theta)
	g, h := make([]float64, n), make([]float64, n*n)
	f(theta, g, h)
	for i := range theta {
		const e = 1e-5
		up, down := append([]float64{}, theta...), append([]float64{}, theta...)
		up[i] += e
		down[i] -= e
		gu, gd, x := make([]float64, n), make([]float64, n), make([]float64, n*n)
		slope := (f(up, gu, x) - f(down, gd, x)) / (2 * e)
		if math.Abs(slope-g[i]) > 1e-5*(1+math.Abs(g[i])) {
			t.Fatalf("%s: gradient[%d] = %.9g, by differences %.9g", name, i, g[i], slope)
		}
		for j := range theta {
			if curve := (gu[j] - gd[j]) / (2 * e); math.Abs(curve-h[i*n+j]) > 1e-5*(1+math.Abs(curve)) {
				t.Fatalf("%s: Hessian[%d,%d] = %.9g, by differences %.9g", name, i, j, h[i*n+j], curve)
			}
		}
	}
}

func TestTheSameOnOneProcessorAndOnMany(t *testing.T) {
	rows := make([]Tuple, 30_000)
	for i := range rows {
		x := float64(i % 7)
		rows[i] = Tuple{Frequency: x, Age: 20 + float64(i%997)/31, Weight: 1}
		if x > 0 {
			rows[i].Recency = rows[i].Age * (float64(1+i%613) / 613)
		}
	}
	run := func() string {
		a, err := FitPareto(rows)
		if err != nil {
			t.Fatal(err)
		}
		b, err := FitBetaGeometric(rows, 1, false)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x %x", values(a.Estimate), values(b.Estimate))
	}
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	one := run()
	runtime.GOMAXPROCS(7)
	if many := run(); one != many {
		t.Errorf("one processor: %s\nmany: %s", one, many)
	}
}
