// Package rfm places customers by recency, frequency and money: points (FIELD.md P4), quantile cells and the break-even of
// a mailing (C7; Hughes).
package rfm

import (
	"errors"
	"fmt"
	"math"

	"github.com/kvadrant/kvadrant/internal/date"
)

// Purchase is one purchase of a customer.
type Purchase struct {
	Date   date.Date
	Amount float64 // in money; a return is negative
}

// Band gives points to customers whose last purchase is not longer ago than a number of months.
type Band struct {
	Months int     `json:"months" minimum:"1" doc:"How far back the band reaches from the date."`
	Points float64 `json:"points" minimum:"0"`
}

// Rules are the settings of the points.
type Rules struct {
	Bands  []Band  `json:"bands" nullable:"false" doc:"Recency, the shortest first."`
	Window int     `json:"window_months" doc:"Months before the date whose purchases count for frequency and money."`
	Factor float64 `json:"factor" doc:"Points for each purchase."`
	Rate   float64 `json:"rate" doc:"Points for each whole unit of the base currency of a purchase: 0.1 for 10 %."`
	Cap    float64 `json:"cap" doc:"The most points that one purchase can give: keeps one odd purchase from distorting."`
}

// Default are the rules of the source (P4): quarter 24, half-year 12, nine months 6, year 3; purchases of the year × 4; 10 %
// of each, at most 9.
func Default() Rules {
	return Rules{[]Band{{3, 24}, {6, 12}, {9, 6}, {12, 3}}, 12, 4, 0.10, 9}
}

// Validate tells what is wrong with rules, nil if nothing.
func (r Rules) Validate() error {
	for i, b := range r.Bands {
		if b.Months < 1 || (i > 0 && b.Months <= r.Bands[i-1].Months) {
			return fmt.Errorf("band %d: its months must be at least 1 and more than those of the band before", i+1)
		}
		if !(b.Points >= 0) || (i > 0 && b.Points > r.Bands[i-1].Points) {
			return fmt.Errorf("band %d: its points must not be negative nor more than those of the band before", i+1)
		}
	}
	if len(r.Bands) == 0 || r.Window < 1 || !(r.Factor >= 0) || !(r.Rate >= 0) || !(r.Cap >= 0) {
		return errors.New("points need at least one band, a window of at least a month, and factors that are not negative")
	}
	return nil
}

// Points of one customer.
type Points struct{ Recency, Frequency, Money, Total float64 }

// Score gives the points as of a date. A band of three months as of 30 June reaches back to 31 March, not to the 30th (months
// as the calendar has them), so that a year has 365 days; later purchases than the as-of date do not count. Each element is one
// purchase: add the lines of one day up before. Returns and purchases of nothing count as no purchase and give no points.
func (r Rules) Score(purchases []Purchase, asOf date.Date) Points {
	var p Points
	last := date.Date("")
	start := asOf.AddMonths(-r.Window)
	for _, b := range purchases {
		if b.Date > asOf || !(b.Amount > 0) {
			continue
		}
		last = max(last, b.Date)
		if b.Date > start {
			p.Frequency += r.Factor
			p.Money += math.Min(r.Cap, r.Rate*b.Amount)
		}
	}
	if last != "" {
		for _, b := range r.Bands {
			if last > asOf.AddMonths(-b.Months) {
				p.Recency = b.Points
				break
			}
		}
	}
	p.Total = p.Recency + p.Frequency + p.Money
	return p
}
