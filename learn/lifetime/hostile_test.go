package lifetime

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

func everyFit() map[string]func([]Tuple) (Fit, error) {
	return map[string]func([]Tuple) (Fit, error){
		"NBD": FitNBD, "Pareto/NBD": FitPareto,
		"BG/NBD":     func(c []Tuple) (Fit, error) { return FitBetaGeometric(c, 1, false) },
		"MBG/NBD":    func(c []Tuple) (Fit, error) { return FitBetaGeometric(c, 1, true) },
		"MBG/CNBD-3": func(c []Tuple) (Fit, error) { return FitBetaGeometric(c, 3, true) },
	}
}

func TestHostile_NothingToLearn(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		rows []Tuple
		want error
	}{
		"nobody":              {nil, ErrNoCustomers},
		"one purchase":        {[]Tuple{{Age: 10, Weight: 1}}, ErrNoRepeats},
		"all one purchase":    {[]Tuple{{Age: 10, Weight: 900}, {Age: 20, Weight: 100}}, ErrNoRepeats},
		"all on the last day": {[]Tuple{{Weight: 500}}, ErrNoTime},
		"no number":           {[]Tuple{{Frequency: nan, Age: 10, Weight: 1}}, nil},
		"out of order":        {[]Tuple{{Frequency: 1, Recency: 11, Age: 10, Weight: 1}}, nil},
		"no weight":           {[]Tuple{{Frequency: 1, Recency: 1, Age: 10}}, nil},
		"recency of nothing":  {[]Tuple{{Recency: 1, Age: 10, Weight: 1}}, nil},
		"for ever":            {[]Tuple{{Frequency: 1, Recency: 1, Age: math.Inf(1), Weight: 1}}, nil},
	} {
		for model, fit := range everyFit() {
			if _, err := fit(c.rows); err == nil || (c.want != nil && !errors.Is(err, c.want)) {
				t.Errorf("%s, %s: %v", model, name, err)
			}
		}
	}
}

func TestHostile_FitsEndWithFiniteNumbers(t *testing.T) {
	for name, rows := range map[string][]Tuple{
		"one customer":           {{Frequency: 3, Recency: 8, Age: 10, Weight: 1}},
		"one customer, one gap":  {{Frequency: 1, Recency: 1, Age: 1, Weight: 1}},
		"all alike":              {{Frequency: 5, Recency: 9, Age: 10, Weight: 1e6}},
		"a million purchases":    {{Frequency: 1e6, Recency: 999, Age: 1000, Weight: 1}, {Frequency: 1, Recency: 5, Age: 900, Weight: 50}, {Age: 800, Weight: 100}},
		"seconds":                {{Frequency: 2, Recency: 3e7, Age: 6e7, Weight: 10}, {Age: 5e7, Weight: 30}, {Frequency: 9, Recency: 5e7, Age: 5.5e7, Weight: 3}},
		"centuries":              {{Frequency: 2, Recency: 3e-4, Age: 6e-4, Weight: 10}, {Age: 5e-4, Weight: 30}, {Frequency: 9, Recency: 5e-4, Age: 5.5e-4, Weight: 3}},
		"bought till the last":   {{Frequency: 4, Recency: 10, Age: 10, Weight: 5}, {Frequency: 7, Recency: 20, Age: 20, Weight: 5}},
		"silent after one":       {{Frequency: 1, Recency: .001, Age: 1000, Weight: 100}},
		"all first on the end":   {{Weight: 1000}, {Frequency: 1, Recency: 1, Age: 1, Weight: 1}},
		"one repeats of a crowd": {{Age: 50, Weight: 1e6}, {Frequency: 1, Recency: 20, Age: 50, Weight: 1}},
	} {
		for model, fit := range everyFit() {
			f, err := fit(rows)
			if err != nil {
				t.Errorf("%s, %s: %v", model, name, err)
				continue
			}
			if math.IsNaN(f.LogLikelihood) || math.IsInf(f.LogLikelihood, 0) {
				t.Errorf("%s, %s: log-likelihood %g", model, name, f.LogLikelihood)
			}
			for _, p := range f.Parameters {
				if !(p.Value > 0) || math.IsInf(p.Value, 0) {
					t.Errorf("%s, %s: %s = %g", model, name, p.Name, p.Value)
				}
			}
			if f.Has(likelihood.NotConverged) {
				t.Errorf("%s, %s: not converged after %d steps: %v", model, name, f.Iterations, f.Parameters)
			}
			for _, c := range rows {
				a := Score(f.Model, []Tuple{c}, Question{Horizons: []float64{10}, Rate: .01, Level: .8, Within: 5})[0]
				if bad := a.Alive + a.Expected[0] + a.Residual + a.Next.Within; math.IsNaN(bad) || math.IsInf(bad, 0) {
					t.Errorf("%s, %s: %+v for %+v", model, name, a, c)
				}
			}
		}
	}
}

