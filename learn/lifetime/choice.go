package lifetime

import (
	"math"
	"sort"
)

// Candidate is one model in a choice.
type Candidate struct {
	Name    string
	Fit     Fit
	HoldOut HoldOut
	Error   error // why it could not be fitted
	Chosen  bool
}

// Choice is the outcome of a test of all models on the company's own log.
type Choice struct {
	Candidates []Candidate // best first; those that failed last
	Naive      HoldOut     // everybody goes on as before
	Beats      bool        // the chosen model errs less than the naive rule, or as much
}

// close is how near to the smallest error another still counts as no worse: below one half of a percent customers would
// tell them apart by chance.
const close = 0.005

// Choose fits every model of the package for buying at any time on the calibration and tests each on the hold-out of
// length t: of those whose root mean squared error is within half a percent of the smallest, the one whose total is nearest
// to the truth is chosen. The mean squared error is the yardstick because its best answer is the expectation, which is what
// the models give; the mean absolute error would favour a model that says "nothing" for the many who do not buy.
//
// Models whose log carries no gaps (LogGaps all zero) are tried without regularity. customers[i] belongs to actual[i].
func Choose(customers []Tuple, actual []float64, t float64, last int) Choice {
	tuples := Tally(customers)
	gaps := false
	for _, c := range tuples {
		gaps = gaps || c.LogGaps != 0
	}
	fits := []struct {
		name string
		fit  func() (Fit, error)
	}{
		{"NBD", func() (Fit, error) { return FitNBD(tuples) }},
		{"Pareto/NBD", func() (Fit, error) { return FitPareto(tuples) }},
		{"BG/NBD", func() (Fit, error) { return FitBetaGeometric(tuples, 1, false) }},
		{"MBG/NBD", func() (Fit, error) { return FitBetaGeometric(tuples, 1, true) }},
	}
	if gaps {
		fits = append(fits, struct {
			name string
			fit  func() (Fit, error)
		}{"MBG/CNBD-k", func() (Fit, error) { return FitRegular(tuples, true, 0) }})
	}
	out := Choice{Naive: Naive(customers, actual, t, last)}
	for _, f := range fits {
		c := Candidate{Name: f.name}
		if c.Fit, c.Error = f.fit(); c.Error == nil {
			c.Name = c.Fit.Model.Name()
			if b, ok := c.Fit.Model.(BetaGeometric); ok && f.name == "MBG/CNBD-k" && b.K == 1 {
				continue // no regularity: that is the MBG/NBD above
			}
			c.HoldOut = Evaluate(c.Fit.Model, customers, actual, t, last)
		}
		out.Candidates = append(out.Candidates, c)
	}
	rank(out.Candidates)
	if len(out.Candidates) > 0 && out.Candidates[0].Error == nil {
		out.Candidates[0].Chosen = true
		out.Beats = out.Candidates[0].HoldOut.RMSE <= out.Naive.RMSE
	}
	return out
}

func rank(c []Candidate) {
	best := math.Inf(1)
	for _, x := range c {
		if x.Error == nil {
			best = math.Min(best, x.HoldOut.RMSE)
		}
	}
	class := func(x Candidate) int {
		switch {
		case x.Error != nil:
			return 2
		case x.HoldOut.RMSE > best*(1+close):
			return 1
		}
		return 0
	}
	sort.SliceStable(c, func(i, j int) bool {
		a, b := c[i], c[j]
		if x, y := class(a), class(b); x != y {
			return x < y
		}
		if class(a) == 0 {
			x, y := math.Abs(a.HoldOut.Expected-a.HoldOut.Actual), math.Abs(b.HoldOut.Expected-b.HoldOut.Actual)
			return x < y-1e-4*(1+b.HoldOut.Actual) // alike: the simpler one, which stands first
		}
		return a.HoldOut.RMSE < b.HoldOut.RMSE
	})
}

// Segment is a group of customers fitted on its own.
type Segment struct {
	Name   string
	Tuples []Tuple
}

// FitSegments fits the chosen kind of model to every segment of at least smallest repeat buyers, and to all customers
// together for the rest (P5: new customers from similar ones). It returns the fit for all and one per segment; own tells
// which segments have their own. A segment whose own fit fails or does not converge takes that of all.
func FitSegments(segments []Segment, smallest float64, fit func([]Tuple) (Fit, error)) (all Fit, each []Fit, own []bool, err error) {
	var rows []Tuple
	for _, s := range segments {
		rows = append(rows, s.Tuples...)
	}
	if all, err = fit(Tally(rows)); err != nil {
		return all, nil, nil, err
	}
	each, own = make([]Fit, len(segments)), make([]bool, len(segments))
	for i, s := range segments {
		repeaters := 0.0
		for _, c := range s.Tuples {
			if c.Frequency > 0 {
				repeaters += c.Weight
			}
		}
		each[i] = all
		if repeaters < smallest {
			continue
		}
		if f, failed := fit(Tally(s.Tuples)); failed == nil && !f.Has("not_converged") {
			each[i], own[i] = f, true
		}
	}
	return all, each, own, nil
}
