package goal

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// The ways to share a goal out.
const (
	ByPotential = "potential" // unused potential
	ByCustomers = "customers"
	ByRevenue   = "revenue"
)

// Part is what a unit or a person is to contribute.
type Part struct {
	UnitID     id.ID   `json:"unit_id"`
	PersonID   id.ID   `json:"person_id,omitempty"`
	Direct     bool    `json:"direct,omitempty" doc:"Only the unit itself, without those below it."`
	Name       string  `json:"name"`
	Customers  int64   `json:"customers" doc:"Whom the goal counts there."`
	Weight     float64 `json:"weight" doc:"By what it is shared out: unused potential and revenue in minor units."`
	StartValue float64 `json:"start_value"`
	Amount     float64 `json:"amount" doc:"By how much it is to change."`
	Target     float64 `json:"target"`
	GoalID     id.ID   `json:"goal_id,omitempty" doc:"The goal of this part, where there is one."`
	most       int64   // how much it can contribute at most; negative where nothing limits it
}

// Split is a goal shared out to the parts below.
type Split struct {
	By        string  `json:"by" enum:"potential,customers,revenue"`
	Amount    float64 `json:"amount" doc:"What the parts make together: target less start."`
	Level     bool    `json:"level" doc:"Every part is to reach the same level, since the values of parts do not add up."`
	Parts     []Part  `json:"parts" nullable:"false"`
	Left      float64 `json:"left" doc:"What no part has; not 0 only where there is no part."`
	Unplaced  int64   `json:"unplaced" doc:"Customers of the goal that belong to none of the parts, since nobody looks after them."`
	StartLeft float64 `json:"start_left" doc:"What those make of the start."`
}

// Fixed is the amount that somebody gave a part.
type Fixed struct {
	UnitID   id.ID   `json:"unit_id"`
	PersonID id.ID   `json:"person_id,omitempty"`
	Direct   bool    `json:"direct,omitempty"`
	Amount   float64 `json:"amount"`
}

func (f Fixed) is(p Part) bool {
	return f.UnitID == p.UnitID && f.PersonID == p.PersonID && f.Direct == p.Direct
}

// apportion shares whole units out in proportion to the weights by the largest remainder, none above what it can take;
// what does not fit goes to the others. Where all weights are 0 everybody counts alike, and where not everything fits the
// limits do not count. The shares always add up to n.
func apportion(n int64, weights []float64, most []int64) []int64 {
	shares := make([]int64, len(weights))
	if len(weights) == 0 || n == 0 {
		return shares
	}
	if n < 0 {
		for i, s := range apportion(-n, weights, most) {
			shares[i] = -s
		}
		return shares
	}
	room := int64(0)
	for _, m := range most {
		if m < 0 || room+m >= n {
			room = n
			break
		}
		room += m
	}
	open := make([]int, 0, len(weights))
	for i := range weights {
		open = append(open, i)
	}
	for n > 0 && len(open) > 0 {
		given := remainders(n, weights, open)
		next := open[:0:0]
		rest := int64(0)
		for j, i := range open {
			shares[i] += given[j]
			if room >= n && most != nil && most[i] >= 0 && shares[i] >= most[i] {
				rest += shares[i] - most[i]
				shares[i] = most[i]
				continue
			}
			next = append(next, i)
		}
		n, room, open = rest, rest, next
	}
	return shares
}

// remainders shares n out to the open places in proportion to their weights.
func remainders(n int64, weights []float64, open []int) []int64 {
	total := 0.0
	for _, i := range open {
		total += max(weights[i], 0)
	}
	given, parts := make([]int64, len(open)), make([]float64, len(open))
	left := n
	for j, i := range open {
		share := float64(n) / float64(len(open))
		if total > 0 {
			share = float64(n) * (max(weights[i], 0) / total)
		}
		given[j] = min(int64(math.Floor(share)), left)
		parts[j] = share - float64(given[j])
		left -= given[j]
	}
	order := make([]int, len(open))
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(parts[b], parts[a]) })
	for j := 0; left > 0; j = (j + 1) % len(order) {
		given[order[j]]++
		left--
	}
	return given
}

// share fills in the amounts: what was fixed stands, the rest is shared out among the other parts. Fault: goal.sum_kept when
// every part is fixed and they do not make the amount.
func (s *Split) share(target float64, fixed []Fixed) error {
	if s.Level {
		for i := range s.Parts {
			p := &s.Parts[i]
			p.Target, p.Amount = target, target-p.StartValue
		}
		return nil
	}
	rest := math.Round(s.Amount)
	var open []int
	var weights []float64
	var most []int64
	for i := range s.Parts {
		at := slices.IndexFunc(fixed, func(f Fixed) bool { return f.is(s.Parts[i]) })
		if at < 0 {
			open, weights, most = append(open, i), append(weights, s.Parts[i].Weight), append(most, s.Parts[i].most)
			continue
		}
		s.Parts[i].Amount = math.Round(fixed[at].Amount)
		rest -= s.Parts[i].Amount
	}
	if len(open) == 0 && rest != 0 && len(s.Parts) > 0 {
		return sumKept(s.Amount, s.Amount-rest)
	}
	for j, n := range apportion(int64(rest), weights, most) {
		s.Parts[open[j]].Amount = float64(n)
		rest -= float64(n)
	}
	s.Left = rest
	for i := range s.Parts {
		s.Parts[i].Target = s.Parts[i].StartValue + s.Parts[i].Amount
	}
	return nil
}

// sumKept is the fault of parts that do not make the whole.
func sumKept(want, have float64) error {
	text := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	word, by := "missing", want-have
	if by < 0 {
		word, by = "too many", -by
	}
	return fault.New(fault.Invalid, "goal.sum_kept", "The parts make %s together, the goal needs %s: %s %s. Change a part, or have the difference spread over the others.",
		text(have), text(want), text(by), word).At("parts", "Their sum must stay %s.", text(want))
}

// following are the targets of a goal's parts after its own was changed: the amounts keep their proportions, in whole units whose
// sum is the goal's; where values do not add up every part is to reach the goal's level.
func (g *Goal) following(parts []*Goal) []float64 {
	targets, weights := make([]float64, len(parts)), make([]float64, len(parts))
	sum := 0.0
	for i, p := range parts {
		targets[i], weights[i] = g.Target, math.Abs(p.Target-p.StartValue)
		sum += p.Target - p.StartValue
	}
	amount := math.Round(g.Target - g.StartValue)
	if !g.What.Kind.additive() {
		return targets
	}
	if sum == amount { // the target stayed: so do the parts, whatever their signs
		for i, p := range parts {
			targets[i] = p.Target
		}
		return targets
	}
	for i, n := range apportion(int64(amount), weights, nil) {
		targets[i] = parts[i].StartValue + float64(n)
	}
	return targets
}
