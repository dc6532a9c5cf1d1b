package lifetime

import (
	"math"
	"math/rand/v2"
	"testing"

	money "github.com/kvadrant/kvadrant/learn/spend"
)

// gamma draws from Gamma(shape, 1) (Marsaglia, Tsang 2000).
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * math.Pow(r.Float64(), 1/shape)
	}
	d := shape - 1./3
	for {
		x := r.NormFloat64()
		v := math.Pow(1+x/math.Sqrt(9*d), 3)
		if v > 0 && math.Log(r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

func beta(r *rand.Rand, a, b float64) float64 {
	x, y := gamma(r, a), gamma(r, b)
	return x / (x + y)
}

// simulate buys from the beta-geometric family: calibration T and purchases in the h after it.
func (m BetaGeometric) simulate(r *rand.Rand, n int, h float64) (rows []Tuple, later []float64, living float64) {
	for range n {
		age := 30 + 30*r.Float64()
		c := Tuple{Age: age, Weight: 1}
		after := 0.0
		rate, p := gamma(r, m.R)/m.Alpha, beta(r, m.A, m.B)
		at, alive := 0.0, !m.DropoutAtZero || r.Float64() >= p
		still := alive
		for alive {
			gap := gamma(r, float64(m.K)) / rate
			if at += gap; at > age+h {
				break
			}
			if alive = r.Float64() >= p; at > age {
				after++
			} else {
				c.Frequency++
				c.Recency = at
				c.LogGaps += math.Log(gap)
				still = alive
			}
		}
		if still {
			living++
		}
		rows, later = append(rows, c), append(later, after)
	}
	return rows, later, living
}

func sums(rows []Tuple, later []float64, m Model, h float64) (alive, expected, actual float64) {
	for i, c := range rows {
		alive += m.Alive(c)
		expected += Expected(m, c, h)
		actual += later[i]
	}
	return alive, expected, actual
}

func TestRecovery_BetaGeometricFamily(t *testing.T) {
	for i, m := range []BetaGeometric{{.6, 6, .8, 2.5, 1, false}, {.9, 8, .6, 1.8, 1, true}, {1.3, 3, .5, .9, 2, true}, {2, 2.5, .7, 2, 3, false}} {
		r := rand.New(rand.NewPCG(11, uint64(i)))
		rows, later, living := m.simulate(r, 40_000, 40)
		f, err := FitBetaGeometric(rows, m.K, m.DropoutAtZero)
		if err != nil {
			t.Fatal(err)
		}
		for j, want := range []float64{m.R, m.Alpha, m.A, m.B} {
			if p := f.Parameters[j]; math.Abs(p.Value-want) > 4.5*p.StdErr {
				t.Errorf("%s: %s = %.4f ± %.4f, simulated with %g", m.Name(), p.Name, p.Value, p.StdErr, want)
			}
		}
		// At the true parameters the sums of P(alive) and of the conditional expectations are those of the simulation.
		alive, expected, actual := sums(rows, later, m, 40)
		if math.Abs(alive-living) > 4.5*math.Sqrt(living) {
			t.Errorf("%s: Σ P(alive) = %.0f, living %.0f", m.Name(), alive, living)
		}
		if math.Abs(expected-actual) > .02*actual {
			t.Errorf("%s: Σ E = %.0f, bought %.0f", m.Name(), expected, actual)
		}
		if best, err := FitRegular(rows, m.DropoutAtZero, 5); err != nil || best.Model.(BetaGeometric).K != m.K {
			t.Errorf("%s: regularity chosen %+v %v", m.Name(), best.Model, err)
		}
	}
}

func TestRecovery_ParetoAndGammaGamma(t *testing.T) {
	m := Pareto{.8, 8, .7, 15}
	r := rand.New(rand.NewPCG(5, 6))
	var rows []Tuple
	var later []float64
	living := 0.0
	for range 40_000 {
		c := Tuple{Age: 30 + 30*r.Float64(), Weight: 1}
		rate, end := gamma(r, m.R)/m.Alpha, r.ExpFloat64()/(gamma(r, m.S)/m.Beta)
		after := 0.0
		for at := r.ExpFloat64() / rate; at < math.Min(end, c.Age+40); at += r.ExpFloat64() / rate {
			if at > c.Age {
				after++
			} else {
				c.Frequency++
				c.Recency = at
			}
		}
		if end > c.Age {
			living++
		}
		rows, later = append(rows, c), append(later, after)
	}
	f, err := FitPareto(rows)
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range []float64{m.R, m.Alpha, m.S, m.Beta} {
		if p := f.Parameters[j]; math.Abs(p.Value-want) > 4.5*p.StdErr {
			t.Errorf("%s = %.4f ± %.4f, simulated with %g", p.Name, p.Value, p.StdErr, want)
		}
	}
	alive, expected, actual := sums(rows, later, m, 40)
	if math.Abs(alive-living) > 4.5*math.Sqrt(living) || math.Abs(expected-actual) > .02*actual {
		t.Errorf("Σ P(alive) = %.0f, living %.0f; Σ E = %.0f, bought %.0f", alive, living, expected, actual)
	}
	g := money.GammaGamma{P: 5, Q: 4, V: 60}
	var spend []money.Customer
	below := 0.0
	for range 40_000 {
		x := 1 + r.IntN(6)
		nu := gamma(r, g.Q) / g.V
		sum := 0.0
		for range x {
			sum += gamma(r, g.P) / nu
		}
		s := money.Customer{Purchases: float64(x), Mean: sum / float64(x), Weight: 1}
		if gamma(r, g.P)/nu < g.Quantile(s.Purchases, s.Mean, .8) {
			below++
		}
		spend = append(spend, s)
	}
	gg, err := money.FitGammaGamma(spend)
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range []float64{g.P, g.Q, g.V} {
		if p := gg.Parameters[j]; math.Abs(p.Value-want) > 4.5*p.StdErr {
			t.Errorf("%s = %.4f ± %.4f, simulated with %g", p.Name, p.Value, p.StdErr, want)
		}
	}
	near(t, "share of next purchases below the 80 % quantile", below/40_000, .8, .01)
}

func TestRecovery_NextPurchaseIntervals(t *testing.T) {
	for i, m := range []BetaGeometric{{.6, 6, .8, 2.5, 1, true}, {1.3, 3, .5, .9, 3, true}} {
		r := rand.New(rand.NewPCG(21, uint64(i)))
		rows, _, _ := m.simulate(r, 5, 1)
		_ = rows
		c := Tuple{Frequency: 4, Recency: 28, Age: 30, Weight: 1}
		n := NextPurchase(m, c, 5, .8)
		if !(n.Low < n.Median && n.Median < n.High && n.Within <= n.Chance && n.Chance <= 1) {
			t.Errorf("%s: %+v", m.Name(), n)
		}
		p := m.Ahead(c)
		for at, want := range map[float64]float64{n.Low: .1, n.Median: .5, n.High: .9} {
			near(t, m.Name()+" share before", 1-p.Probability(0, at), want, 1e-6)
		}
		near(t, m.Name()+" within 5", n.Within, m.Alive(c)*(1-p.Probability(0, 5)), 1e-12)
	}
	p := Pareto{.55, 10.56, .61, 11.64}
	n := NextPurchase(p, Tuple{Frequency: 4, Recency: 28, Age: 30, Weight: 1}, 5, .8)
	if !(n.Low < n.Median && n.Median < n.High && n.Chance < p.Alive(Tuple{Frequency: 4, Recency: 28, Age: 30})) {
		t.Errorf("%+v", n)
	}
	if never := NextPurchase(NBD{1e-12, 1e12}, Tuple{Age: 1, Weight: 1}, 1, .8); math.IsNaN(never.Chance) {
		t.Errorf("%+v", never)
	}
}

func TestChoice_PrefersWhatForetells(t *testing.T) {
	m := BetaGeometric{1.3, 3, .5, .9, 3, true}
	rows, later, _ := m.simulate(rand.New(rand.NewPCG(8, 9)), 4000, 40)
	c := Choose(rows, later, 40, 7)
	if len(c.Candidates) != 5 || !c.Candidates[0].Chosen || !c.Beats {
		t.Fatalf("%+v", c)
	}
	if c.Candidates[0].Name == "NBD" || c.Candidates[len(c.Candidates)-1].Name != "NBD" {
		t.Errorf("a log with drop-out and regular buying is best foretold by %s, worst by %s", c.Candidates[0].Name, c.Candidates[len(c.Candidates)-1].Name)
	}
	all, each, own, err := FitSegments([]Segment{{"large", rows[:3900]}, {"small", rows[3900:]}}, 200, func(t []Tuple) (Fit, error) { return FitBetaGeometric(t, 3, true) })
	if err != nil || !own[0] || own[1] || each[1].LogLikelihood != all.LogLikelihood {
		t.Error(own, err)
	}
}
