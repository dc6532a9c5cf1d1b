package allocation

import (
	"math"

	"github.com/kvadrant/kvadrant/internal/date"
)

// The value of a customer whose margin is m a year, of whose like the share r buys again in each year, at an interest of d:
//
//	m + m·r/(1+d) + m·r²/(1+d)² + … = m·(1+d) / (1+d−r)
//
// the margin of the first year whole, and every later one as likely as the customer is still there and worth less the later
// it comes (Gupta, Lehmann, Managing Customers as Investments, with the first year counted). Losing fewer customers raises r.

// leastBuyers is how many customers must have bought before a retention is told: of fewer, one more or less moves it by
// more than three points.
const leastBuyers = 30

// Value is the discounted value of a customer.
func Value(margin, retention, interest float64) float64 {
	return margin * (1 + interest) / (1 + interest - retention)
}

// Fewer is the retention after fewer losses: by a share of the losses, or by points of all customers; never above all.
func Fewer(retention, by float64, points bool) float64 {
	if points {
		return min(1, retention+by)
	}
	return 1 - (1-retention)*(1-by)
}

// Loyal is the loyalty arithmetic of one segment. Money is in minor units.
type Loyal struct {
	Key       string   `json:"key" doc:"The segment's value of the measure it is cut by; empty for customers without one."`
	Buyers    int64    `json:"buyers" doc:"Bought in the window before."`
	Kept      int64    `json:"kept" doc:"Of those: bought in the window after it too."`
	Retention *float64 `json:"retention" doc:"Per year; null where too few bought."`
	After     *float64 `json:"retention_after" doc:"With fewer losses."`
	Margin    *int64   `json:"margin" doc:"Per buying customer and year."`
	Value     *int64   `json:"value" doc:"Of a customer, discounted."`
	ValueThen *int64   `json:"value_after" doc:"Of a customer, with fewer losses."`
	Rise      *float64 `json:"rise" doc:"By what share the value rises."`
	Gain      *int64   `json:"gain" doc:"Of all buying customers of the segment together."`
	Buying    int64    `json:"buying" doc:"Bought in the window up to the date."`
	TooFew    string   `json:"too_few,omitempty" doc:"Why there is no value."`
}

// Arithmetic is what fewer losses are worth, by segment.
type Arithmetic struct {
	AsOf        date.Date `json:"as_of"`
	Then        date.Date `json:"then" doc:"The version before, whose buyers are looked for again."`
	Months      int       `json:"months" doc:"Between the two, and the window of each."`
	Currency    string    `json:"currency"`
	By          string    `json:"by"`
	Fewer       float64   `json:"fewer"`
	Points      bool      `json:"points"`
	Interest    float64   `json:"interest" doc:"Per year, of the settings of lifetime value."`
	All         Loyal     `json:"all"`
	Segments    []Loyal   `json:"segments" nullable:"false"`
	Acquisition *int64    `json:"acquisition_cost" doc:"What it costs to win a customer, of the settings of lifetime value; null where nobody said."`
	Keeping     *int64    `json:"keeping_cost" doc:"What it cost to serve a customer that was kept, on average and a year; null while that is not computed."`
	KeepNote    string    `json:"keeping_note,omitempty" doc:"Why there is no cost of keeping."`
}

// counted is what the two versions say of a segment: fine units.
type counted struct {
	key                  string
	buyers, kept, buying int64
	margin               float64 // minor units, of those who buy
}

func (c *counted) add(d counted) {
	c.buyers, c.kept, c.buying, c.margin = c.buyers+d.buyers, c.kept+d.kept, c.buying+d.buying, c.margin+d.margin
}

// reckon works a segment out; years is the length of the window.
func (c counted) reckon(years, interest, fewer float64, points bool) Loyal {
	l := Loyal{Key: c.key, Buyers: c.buyers, Kept: c.kept, Buying: c.buying}
	switch {
	case c.buyers < leastBuyers:
		l.TooFew = "Fewer than 30 customers bought in the time before: too few to tell how many stay."
		return l
	case c.buying == 0:
		l.TooFew = "Nobody bought in the window, so there is no margin to reckon with."
		return l
	}
	r := math.Pow(float64(c.kept)/float64(c.buyers), 1/years)
	after := Fewer(r, fewer, points)
	m := c.margin / years / float64(c.buying)
	value, then := Value(m, r, interest), Value(m, after, interest)
	margin, before, later := whole(m), whole(value), whole(then)
	gain := whole((then - value) * float64(c.buying))
	l.Retention, l.After, l.Margin, l.Value, l.ValueThen, l.Gain = &r, &after, &margin, &before, &later, &gain
	if value > 0 {
		rise := then/value - 1
		l.Rise = &rise
	} else {
		l.TooFew = "These customers cost more than they bring, so keeping more of them is worth nothing by itself."
	}
	return l
}

// whole rounds money to what JSON carries exactly.
func whole(x float64) int64 { return int64(math.Round(max(-9e15, min(9e15, x)))) }
