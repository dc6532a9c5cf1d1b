package wallet

import (
	"cmp"
	"math"
	"slices"

	"github.com/kvadrant/kvadrant/know/customer"
)

const (
	// leastTrial is how many trusted statements a test needs; below it its figures would be chance.
	leastTrial = 30
	// mostTrial is how many statements are tested at most, evenly spread over all; more would not change a figure that
	// anybody reads.
	mostTrial = 50_000
	// folds is into how many parts the statements are divided to test the interval that is drawn from them.
	folds = 5
	// rough and biased are beyond what an estimate of a single customer can be used for without care: half of the estimates
	// are off by more than a third, or the middle one by a quarter.
	rough, biased = 1.0 / 3, 0.25
)

// tried are the quantiles that a test compares, to show which would have met the statements best.
func tried() []float64 { return []float64{0.5, 0.6, 0.7, 0.8, 0.9, 0.95} }

// Errors is how far estimates were from what customers stated.
type Errors struct {
	MedianError float64 `json:"median_error" doc:"Half of the estimates were off by no more than this share of what was stated."`
	Bias        float64 `json:"bias" doc:"The middle of estimate ÷ stated − 1: above 0 the estimates tend to be too high."`
}

// QuantileErrors are the errors that another quantile would have made.
type QuantileErrors struct {
	Quantile float64 `json:"quantile"`
	Errors
}

// Verdict is what a test says of the estimates.
type Verdict string

// The verdicts.
const (
	Trusted   Verdict = "trusted"   // beats the mean of the look-alikes, and is near enough
	RoughOnly Verdict = "rough"     // beats the mean, but single customers are far off: good for sums and classes
	NoBetter  Verdict = "no_better" // the mean of the look-alikes does as well
	Untested  Verdict = "untested"  // too few statements
)

// Trial is the back-test: customers whose potential was stated by them or asked for are estimated as if it had not been.
type Trial struct {
	Stated    int64            `json:"stated" doc:"Customers with a declared or surveyed potential that is fresh and above 0."`
	Customers int64            `json:"customers" doc:"Those of them that were estimated for the test; of very many a part, evenly spread."`
	Least     int64            `json:"least" doc:"So many are needed for a test."`
	Verdict   Verdict          `json:"verdict" enum:"trusted,rough,no_better,untested"`
	Estimate  *Errors          `json:"estimate" doc:"Of the estimates; null when there is no test."`
	Naive     *Errors          `json:"naive" doc:"Of the plain mean of the same look-alikes' revenue, or the customer's own revenue if that is more."`
	Level     float64          `json:"level" doc:"The chance with which the interval is to hold what was stated."`
	Coverage  *float64         `json:"coverage" doc:"The share of the statements that lay within it. The interval was drawn from four fifths of the statements and tested on the other, five times over."`
	Below     float64          `json:"below" doc:"The interval of a customer reaches from this part of the estimate …"`
	Above     float64          `json:"above" doc:"… to this; 0 when there is no test and the interval is that of the quantile alone."`
	Quantiles []QuantileErrors `json:"quantiles" nullable:"false" doc:"What other quantiles would have done."`
}

// trusted are the sources that an estimate is tested against.
func trusted() []string { return []string{customer.Declared, customer.Surveyed} }

// statement is a trusted potential with what the estimate knows of the customer: its cell and its yearly revenue.
type statement struct {
	cell        int
	own, stated int64
}

// try tests the estimates. No statement takes part in an estimate, so all of them can test it; the interval is drawn from
// statements, and is tested on others than it was drawn from.
func try(j judged, all []statement, level float64) Trial {
	t := Trial{Stated: int64(len(all)), Least: leastTrial, Verdict: Untested, Level: level, Quantiles: []QuantileErrors{}}
	all = slices.DeleteFunc(slices.Clone(all), func(s statement) bool { return j.of[s.cell] == nil })
	slices.SortFunc(all, func(a, b statement) int {
		return cmp.Or(cmp.Compare(a.stated, b.stated), cmp.Compare(a.own, b.own), cmp.Compare(a.cell, b.cell))
	})
	if n := len(all); n > mostTrial {
		for i := range mostTrial {
			all[i] = all[i*n/mostTrial]
		}
		all = all[:mostTrial]
	}
	t.Customers = int64(len(all))
	if len(all) < leastTrial {
		return t
	}
	estimates := make([]int64, len(all))
	errors := func(tell func(g *group) float64) Errors {
		off, over := make([]float64, len(all)), make([]float64, len(all))
		for i, s := range all {
			ratio := max(tell(j.of[s.cell]), float64(s.own)) / float64(s.stated)
			off[i], over[i] = math.Abs(ratio-1), ratio
		}
		return Errors{MedianError: median(off), Bias: median(over) - 1}
	}
	for i, s := range all {
		estimates[i] = j.of[s.cell].tell(s.own)
	}
	own := errors(func(g *group) float64 { return float64(g.estimate) })
	naive := errors(func(g *group) float64 { return g.mean })
	t.Estimate, t.Naive = &own, &naive
	for i, q := range tried() {
		t.Quantiles = append(t.Quantiles, QuantileErrors{q, errors(func(g *group) float64 { return float64(g.others[i]) })})
	}
	switch {
	case own.MedianError >= naive.MedianError:
		t.Verdict = NoBetter
	case own.MedianError > rough || math.Abs(own.Bias) > biased:
		t.Verdict = RoughOnly
	default:
		t.Verdict = Trusted
	}
	t.draw(all, estimates, level)
	return t
}

// draw finds between which parts of the estimate the statements lie with the chance of the level, and whether they do:
// conformal prediction on the ratio of statement and estimate (Vovk, Gammerman and Shafer 2005; cross-conformal, Vovk 2015).
func (t *Trial) draw(all []statement, estimates []int64, level float64) {
	ratios := make([]float64, len(all))
	for i, s := range all {
		ratios[i] = float64(s.stated) / float64(estimates[i])
	}
	within := 0
	for fold := range folds {
		var others []float64
		for i, r := range ratios {
			if i%folds != fold {
				others = append(others, r)
			}
		}
		below, above := bounds(others, level)
		for i, r := range ratios {
			if i%folds == fold && r >= below && r <= above {
				within++
			}
		}
	}
	coverage := float64(within) / float64(len(all))
	t.Coverage = &coverage
	t.Below, t.Above = bounds(ratios, level)
}

// bounds are the ratios between which a new one lies with at least the chance of the level. They hold 1, so that an
// interval always holds its estimate.
func bounds(ratios []float64, level float64) (below, above float64) {
	sorted := slices.Sorted(slices.Values(ratios))
	n, tail := float64(len(sorted)), (1-level)/2
	low := max(1, int(math.Floor((n+1)*tail)))
	high := min(len(sorted), int(math.Ceil((n+1)*(1-tail))))
	return min(1, sorted[low-1]), max(1, sorted[high-1])
}

func median(of []float64) float64 {
	slices.Sort(of)
	n := len(of)
	return (of[(n-1)/2] + of[n/2]) / 2
}
