package likelihood

import (
	"math"
	"slices"
)

// Parameter is one fitted number of a model.
type Parameter struct {
	Name    string  // as in the paper of the model
	Value   float64 // in the time unit of the data where it has one
	StdErr  float64 // from the observed information; NaN where the parameter ran to zero or infinity
	AtBound bool    // ran to zero or infinity: only its effect means anything, not its value
}

// Flag says in what way a best fit is not an ordinary one.
type Flag string

// The flags of a fit.
const (
	Ordinary     Flag = ""              // a peak inside the range
	NoDropOut    Flag = "no_drop_out"   // the log shows no customer leaving
	SameDropOut  Flag = "same_drop_out" // all customers leave at the same rate
	SameRate     Flag = "same_rate"     // all customers buy at the same rate
	SameSpend    Flag = "same_spend"    // all customers spend alike
	LikeAClock   Flag = "like_a_clock"  // buying is more regular than the most regular model tried
	NotConverged Flag = "not_converged" // the climb ended before the peak
)

// Estimate is what a fit gives beside the model itself.
type Estimate struct {
	Parameters    []Parameter
	LogLikelihood float64
	Customers     float64 // sum of the weights
	Tuples        int     // distinct histories that were summed over
	Iterations    int     // Newton steps
	Flags         []Flag  // none for an ordinary fit
	Statement     string  // the flags in plain words, empty for an ordinary fit
}

// Has tells whether the fit carries a flag.
func (e Estimate) Has(f Flag) bool {
	for _, g := range e.Flags {
		if g == f {
			return true
		}
	}
	return false
}

// Drop takes a flag off whose statement another one makes needless.
func (e *Estimate) Drop(f Flag) {
	if e.Has(f) {
		e.Flags = slices.DeleteFunc(e.Flags, func(g Flag) bool { return g == f })
		e.Statement = ""
	}
}

// Add records a flag and what it means.
func (e *Estimate) Add(f Flag, statement string) {
	e.Flags = append(e.Flags, f)
	if e.Statement != "" {
		e.Statement += " "
	}
	e.Statement += statement
}

// Describe makes an Estimate of a peak. scale multiplies the parameters (those that carry the time unit) back to the
// units of the data; standard errors come from the inverse of −Hessian on the parameters that are not at the boundary,
// by the delta rule from the logarithms.
func Describe(p Peak, names []string, scale []float64) Estimate {
	n := len(names)
	e := Estimate{LogLikelihood: p.Value, Iterations: p.Iterations, Parameters: make([]Parameter, n)}
	var free []int
	for i := range n {
		v := math.Exp(p.Theta[i]) * scale[i]
		e.Parameters[i] = Parameter{Name: names[i], Value: v, StdErr: math.NaN(), AtBound: p.AtBound[i]}
		if !p.AtBound[i] {
			free = append(free, i)
		}
	}
	m := len(free)
	info := make([]float64, m*m)
	for r, i := range free {
		for c, j := range free {
			info[r*m+c] = -p.Hessian[i*n+j]
		}
	}
	if cov, err := Invert(info, m); err == nil {
		for r, i := range free {
			e.Parameters[i].StdErr = e.Parameters[i].Value * math.Sqrt(cov[r*m+r])
		}
	}
	if !p.Converged {
		e.Add(NotConverged, "The search ended before it found the best parameters; use this fit with care.")
	}
	return e
}
