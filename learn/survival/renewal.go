package survival

import (
	"fmt"
	"math"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/learn/contract"
)

const (
	// mostCohorts is how many cohorts are shown, the newest; the fit counts all.
	mostCohorts = 24
	// ahead is how many periods beyond the past the curve is drawn.
	ahead = 5
	// longest is the last period that is drawn.
	longest = 60
)

// Renewed is customers of a cohort who renewed equally often.
type Renewed struct {
	Periods   int64 // decisions that each of the cohort has had
	Renewals  int64 // of them those renewed, at most Periods
	Customers int64
	Margin    int64 // of the window, fine units
}

// Cohort is the customers who first bought in the same period, counted back from the day up to which it is known: each has
// had equally many occasions to renew.
type Cohort struct {
	Periods   int       `json:"periods" doc:"Occasions to renew that each customer has had."`
	First     date.Date `json:"first" doc:"They first bought from this day on."`
	Until     date.Date `json:"until" doc:"Up to this one."`
	Customers int64     `json:"customers"`
	Survivors []int64   `json:"survivors" nullable:"false" doc:"Who renewed at least n times, n from 0."`
	Expected  []float64 `json:"expected" nullable:"false" doc:"As the fitted model has it; empty where there is none."`
	Remaining *float64  `json:"remaining" doc:"Expected further periods of a customer who is still there, later ones counting less by the interest (DERL)."`
	Margin    *int64    `json:"margin" doc:"Per period and customer still there, in minor units: that of the window."`
	Value     *int64    `json:"value" doc:"Customers still there × remaining periods × margin, in minor units."`
}

// Point is a period of the curve.
type Point struct {
	Period          int      `json:"period"`
	AtRisk          int64    `json:"at_risk" doc:"Customers who had this occasion to renew, and had renewed at all before."`
	Lost            int64    `json:"lost" doc:"Who did not renew at its end."`
	Survival        *float64 `json:"survival" doc:"Share who renewed so often; null beyond the past."`
	Retention       *float64 `json:"retention" doc:"Share of those at risk who renewed; null beyond the past."`
	FittedSurvival  *float64 `json:"fitted_survival"`
	FittedRetention *float64 `json:"fitted_retention"`
}

// Parameter is one fitted number of the model.
type Parameter struct {
	Name   string   `json:"name"`
	Value  float64  `json:"value"`
	StdErr *float64 `json:"std_err"`
}

// Renewal is renewal by cohorts, the fitted shifted beta-geometric and what it foretells.
type Renewal struct {
	Customers     int64       `json:"customers" doc:"Who have had an occasion to renew."`
	TooFew        string      `json:"too_few,omitempty" doc:"Why there is no model."`
	Parameters    []Parameter `json:"parameters" nullable:"false"`
	LogLikelihood *float64    `json:"log_likelihood"`
	Statement     string      `json:"statement,omitempty" doc:"What is unusual about the fit."`
	Cohorts       []Cohort    `json:"cohorts" nullable:"false" doc:"The newest first."`
	Older         int         `json:"older" doc:"Cohorts before them; the fit counts them too."`
	Points        []Point     `json:"points" nullable:"false"`
	Value         *int64      `json:"value" doc:"Of all customers still there, in minor units; null without a model."`
}

// Terms are what renewal is reckoned with.
type Terms struct {
	Rate         float64   // interest per period
	Minimum      int64     // customers
	Known        date.Date // the day up to which it is known
	PeriodDays   int
	PerPeriod    float64 // what part of the window a period is
	FinePerMinor int64
}

// Renew counts the cohorts, fits the shifted beta-geometric to them, and says what is to be expected.
func Renew(rows []Renewed, t Terms) Renewal {
	r := Renewal{Parameters: []Parameter{}, Cohorts: []Cohort{}, Points: []Point{}}
	decided := decisions(rows)
	for _, d := range decided {
		r.Customers += int64(d.Lost + d.Kept)
	}
	fit, err := contract.FitShiftedBetaGeometric(decided)
	var model *contract.ShiftedBetaGeometric
	switch {
	case r.Customers < t.Minimum:
		r.TooFew = fmt.Sprintf("Too few to say: %d customers have had an occasion to renew, and a model needs %d.", r.Customers, t.Minimum)
	case err != nil:
		r.TooFew = fmt.Sprintf("No model could be fitted: %v.", err)
	default:
		model, r.Statement, r.LogLikelihood = &fit.Model, fit.Statement, finite(fit.LogLikelihood)
		for _, p := range fit.Parameters {
			r.Parameters = append(r.Parameters, Parameter{p.Name, math.Min(p.Value, 1e15), finite(p.StdErr)})
		}
	}
	r.cohorts(rows, model, t)
	if r.Customers < t.Minimum {
		return r
	}
	r.Points = points(decided, model)
	return r
}

