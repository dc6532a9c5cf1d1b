package demo

import (
	"math"
	"math/rand/v2"
	"strings"
)

// size is how much a customer could buy: the row of the matrix, before anybody
// has stated a potential.
type size int

const (
	small size = iota
	medium
	large
	sizes = iota
)

// stage is how much of it the customer buys here: the column of the matrix.
type stage int

const (
	never  stage = iota // has never bought
	lost                // has bought, but not in the last story year
	bubble              // buys a little of what it needs
	sailer              // buys about half
	loyal               // buys nearly all
	stages = iota
)

// proportions are the story's figures for the customers of one size.
type proportions struct {
	customers int             // of 100
	potential float64         // mean DKK a year
	spread    float64         // sigma of its logarithm
	stages    [stages]int     // of 100
	known     [4]int          // declared, surveyed, imported, no potential; of 100
	visits    [stages]float64 // a year
	staff     [2]float64      // fewest and most employees
}

// story returns the proportions by size. They are chosen so that the matrix
// shows what the field's case shows: few large customers bring most of the
// revenue on few visits, and small ones who already buy what they need are
// visited out of habit.
func story(s size) proportions {
	switch s {
	case large:
		return proportions{
			customers: 6, potential: 1_600_000, spread: 0.28,
			stages: [stages]int{never: 4, lost: 5, bubble: 28, sailer: 31, loyal: 32},
			known:  [4]int{82, 12, 3, 3},
			visits: [stages]float64{never: 1.5, lost: 1, bubble: 1.6, sailer: 4.6, loyal: 5.4},
			staff:  [2]float64{80, 2500},
		}
	case medium:
		return proportions{
			customers: 15, potential: 150_000, spread: 0.45,
			stages: [stages]int{never: 4, lost: 9, bubble: 39, sailer: 29, loyal: 19},
			known:  [4]int{76, 11, 4, 9},
			visits: [stages]float64{never: 0.5, lost: 0.4, bubble: 0.9, sailer: 1.4, loyal: 1.6},
			staff:  [2]float64{12, 160},
		}
	default:
		return proportions{
			customers: 79, potential: 10_000, spread: 0.45,
			stages: [stages]int{never: 4, lost: 15, bubble: 30, sailer: 30, loyal: 21},
			known:  [4]int{68, 10, 5, 17},
			visits: [stages]float64{never: 0.25, lost: 0.15, bubble: 0.35, sailer: 1.05, loyal: 1.25},
			staff:  [2]float64{1, 20},
		}
	}
}

// profile is one invented customer: who it is, and what it is like to sell to.
type profile struct {
	no               int // from 1
	country, dept    int
	city, industry   int
	size             size
	private          bool // a person, not an organisation
	seller           int  // index of people
	parent           int  // no of the group's head; 0 = none
	name             string
	stage            stage
	potential, share float64 // DKK a year now; share of it bought here
	currency         int
	regular          bool    // buys at even intervals
	trend            float64 // factor from one story year to the next
	from, to         int     // days of the first and last possible purchase
	gapFrom, gapTo   int     // absent between these days: won back after
	waning           waning
}

// waning is how a good customer begins to leave in the last months: what early warnings are for.
type waning int

const (
	steady  waning = iota
	smaller        // orders are much smaller than they were
	rarer          // orders have become few
)

const (
	wanesFrom   = 150_000 // DKK a year: whoever buys less buys too seldom for a change to show
	waningDays  = 110     // how long before the last day it began
	waningShare = 0.8     // of the last year's revenue that is left; orders before were larger by it, so that the customer stays in its cell
)

// wanes tells how the customer wanes on a day.
func (p *profile) wanes(day, last int) waning {
	if day <= last-waningDays {
		return steady
	}
	return p.waning
}

// yearly is the DKK a year the customer means to buy here in a story year.
func (p *profile) yearly(year int) float64 {
	const inflation = 1.03
	return p.potential * p.share * math.Pow(p.trend*inflation, float64(year-lastYear))
}

func (p *profile) buysOn(day int) bool {
	return day >= p.from && day <= p.to && (day < p.gapFrom || day >= p.gapTo)
}

