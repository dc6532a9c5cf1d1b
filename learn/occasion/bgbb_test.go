package occasion

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/likelihood"
)

func near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.10g, want %.10g ± %g (off by %.3g)", what, got, want, tolerance, got-want)
	}
}

// rel compares to a relative tolerance.
func rel(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	near(t, what, got, want, tolerance*math.Abs(want))
}

func TestA5_BGBB_Donations_FaderHardieShang2010(t *testing.T) {
	var rows []History
	customers := 0.0
	for _, r := range testkit.PublishedNumbers(t, "cdnow/donations.csv") {
		rows = append(rows, History{r[0], r[1], r[2], r[3]})
		customers += r[3]
	}
	near(t, "donors", customers, 11104, 0)
	f, err := FitBGBB(rows)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log-likelihood", f.LogLikelihood, -33225.58127, 2e-5)
	for i, w := range []float64{1.203507, .7497667, .6567568, 2.783887} {
		rel(t, f.Parameters[i].Name, f.Parameters[i].Value, w, 1e-3)
	}
	printed := BGBB{1.204, .750, .657, 2.783}
	near(t, "log-likelihood at the printed parameters", printed.LogLikelihood(rows), -33225.58175, 1e-4)
	m := f.Model
	sum := 0.0
	for _, c := range rows {
		sum += c.Weight * m.Expected(c, 5)
	}
	near(t, "sum of the next five", sum, 12884.2, .2)
	near(t, "donors with none of six", customers*m.Probability(0, 6), 3454.9, .2)
	near(t, "donors with six of six", customers*m.Probability(6, 6), 1253.1, .2)
	h := func(x, tx float64) History { return History{x, tx, 6, 1} }
	near(t, "P(alive|0,0)", m.Alive(h(0, 0)), .108, 5e-4)
	near(t, "P(alive|2,4)", m.Alive(h(2, 4)), .590, 5e-4)
	near(t, "P(alive|6,6)", m.Alive(h(6, 6)), .930, 5e-4)
	near(t, "E[X(10)] of the walkthrough", m.New(10), 3.179805, 2e-4)
	near(t, "A (0,0), next 10", m.Expected(h(0, 0), 10), .1302169, 2e-5)
	near(t, "B (4,5), next 10", m.Expected(h(4, 5), 10), 3.627858, 2e-4)
}

