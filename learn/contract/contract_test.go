package contract

import (
	"bufio"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/likelihood"
)

func near(t testing.TB, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.10g, want %.10g ± %g", what, got, want, tolerance)
	}
}

// Survivors of a thousand, Fader and Hardie 2007, table 1.
func regular() []float64 {
	return []float64{1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173}
}

func highEnd() []float64 {
	return []float64{1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394}
}

func cohort(t testing.TB, s []float64) []Renewal {
	t.Helper()
	r, err := Cohort(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func fit(t testing.TB, rows []Renewal) Fit {
	t.Helper()
	f, err := FitShiftedBetaGeometric(rows)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestA4_ShiftedBetaGeometric_FaderHardie2007(t *testing.T) {
	for _, c := range []struct {
		name                        string
		survivors                   []float64
		alpha, beta, ll, flat, mean float64
		printed                     [2]float64
		alpha12, beta12, ll12       float64
		curve                       []float64
	}{
		{"High End", highEnd(), .668088, 3.806096, -1611.1581, -2115.5455, .15, [2]float64{.668, 3.806}, .596111, 3.326969, -2010.8584,
			[]float64{85.07, 74.69, 66.98, 60.99, 56.18, 52.22, 48.89, 46.04, 43.58, 41.42, 39.51, 37.80}},
		{"Regular", regular(), .704077, 1.182043, -1680.2652, -1741.7303, .37, [2]float64{.704, 1.182}, .697362, 1.168905, -1931.4917,
			[]float64{62.67, 47.38, 38.80, 33.21, 29.23, 26.25, 23.90, 22.01, 20.44, 19.12, 17.99, 17.00}},
	} {
		rows := cohort(t, c.survivors[:8])
		f := fit(t, rows)
		near(t, c.name+" alpha", f.Model.Alpha, c.alpha, 1e-4)
		near(t, c.name+" beta", f.Model.Beta, c.beta, 1e-3)
		near(t, c.name+" alpha as printed", f.Model.Alpha, c.printed[0], 1e-3)
		near(t, c.name+" beta as printed", f.Model.Beta, c.printed[1], 1e-3)
		near(t, c.name+" log-likelihood", f.LogLikelihood, c.ll, 1e-4)
		near(t, c.name+" log-likelihood at (1,1)", ShiftedBetaGeometric{1, 1}.LogLikelihood(rows), c.flat, 1e-4)
		near(t, c.name+" mean chance", f.Model.Mean(), c.mean, 5e-3)
		for i, w := range c.curve {
			near(t, fmt.Sprintf("%s S(%d)", c.name, i+1), 100*f.Model.Survival(i+1), w, 6e-3)
		}
		all := fit(t, cohort(t, c.survivors))
		near(t, c.name+" alpha of 12 years", all.Model.Alpha, c.alpha12, 1e-4)
		near(t, c.name+" beta of 12 years", all.Model.Beta, c.beta12, 1e-3)
		near(t, c.name+" log-likelihood of 12 years", all.LogLikelihood, c.ll12, 1e-4)
	}
	near(t, "High End at (.01,.01)", ShiftedBetaGeometric{.01, .01}.LogLikelihood(cohort(t, highEnd()[:8])), -2741.7, .05)
}

func TestA4_DERL_FaderHardie2010_jdmaturen(t *testing.T) {
	near(t, "DERL", ShiftedBetaGeometric{.668, 3.806}.Residual(7, .1), 7.530, 5e-4)
}

func TestA4_MultiCohort_jdmaturen(t *testing.T) {
	var rows []Renewal
	for _, s := range [][]float64{{10000, 8000, 6480, 5307, 4391}, {10000, 8000, 6480, 5307}, {10000, 8000, 6480}, {10000, 8000}} {
		rows = append(rows, cohort(t, s)...)
	}
	f := fit(t, rows)
	near(t, "alpha", f.Model.Alpha, 3.80, 3.80e-2)
	near(t, "beta", f.Model.Beta, 15.19, 15.19e-2)
}

func TestShiftedBetaGeometric_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := ShiftedBetaGeometric{math.Exp(rapid.Float64Range(-4, 5).Draw(t, "a")), math.Exp(rapid.Float64Range(-4, 5).Draw(t, "b"))}
		before := 1.0
		for n := 1; n < 30; n++ {
			s := m.Survival(n)
			if s < 0 || s > before {
				t.Fatalf("S(%d) = %g after %g", n, s, before)
			}
			if r := m.Retention(n); math.Abs(s-before*r) > 1e-12 || (n > 1 && r < m.Retention(n-1)) {
				t.Fatalf("retention %g in %d does not fit the curve or falls", r, n)
			}
			before = s
		}
		// DEL is the discounted sum of the curve; DERL grows with tenure.
		rate := rapid.Float64Range(.05, .5).Draw(t, "rate")
		sum := 0.0
		for n := 0; n < 3000; n++ {
			sum += m.Survival(n) * math.Pow(1+rate, -float64(n))
		}
		if d := m.Lifetime(rate); math.Abs(d-sum) > 1e-8*sum {
			t.Fatalf("DEL %g, sum %g", d, sum)
		}
		if m.Residual(3, rate) < m.Residual(2, rate) {
			t.Fatal("DERL falls with tenure")
		}
	})
}

