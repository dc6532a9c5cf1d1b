package allocation

import (
	"math"
	"slices"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Part is how many customers of a segment get a spend.
type Part struct {
	Customers float64 `json:"customers" doc:"Round it: the total changes by less than one customer's return."`
	Spend     float64 `json:"spend"`
}

// Share is what a segment gets.
type Share struct {
	Name      string   `json:"name"`
	Customers int64    `json:"customers"`
	Spend     float64  `json:"spend" doc:"Mean per customer."`
	Return    float64  `json:"return" doc:"Mean per customer."`
	Total     float64  `json:"total_return"`
	Money     float64  `json:"total_spend"`
	Even      float64  `json:"even_return" doc:"Mean per customer where the money is spread evenly."`
	Now       *float64 `json:"now_return" doc:"Mean per customer at today's spend; null where that is unknown."`
	Parts     []Part   `json:"parts" nullable:"false" doc:"Where two spends are mixed: how many customers get which. One part is everybody alike."`
	Marginal  float64  `json:"marginal" doc:"What one more unit of money would bring here; 0 where no more can be spent."`
	Curve     *Curve   `json:"curve" doc:"The fitted response; null where the points count."`
	Adbudg    *Adbudg  `json:"adbudg,omitempty" doc:"Little's response, where that was asked for."`
}

// Totals are what a way of spreading the money costs and brings.
type Totals struct {
	Spend      float64 `json:"spend"`
	Return     float64 `json:"return"`
	MeanSpend  float64 `json:"mean_spend" doc:"Per customer."`
	MeanReturn float64 `json:"mean_return" doc:"Per customer."`
}

// Step is a piece of money and where it goes: the ladder of what is bought first.
type Step struct {
	Name     string  `json:"name"`
	From     float64 `json:"from" doc:"Spend per customer."`
	To       float64 `json:"to"`
	Money    float64 `json:"money" doc:"What the whole step costs."`
	Marginal float64 `json:"marginal" doc:"What each unit of it brings."`
	Taken    float64 `json:"taken" doc:"How much of it the budget buys, 0 to 1."`
}

// Sense is the total at a budget.
type Sense struct {
	Budget float64 `json:"budget"`
	Return float64 `json:"return"`
	Price  float64 `json:"price" doc:"What one more unit brings there."`
}

// Plan is the answer: the spend of each segment that brings most in total.
type Plan struct {
	Shares      []Share `json:"shares" nullable:"false"`
	Best        Totals  `json:"best"`
	Even        Totals  `json:"even" doc:"The same money, the same for every customer as far as the bounds allow."`
	Now         *Totals `json:"now" doc:"Today's spread; null unless it is known for every segment that has customers."`
	Left        float64 `json:"left" doc:"Money that is not spent: nothing more can be bought with it, or nothing worth it."`
	ShadowPrice float64 `json:"shadow_price" doc:"What one more unit of money would bring."`
	Ladder      []Step  `json:"ladder" nullable:"false" doc:"By the points: each step, the one that brings most first."`
	Sensitivity []Sense `json:"sensitivity" nullable:"false" doc:"Total return against budget, from the least that service takes to where more money brings nothing."`
	Minimum     float64 `json:"minimum" doc:"What the least spends of all segments cost together."`
	Maximum     float64 `json:"maximum" doc:"From there on more money brings nothing more."`
}

// response is what is known of a segment's answer to spend, within its bounds.
type response struct {
	segment   Segment
	n         float64 // customers
	low, high float64 // of the mean spend per customer
	given     []Point
	hull      []Point // from low on, by the points
	curve     *Curve  // or the fitted one
	adbudg    *Adbudg // whose points, closely drawn, stand in given
	floor     float64 // a unit must bring more than this to be spent
}

// Solve finds the best plan. Faults: those of Validate, and allocation.budget_too_small where the least spends already cost
// more than the budget.
func Solve(p Problem) (Plan, error) {
	if err := p.Validate(); err != nil {
		return Plan{}, err
	}
	all := make([]response, len(p.Segments))
	plan := Plan{Shares: []Share{}, Ladder: []Step{}, Sensitivity: []Sense{}}
	for i, s := range p.Segments {
		all[i] = newResponse(s, p)
		plan.Minimum += all[i].n * all[i].low
	}
	if plan.Minimum > p.Budget*(1+slack)+slack {
		return Plan{}, fault.New(fault.Invalid, "allocation.budget_too_small",
			"The least spends of all segments cost %s together, more than the budget of %s. Raise the budget or lower a least spend.", digits(plan.Minimum), digits(p.Budget)).
			At("budget", "Give at least %s.", digits(plan.Minimum))
	}
	s := solver{all: all, minimum: plan.Minimum}
	s.climb()
	plan.Maximum = s.maximum
	best, even := s.spend(p.Budget), spreadEvenly(all, p.Budget)
	plan.ShadowPrice = s.price(p.Budget)
	plan.Shares = shares(all, best, even)
	plan.Best, plan.Even, plan.Now = totals(all, best, response.at), totals(all, even, response.uniform), today(all)
	plan.Left = max(0, p.Budget-plan.Best.Spend)
	if p.Method == ByPoints {
		plan.Ladder = s.ladder(p.Budget)
	}
	plan.Sensitivity = s.sensitivity()
	return plan, nil
}

func newResponse(s Segment, p Problem) response {
	r := response{segment: s, low: s.Least, high: max(s.Least, s.most()), n: float64(s.Customers), given: s.given()}
	if p.Gross {
		r.floor = 1
	}
	if p.Method == ByCurve {
		c := fit(s.Points)
		r.curve = &c
		return r
	}
	if p.Method == ByAdbudg {
		a := fitAdbudg(s)
		a.Drawn = a.draw(s)
		r.adbudg, r.given, s.Points = &a, a.Drawn, a.Drawn
	}
	r.hull = s.reachable()
	return r
}

// at is the mean return at a mean spend, customers mixed as is best.
func (r response) at(spend float64) float64 {
	if r.curve != nil {
		return r.curve.at(spend)
	}
	return between(r.hull, spend)
}

// uniform is the return where every customer gets the same.
func (r response) uniform(spend float64) float64 {
	if r.curve != nil {
		return r.curve.at(spend)
	}
	return between(r.given, spend)
}

// piece is a straight part of a segment's envelope.
type piece struct {
	of       int
	from, to float64
	slope    float64
}

func (p piece) money(all []response) float64 { return all[p.of].n * (p.to - p.from) }

// solver buys what brings most first.
type solver struct {
	all              []response
	pieces           []piece // by falling slope; none for curves
	minimum, maximum float64
}

// climb cuts the envelopes into pieces and sorts them; for curves it finds where more money brings nothing worth it.
func (s *solver) climb() {
	s.maximum = s.minimum
	for i, r := range s.all {
		if r.n == 0 {
			continue
		}
		if r.curve != nil {
			s.maximum += r.n * (r.wanting(r.floor) - r.low)
			continue
		}
		for j := 1; j < len(r.hull); j++ {
			p := piece{of: i, from: r.hull[j-1].Spend, to: min(r.hull[j].Spend, r.high), slope: slope(r.hull[j-1], r.hull[j])}
			if p.to > p.from && p.slope > r.floor {
				s.pieces = append(s.pieces, p)
				s.maximum += p.money(s.all)
			}
		}
	}
	slices.SortStableFunc(s.pieces, func(a, b piece) int {
		switch {
		case a.slope > b.slope:
			return -1
		case a.slope < b.slope:
			return 1
		}
		return 0
	})
}

// wanting is the spend at which the next unit brings no more than price, within the bounds.
func (r response) wanting(price float64) float64 {
	if r.curve.marginal(r.low) <= price {
		return r.low
	}
	if price <= 0 {
		return r.high
	}
	return min(r.high, max(r.low, r.curve.reaching(price)))
}

// spend is the mean spend of each segment under a budget.
func (s *solver) spend(budget float64) []float64 {
	spend := make([]float64, len(s.all))
	for i, r := range s.all {
		spend[i] = r.low
	}
	left := budget - s.minimum
	if s.curved() {
		price := s.price(budget)
		for i, r := range s.all {
			spend[i] = r.wanting(max(price, r.floor))
		}
		return s.fitted(spend, budget)
	}
	for _, p := range s.pieces {
		cost := p.money(s.all)
		if cost <= left*(1+slack) {
			spend[p.of], left = p.to, max(0, left-cost)
			continue
		}
		spend[p.of] += left / s.all[p.of].n
		break
	}
	return spend
}

// fitted takes off what bisection left over the budget, so that the budget holds to the last digit.
func (s *solver) fitted(spend []float64, budget float64) []float64 {
	over := -budget
	for i, r := range s.all {
		over += r.n * spend[i]
	}
	for i, r := range s.all {
		if over <= 0 {
			break
		}
		if take := min(over, r.n*(spend[i]-r.low)); take > 0 {
			spend[i], over = spend[i]-take/r.n, over-take
		}
	}
	return spend
}

func (s *solver) curved() bool { return s.all[0].curve != nil }

// price is what one more unit of money brings at a budget.
func (s *solver) price(budget float64) float64 {
	if budget >= s.maximum*(1-slack) {
		return 0
	}
	if !s.curved() {
		left := budget - s.minimum
		for _, p := range s.pieces {
			cost := p.money(s.all)
			if cost > left*(1+slack) {
				return p.slope
			}
			left = max(0, left-cost)
		}
		return 0
	}
	low, high := math.Inf(1), 0.0
	for _, r := range s.all {
		if r.n > 0 {
			high = max(high, r.curve.marginal(r.low))
			low = min(low, max(r.curve.marginal(r.high), r.floor, 1e-300))
		}
	}
	low, high = math.Log(low), math.Log(max(high, 1e-300))
	for range 200 { // halving logarithms of prices: beyond the last digit
		middle := (low + high) / 2
		money := 0.0
		for _, r := range s.all {
			money += r.n * r.wanting(math.Exp(middle))
		}
		if money > budget {
			low = middle
		} else {
			high = middle
		}
	}
	return math.Exp(high)
}

// total is the return under a budget.
func (s *solver) total(budget float64) float64 {
	sum := 0.0
	for i, spend := range s.spend(budget) {
		sum += s.all[i].n * s.all[i].at(spend)
	}
	return sum
}

func (s *solver) ladder(budget float64) []Step {
	steps := []Step{}
	left := budget - s.minimum
	for _, p := range s.pieces {
		cost := p.money(s.all)
		taken := min(1, max(0, left)/cost)
		if taken > 1-slack {
			taken = 1
		}
		left -= cost
		steps = append(steps, Step{Name: s.all[p.of].segment.Name, From: p.from, To: p.to, Money: cost, Marginal: p.slope, Taken: taken})
	}
	return steps
}

// budgets is in how many steps the curve of total against budget is drawn.
const budgets = 40

func (s *solver) sensitivity() []Sense {
	all := []Sense{}
	for i := range budgets + 1 {
		b := s.minimum + (s.maximum-s.minimum)*float64(i)/budgets
		all = append(all, Sense{Budget: b, Return: s.total(b), Price: s.price(b)})
		if s.maximum == s.minimum {
			break
		}
	}
	return all
}

// spreadEvenly gives every customer the same, as far as the bounds allow: the level is found by halving.
func spreadEvenly(all []response, budget float64) []float64 {
	low, high := 0.0, 0.0
	for _, r := range all {
		high = max(high, r.high)
	}
	at := func(level float64) ([]float64, float64) {
		spend, money := make([]float64, len(all)), 0.0
		for i, r := range all {
			spend[i] = min(r.high, max(r.low, level))
			money += r.n * spend[i]
		}
		return spend, money
	}
	if spend, money := at(high); money <= budget {
		return spend
	}
	for range 200 {
		middle := (low + high) / 2
		if _, money := at(middle); money > budget {
			high = middle
		} else {
			low = middle
		}
	}
	spend, _ := at(low)
	return spend
}

func totals(all []response, spend []float64, returned func(response, float64) float64) Totals {
	var t Totals
	n := 0.0
	for i, r := range all {
		n += r.n
		t.Spend += r.n * spend[i]
		t.Return += r.n * returned(r, spend[i])
	}
	if n > 0 {
		t.MeanSpend, t.MeanReturn = t.Spend/n, t.Return/n
	}
	return t
}

// today is what today's spread brings, as far as the given spends tell.
func today(all []response) *Totals {
	spend := make([]float64, len(all))
	for i, r := range all {
		if r.segment.Now == nil && r.n > 0 || r.segment.Now != nil && !r.tells(*r.segment.Now) {
			return nil
		}
		if r.segment.Now != nil {
			spend[i] = *r.segment.Now
		}
	}
	t := totals(all, spend, response.uniform)
	return &t
}

// tells reports whether the given points speak of a spend: beyond them nothing is known.
func (r response) tells(spend float64) bool {
	return spend >= r.given[0].Spend && spend <= r.given[len(r.given)-1].Spend
}

func shares(all []response, best, even []float64) []Share {
	out := make([]Share, len(all))
	for i, r := range all {
		spend := best[i]
		s := Share{Name: r.segment.Name, Customers: r.segment.Customers, Spend: spend, Return: r.at(spend), Even: r.uniform(even[i]), Parts: r.parts(spend), Curve: r.curve, Adbudg: r.adbudg}
		s.Total, s.Money = r.n*s.Return, r.n*spend
		if r.segment.Now != nil && r.tells(*r.segment.Now) {
			now := r.uniform(*r.segment.Now)
			s.Now = &now
		}
		s.Marginal = r.next(spend)
		out[i] = s
	}
	return out
}

// next is what the next unit brings at a spend, 0 where no more can be spent.
func (r response) next(spend float64) float64 {
	if spend >= r.high-slack || r.n == 0 {
		return 0
	}
	if r.curve != nil {
		return r.curve.marginal(spend)
	}
	for j := 1; j < len(r.hull); j++ {
		if spend < r.hull[j].Spend-slack {
			return max(0, slope(r.hull[j-1], r.hull[j]))
		}
	}
	return 0
}

// parts says how many customers get which spend.
func (r response) parts(spend float64) []Part {
	if r.curve == nil {
		for j := 1; j < len(r.hull); j++ {
			a, b := r.hull[j-1], r.hull[j]
			if spend > a.Spend+slack && spend < b.Spend-slack {
				if r.adbudg != nil && b.Spend-a.Spend < 2*r.given[1].Spend {
					break // neighbours on the curve
				}
				more := r.n * (spend - a.Spend) / (b.Spend - a.Spend)
				return []Part{{r.n - more, a.Spend}, {more, b.Spend}}
			}
		}
	}
	return []Part{{r.n, spend}}
}
