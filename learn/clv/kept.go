package clv

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/learn/lifetime"
	"github.com/kvadrant/kvadrant/learn/likelihood"
	"github.com/kvadrant/kvadrant/learn/scoring"
	"github.com/kvadrant/kvadrant/learn/spend"
)

// Kept is what a version keeps of its models.
type Kept struct {
	Definition Definition `json:"definition"`
	Customers  int64      `json:"customers" doc:"Who bought at least once up to the date."`
	Repeaters  int64      `json:"repeaters" doc:"Of those: who bought on a second day."`
	TooFew     string     `json:"too_few,omitempty" doc:"Why nothing is said of anybody."`
	Margin     Margin     `json:"margin"`
	Served     bool       `json:"served,omitempty" doc:"Profitable now, in the five groups, means after the cost to serve."`
	Groups     []GroupFit `json:"groups" nullable:"false" doc:"The fits: of all customers first, then of the groups large enough for one of their own."`
	Test       *Test      `json:"test" doc:"How the model was chosen; null when the past is too short for a test."`
	Untested   string     `json:"untested,omitempty" doc:"Why there is no test."`
	Newcomer   *Newcomer  `json:"newcomer" doc:"The cash flow of the average new customer; null when nothing is said of anybody."`
}

// Ahead returns for how many months of a version the models say how many purchases to expect. Fault Conflict where they say
// nothing, with the reason.
func Ahead(v scoring.Version) (int, error) {
	var k Kept
	raw := v.Cuts[stepName]
	if raw == nil {
		return 0, fault.New(fault.Conflict, "lifetime.not_in_version", "There is no expectation as of %s: that date was scored without lifetime value. Score it again.", v.AsOf)
	}
	if err := json.Unmarshal(raw, &k); err != nil {
		return 0, fmt.Errorf("the models of lifetime value of version %d: %w", v.Version, err)
	}
	if k.TooFew != "" {
		return 0, fault.New(fault.Conflict, "lifetime.too_few", "There is no expectation as of %s. %s", v.AsOf, k.TooFew)
	}
	return k.Definition.Ahead, nil
}

// Margin is what is left of revenue after product cost.
type Margin struct {
	Average float64 `json:"average" doc:"Share of revenue, over all purchase lines whose cost is known; 1 when none is."`
	Known   float64 `json:"known" doc:"Share of revenue whose cost is known."`
}

// Parameter is one fitted number of a model.
type Parameter struct {
	Name    string   `json:"name"`
	Value   float64  `json:"value"`
	StdErr  *float64 `json:"std_err" doc:"Standard error; null where the parameter ran to the edge of what the model can be."`
	AtBound bool     `json:"at_bound"`
}

// ModelFit is a fitted model with what its fit says about itself.
type ModelFit struct {
	Model         string      `json:"model"`
	Parameters    []Parameter `json:"parameters" nullable:"false" doc:"Times in weeks, money in major units."`
	LogLikelihood *float64    `json:"log_likelihood"`
	Customers     int64       `json:"customers" doc:"It was fitted to so many; in a large company a sample."`
	Statement     string      `json:"statement,omitempty" doc:"What is unusual about the fit."`
}

// GroupFit is the fit of customers who are alike.
type GroupFit struct {
	Name      string   `json:"name" doc:"Industry or country; empty for all customers."`
	Customers int64    `json:"customers"`
	Repeaters int64    `json:"repeaters"`
	Buying    ModelFit `json:"buying"`
	Spend     ModelFit `json:"spend" doc:"Without a model where each customer's own mean counts."`
	MeanSpend float64  `json:"mean_spend" doc:"Expected for a purchase of one who bought once, in major units."`
	Corr      *float64 `json:"correlation" doc:"Of number and mean spend of repeat purchases; the model of spend takes them as independent."`
}

// Errors is how far a rule was from what happened in the time held out.
type Errors struct {
	Expected float64  `json:"expected" doc:"Purchases of all."`
	MAE      float64  `json:"mae" doc:"Mean absolute error per customer."`
	RMSE     float64  `json:"rmse" doc:"Root mean squared error per customer."`
	Corr     *float64 `json:"correlation" doc:"Of expected and actual purchases."`
	Alive    float64  `json:"alive" doc:"Mean P(alive)."`
}

// Bin is the customers with one number of repeat purchases before the time held out.
type Bin struct {
	Repeats   int     `json:"repeats"`
	AndMore   bool    `json:"and_more"`
	Customers float64 `json:"customers"`
	Actual    float64 `json:"actual" doc:"Mean purchases in the time held out."`
	Expected  float64 `json:"expected" doc:"Mean of what the chosen model expected."`
}

// Candidate is a model that was tried.
type Candidate struct {
	ModelFit
	Failed string  `json:"failed,omitempty" doc:"Why it could not be fitted."`
	Chosen bool    `json:"chosen"`
	Errors *Errors `json:"errors"`
}

