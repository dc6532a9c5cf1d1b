package lifetime

import (
	"fmt"
	"math"
	"slices"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// MaxRegularity is the largest k that FitRegular tries unless told otherwise: beyond it buying is a clock.
const MaxRegularity = 12

// FitRegular fits MBG/CNBD-k (or BG/CNBD-k) with the k that makes the log most likely. The likelihood is followed upwards
// from k = 1 until it has fallen twice, at most to limit (0 means MaxRegularity). Without LogGaps only k = 1 is sound, so the
// tuples must carry them. Errors as FitBetaGeometric.
func FitRegular(tuples []Tuple, dropoutAtZero bool, limit int) (Fit, error) {
	if limit <= 0 {
		limit = MaxRegularity
	}
	var best Fit
	falls := 0
	for k := 1; k <= limit && falls < 2; k++ {
		f, err := FitBetaGeometric(tuples, k, dropoutAtZero)
		if err != nil {
			return f, err
		}
		if k == 1 || f.LogLikelihood > best.LogLikelihood {
			best, falls = f, 0
		} else {
			falls++
		}
	}
	if m := best.Model.(BetaGeometric); m.K == limit && limit > 1 {
		best.Add(likelihood.LikeAClock, fmt.Sprintf("The gaps between purchases are at least as even as the most regular model tried (k = %d) makes them: customers buy as by the calendar.", limit))
	}
	return best, nil
}

// WheatMorrison estimates the regularity k without a model (Wheat, Morrison 1990, "Estimating Purchase Regularity with Two
// Interpurchase Times"): of every customer with at least two gaps the share M of one of the last two in both; var M =
// 1/(4(2k+1)) when gaps are Erlang-k. The peers draw by lot which of the two it is; here both count, so the variance is taken
// about one half and the figure is always the same. gaps holds each customer's times between purchases, oldest first, in any
// unit. 1 means buying at random, more means regular, less means in bunches. NaN when nobody has two gaps.
func WheatMorrison(gaps [][]float64) float64 {
	var n, squares float64
	for _, g := range gaps {
		if len(g) < 2 {
			continue
		}
		a, b := g[len(g)-2], g[len(g)-1]
		if !(a >= 0 && b >= 0 && a+b > 0) {
			continue
		}
		m := a/(a+b) - 0.5
		n++
		squares += m * m
	}
	if n == 0 {
		return math.NaN()
	}
	variance := squares / n
	return (1 - 4*variance) / (8 * variance)
}

// Gaps are the times between the distinct sorted times of one customer's purchases.
func Gaps(times []float64) []float64 {
	times = slices.Compact(slices.Sorted(slices.Values(times)))
	var out []float64
	for i := 1; i < len(times); i++ {
		out = append(out, times[i]-times[i-1])
	}
	return out
}
