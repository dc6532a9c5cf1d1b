package spend

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// The golden figures of A.1 and A.2 for this model stand with their log in learn/lifetime's tests.

func TestHostile_GammaGamma(t *testing.T) {
	if _, err := FitGammaGamma([]Customer{{0, 0, 5}, {3, -2, 1}, {2, 0, 1}}); !errors.Is(err, ErrNoRepeats) {
		t.Error(err)
	}
	if _, err := FitGammaGamma([]Customer{{2, math.NaN(), 1}}); err == nil {
		t.Error("a mean that is not a number is taken")
	}
	for name, rows := range map[string][]Customer{
		"one customer": {{3, 20, 1}},
		"all alike":    {{1, 10, 100}, {2, 10, 100}},
		"huge":         {{1, 1e12, 10}, {2, 3e12, 10}, {9, 1e9, 5}},
		"tiny":         {{1, 1e-9, 10}, {2, 3e-9, 10}, {9, 2e-9, 5}},
		"a whale":      {{1, 10, 1000}, {2, 12, 500}, {1e6, 1e7, 1}},
	} {
		f, err := FitGammaGamma(rows)
		if err != nil || math.IsNaN(f.LogLikelihood) || math.IsInf(f.LogLikelihood, 0) || f.Has(likelihood.NotConverged) {
			t.Errorf("%s: %+v %v", name, f, err)
		}
	}
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := func(name string, low, high float64) float64 {
			return math.Exp(rapid.Float64Range(low, high).Draw(t, name))
		}
		m := GammaGamma{p("p", -1, 3), 1 + p("q", -2, 3), p("v", -3, 6)}
		x, own := float64(rapid.IntRange(1, 50).Draw(t, "x")), p("mean", -3, 8)
		all, mean := m.Population(), m.Mean(x, own)
		if low, high := math.Min(all, own), math.Max(all, own); mean < low*(1-1e-12) || mean > high*(1+1e-12) {
			t.Fatalf("%g is not between the customer's mean %g and that of all %g", mean, own, all)
		}
		if closer := m.Mean(x+1, own); math.Abs(closer-own) > math.Abs(mean-own)*(1+1e-9)+1e-12*own {
			t.Fatal("more purchases count less")
		}
		unit := p("unit", -5, 5)
		scaled := GammaGamma{m.P, m.Q, m.V * unit}
		if s := scaled.Mean(x, own*unit); math.Abs(s-unit*mean) > 1e-9*s {
			t.Fatalf("the unit of money matters: %g, %g", s, unit*mean)
		}
		a, b, c := m.Quantile(x, own, .1), m.Quantile(x, own, .5), m.Quantile(x, own, .9)
		if !(a < b && b < c) {
			t.Fatalf("quantiles %g %g %g", a, b, c)
		}
		if s := scaled.Quantile(x, own*unit, .9); math.Abs(s-unit*c) > 1e-9*s {
			t.Fatalf("the unit of money matters to the interval: %g, %g", s, unit*c)
		}
		if more := m.Quantile(x, 2*own, .9); more <= c {
			t.Fatalf("who spends more is expected to spend less: %g, %g", more, c)
		}
	})
}

func TestDerivatives(t *testing.T) {
	var d spending
	d.fill([]Customer{{1, 30, 1}, {2, 10, 2}, {7, 55, 1}, {300, 20, 1}}, 25)
	f := d.likelihood()
	theta := []float64{.8, .5, -.3}
	g, h := make([]float64, 3), make([]float64, 9)
	f(theta, g, h)
	for i := range theta {
		const e = 1e-5
		up, down := append([]float64{}, theta...), append([]float64{}, theta...)
		up[i] += e
		down[i] -= e
		gu, gd, x := make([]float64, 3), make([]float64, 3), make([]float64, 9)
		if slope := (f(up, gu, x) - f(down, gd, x)) / (2 * e); math.Abs(slope-g[i]) > 1e-5*(1+math.Abs(slope)) {
			t.Errorf("gradient[%d] = %g, by differences %g", i, g[i], slope)
		}
		for j := range theta {
			if curve := (gu[j] - gd[j]) / (2 * e); math.Abs(curve-h[i*3+j]) > 1e-5*(1+math.Abs(curve)) {
				t.Errorf("Hessian[%d,%d] = %g, by differences %g", i, j, h[i*3+j], curve)
			}
		}
	}
}

// TestQuantilesCoverTheNextPurchase: of simulated customers, whose next purchase is known, eight of ten fall into the interval
// of 80 %, whatever they have bought so far.
func TestQuantilesCoverTheNextPurchase(t *testing.T) {
	const customers = 20_000
	m := GammaGamma{3, 4, 20}
	r := rand.New(rand.NewPCG(11, 5))
	gamma := func(shape float64) float64 { // Marsaglia, Tsang 2000, for a shape of at least 1
		d := shape - 1./3
		for {
			x := r.NormFloat64()
			v := math.Pow(1+x/math.Sqrt(9*d), 3)
			if v > 0 && math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
				return d * v
			}
		}
	}
	for _, x := range []int{0, 1, 5, 40} {
		inside, below := 0.0, 0.0
		low, high := m.Factor(float64(x), .1), m.Factor(float64(x), .9)
		for range customers {
			rate, total := gamma(m.Q)/m.V, 0.0
			for range x {
				total += gamma(m.P) / rate
			}
			switch next := gamma(m.P) / rate; {
			case next < (m.V+total)*low:
				below++
			case next <= (m.V+total)*high:
				inside++
			}
		}
		if math.Abs(inside/customers-.8) > .012 || math.Abs(below/customers-.1) > .009 { // four standard errors
			t.Errorf("after %d purchases %.3f fell into the interval of 80 %%, %.3f below it", x, inside/customers, below/customers)
		}
	}
}
