package survival_test

import (
	"encoding/csv"
	"math"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/learn/survival"
)

func near(t testing.TB, what string, got *float64, want, tolerance float64) {
	t.Helper()
	if got == nil || !(math.Abs(*got-want) <= tolerance) {
		t.Errorf("%s = %v, want %.10g ± %g", what, got, want, tolerance)
	}
}

// telco is the published table of churn, by contract.
func telco(t *testing.T) []survival.Row {
	t.Helper()
	all, err := csv.NewReader(testkit.Published(t, "telco_churn/Telco-Customer-Churn.csv.gz")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range all[0] {
		at[name] = i
	}
	var rows []survival.Row
	for _, r := range all[1:] {
		months, err := strconv.ParseInt(r[at["tenure"]], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, survival.Row{Group: r[at["Contract"]], Months: months, Lost: r[at["Churn"]] == "Yes", Customers: 1})
	}
	return rows
}

func TestA10_Survive_Telco_RSurvival353(t *testing.T) {
	s, err := survival.Survive(telco(t), true, 30)
	if err != nil {
		t.Fatal(err)
	}
	at := map[float64]survival.Step{}
	for _, x := range s.All.Steps {
		at[x.Months] = x
	}
	survives := func(months, want float64) {
		t.Helper()
		x := at[months].Survival
		near(t, "S("+strconv.FormatFloat(months, 'f', -1, 64)+")", &x, want, 6e-8)
	}
	survives(1, .9459613)
	survives(12, .8431996)
	survives(72, .5927902)
	near(t, "se(12)", at[12].StdErr, .0044922, 6e-8)
	near(t, "se(72)", at[72].StdErr, .0099188, 6e-8)
	near(t, "low(72)", at[72].Low, .57367, 6e-6)
	near(t, "high(72)", at[72].High, .61255, 6e-6)
	near(t, "restricted mean", s.All.Mean, 54.49239, 6e-6)
	if s.All.Median != nil || s.All.Limit != 72 || s.All.Customers != 7043 || s.All.Lost != 1869 {
		t.Errorf("median %v, limit %g, %d customers, %d lost", s.All.Median, s.All.Limit, s.All.Customers, s.All.Lost)
	}
	if c := s.Comparison; c == nil || math.Abs(c.ChiSquared-2352.9) > .05 || c.Freedom != 2 || c.Chance > 1e-100 {
		t.Errorf("log-rank: %+v", c)
	}
	if len(s.Groups) != 3 || s.Groups[0].Name != "Month-to-month" || s.Groups[0].Median == nil {
		t.Errorf("groups: %d", len(s.Groups))
	}
}

// cohortOf is one cohort with its survivors after each period.
func cohortOf(survivors ...int64) []survival.Renewed {
	var rows []survival.Renewed
	last := len(survivors) - 1
	for n := range survivors {
		x := survival.Renewed{Periods: int64(last), Renewals: int64(n), Customers: survivors[n]}
		if n < last {
			x.Customers -= survivors[n+1]
		}
		rows = append(rows, x)
	}
	return rows
}

func TestA4_Renew_FaderHardie2007(t *testing.T) {
	for name, c := range map[string]struct {
		survivors          []int64
		alpha, beta, ll    float64
		first, last, fault float64
	}{
		"High End": {[]int64{1000, 869, 743, 653, 593, 551, 517, 491}, .668088, 3.806096, -1611.1581, .8507, .3780, 6e-5},
		"Regular":  {[]int64{1000, 631, 468, 382, 326, 289, 262, 241}, .704077, 1.182043, -1680.2652, .6267, .1700, 6e-5},
	} {
		r := survival.Renew(cohortOf(c.survivors...), survival.Terms{Rate: .1, Minimum: 30, Known: "2026-01-01", PeriodDays: 365, PerPeriod: 1, FinePerMinor: 100})
		if r.TooFew != "" || r.Customers != 1000 || len(r.Points) != 12 || len(r.Cohorts) != 1 {
			t.Fatalf("%s: %+v", name, r)
		}
		near(t, name+" alpha", &r.Parameters[0].Value, c.alpha, 1e-4)
		near(t, name+" beta", &r.Parameters[1].Value, c.beta, 1e-3)
		near(t, name+" log-likelihood", r.LogLikelihood, c.ll, 1e-4)
		near(t, name+" S(1)", r.Points[0].FittedSurvival, c.first, c.fault)
		near(t, name+" S(12)", r.Points[11].FittedSurvival, c.last, c.fault)
		near(t, name+" as it was", r.Points[6].Survival, float64(c.survivors[7])/1000, 1e-12)
		if r.Points[7].Survival != nil || r.Points[7].AtRisk != 0 {
			t.Errorf("%s: something is said of the future: %+v", name, r.Points[7])
		}
		if d := cmp.Diff(c.survivors, r.Cohorts[0].Survivors); d != "" {
			t.Error(name, d)
		}
		if name == "High End" {
			near(t, "DERL(7)", r.Cohorts[0].Remaining, 7.530, 2e-3) // published for the parameters with three digits
		}
	}
}

func TestRenew_CohortsTogether_jdmaturen(t *testing.T) {
	rows := cohortOf(10000, 8000, 6480, 5307, 4391)
	rows = append(rows, cohortOf(10000, 8000, 6480, 5307)...)
	rows = append(rows, cohortOf(10000, 8000, 6480)...)
	rows = append(rows, cohortOf(10000, 8000)...)
	rows = append(rows, cohortOf(10000)...) // no occasion yet: it tells nothing
	r := survival.Renew(rows, survival.Terms{Rate: .1, Minimum: 30, Known: "2026-01-01", PeriodDays: 365, PerPeriod: 1, FinePerMinor: 100})
	near(t, "alpha", &r.Parameters[0].Value, 3.80, 3.80e-2)
	near(t, "beta", &r.Parameters[1].Value, 15.19, 15.19e-2)
	if r.Customers != 40000 || len(r.Cohorts) != 5 || r.Points[0].AtRisk != 40000 || r.Points[1].AtRisk != 24000 || r.Points[3].Lost != 916 {
		t.Errorf("%d customers, %d cohorts, %+v", r.Customers, len(r.Cohorts), r.Points[:4])
	}
}

func TestTooFewIsSaidInWords(t *testing.T) {
	for name, c := range map[string]struct {
		rows []survival.Row
		want string
	}{
		"nobody": {nil, "No customer has been known long enough to tell."},
		"few":    {[]survival.Row{{Months: 3, Lost: true, Customers: 29}}, "Too few to say: 29 customers, and a curve needs 30."},
		"loyal":  {[]survival.Row{{Months: 3, Customers: 30}}, "None of the 30 customers was lost, so there is nothing to tell of how long they stay."},
	} {
		s, err := survival.Survive(c.rows, true, 30)
		if err != nil || s.All.TooFew != c.want || len(s.All.Steps) != 0 || s.All.Median != nil || s.All.Mean != nil || s.Comparison != nil {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	terms := survival.Terms{Rate: .1, Minimum: 30, Known: "2026-01-01", PeriodDays: 365, PerPeriod: 1, FinePerMinor: 100}
	for name, c := range map[string]struct {
		rows []survival.Renewed
		want string
	}{
		"few":   {cohortOf(29, 20), "Too few to say: 29 customers have had an occasion to renew, and a model needs 30."},
		"loyal": {cohortOf(30, 30), "No model could be fitted: nobody left: there is nothing to learn a rate of leaving from."},
		"new":   {cohortOf(30), "Too few to say: 0 customers have had an occasion to renew, and a model needs 30."},
	} {
		if r := survival.Renew(c.rows, terms); r.TooFew != c.want || r.Value != nil || len(r.Parameters) != 0 || r.Cohorts[0].Remaining != nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestGroupsBeyondTheLargestCountInTheCurveOfAll(t *testing.T) {
	var rows []survival.Row
	for i := range int64(10) {
		rows = append(rows, survival.Row{Group: string(rune('a' + i)), Months: i, Lost: true, Customers: 40 + i})
	}
	s, err := survival.Survive(rows, true, 30)
	if err != nil || len(s.Groups) != 8 || s.LeftOut != 2 || s.Groups[0].Name != "j" || s.All.Customers != 445 || s.Comparison.Groups != 8 {
		t.Errorf("%v, %d groups, %d left out, %d customers", err, len(s.Groups), s.LeftOut, s.All.Customers)
	}
}
