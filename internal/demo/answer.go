package demo

import (
	"math"
	"math/rand/v2"
)

// answeredPart is how many percent of the customers who ever bought answered something.
const answeredPart = 45

// category is one that satisfaction is asked for, as in the program's own questionnaire.
type category struct {
	key    string
	weight int64
	shift  float64 // from the customer's own mood
}

func categories() [4]category {
	return [4]category{{"products", 3, 0.6}, {"delivery", 2, -0.2}, {"service", 2, 0.3}, {"price", 1, -0.9}}
}

// writeAnswers writes what the customer answered, if it did: those who buy less and less, or left, are less content. Its
// random numbers are a stream of their own, so that the other files do not depend on it.
func (s *scribe) writeAnswers(p *profile) {
	s.asked.Seed(s.w.seed, mix(streamAnswer, uint64(p.no)))
	r := s.askedRand
	if p.stage == never || r.IntN(100) >= answeredPart {
		return
	}
	mood := [stages]float64{lost: 5.2, bubble: 6.9, sailer: 7.6, loyal: 8.4}[p.stage] + 0.9*r.NormFloat64()
	declining := p.trend < 0.95
	if declining {
		mood -= 1.4
	}
	c := &s.w.calendar
	first, last := max(p.from, c.storyStart[lastYear]), min(p.to, c.lastDay())
	if p.stage == lost {
		first = max(p.from, last-90)
	}
	if last <= first {
		return
	}
	day := c.text[c.workday(first+r.IntN(last-first))]
	if r.IntN(100) < 60 {
		for _, one := range categories() {
			s.answer(p, 1, day, "satisfaction", one.key, "satisfaction", graded(r, mood+one.shift, 1, 10), one.weight, "")
		}
	}
	s.answer(p, 2, day, "loyalty", "intention", "intention", intention(r, mood), 1, "")
	s.answer(p, 3, day, "recommendation", "recommendation", "recommendation", graded(r, mood+0.2, 0, 10), 1, "")
	if mood > 8 && r.IntN(3) == 0 {
		s.answer(p, 2, day, "loyalty", "reference", "reference", 1, 1, "")
	}
	if mood < 6.2 && r.IntN(2) == 0 {
		s.answer(p, 4, day, "complaint", "complaint", "complaint", 1, 1, "")
		s.answer(p, 4, day, "complaint", "second_chance", "second_chance", int64(r.IntN(2)), 1, "")
	}
	if p.size != small && r.IntN(2) == 0 {
		for _, b := range [5]string{"willingness", "ability", "reliability", "reachability", "involvement"} {
			s.answer(p, 5, day, "relation", b, b, graded(r, mood, 1, 10), 1, s.w.people[p.seller].name)
		}
	}
}

// answer writes one; number tells the customer's responses apart.
func (s *scribe) answer(p *profile, number int, day, survey, question, topic string, score, weight int64, respondent string) {
	out := s.answers
	out.code('R', p.no, customerDigits, number, 1)
	customerCode(out, p.no)
	out.text(day)
	out.text(survey)
	out.text(question)
	out.text(topic)
	out.int(score)
	out.int(weight)
	out.text(respondent)
	out.end()
}

// graded is a whole score around a mood.
func graded(r *rand.Rand, mood, low, high float64) int64 {
	return int64(math.Round(min(max(mood+0.8*r.NormFloat64(), low), high)))
}

// intention is whether the customer says it buys again: 2 certainly, 1 under conditions, 0 not.
func intention(r *rand.Rand, mood float64) int64 {
	switch x := mood + r.NormFloat64(); {
	case x > 7.6:
		return 2
	case x > 5.4:
		return 1
	default:
		return 0
	}
}
