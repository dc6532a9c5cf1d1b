package likelihood

import (
	"fmt"
	"math"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

func near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*(1+math.Abs(want))) {
		t.Errorf("%s = %.15g, want %.15g", what, got, want)
	}
}

func TestSpecialFunctions_AbramowitzStegun_DLMF(t *testing.T) {
	near(t, "ψ(1)", Digamma(1), -0.577215664901532860606512, 1e-15)
	near(t, "ψ(1/2)", Digamma(.5), -1.963510026021423479441, 1e-15)
	near(t, "ψ(1e-3)", Digamma(1e-3), -1000.5755719318104, 1e-14)
	near(t, "ψ′(1)", Trigamma(1), math.Pi*math.Pi/6, 1e-15)
	near(t, "ψ′(1/2)", Trigamma(.5), math.Pi*math.Pi/2, 1e-15)
	near(t, "I_.3(2,5)", IncompleteBeta(.3, 2, 5), .579825, 1e-12) // 1 − .7⁶ − 6·.3·.7⁵
	near(t, "I_.9(.5,.5)", IncompleteBeta(.9, .5, .5), 2/math.Pi*math.Asin(math.Sqrt(.9)), 1e-13)
	near(t, "its quantile", BetaQuantile(.579825, 2, 5), .3, 1e-9)
	near(t, "₂F₁(1,1;2;z)", Hypergeometric(1, 2, .99), -math.Log(.01)/.99, 1e-13)
	near(t, "₂F₁(1,1/2;3/2;z²)", Hypergeometric(.5, 1.5, .81), math.Atanh(.9)/.9, 1e-13)
	near(t, "e E₁(1)", ScaledExponentialIntegral(1, 1), math.E*0.219383934395520273677, 1e-14)
	near(t, "e^.01 E₁(.01)", ScaledExponentialIntegral(1, .01), math.Exp(.01)*4.03792957653811, 1e-12)
	near(t, "e^z E₀(z)", ScaledExponentialIntegral(0, 3), 1./3, 1e-14)
	near(t, "e^z E₀(z)", ScaledExponentialIntegral(0, .001), 1000, 1e-10)
	near(t, "ln B(2,3)", LogBeta(2, 3), -math.Log(12), 1e-14)
	near(t, "ln B(1e9,2)", LogBeta(1e9, 2), -math.Log(1e9)-math.Log1p(1e9), 1e-12)
	near(t, "ln Γ(1e12+40)/Γ(1e12)", LogGammaRatio(1e12, 40), 40*math.Log(1e12), 1e-11)
	near(t, "∫ x⁹", integral(Legendre(5), func(x float64) float64 { return math.Pow(x, 9) }), .1, 1e-15)
	near(t, "∫ eˣ", integral(Legendre(16), math.Exp), math.E-1, 1e-15)
}

func integral(r Rule, f func(float64) float64) float64 {
	sum := 0.0
	for i, x := range r.X {
		sum += r.W[i] * f(x)
	}
	return sum
}

