package lifetime

import "github.com/kvadrant/kvadrant/learn/likelihood"

// Question is what is asked of every customer.
type Question struct {
	Horizons []float64 // units of time ahead to expect purchases for
	Rate     float64   // continuous interest per unit of time for the residual; 0 to leave it out
	Level    float64   // of the interval of the next purchase, such as 0.8; 0 to leave the next purchase out
	Within   float64   // horizon for the chance of a purchase
	Plan     Plan      // value to come; Steps 0 to leave it out
}

// Answer is what a model says of one customer.
type Answer struct {
	Alive    float64
	Expected []float64 // per horizon
	Residual float64   // discounted residual purchases
	Worth    float64   // of the plan for a spend of 1 per purchase: times mean spend it is the lifetime value
	Next     Next
}

// Score answers the question for every customer, on all processors. Customers with the same history, and for all but the
// CNBD models those with the same frequency and age, share the costly part; the answers do not depend on how the work was
// spread.
func Score(m Model, customers []Tuple, q Question) []Answer {
	key := func(c Tuple) [3]float64 { return [3]float64{c.Frequency, c.Age, 0} }
	if b, ok := m.(BetaGeometric); ok && b.K > 1 {
		key = func(c Tuple) [3]float64 { return [3]float64{c.Frequency, c.Age, c.Recency} }
	}
	group, first := distinct(customers, key)
	shared := make([]Answer, len(first))
	numbers := make([]float64, len(first)*len(q.Horizons))
	likelihood.Each(len(first), func(low, high int) {
		for g := low; g < high; g++ {
			p := m.Ahead(customers[first[g]])
			a := Answer{Expected: numbers[g*len(q.Horizons) : (g+1)*len(q.Horizons)]}
			for i, t := range q.Horizons {
				a.Expected[i] = p.Expected(t)
			}
			if q.Rate > 0 {
				a.Residual = p.Residual(q.Rate)
			}
			if q.Level > 0 {
				a.Next = next(p, 1, q.Within, q.Level)
			}
			if q.Plan.Steps > 0 {
				a.Worth = q.Plan.Value(1, p, 1).Total
			}
			shared[g] = a
		}
	})
	out := make([]Answer, len(customers))
	expected := make([]float64, len(customers)*len(q.Horizons))
	likelihood.Each(len(customers), func(low, high int) {
		for i := low; i < high; i++ {
			a := shared[group[i]]
			alive := m.Alive(customers[i])
			mine := expected[i*len(q.Horizons) : (i+1)*len(q.Horizons)]
			for h, v := range a.Expected {
				mine[h] = alive * v
			}
			a.Alive, a.Expected, a.Residual, a.Worth = alive, mine, alive*a.Residual, alive*a.Worth
			a.Next.Chance *= alive
			a.Next.Within *= alive
			out[i] = a
		}
	})
	return out
}
