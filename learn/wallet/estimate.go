package wallet

import (
	"cmp"
	"math"
	"slices"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// buyer is a customer that bought something: the number of its cell (customers with equal traits) and its yearly revenue
// in minor units.
type buyer struct {
	cell   int
	amount int64
}

// group is look-alikes: all buyers whose traits agree at its level.
type group struct {
	level    Level
	traits   Traits // those that the level compares
	buyers   int
	estimate int64 // the quantile
	low      int64 // order-statistic interval of the quantile
	high     int64
	mean     float64            // of the same buyers: the naive estimate
	others   []int64            // at the quantiles of a trial
	bought   map[int]categories // by category
}

// tell is the group's estimate for a customer: never below what it buys already.
func (g *group) tell(own int64) int64 { return max(g.estimate, own) }

// judged is which group judges each cell, nil for none, and all groups that judge one.
type judged struct {
	of     []*group
	groups []*group
	member [][]*group // by cell: all groups of those that judge anybody to which its buyers belong
}

type groupKey struct {
	level  Level
	traits Traits
}

// judge finds for each cell the closest level with enough buyers, and each group's quantile.
func judge(cells []Traits, buyers []buyer, d Definition) judged {
	buyers = slices.Clone(buyers)
	slices.SortFunc(buyers, func(a, b buyer) int { return cmp.Compare(a.amount, b.amount) })
	bought := make([]int, len(cells))
	for _, b := range buyers {
		bought[b.cell]++
	}
	sizes := map[groupKey]int{}
	for i, t := range cells {
		if bought[i] == 0 {
			continue
		}
		for _, l := range levels() {
			if at, ok := t.at(l); ok {
				sizes[groupKey{l, at}] += bought[i]
			}
		}
	}
	j := judged{of: make([]*group, len(cells)), member: make([][]*group, len(cells))}
	used := map[groupKey]*group{}
	for i, t := range cells {
		for _, l := range levels() {
			at, ok := t.at(l)
			key := groupKey{l, at}
			if !ok || sizes[key] < d.Minimum {
				continue
			}
			if used[key] == nil {
				used[key] = &group{level: l, traits: at, bought: map[int]categories{}}
				j.groups = append(j.groups, used[key])
			}
			j.of[i] = used[key]
			break
		}
	}
	for i, t := range cells {
		for _, l := range levels() {
			if at, ok := t.at(l); ok && used[groupKey{l, at}] != nil {
				j.member[i] = append(j.member[i], used[groupKey{l, at}])
			}
		}
	}
	j.measure(buyers, sizes, d)
	return j
}

// measure takes the quantiles, level by level: the buyers come in rising order, so each group's come sorted too.
func (j *judged) measure(buyers []buyer, sizes map[groupKey]int, d Definition) {
	ranks := map[int][2]int{}
	for _, l := range levels() {
		amounts := map[*group][]int64{}
		at := make([]*group, len(j.of))
		for i, groups := range j.member {
			for _, g := range groups {
				if g.level == l {
					at[i] = g
				}
			}
		}
		for _, g := range j.groups {
			if g.level == l {
				amounts[g] = make([]int64, 0, sizes[groupKey{l, g.traits}])
			}
		}
		if len(amounts) == 0 {
			continue
		}
		for _, b := range buyers {
			if g := at[b.cell]; g != nil {
				amounts[g] = append(amounts[g], b.amount)
			}
		}
		for g, of := range amounts {
			n := len(of)
			if _, ok := ranks[n]; !ok {
				low, high := interval(n, d.Quantile, d.Level)
				ranks[n] = [2]int{low, high}
			}
			g.buyers, g.estimate = n, quantile(of, d.Quantile)
			g.low, g.high = of[ranks[n][0]-1], of[ranks[n][1]-1]
			sum := 0.0
			for _, x := range of {
				sum += float64(x)
			}
			g.mean = sum / float64(n)
			for _, q := range tried() {
				g.others = append(g.others, quantile(of, q))
			}
		}
	}
}

// rank is the place of a quantile among n sorted values, from 1: the smallest value that at least the share q does not
// exceed (the inverse of the empirical distribution; type 1 of Hyndman and Fan 1996). It is always some customer's.
func rank(n int, q float64) int {
	return min(n, max(1, int(math.Ceil(q*float64(n)-1e-9))))
}

func quantile(sorted []int64, q float64) int64 { return sorted[rank(len(sorted), q)-1] }

// interval returns the ranks, from 1, between which the quantile of the whole kind of customers lies with at least the
// chance level, when n of them are seen: how many of n stay below a quantile is binomial, whatever the distribution (David
// and Nagaraja, Order Statistics, 7.1).
func interval(n int, q, level float64) (low, high int) {
	tail := (1 - level) / 2
	// below(k) is the chance that at most k of n lie below the quantile.
	below := func(k int) float64 {
		if k < 0 {
			return 0
		}
		if k >= n {
			return 1
		}
		return likelihood.IncompleteBeta(1-q, float64(n-k), float64(k+1))
	}
	// The largest low with P(fewer than low) ≤ tail, the smallest high with P(fewer than high) ≥ 1 − tail.
	from, to := 1, n
	for from < to {
		mid := (from + to + 1) / 2
		if below(mid-1) <= tail {
			from = mid
		} else {
			to = mid - 1
		}
	}
	low = from
	from, to = low, n
	for from < to {
		mid := (from + to) / 2
		if below(mid-1) >= 1-tail {
			to = mid
		} else {
			from = mid + 1
		}
	}
	return low, from
}

// leastFor is how many customers an interval needs at least: with fewer, not even the largest of them is likely enough to
// lie above the quantile, or the smallest below.
func leastFor(q, level float64) int {
	tail := (1 - level) / 2
	return int(math.Ceil(max(math.Log(tail)/math.Log(q), math.Log(tail)/math.Log(1-q))))
}
