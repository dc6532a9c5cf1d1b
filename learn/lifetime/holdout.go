package lifetime

import (
	"math"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// HoldOut compares what a model expected of the customers with what they did in a time it had not seen.
type HoldOut struct {
	Actual    float64 // purchases of all
	Expected  float64 // expected purchases of all
	MAE       float64 // mean absolute error per customer
	RMSE      float64 // root of the mean squared error
	Corr      float64 // Pearson's correlation of expected and actual; NaN if one of them never varies
	Alive     float64 // mean P(alive)
	Customers float64
	Bins      []Bin // by calibration frequency
}

// Bin is the conditional expectation of the customers with one calibration frequency.
type Bin struct {
	Frequency int  // x
	AndMore   bool // the last bin holds x and more
	Customers float64
	Actual    float64 // mean purchases in the hold-out
	Expected  float64 // mean expected
}

// Evaluate tests a model on customers whose purchases in the time t after observation are known: actual[i] belongs to
// customers[i]. last is the frequency from which on customers share a bin, such as 7. The lengths must be equal.
func Evaluate(m Model, customers []Tuple, actual []float64, t float64, last int) HoldOut {
	answers := Score(m, customers, Question{Horizons: []float64{t}})
	expected := make([]float64, len(customers))
	alive := make([]float64, len(customers))
	for i, a := range answers {
		expected[i], alive[i] = a.Expected[0], a.Alive
	}
	return Compare(customers, expected, alive, actual, last)
}

// Naive tests the rule that a model has to beat: everybody goes on buying at the rate of the calibration, x/T.
func Naive(customers []Tuple, actual []float64, t float64, last int) HoldOut {
	expected, alive := make([]float64, len(customers)), make([]float64, len(customers))
	for i, c := range customers {
		alive[i] = 1
		if c.Age > 0 {
			expected[i] = c.Frequency / c.Age * t
		}
	}
	return Compare(customers, expected, alive, actual, last)
}

// Compare holds what was expected of each customer against what came; only Frequency and Weight of the customers count. It
// sums weighted errors: nine sums, then two per bin and the bin's weight.
func Compare(customers []Tuple, expected, alive, actual []float64, last int) HoldOut {
	s := likelihood.Sum(len(customers), 9+3*(last+1), func(low, high int, s []float64) {
		for i := low; i < high; i++ {
			w, e, a := customers[i].Weight, expected[i], actual[i]
			for j, v := range [9]float64{1, a, e, math.Abs(e - a), (e - a) * (e - a), e * e, a * a, e * a, alive[i]} {
				s[j] += w * v
			}
			b := 9 + 3*min(last, int(customers[i].Frequency))
			s[b] += w
			s[b+1] += w * a
			s[b+2] += w * e
		}
	})
	n := s[0]
	h := HoldOut{Actual: s[1], Expected: s[2], MAE: s[3] / n, RMSE: math.Sqrt(s[4] / n), Alive: s[8] / n, Customers: n}
	h.Corr = (s[7] - s[2]*s[1]/n) / math.Sqrt((s[5]-s[2]*s[2]/n)*(s[6]-s[1]*s[1]/n))
	for x := range last + 1 {
		b := s[9+3*x:]
		bin := Bin{Frequency: x, AndMore: x == last, Customers: b[0]}
		if b[0] > 0 {
			bin.Actual, bin.Expected = b[1]/b[0], b[2]/b[0]
		}
		h.Bins = append(h.Bins, bin)
	}
	return h
}

// Week is one step of the tracking chart.
type Week struct {
	Until                float64 // end of the step, in units of time from the first customer's first purchase
	Actual, Expected     float64 // repeat purchases in the step, of all customers
	ActualSum, ExpectSum float64 // and from the beginning
}

// Track is the expected number of repeat purchases of all customers step by step through calibration and hold-out: every
// customer counts from its own first purchase (Fader, Hardie, Lee 2005). customers are those of the calibration, whose
// observation ends at one date; step is the length of a step and steps their number; actual the purchases per step, or nil.
func Track(m Model, customers []Tuple, step float64, steps int, actual []float64) []Week {
	weight := make(map[float64]float64)
	var ages []float64
	oldest := 0.0
	for _, c := range customers {
		if _, ok := weight[c.Age]; !ok {
			ages = append(ages, c.Age)
		}
		weight[c.Age] += c.Weight
		oldest = math.Max(oldest, c.Age)
	}
	out := make([]Week, steps)
	track(m, ages, weight, oldest, step, out)
	for i := range out {
		out[i].Expected = out[i].ExpectSum
		if i > 0 {
			out[i].Expected -= out[i-1].ExpectSum
			out[i].ActualSum = out[i-1].ActualSum
		}
		if i < len(actual) {
			out[i].Actual = actual[i]
			out[i].ActualSum += actual[i]
		}
	}
	return out
}

func track(m Model, ages []float64, weight map[float64]float64, oldest, step float64, out []Week) {
	for i := range out {
		until := float64(i+1) * step
		sum := likelihood.Sum(len(ages), 1, func(low, high int, s []float64) {
			for _, age := range ages[low:high] {
				if t := until - (oldest - age); t > 0 {
					s[0] += weight[age] * m.Expected(t)
				}
			}
		})
		out[i].Until, out[i].ExpectSum = until, sum[0]
	}
}