// A log without drop-out: everybody buys to the end at a rate of their own, a strong season besides.
func TestDegenerate_NoDropOut_IsSaidAndTheLikelihoodIsThatOfTheNBD(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var rows []Tuple
	for range 3000 {
		c := Tuple{Age: 60, Weight: 1}
		rate := gamma(r, 4) / 20
		for at := r.ExpFloat64() / rate; at < 60; at += r.ExpFloat64() / rate {
			c.Frequency++
			c.Recency = at
		}
		rows = append(rows, c)
	}
	nbd, err := FitNBD(rows)
	if err != nil {
		t.Fatal(err)
	}
	for name, fit := range everyFit() {
		if name == "NBD" || name == "MBG/CNBD-3" {
			continue
		}
		f, err := fit(rows)
		if err != nil {
			t.Fatal(err)
		}
		if f.LogLikelihood < nbd.LogLikelihood-1e-3 {
			t.Errorf("%s: log-likelihood %.6f below that of the NBD, %.6f", name, f.LogLikelihood, nbd.LogLikelihood)
		}
		if f.Has(likelihood.NotConverged) {
			t.Errorf("%s: not converged", name)
		}
		if f.LogLikelihood < nbd.LogLikelihood+1e-3 && !(f.Has(likelihood.NoDropOut) && f.Statement != "") {
			t.Errorf("%s has the NBD's likelihood and no flag: %+v", name, f)
		}
		t.Log(name, f.LogLikelihood-nbd.LogLikelihood, f.Flags, f.Parameters)
	}
}

func TestA2_Stability_Lifetimes_CLVTools(t *testing.T) {
	h := func(x, tx, age float64) Tuple { return Tuple{Frequency: x, Recency: tx, Age: age, Weight: 1} }
	bg := BetaGeometric{.243, 4.414, .793, 2.426, 1, false}
	near(t, "lifetimes: frequency 1000, recency 10, T 100", bg.Alive(h(1000, 10, 100)), 0, 0)
	p := Pareto{.5143, 2.8845, .2856, 14.1087}
	for _, c := range []Tuple{h(221, 103.42857, 103.57143), h(254, 97.14286, 97.28571), h(161, 94.71429, 98), h(204, 98.57143, 99.42857)} {
		for _, v := range []float64{p.LogLikelihood([]Tuple{c}), p.Alive(c), Expected(p, c, 52), Residual(p, c, .001), Probability(p, c, 30, 52)} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("CLVTools: %g for %+v", v, c)
			}
		}
	}
	q := Pareto{10.465, .00798565, 3.0516, 2.82}
	for _, c := range []Tuple{h(400, 5, 6), h(500, 1, 37), h(500, 4, 37)} {
		integral, factor := q.logGone(q.R+c.Frequency, c.Recency, c.Age)
		a0 := math.Log(q.R+q.S+c.Frequency) + integral + factor // ln A₀ = ln((r+s+x)·∫)
		if !(a0 < 0) || math.IsInf(a0, 0) {
			t.Errorf("lifetimes: ln A0 = %g for %+v", a0, c)
		}
	}
}

// lifetimes' test fits the model to the CDNOW sample first, and prints no parameters: ours are those of the same file.
func TestA2_Stability_Lifetimes_NoJumpAtHighFrequency(t *testing.T) {
	c, _ := csvWeeks(t)
	f, err := FitPareto(c)
	if err != nil {
		t.Fatal(err)
	}
	for x, w := range map[float64]float64{132: 6.20605179, 133: 6.25287225} {
		got := Expected(f.Model, Tuple{Frequency: x, Recency: 200, Age: 200, Weight: 1}, 10)
		rel(t, fmt.Sprintf("E[Y(10)|%g,200,200]", x), got, w, 2e-3)
	}
}

func TestHostile_Predictions(t *testing.T) {
	for _, m := range []Model{
		BetaGeometric{.243, 4.414, .793, 2.426, 1, false}, BetaGeometric{.243, 4.414, 1, 2.426, 1, false}, BetaGeometric{.5, 4, .3, .7, 1, false},
		BetaGeometric{1e-6, 1e-6, 1e-6, 1e-6, 1, false}, BetaGeometric{1e6, 1e6, 1e6, 1e6, 1, true}, BetaGeometric{800, 900, .4, .6, 1, false},
		BetaGeometric{1.3, 2.8, .42, .79, 2, true}, BetaGeometric{50, 30, 1, 1, 12, false}, BetaGeometric{2, 3, 1e-7, 1e6, 1, false},
		Pareto{.55, 10.56, .61, 11.64}, Pareto{.55, 10.56, 1, 11.64}, Pareto{1e-6, 1e6, 1e-6, 1e-6}, Pareto{1e6, 1e6, 1e6, 1e6}, Pareto{2, 1e-6, 2, 1e6},
	} {
		for _, x := range []float64{0, 1, 30, 1000, 1e6} {
			for _, last := range []float64{1e-9, .5, 1} {
				c := Tuple{Frequency: x, Recency: 40 * last, Age: 40, Weight: 1}
				if x == 0 {
					c.Recency = 0
				}
				alive := m.Alive(c)
				if !(alive >= 0 && alive <= 1) {
					t.Fatalf("%+v %+v: P(alive) = %g", m, c, alive)
				}
				before := 0.0
				for _, h := range []float64{1e-9, 1, 52, 1e4, 1e7} {
					e := m.Ahead(c).Expected(h)
					if !(e >= before*(1-1e-6)-1e-12) || math.IsInf(e, 0) {
						t.Fatalf("%+v %+v: E(%g) = %g after %g", m, c, h, e, before)
					}
					before = e
				}
			}
		}
	}
}
