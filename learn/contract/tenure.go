package contract

import (
	"fmt"
	"math"
	"slices"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// Tenure is how long a customer was seen under contract.
type Tenure struct {
	Time   float64 // ≥ 0, in any unit
	Left   bool    // left at that time; false: still there, and nothing is known after it
	Weight float64 // customers
}

// Step is the survival curve from one time at which somebody left to the next.
type Step struct {
	Time     float64
	AtRisk   float64 // were there just before
	Left     float64 // left then
	Survival float64 // share still there after it
	StdErr   float64 // of Survival, Greenwood's formula
	Low      float64 // lower end of the interval on the logarithmic scale
	High     float64 // upper end, at most 1
}

// Curve is a Kaplan–Meier estimate of the share still there after a time (Kaplan, Meier 1958), with the interval of R's
// survfit: S·exp(±z·se/S).
type Curve struct {
	Steps     []Step
	Customers float64
	Last      float64 // longest time seen; beyond it nothing is known
}

// KaplanMeier estimates the curve; level is that of the interval, such as 0.95. Customers who left and who were still there
// at the same time: leaving comes first. Errors: nobody, or a time or weight that cannot be.
func KaplanMeier(rows []Tenure, level float64) (Curve, error) {
	z := -normalQuantile((1 - level) / 2)
	var c Curve
	for i, r := range rows {
		if !(r.Time >= 0) || math.IsInf(r.Time, 0) || !(r.Weight > 0) || math.IsInf(r.Weight, 0) {
			return c, fmt.Errorf("row %d (time %g, weight %g): a time is not negative, a weight positive", i, r.Time, r.Weight)
		}
		c.Customers += r.Weight
		c.Last = math.Max(c.Last, r.Time)
	}
	if c.Customers == 0 {
		return c, ErrNoCustomers
	}
	sorted := byTime(rows)
	risk, survival, greenwood := c.Customers, 1.0, 0.0
	for i := 0; i < len(sorted); {
		t, left, gone := sorted[i].Time, 0.0, 0.0
		for ; i < len(sorted) && sorted[i].Time == t; i++ {
			gone += sorted[i].Weight
			if sorted[i].Left {
				left += sorted[i].Weight
			}
		}
		if left > 0 {
			stay := math.Max(0, risk-left)
			if i == len(sorted) && gone == left {
				stay = 0 // the last ones all left: no rounding of weights may keep a trace
			}
			survival *= stay / risk
			greenwood += left / (risk * stay)
			c.Steps = append(c.Steps, step(t, risk, left, survival, greenwood, z))
		}
		risk -= gone
	}
	return c, nil
}

func byTime(rows []Tenure) []Tenure {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b Tenure) int {
		switch {
		case a.Time < b.Time:
			return -1
		case a.Time > b.Time:
			return 1
		}
		return 0
	})
	return sorted
}

func step(t, risk, left, survival, greenwood, z float64) Step {
	s := Step{Time: t, AtRisk: risk, Left: left, Survival: survival}
	if survival <= 0 {
		s.StdErr, s.Low, s.High = math.NaN(), math.NaN(), math.NaN()
		return s
	}
	relative := math.Sqrt(greenwood)
	s.StdErr = survival * relative
	s.Low = survival * math.Exp(-z*relative)
	s.High = math.Min(1, survival*math.Exp(z*relative))
	return s
}

// At is the curve at time t: the step in force, and Survival 1 before the first. Beyond Last it is the last step; ask
// whether t ≤ Last.
func (c Curve) At(t float64) Step {
	n, found := slices.BinarySearchFunc(c.Steps, t, func(s Step, t float64) int {
		switch {
		case s.Time < t:
			return -1
		case s.Time > t:
			return 1
		}
		return 0
	})
	switch {
	case found:
		return c.Steps[n]
	case n == 0:
		return Step{Time: t, AtRisk: c.Customers, Survival: 1, Low: 1, High: 1}
	}
	return c.Steps[n-1]
}

// Quantile is the time by which the given share has left, 0 < share < 1: the first at which the curve is at or below
// 1 − share, and the middle of the flat piece where it is exactly there, as R's quantile.survfit. NaN when not so many left.
func (c Curve) Quantile(share float64) float64 {
	want := 1 - share
	for i, s := range c.Steps {
		if math.Abs(s.Survival-want) < 1e-12 && i+1 < len(c.Steps) {
			return (s.Time + c.Steps[i+1].Time) / 2
		}
		if s.Survival <= want+1e-12 {
			return s.Time
		}
	}
	return math.NaN()
}

// Median is the time by which half have left; NaN when fewer did.
func (c Curve) Median() float64 { return c.Quantile(0.5) }

