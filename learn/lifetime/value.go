package lifetime

import "math"

// WeeksPerMonth is the constant that the Python package lifetimes turns months into weeks with.
const WeeksPerMonth = 4.345

// Plan is over what time and at what interest a customer's value to come is counted.
type Plan struct {
	Steps    int     // number of steps, such as 12 months
	Step     float64 // length of one in the model's unit of time, such as WeeksPerMonth
	Interest float64 // per step, such as 0.01
	Margin   float64 // share of revenue that is left after the cost of the goods, 1 for revenue itself
}

// Flow is what a customer is expected to buy and bring in, step by step.
type Flow struct {
	Purchases []float64 // per step
	Revenue   []float64 // per step, in money, not discounted
	Value     []float64 // per step: margin of the revenue, discounted to the end of observation
	Total     float64   // sum of Value: the customer lifetime value over the plan
}

// Value is the customer lifetime value of a customer over the plan as lifetimes' customer_lifetime_value: what it is
// expected to buy in every step, times mean spend, times margin, discounted by (1+interest)^−step. alive is P(alive), ahead
// its future if alive, spend the expected spend per purchase (spend.GammaGamma.Mean) in money.
func (p Plan) Value(alive float64, ahead Process, spend float64) Flow {
	f := Flow{make([]float64, p.Steps), make([]float64, p.Steps), make([]float64, p.Steps), 0}
	before := 0.0
	for i := range p.Steps {
		until := alive * ahead.Expected(float64(i+1)*p.Step)
		f.Purchases[i] = until - before
		before = until
		f.Revenue[i] = f.Purchases[i] * spend
		f.Value[i] = f.Revenue[i] * p.Margin * math.Pow(1+p.Interest, -float64(i+1))
		f.Total += f.Value[i]
	}
	return f
}

// ResidualValue is the customer lifetime value without a horizon, as CLVTools' predicted.CLV: DERT × spend × margin. rate
// is continuous, per unit of time (CLVTools' default is ln 1.1).
func ResidualValue(m Model, c Tuple, rate, spend, margin float64) float64 {
	return Residual(m, c, rate) * spend * margin
}

// Group is one of the five groups of FIELD.md P5.
type Group string

// The five groups. The source names the fourth "not now" and puts it between "later only" and "neither" without saying what
// it is. Here it is the customers of whom nothing is earned now and of whom it is open whether anything will be: a purchase is
// neither likely nor unlikely, or too little is known to say. That keeps the order of the source (each group is worth less
// than the one before it), leaves nobody between two groups, and gives the group an act of its own: spend nothing on them now,
// and look again.
const (
	NowAndLater Group = "now_and_later" // profitable now, and likely to be later
	Now         Group = "now"           // profitable now; that it will be later is not likely, or unknown
	LaterOnly   Group = "later_only"    // not profitable now, but likely to be later
	NotNow      Group = "not_now"       // not profitable now; later is open
	Neither     Group = "neither"       // not profitable now, and unlikely to be later
)

// What counts as likely and unlikely: an even chance, and one in ten.
const (
	Likely   = 0.5
	Unlikely = 0.1
)

// Classify puts a customer into one of the five groups. now is the margin of the window, later the expected margin to come, both
// in money; chance is that of another purchase. A later or a chance that is NaN is unknown.
func Classify(now, later, chance float64) Group {
	likely := later > 0 && chance >= Likely
	switch {
	case now > 0 && likely:
		return NowAndLater
	case now > 0:
		return Now
	case likely:
		return LaterOnly
	case later <= 0 || chance < Unlikely:
		return Neither
	}
	return NotNow
}

// CashFlow is the cumulative cash flow of FIELD.md P5: acquisition cost once, then revenue above cost.
type CashFlow struct {
	Cumulative []float64 // after every step; the first stands before any revenue and is −acquisition
	PaidBack   int       // first step after which the flow is not below zero and the cost is earned; −1 if never
	Lowest     float64   // how much is bound at most, ≤ 0
}

// Accumulate adds up the cash flow of one customer or of a group; revenue and cost are per step, in money. A missing cost
// is none.
func Accumulate(acquisition float64, revenue, cost []float64) CashFlow {
	c := CashFlow{Cumulative: []float64{-acquisition}, PaidBack: -1, Lowest: math.Min(0, -acquisition)}
	sum := -acquisition
	if sum >= 0 {
		c.PaidBack = 0
	}
	for i, r := range revenue {
		sum += r
		if i < len(cost) {
			sum -= cost[i]
		}
		c.Cumulative = append(c.Cumulative, sum)
		c.Lowest = math.Min(c.Lowest, sum)
		if c.PaidBack < 0 && sum >= 0 {
			c.PaidBack = i + 1
		}
	}
	return c
}

// Newcomer is what a new customer is worth who is like those that the models were fitted on (P5: new customers from similar
// ones): the first purchase at once, then what the fresh process brings. spend is the mean per purchase over all customers
// (spend.GammaGamma.Population), first that of first purchases, in money.
func Newcomer(m Model, spend, first float64, p Plan) Flow {
	f := p.Value(1, m, spend)
	f.Total += first * p.Margin
	return f
}