func TestShiftedBetaGeometric_Recovery(t *testing.T) {
	m := ShiftedBetaGeometric{.9, 2.5}
	var s []float64
	for n := range 15 {
		s = append(s, 1e6*m.Survival(n))
	}
	f := fit(t, cohort(t, s))
	near(t, "alpha", f.Model.Alpha, .9, 1e-5)
	near(t, "beta", f.Model.Beta, 2.5, 1e-5)
}

func TestShiftedBetaGeometric_SameForAll_EndsAtTheBoundary(t *testing.T) {
	var s []float64
	for n := range 8 {
		s = append(s, math.Round(1e5*math.Pow(.8, float64(n))))
	}
	f := fit(t, cohort(t, s))
	if !f.Has(likelihood.SameDropOut) || f.Statement == "" || f.Has(likelihood.NotConverged) {
		t.Errorf("flags %v, statement %q", f.Flags, f.Statement)
	}
	near(t, "mean chance", f.Model.Mean(), .2, 1e-3)
}

func TestShiftedBetaGeometric_NothingToLearn(t *testing.T) {
	for name, c := range map[string]struct {
		rows []Renewal
		want error
	}{
		"nobody":        {nil, ErrNoCustomers},
		"nobody left":   {[]Renewal{{Period: 3, Kept: 10}}, ErrNobodyLeft},
		"all left":      {[]Renewal{{Period: 1, Lost: 10}}, ErrAllLeft},
		"period nought": {[]Renewal{{Period: 0, Lost: 1}}, nil},
	} {
		_, err := FitShiftedBetaGeometric(c.rows)
		if err == nil || (c.want != nil && err != c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Cohort([]float64{10, 12}); err == nil {
		t.Error("rising survivors are taken")
	}
}

// columns reads named columns of a CSV file without quoted commas.
func columns(t testing.TB, name string, want ...string) [][]string {
	t.Helper()
	scan := bufio.NewScanner(testkit.Published(t, name))
	scan.Scan()
	at := make([]int, len(want))
	head := strings.Split(strings.TrimSpace(scan.Text()), ",")
	for i, w := range want {
		at[i] = -1
		for j, h := range head {
			if h == w {
				at[i] = j
			}
		}
		if at[i] < 0 {
			t.Fatalf("%s has no column %s", name, w)
		}
	}
	var out [][]string
	for scan.Scan() {
		f := strings.Split(strings.TrimSpace(scan.Text()), ",")
		row := make([]string, len(want))
		for i, j := range at {
			row[i] = f[j]
		}
		out = append(out, row)
	}
	return out
}

func number(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestA10_KaplanMeier_Telco_RSurvival353(t *testing.T) {
	var rows []Tenure
	byContract := map[string][]Tenure{}
	for _, r := range columns(t, "telco_churn/Telco-Customer-Churn.csv.gz", "tenure", "Churn", "Contract") {
		x := Tenure{number(t, r[0]), r[1] == "Yes", 1}
		rows = append(rows, x)
		byContract[r[2]] = append(byContract[r[2]], x)
	}
	c, err := KaplanMeier(rows, .95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "customers", c.Customers, 7043, 0)
	for at, w := range map[float64]float64{1: .9459613, 6: .8848262, 12: .8431996, 24: .7887364, 36: .7485454, 48: .7088402, 60: .6644039, 72: .5927902} {
		near(t, fmt.Sprintf("S(%g)", at), c.At(at).Survival, w, 6e-8)
	}
	near(t, "se(12)", c.At(12).StdErr, .0044922, 6e-8)
	near(t, "se(72)", c.At(72).StdErr, .0099188, 6e-8)
	near(t, "low(72)", c.At(72).Low, .57367, 6e-6)
	near(t, "high(72)", c.At(72).High, .61255, 6e-6)
	mean, se := c.RestrictedMean(72)
	near(t, "restricted mean", mean, 54.49239, 6e-6)
	if !(se > .2 && se < .5) {
		t.Errorf("its standard error is %g", se)
	}
	if !math.IsNaN(c.Median()) {
		t.Errorf("median %g, but less than half left", c.Median())
	}
	var groups [][]Tenure
	for _, g := range byContract {
		groups = append(groups, g)
	}
	l, err := LogRank(groups)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log-rank by contract", l.ChiSquared, 2352.9, .05)
	near(t, "degrees of freedom", float64(l.Freedom), 2, 0)
}

func TestA10_KaplanMeier_Waltons_RSurvival353(t *testing.T) {
	groups := map[string][]Tenure{}
	for _, r := range columns(t, "survival/waltons_dataset.csv", "T", "E", "group") {
		groups[r[2]] = append(groups[r[2]], Tenure{number(t, r[0]), r[1] == "1", 1})
	}
	for name, w := range map[string]float64{"control": 58, "miR-137": 26} {
		c, err := KaplanMeier(groups[name], .95)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "median of "+name, c.Median(), w, 0)
	}
	l, err := LogRank([][]Tenure{groups["control"], groups["miR-137"]})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log-rank", l.ChiSquared, 122.2, .06)
	if !(l.P > 0 && l.P < 1e-20) {
		t.Errorf("p = %g", l.P)
	}
}

func TestKaplanMeier_ByHand(t *testing.T) {
	c, err := KaplanMeier([]Tenure{{1, true, 1}, {2, false, 1}, {3, true, 2}, {3, false, 1}, {5, true, 1}}, .95)
	if err != nil {
		t.Fatal(err)
	}
	// 6 at risk, one leaves: 5/6. One is lost sight of. 4 at risk, two leave: 5/6·1/2. The last one leaves: 0.
	for i, w := range []float64{5. / 6, 5. / 12, 0} {
		near(t, "step", c.Steps[i].Survival, w, 1e-15)
	}
	near(t, "Greenwood", c.Steps[1].StdErr, 5./12*math.Sqrt(1./30+2./8), 1e-15)
	near(t, "median", c.Median(), 3, 0)
	mean, _ := c.RestrictedMean(5)
	near(t, "mean", mean, 1+2*5./6+2*5./12, 1e-12)
	near(t, "before the first", c.At(.5).Survival, 1, 0)
	near(t, "chi-squared tail", chiSquaredTail(3.841458820694124, 1), .05, 1e-12)
	near(t, "chi-squared tail", chiSquaredTail(.5, 4), .9735009788392561, 1e-12)
	near(t, "normal quantile", normalQuantile(.975), 1.959963984540054, 1e-12)
}

func TestKaplanMeier_Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "n")
		rows := make([]Tenure, n)
		for i := range rows {
			rows[i] = Tenure{float64(rapid.IntRange(0, 12).Draw(t, "time")), rapid.Bool().Draw(t, "left"), float64(rapid.IntRange(1, 3).Draw(t, "w"))}
		}
		c, err := KaplanMeier(rows, .9)
		if err != nil {
			t.Fatal(err)
		}
		before := 1.0
		for _, s := range c.Steps {
			if s.Survival > before || s.Survival < 0 || (s.Survival > 0 && !(s.Low <= s.Survival && s.Survival <= s.High)) {
				t.Fatalf("step %+v after %g", s, before)
			}
			before = s.Survival
		}
		double := make([]Tenure, n)
		for i, r := range rows {
			double[i] = Tenure{7 * r.Time, r.Left, r.Weight}
		}
		d, _ := KaplanMeier(double, .9)
		a, _ := c.RestrictedMean(12)
		b, _ := d.RestrictedMean(84)
		if math.Abs(7*a-b) > 1e-9 {
			t.Fatalf("the mean depends on the unit: %g, %g", a, b)
		}
	})
}

func TestKaplanMeier_NothingToLearn(t *testing.T) {
	if _, err := KaplanMeier(nil, .95); err != ErrNoCustomers {
		t.Error(err)
	}
	for _, bad := range []Tenure{{-1, true, 1}, {math.NaN(), true, 1}, {1, true, 0}, {math.Inf(1), false, 1}} {
		if _, err := KaplanMeier([]Tenure{bad}, .95); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	if _, err := LogRank([][]Tenure{{{1, true, 1}}}); err != ErrOneGroup {
		t.Error(err)
	}
	if _, err := LogRank([][]Tenure{{{1, false, 1}}, {{2, false, 1}}}); err != ErrNobodyLeft {
		t.Error(err)
	}
}
