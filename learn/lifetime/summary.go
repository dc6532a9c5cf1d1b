package lifetime

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Purchase is one line of a log.
type Purchase struct {
	Customer int     // number of the customer
	Day      int     // days since 1970-01-01
	Amount   float64 // in money; a return is negative
}

// Period is what counts as one purchase occasion.
type Period string

// The periods; all lines of a customer in one period are one purchase, their amounts added.
const (
	Daily   Period = "day"
	Weekly  Period = "week"  // Monday to Sunday
	Monthly Period = "month" // calendar month
)

// Observation is how a log is looked at.
type Observation struct {
	End     int     // last day that counts, days since 1970-01-01; later lines are left out
	HoldOut int     // last day of the hold-out after it; 0 for none
	Period  Period  // Daily when empty
	Unit    float64 // periods per unit of time: 7 with Daily gives times in weeks; 1 when zero
}

// Summary is what the models need to know of a customer: frequency, recency, age and money as lifetimes, BTYD and CLVTools
// define them.
type Summary struct {
	Customer  int
	Frequency float64   // distinct periods with a purchase, less one
	Recency   float64   // time from the first to the last of them
	Age       float64   // time from the first to the end of observation
	Monetary  float64   // mean amount per repeat period; 0 when there is none
	First     float64   // amount of the first period
	LogGaps   float64   // Σ ln(gap)
	Gaps      []float64 // the gaps, oldest first
	Later     float64   // hold-out: periods with a purchase
	LaterMean float64   // hold-out: mean amount of them
}

// Tuple of the summary, with weight 1.
func (s Summary) Tuple() Tuple {
	return Tuple{Frequency: s.Frequency, Recency: s.Recency, Age: s.Age, LogGaps: s.LogGaps, Weight: 1}
}

// Summarise turns a log into one summary per customer who bought until the end, in the order of their numbers. A period
// whose amounts add up to less than zero holds only returns: it is no purchase and its amount is left out; nothing for
// nothing (zero) is a purchase. Errors: an unknown period, an amount that is not a number.
func Summarise(log []Purchase, o Observation) ([]Summary, error) {
	if o.Unit == 0 {
		o.Unit = 1
	}
	if !(o.Unit > 0) || (o.Period != "" && o.Period != Daily && o.Period != Weekly && o.Period != Monthly) {
		return nil, fmt.Errorf("an observation by %q with %g periods to the unit makes no sense", o.Period, o.Unit)
	}
	sorted := slices.Clone(log)
	slices.SortStableFunc(sorted, func(a, b Purchase) int {
		if a.Customer != b.Customer {
			return a.Customer - b.Customer
		}
		return a.Day - b.Day
	})
	var out []Summary
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && sorted[n].Customer == sorted[0].Customer {
			n++
		}
		s, bought, err := o.customer(sorted[:n])
		if err != nil {
			return nil, err
		}
		if bought {
			out = append(out, s)
		}
		sorted = sorted[n:]
	}
	return out, nil
}

// occasion is a period with its amount.
type occasion struct {
	at     int
	amount float64
}

func (o Observation) customer(lines []Purchase) (Summary, bool, error) {
	s := Summary{Customer: lines[0].Customer}
	end := o.period(o.End)
	var before, after []occasion
	for _, l := range lines {
		if math.IsNaN(l.Amount) || math.IsInf(l.Amount, 0) {
			return s, false, fmt.Errorf("customer %d has an amount on day %d that is not a number", l.Customer, l.Day)
		}
		list := &before
		switch {
		case l.Day > o.End && l.Day > o.HoldOut:
			continue
		case l.Day > o.End:
			list = &after
		}
		at := o.period(l.Day)
		if n := len(*list); n > 0 && (*list)[n-1].at == at {
			(*list)[n-1].amount += l.Amount
		} else {
			*list = append(*list, occasion{at, l.Amount})
		}
	}
	returns := func(p occasion) bool { return p.amount < 0 }
	before, after = slices.DeleteFunc(before, returns), slices.DeleteFunc(after, returns)
	if len(before) == 0 {
		return s, false, nil
	}
	first, last := before[0], before[len(before)-1]
	s.First = first.amount
	s.Frequency = float64(len(before) - 1)
	s.Recency = float64(last.at-first.at) / o.Unit
	s.Age = float64(end-first.at) / o.Unit
	for i, p := range before[1:] {
		gap := float64(p.at-before[i].at) / o.Unit
		s.Gaps = append(s.Gaps, gap)
		s.LogGaps += math.Log(gap)
		s.Monetary += p.amount / s.Frequency
	}
	s.Later = float64(len(after))
	for _, p := range after {
		s.LaterMean += p.amount / s.Later
	}
	return s, true, nil
}

// period numbers the day's period.
func (o Observation) period(day int) int {
	switch o.Period {
	case Weekly: // day 0 was a Thursday
		return floorDiv(day+3, 7)
	case Monthly:
		t := time.Unix(int64(day)*86400, 0).UTC()
		return t.Year()*12 + int(t.Month()) - 1
	}
	return day
}

func floorDiv(a, b int) int {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}