// TrackStep is a step of the tracking chart.
type TrackStep struct {
	Until    date.Date `json:"until"`
	Actual   int64     `json:"actual" doc:"Repeat purchases in the step, of all who bought before the time held out."`
	Expected float64   `json:"expected" doc:"What the chosen model expected."`
}

// Test is how the models did on the company's own past.
type Test struct {
	From           date.Date   `json:"from" doc:"First purchase of all."`
	Calibration    date.Date   `json:"calibration" doc:"The models knew what happened up to this day."`
	Until          date.Date   `json:"until" doc:"They had to foretell what happened up to this one."`
	Customers      int64       `json:"customers" doc:"Who bought before the time held out; in a large company a sample of them."`
	Actual         float64     `json:"actual" doc:"Their purchases in the time held out."`
	Candidates     []Candidate `json:"candidates" nullable:"false" doc:"Best first."`
	Naive          Errors      `json:"naive" doc:"The rule to beat: everybody goes on buying as often as before."`
	Beats          bool        `json:"beats" doc:"The chosen model errs no more than that rule."`
	WithoutRegular bool        `json:"without_regular,omitempty" doc:"Models of regular buying were left out: there are too many different histories for them."`
	Bins           []Bin       `json:"bins" nullable:"false"`
	StepWeeks      int         `json:"step_weeks"`
	Track          []TrackStep `json:"track" nullable:"false"`
	Occasions      *Occasions  `json:"occasions" doc:"How a model for fixed occasions did; null when it is left out."`
}

// Newcomer is the average new customer.
type Newcomer struct {
	First      float64   `json:"first" doc:"Mean first purchase, in major units."`
	Spend      float64   `json:"spend" doc:"Mean spend of a later purchase, in major units."`
	Purchases  float64   `json:"purchases" doc:"Expected repeat purchases until the horizon."`
	Cumulative []float64 `json:"cumulative" nullable:"false" doc:"Cash flow in major units at the end of each month: acquisition cost once, then revenue above cost, not discounted. The first figure stands before the first purchase."`
	PaidBack   int       `json:"paid_back" doc:"The month by which the acquisition cost is earned back; −1 when it is not within the horizon."`
}

// finite is the number, or nil where it is none.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// bounded is the number within what JSON and people can read.
func bounded(x float64) float64 {
	switch {
	case math.IsNaN(x):
		return 0
	case x > 1e15:
		return 1e15
	case x < -1e15:
		return -1e15
	}
	return x
}

func described(name string, e likelihood.Estimate) ModelFit {
	m := ModelFit{Model: name, Parameters: []Parameter{}, LogLikelihood: finite(e.LogLikelihood), Customers: int64(math.Round(e.Customers)), Statement: e.Statement}
	for _, p := range e.Parameters {
		m.Parameters = append(m.Parameters, Parameter{p.Name, bounded(p.Value), finite(p.StdErr), p.AtBound})
	}
	return m
}

func errorsOf(h lifetime.HoldOut) Errors {
	return Errors{bounded(h.Expected), bounded(h.MAE), bounded(h.RMSE), finite(h.Corr), bounded(h.Alive)}
}

// candidates writes the outcome of a choice down.
func (t *Test) candidates(c lifetime.Choice) (chosen lifetime.Model) {
	for _, x := range c.Candidates {
		out := Candidate{ModelFit: ModelFit{Model: x.Name, Parameters: []Parameter{}}, Chosen: x.Chosen}
		if x.Error != nil {
			out.Failed = x.Error.Error()
		} else {
			out.ModelFit = described(x.Name, x.Fit.Estimate)
			e := errorsOf(x.HoldOut)
			out.Errors = &e
			t.Actual, t.Customers = x.HoldOut.Actual, int64(math.Round(x.HoldOut.Customers))
		}
		if x.Chosen {
			chosen = x.Fit.Model
			for _, b := range x.HoldOut.Bins {
				t.Bins = append(t.Bins, Bin{b.Frequency, b.AndMore, b.Customers, bounded(b.Actual), bounded(b.Expected)})
			}
		}
		t.Candidates = append(t.Candidates, out)
	}
	t.Naive, t.Beats = errorsOf(c.Naive), c.Beats
	return chosen
}

// spending is the spend of a group, as it is reckoned with.
type spending struct {
	model *spend.GammaGamma // nil where each customer's own mean counts
	mean  float64           // for who bought once, in major units
	fit   ModelFit
	corr  *float64
}

func newSpending(rows []payment, perPurchase float64) spending {
	customers := make([]spend.Customer, len(rows))
	for i, p := range rows {
		customers[i] = p.customer()
	}
	f, own := fitSpend(customers)
	s := spending{mean: perPurchase, fit: ModelFit{Parameters: []Parameter{}, Statement: own}, corr: finite(correlation(customers))}
	if own == "" {
		s.model, s.mean = &f.Model, f.Model.Population()
		s.fit = described("Gamma-Gamma", f.Estimate)
		if s.corr != nil && math.Abs(*s.corr) >= dependent {
			s.fit.Statement += " Who buys often spends differently per purchase than who buys seldom; the model takes the two as independent, so read its spend with care."
		}
	}
	return s
}