func TestProperties_SpecialFunctions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := func(name string, low, high float64) float64 {
			return math.Exp(rapid.Float64Range(low, high).Draw(t, name))
		}
		b, x := p("b", -6, 8), float64(rapid.IntRange(0, 60).Draw(t, "x"))
		direct, first, second := 0.0, 0.0, 0.0
		for i := 0.0; i < x; i++ {
			direct += math.Log(b + i)
			first += 1 / (b + i)
			second -= 1 / ((b + i) * (b + i))
		}
		d1, d2 := DigammaRatio(b, x)
		for _, c := range [][2]float64{{LogGammaRatio(b, x), direct}, {d1, first}, {d2, second}} {
			if math.Abs(c[0]-c[1]) > 1e-9*(1+math.Abs(c[1])) {
				t.Fatalf("b %g x %g: %g, by the sum %g", b, x, c[0], c[1])
			}
		}
		a, z := p("a", -3, 3), rapid.Float64Range(.001, .98).Draw(t, "z")
		sum, term := 0.0, 1.0
		for n := 0.0; n < 5000 && term > 1e-18*sum; n++ {
			sum += term
			term *= (b + n) / (a + b + n) * z
		}
		if h := Hypergeometric(b, a+b, z); math.Abs(h-sum) > 1e-10*sum {
			t.Fatalf("₂F₁(1, %g; %g; %g) = %.15g, by the series %.15g", b, a+b, z, h, sum)
		}
		bb := p("bb", -3, 4)
		if e := ExpectBeta(a, bb, 0, 1, func(q float64) float64 { return q * q }); math.Abs(e-a*(a+1)/((a+bb)*(a+bb+1))) > 1e-10 {
			t.Fatalf("E p² of Beta(%g, %g) = %.15g", a, bb, e)
		}
		if e, want := ExpectGamma(a, bb, func(v float64) float64 { return v / (1 + v*v) * (1 + v*v) }), a/bb; math.Abs(e-want) > 1e-10*want {
			t.Fatalf("E λ of Gamma(%g, %g) = %.15g", a, bb, e)
		}
		if i, j := IncompleteBeta(z, a, bb), IncompleteBeta(1-z, bb, a); math.Abs(i+j-1) > 1e-12 || i < 0 || i > 1 {
			t.Fatalf("I_%g(%g, %g) = %g and %g", z, a, bb, i, j)
		}
	})
}

func TestMaximise_FindsThePeakAndItsCurvature(t *testing.T) {
	// Rosenbrock's valley upside down, in the plane of the logarithms.
	f := func(x, g, h []float64) float64 {
		u := x[1] - x[0]*x[0]
		g[0], g[1] = 400*u*x[0]+2*(1-x[0]), -200*u
		h[0], h[1], h[2], h[3] = 400*u-800*x[0]*x[0]-2, 400*x[0], 400*x[0], -200
		return -100*u*u - (1-x[0])*(1-x[0])
	}
	p := Best([][]float64{{-1.2, 1}, {3, -4}}, f)
	if !p.Converged || p.AtBound[0] || p.AtBound[1] {
		t.Errorf("%+v", p)
	}
	near(t, "x", p.Theta[0], 1, 1e-4)
	near(t, "y", p.Theta[1], 1, 1e-4)
}

func TestMaximise_EndsCleanlyOnARidgeToInfinity(t *testing.T) {
	f := func(x, g, h []float64) float64 { // rises for ever in x, has a peak in y
		e := math.Exp(-x[0])
		g[0], g[1] = e, -2*(x[1]-1)
		h[0], h[1], h[2], h[3] = -e, 0, 0, -2
		return -e - (x[1]-1)*(x[1]-1)
	}
	p := Maximise(f, []float64{0, 0}, 300)
	if !p.Converged || !p.AtBound[0] || p.AtBound[1] {
		t.Errorf("%+v", p)
	}
	near(t, "value", p.Value, 0, 1e-4)
	e := Describe(p, []string{"x", "y"}, []float64{1, 1})
	if !math.IsNaN(e.Parameters[0].StdErr) || math.IsNaN(e.Parameters[1].StdErr) || len(e.Flags) != 0 {
		t.Errorf("%+v", e)
	}
}

func TestInvert_RefusesWhatIsNotPositive(t *testing.T) {
	if _, err := Invert([]float64{1, 2, 2, 1}, 2); err != ErrNotPositive {
		t.Error(err)
	}
	a, err := Invert([]float64{4, 2, 2, 3}, 2)
	if err != nil || fmt.Sprintf("%.4f", a) != "[0.3750 -0.2500 -0.2500 0.5000]" {
		t.Error(a, err)
	}
}

func TestSum_EveryRowOnce(t *testing.T) {
	for _, n := range []int{0, 1, 4095, 4096, 4097, 100_000} {
		var calls atomic.Int64
		s := Sum(n, 2, func(low, high int, total []float64) {
			calls.Add(1)
			for i := low; i < high; i++ {
				total[0]++
				total[1] += float64(i)
			}
		})
		if s[0] != float64(n) || s[1] != float64(n)*float64(n-1)/2 && n > 0 {
			t.Errorf("%d rows: %v in %d chunks", n, s, calls.Load())
		}
	}
}