// decisions are the occasions to renew: who renewed on all of them is kept, the others were lost at the end of the period
// after their last renewal.
func decisions(rows []Renewed) []contract.Renewal {
	lost, kept := map[int64]float64{}, map[int64]float64{}
	most := int64(0)
	for _, x := range rows {
		if x.Periods == 0 || x.Customers == 0 {
			continue // had no occasion yet
		}
		if x.Renewals >= x.Periods {
			kept[x.Periods] += float64(x.Customers)
		} else {
			lost[x.Renewals+1] += float64(x.Customers)
		}
		most = max(most, x.Periods)
	}
	var all []contract.Renewal
	for n := int64(1); n <= most; n++ {
		if lost[n] > 0 || kept[n] > 0 {
			all = append(all, contract.Renewal{Period: int(n), Lost: lost[n], Kept: kept[n]})
		}
	}
	return all
}

func (r *Renewal) cohorts(rows []Renewed, model *contract.ShiftedBetaGeometric, t Terms) {
	most := int64(-1)
	for _, x := range rows {
		most = max(most, x.Periods)
	}
	byPeriods := make([][]Renewed, most+1)
	for _, x := range rows {
		byPeriods[x.Periods] = append(byPeriods[x.Periods], x)
	}
	total := int64(0)
	for periods, of := range byPeriods {
		if len(of) == 0 {
			continue
		}
		c := cohort(periods, of, model, t)
		if c.Value != nil {
			total += *c.Value
		}
		if len(r.Cohorts) == mostCohorts {
			r.Older++
			continue
		}
		r.Cohorts = append(r.Cohorts, c)
	}
	if model != nil {
		r.Value = &total
	}
}

func cohort(periods int, of []Renewed, model *contract.ShiftedBetaGeometric, t Terms) Cohort {
	c := Cohort{Periods: periods, Survivors: make([]int64, periods+1), Expected: []float64{},
		First: t.Known.AddDays(1 - (periods+1)*t.PeriodDays), Until: t.Known.AddDays(-periods * t.PeriodDays)}
	margin := 0.0
	for _, x := range of {
		c.Customers += x.Customers
		for n := range min(x.Renewals, int64(periods)) + 1 {
			c.Survivors[n] += x.Customers
		}
		if x.Renewals >= int64(periods) {
			margin += float64(x.Margin)
		}
	}
	still := float64(c.Survivors[periods])
	if still > 0 {
		each := int64(math.Round(margin / still * t.PerPeriod / float64(t.FinePerMinor)))
		c.Margin = &each
	}
	if model == nil {
		return c
	}
	for n := range periods + 1 {
		c.Expected = append(c.Expected, float64(c.Customers)*model.Survival(n))
	}
	c.Remaining = finite(model.Residual(periods, t.Rate))
	if c.Remaining != nil {
		value := int64(math.Round(margin * t.PerPeriod / float64(t.FinePerMinor) * *c.Remaining))
		c.Value = &value
	}
	return c
}

// points are the share who renewed n times, as it was and as the model has it, and a few periods on.
func points(decided []contract.Renewal, model *contract.ShiftedBetaGeometric) []Point {
	all := []Point{}
	if len(decided) == 0 {
		return all
	}
	risk := 0.0
	lost, gone := map[int]float64{}, map[int]float64{}
	for _, d := range decided {
		risk += d.Lost + d.Kept
		lost[d.Period], gone[d.Period] = d.Lost, d.Lost+d.Kept
	}
	past, survival := decided[len(decided)-1].Period, 1.0
	for n := 1; n <= min(past+ahead, longest); n++ {
		p := Point{Period: n}
		if n <= past {
			p.AtRisk, p.Lost = int64(risk), int64(lost[n])
			kept := 1 - lost[n]/risk
			survival *= kept
			here := survival
			p.Survival, p.Retention = &here, &kept
			risk -= gone[n]
		}
		if model != nil {
			p.FittedSurvival, p.FittedRetention = finite(model.Survival(n)), finite(model.Retention(n))
		}
		all = append(all, p)
	}
	return all
}