// RestrictedMean is the mean time a customer stays, counted up to limit at most: the area under the curve, and its standard
// error after Greenwood (as R's print(survfit, rmean = limit)).
func (c Curve) RestrictedMean(limit float64) (mean, stdErr float64) {
	areas := make([]float64, len(c.Steps)) // under the curve from each step to the limit
	level, from := 1.0, 0.0
	for i, s := range c.Steps {
		if s.Time >= limit {
			break
		}
		mean += level * (s.Time - from)
		level, from = s.Survival, s.Time
		areas[i] = -1
	}
	mean += level * math.Max(0, limit-from)
	area, until := 0.0, limit
	variance := 0.0
	for i := len(c.Steps) - 1; i >= 0; i-- {
		if areas[i] == 0 {
			continue
		}
		s := c.Steps[i]
		area += s.Survival * (until - s.Time)
		until = s.Time
		if stay := s.AtRisk - s.Left; stay > 0 {
			variance += area * area * s.Left / (s.AtRisk * stay)
		}
	}
	return mean, math.Sqrt(variance)
}

// Comparison is a test whether groups stay equally long.
type Comparison struct {
	ChiSquared float64
	Freedom    int
	P          float64   // the chance of such a difference if there is none
	Observed   []float64 // left, per group
	Expected   []float64 // would have left if all groups were alike
}

// LogRank compares the tenures of two or more groups (Mantel 1966; Peto, Peto 1972; R's survdiff). Errors: fewer than two
// groups, an empty one, or nobody left.
func LogRank(groups [][]Tenure) (Comparison, error) {
	g := len(groups)
	if g < 2 {
		return Comparison{}, ErrOneGroup
	}
	var all []member
	risk := make([]float64, g)
	for i, rows := range groups {
		if len(rows) == 0 {
			return Comparison{}, fmt.Errorf("group %d: %w", i, ErrNoCustomers)
		}
		for _, r := range byTime(rows) {
			all = append(all, member{r, i})
			risk[i] += r.Weight
		}
	}
	slices.SortStableFunc(all, func(a, b member) int {
		switch {
		case a.Time < b.Time:
			return -1
		case a.Time > b.Time:
			return 1
		}
		return 0
	})
	c := Comparison{Freedom: g - 1, Observed: make([]float64, g), Expected: make([]float64, g)}
	v := make([]float64, g*g)
	for i := 0; i < len(all); {
		t := all[i].Time
		gone, left := make([]float64, g), 0.0
		total := 0.0
		for _, r := range risk {
			total += r
		}
		for ; i < len(all) && all[i].Time == t; i++ {
			gone[all[i].group] += all[i].Weight
			if all[i].Left {
				left += all[i].Weight
				c.Observed[all[i].group] += all[i].Weight
			}
		}
		c.add(v, risk, total, left)
		for j := range risk {
			risk[j] -= gone[j]
		}
	}
	m := g - 1
	cut := make([]float64, m*m)
	for i := range m {
		copy(cut[i*m:(i+1)*m], v[i*g:i*g+m])
	}
	inverse, err := likelihood.Invert(cut, m)
	if err != nil {
		return c, ErrNobodyLeft
	}
	for i := range m {
		for j := range m {
			c.ChiSquared += (c.Observed[i] - c.Expected[i]) * inverse[i*m+j] * (c.Observed[j] - c.Expected[j])
		}
	}
	c.P = chiSquaredTail(c.ChiSquared, float64(m))
	return c, nil
}

type member struct {
	Tenure
	group int
}

// add is one time at which left of total left: expected per group, and the hypergeometric covariance.
func (c *Comparison) add(v, risk []float64, total, left float64) {
	if left == 0 {
		return
	}
	g := len(risk)
	for i := range g {
		c.Expected[i] += left * risk[i] / total
		if total <= 1 {
			continue
		}
		f := left * (total - left) / (total - 1)
		for j := range g {
			same := 0.0
			if i == j {
				same = risk[i] / total
			}
			v[i*g+j] += f * (same - risk[i]/total*risk[j]/total)
		}
	}
}

// normalQuantile is the inverse of the normal distribution function.
func normalQuantile(p float64) float64 { return -math.Sqrt2 * math.Erfcinv(2*p) }

// chiSquaredTail is the chance that a chi-squared variable exceeds x: regularised upper incomplete gamma of half of both.
func chiSquaredTail(x, freedom float64) float64 {
	a, h := freedom/2, x/2
	if h <= 0 {
		return 1
	}
	front := math.Exp(a*math.Log(h) - h - likelihood.LogGamma(a))
	if h < a+1 {
		term, sum := 1/a, 1/a
		for n := 1.0; n < 10_000 && term > 1e-17*sum; n++ {
			term *= h / (a + n)
			sum += term
		}
		return math.Max(0, 1-front*sum)
	}
	// Γ(a, h) = h^a e^−h · e^h E_{1−a}(h)
	return front * likelihood.ScaledExponentialIntegral(1-a, h)
}
