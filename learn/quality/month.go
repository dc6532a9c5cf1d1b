package quality

import (
	"math"
	"slices"

	"github.com/kvadrant/kvadrant/internal/date"
)

// MonthState is what is noticed of a month.
type MonthState string

// The states of a month.
const (
	Usual   MonthState = "usual"
	Gap     MonthState = "gap"     // no purchase at all, between months that have some
	Jump    MonthState = "jump"    // far off what its neighbours and its season let expect
	Partial MonthState = "partial" // the running month, which is not judged
)

// Month is what all customers bought in a calendar month, and were expected to buy.
type Month struct {
	Month    date.Date  `json:"month" doc:"Its first day"`
	Lines    int64      `json:"lines"`
	Revenue  int64      `json:"revenue" doc:"Minor units of the base currency"`
	Budget   *int64     `json:"budget" doc:"null is no budget"`
	Expected *int64     `json:"expected" doc:"What its neighbours and its season let expect; null where there is too little to say"`
	State    MonthState `json:"state" enum:"usual,gap,jump,partial"`
}

const (
	// neighbours are looked at on each side of a month.
	neighbours = 3
	// fewestMonths is how many there must be before any can be called unusual.
	fewestMonths = 12
	// fewestYears is how many other years tell the season of a month without its own.
	fewestYears = 3
	// farOff is the least factor between what is and what was expected that makes a jump.
	farOff = 1.5
	// strayed is how many times the usual deviation a jump is off: the usual bound of the modified z-score.
	strayed = 3.5
	// normalMAD makes the median absolute deviation comparable to a standard deviation.
	normalMAD = 1.4826
)

// judge fills the months between the first and the last with purchases and says of each what it is.
//
// The level of a month is the median of the three months on each side. Its season is the median, over the other years, of
// what the same calendar month was in proportion to its level; 1 where there is no other year. Expected is level × season.
// With fewer than three other years the month's own counts among them, so that one that is wrong does not make the others
// look so.
// A month jumps when it is off by a factor of 1.5 at least and, on the logarithmic scale, by more than 3.5 times the usual
// deviation (median absolute deviation × 1.4826) of all months. The running month is not judged.
func judge(months []Month, asOf date.Date) []Month {
	months = throughout(months)
	var whole []int // the months that can be compared
	first, last := span(months)
	running := asOf.MonthStart()
	for i := range months {
		m := &months[i]
		m.State = Usual
		switch {
		case m.Month == running && asOf.AddDays(1).MonthStart() == running:
			m.State = Partial
		case m.Lines == 0 && i > first && i < last:
			m.State = Gap
		case m.Lines > 0:
			whole = append(whole, i)
		}
	}
	if len(whole) < fewestMonths {
		return months
	}
	expected := expect(months, whole)
	var off []float64
	for _, i := range whole {
		if e := expected[i]; e > 0 && months[i].Revenue > 0 {
			off = append(off, math.Abs(math.Log(float64(months[i].Revenue)/e)))
		}
	}
	bound := max(math.Log(farOff), strayed*normalMAD*median(off))
	for _, i := range whole {
		e := expected[i]
		if e <= 0 {
			continue
		}
		rounded := int64(math.Round(e))
		months[i].Expected = &rounded
		if months[i].Revenue <= 0 || math.Abs(math.Log(float64(months[i].Revenue)/e)) > bound {
			months[i].State = Jump
		}
	}
	return months
}

// throughout adds the months between the first and the last that nothing is known of.
func throughout(known []Month) []Month {
	var all []Month
	for _, m := range known {
		for n := len(all); n > 0 && all[n-1].Month.AddMonths(1) < m.Month; n = len(all) {
			all = append(all, Month{Month: all[n-1].Month.AddMonths(1)})
		}
		all = append(all, m)
	}
	return all
}

// span returns the first and the last month with purchases.
func span(months []Month) (first, last int) {
	first, last = len(months), -1
	for i, m := range months {
		if m.Lines > 0 {
			first, last = min(first, i), i
		}
	}
	return first, last
}

// expect returns what each of the months lets expect, 0 where there is nothing to go by.
func expect(months []Month, whole []int) map[int]float64 {
	level, ratio := map[int]float64{}, map[int]float64{}
	for at, i := range whole {
		var around []float64
		for n := max(0, at-neighbours); n <= min(len(whole)-1, at+neighbours); n++ {
			if n != at {
				around = append(around, float64(months[whole[n]].Revenue))
			}
		}
		if level[i] = median(around); level[i] > 0 {
			ratio[i] = float64(months[i].Revenue) / level[i]
		}
	}
	expected := map[int]float64{}
	for _, i := range whole {
		var season, own []float64
		for _, o := range whole {
			if r, ok := ratio[o]; ok && months[o].Month[5:7] == months[i].Month[5:7] {
				if o == i {
					own = append(own, r)
				} else {
					season = append(season, r)
				}
			}
		}
		expected[i] = level[i]
		if len(season) > 0 && len(season) < fewestYears {
			season = append(season, own...)
		}
		if len(season) > 0 {
			expected[i] *= median(season)
		}
	}
	return expected
}

// median of no values is 0.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// monthFindings counts the months that are not usual, of those between the first and the last.
func monthFindings(months []Month) []Finding {
	var of, gaps, jumps int64
	first, last := span(months)
	for i, m := range months {
		if i < first || i > last || m.State == Partial {
			continue
		}
		of++
		switch m.State {
		case Gap:
			gaps++
		case Jump:
			jumps++
		}
	}
	return []Finding{{Key: gapMonths, Weight: Serious, Count: gaps, Of: of}, {Key: jumpMonths, Weight: Hint, Count: jumps, Of: of}}
}