func TestA5_BGBB_Excel_AndBTYD243(t *testing.T) {
	m := BGBB{1.204, .750, .657, 2.783}                    // printed; the rows are those of the Excel's own optimum
	best := BGBB{1.2035224, .7497164, .6567182, 2.7834420} // lifetimes' fit
	for _, r := range [][3]float64{
		{6, 6, -2.18167}, {5, 6, -4.29485}, {4, 6, -5.38473}, {3, 6, -5.80916}, {2, 6, -5.65173}, {1, 6, -4.88370},
		{5, 5, -3.71682}, {4, 5, -5.09558}, {3, 5, -5.61577}, {2, 5, -5.50637}, {1, 5, -4.76724}, {4, 4, -3.84830},
		{3, 4, -5.05936}, {2, 4, -5.19562}, {1, 4, -4.57071}, {3, 3, -3.52745}, {2, 3, -4.51620}, {1, 3, -4.22466},
		{2, 2, -3.01200}, {1, 2, -3.58818}, {1, 1, -2.28883}, {0, 0, -1.16752},
	} {
		rel(t, fmt.Sprint("ln P", r[:2]), m.LogChance(History{r[0], r[1], 6, 1}), r[2], 1e-3)
		near(t, fmt.Sprint("ln P at the best", r[:2]), best.LogChance(History{r[0], r[1], 6, 1}), r[2], 5e-5)
	}
	m = BGBB{1.20, .75, .66, 2.78}
	h := func(x, tx float64) History { return History{x, tx, 6, 1} }
	near(t, "LL(3,4)", m.LogChance(h(3, 4)), -5.060868175, 1e-8)
	near(t, "P(alive|3,4)", m.Alive(h(3, 4)), .4383438546, 1e-9)
	for i, w := range []float64{.06918809, .25379563, .48008913, .67924778, .82738630, .93008475} {
		near(t, fmt.Sprint("P(alive|1,", i+1), m.Alive(h(1, float64(i+1))), w, 1e-8)
	}
	rel(t, "DERT(3,4)", m.Residual(h(3, 4), .1), 1.621379186, 1e-9)
	for i, w := range []float64{1.802044799, 2.621156071, 3.440267343, 4.259378615, 5.078489887, 5.897601159} {
		rel(t, fmt.Sprint("DERT(", i+1, ",6)"), m.Residual(h(float64(i+1), 6), .1), w, 1e-9)
	}
	rel(t, "E[next 10|3,4]", m.Expected(h(3, 4), 10), 1.840812702, 1e-9)
	for i, w := range []float64{.4973166369, .9207078277, 1.292731705, 1.626628912, 1.930906205, 2.211389302, 2.472262352, 2.716643428, 2.946925595, 3.16499022} {
		rel(t, fmt.Sprintf("E[X(%d)]", i+1), m.New(i+1), w, 1e-9)
	}
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := func(name string) float64 { return math.Exp(rapid.Float64Range(-2, 3).Draw(t, name)) }
		m := BGBB{p("alpha"), p("beta"), p("gamma"), p("delta")}
		n := rapid.IntRange(1, 12).Draw(t, "n")
		sum, mean := 0.0, 0.0
		for x := range n + 1 {
			sum += m.Probability(x, n)
			mean += float64(x) * m.Probability(x, n)
		}
		if math.Abs(sum-1) > 1e-9 || math.Abs(mean-m.New(n)) > 1e-9*mean {
			t.Fatalf("%+v: the chances add up to %g, their mean is %g, expected %g", m, sum, mean, m.New(n))
		}
		// Every history with its number of orders of purchases: the chances add up to 1, and the conditional expectations to
		// the unconditional one.
		total, later, alive := 0.0, 0.0, 1.0
		for last := 0; last <= n; last++ {
			for x := min(1, last); x <= last; x++ {
				orders := 1.0
				for i := 1; i < x; i++ {
					orders *= float64(last-i) / float64(i)
				}
				c := History{float64(x), float64(last), float64(n), 1}
				chance := orders * math.Exp(m.LogChance(c))
				total += chance
				later += chance * m.Expected(c, 5)
				if a := m.Alive(c); !(a >= 0 && a <= 1) {
					t.Fatalf("P(alive) = %g", a)
				} else if x == 1 && last > 1 && a < alive {
					t.Fatal("P(alive) falls with a later purchase")
				} else if x == 1 {
					alive = a
				}
			}
		}
		if math.Abs(total-1) > 1e-9 || math.Abs(later-(m.New(n+5)-m.New(n))) > 1e-8 {
			t.Fatalf("histories add up to %g; expected later %g, %g", total, later, m.New(n+5)-m.New(n))
		}
		c := History{1, 1, float64(n), 1}
		rate, discounted := .2, 0.0
		for j := 1; j < 400; j++ {
			discounted += (m.Expected(c, j) - m.Expected(c, j-1)) * math.Pow(1+rate, -float64(j))
		}
		if d := m.Residual(c, rate); math.Abs(d-discounted) > 1e-9*(1+d) {
			t.Fatalf("DERT %g, sum %g", d, discounted)
		}
		if next := m.Next(c, 50, .8); !(next.Within <= m.Alive(c) && next.Low <= next.Median && next.Median <= next.High) {
			t.Fatalf("%+v", next)
		}
	})
}

func TestDerivatives(t *testing.T) {
	rows := []History{{0, 0, 6, 5}, {2, 4, 6, 3}, {6, 6, 6, 1}, {1, 1, 4, 2}}
	theta := []float64{.3, -.4, .2, 1}
	g, h := make([]float64, 4), make([]float64, 16)
	periodLikelihood(rows, theta, g, h)
	for i := range theta {
		const e = 1e-5
		up, down := append([]float64{}, theta...), append([]float64{}, theta...)
		up[i] += e
		down[i] -= e
		gu, gd, x := make([]float64, 4), make([]float64, 4), make([]float64, 16)
		near(t, "gradient", g[i], (periodLikelihood(rows, up, gu, x)-periodLikelihood(rows, down, gd, x))/(2*e), 1e-7)
		for j := range theta {
			near(t, "Hessian", h[i*4+j], (gu[j]-gd[j])/(2*e), 1e-7)
		}
	}
}

func TestHostile(t *testing.T) {
	if _, err := FitBGBB(nil); !errors.Is(err, ErrNoCustomers) {
		t.Error(err)
	}
	if _, err := FitBGBB([]History{{0, 0, 6, 10}}); !errors.Is(err, ErrNoPurchases) {
		t.Error(err)
	}
	for _, bad := range []History{{3, 2, 6, 1}, {1, 7, 6, 1}, {.5, 1, 6, 1}, {1, 1, 6, 0}, {0, 2, 6, 1}} {
		if _, err := FitBGBB([]History{bad}); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	for name, rows := range map[string][]History{
		"one": {{2, 4, 6, 1}}, "all always": {{6, 6, 6, 1000}}, "no drop-out": {{0, 0, 2, 25}, {1, 1, 2, 25}, {1, 2, 2, 25}, {2, 2, 2, 25}},
	} {
		f, err := FitBGBB(rows)
		if err != nil || math.IsNaN(f.LogLikelihood) || f.Has(likelihood.NotConverged) {
			t.Errorf("%s: %+v %v", name, f, err)
		}
	}
}