// identity fills in who customer no is. It uses a sequence of its own, so a
// subsidiary can ask for its parent's identity without knowing its trade.
func (s *scribe) identity(p *profile, no int) {
	s.identities.Seed(s.w.seed, mix(streamIdentity, uint64(no)))
	r := s.identityRand
	*p = profile{no: no}
	switch n := r.IntN(100); {
	case n < story(large).customers:
		p.size = large
	case n < story(large).customers+story(medium).customers:
		p.size = medium
	}
	p.dept = s.w.departmentWeights.pick(r)
	d := &s.w.departments[p.dept]
	p.country = d.country
	p.city = r.IntN(len(d.cities))
	p.industry = s.w.industryWeights[p.size].pick(r)
	p.seller = d.sellers[r.IntN(len(d.sellers))]
	c := &s.w.countries[p.country]
	templates := c.templates[s.w.industries[p.industry].name]
	p.private = p.size == small && r.IntN(40) == 0
	if p.private {
		p.name = c.personName(r)
	} else {
		p.name = c.fill(templates[r.IntN(len(templates))], d.cities[p.city].name, r)
	}
	if !p.private && r.IntN(30) == 0 {
		p.parent = max(no-1-r.IntN(40), 0)
	}
}

// fill replaces the places of a name template: {s} surname, {w} sea word,
// {t} town. Most names without a town get it appended, as companies do where
// the bare name is taken; it keeps doubles rare.
func (c *country) fill(template, town string, r *rand.Rand) string {
	var b strings.Builder
	if !strings.Contains(template, "{t}") && r.IntN(4) > 0 {
		template += c.suffix()
	}
	for {
		before, rest, ok := strings.Cut(template, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		what, after, _ := strings.Cut(rest, "}")
		switch what {
		case "s":
			b.WriteString(c.surnames[r.IntN(len(c.surnames))])
		case "w":
			b.WriteString(c.words[r.IntN(len(c.words))])
		default:
			b.WriteString(town)
		}
		template = after
	}
}

// suffix is how a town is appended to a name.
func (c *country) suffix() string {
	if c.code == "TW" {
		return "（{t}）"
	}
	return " {t}"
}

// settleGroup keeps the parent only when that customer is itself the head of a
// group and an organisation in the same country, and then takes its name and
// industry.
func (s *scribe) settleGroup(p *profile) {
	if p.parent == 0 {
		return
	}
	var head profile
	s.identity(&head, p.parent)
	if head.parent != 0 || head.private || head.country != p.country {
		p.parent = 0
		return
	}
	p.industry = head.industry
	p.name = head.name + " – " + s.w.departments[p.dept].cities[p.city].name
}

// character draws how the customer buys.
func (s *scribe) character(p *profile) {
	r, about := s.tradeRand, story(p.size)
	p.potential = about.potential * math.Exp(r.NormFloat64()*about.spread-about.spread*about.spread/2)
	n := r.IntN(100)
	for n >= about.stages[p.stage] {
		n -= about.stages[p.stage]
		p.stage++
	}
	ranges := [stages][2]float64{never: {0, 0}, lost: {0.05, 0.6}, bubble: {0.03, 0.21}, sailer: {0.29, 0.55}, loyal: {0.66, 0.88}}
	p.share = between(r, ranges[p.stage][0], ranges[p.stage][1])
	currencies := s.w.countries[p.country].currencies
	p.currency = currencies[0]
	if p.size != small && r.IntN(4) == 0 {
		p.currency = currencies[r.IntN(len(currencies))]
	}
	p.regular = r.IntN(100) < 55
	switch n := r.IntN(100); {
	case n < 28:
		p.trend = between(r, 1.08, 1.45)
	case n < 50:
		p.trend = between(r, 0.72, 0.94)
	default:
		p.trend = between(r, 0.96, 1.05)
	}
	s.lifespan(p)
	if p.stage >= sailer && p.yearly(lastYear) > wanesFrom {
		// Not drawn from the sequence, which would change whoever is steady too.
		if n := int(mix(streamWaning, s.w.seed^uint64(p.no)) % 12); n < s.w.scale.waning {
			p.waning = waning(n%2) + smaller
		}
	}
}

// lifespan draws when the customer came, left, and was won back.
func (s *scribe) lifespan(p *profile) {
	r, c := s.tradeRand, &s.w.calendar
	p.from, p.to = c.firstDay(), c.lastDay()
	p.gapFrom, p.gapTo = p.to+1, p.to+1
	if r.IntN(100) < 28 { // came during the story; few in its last year
		p.from += r.IntN(c.storyStart[lastYear] - p.from + 90)
	}
	switch p.stage {
	case never:
		p.to = p.from - 1
	case lost:
		p.from = min(p.from, c.storyStart[2])
		p.to = p.from + 120 + r.IntN(c.storyStart[lastYear]-p.from-120)
	default:
		if r.IntN(100) < 7 {
			p.from = c.firstDay()
			p.gapFrom = p.from + 150 + r.IntN(500)
			p.gapTo = p.gapFrom + 400 + r.IntN(350)
		}
	}
}

func between(r *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }
