package demo

import "math/rand/v2"

// touchKind is a kind of interaction with what belongs to it.
type touchKind struct {
	key      string
	perVisit float64 // how many there are for each visit the customer gets
	minutes  [2]int
	notes    []string
}

func touchKinds() [3]touchKind {
	return [3]touchKind{
		{"visit", 1, [2]int{30, 120}, []string{"Annual talk", "Went through the stock on board", "Showed the new price list", "Measured for mooring lines", "Talked about the coming dry-docking", "Coffee and a round of the quay"}},
		{"call", 1.3, [2]int{3, 25}, []string{"Asked about the open offer", "Delivery date confirmed", "Asked for a price on paint", "Reminder of the safety inspection"}},
		{"email", 0.6, [2]int{2, 10}, []string{"Offer sent", "Catalogue sent", "Answered a question about certificates", "Order confirmation discussed"}},
	}
}

// maxTouches is what fits the three digits that number a customer's interactions.
const maxTouches = 999

// writeTouches writes the customer's visits, calls and e-mails of the last years.
func (s *scribe) writeTouches(p *profile) {
	r, c, number := s.tradeRand, &s.w.calendar, 0
	first := c.storyStart[storyYears-s.w.scale.touchYears]
	years := float64(s.w.scale.touchYears)
	visits := story(p.size).visits[p.stage] * s.w.scale.touches * years
	for k := range s.touchKinds {
		kind := &s.touchKinds[k]
		for range int(visits*kind.perVisit*between(r, 0.7, 1.3) + r.Float64()) {
			number++
			if number > maxTouches {
				return
			}
			out := s.touches
			out.code('A', p.no, customerDigits, number, 3)
			customerCode(out, p.no)
			out.text(kind.key)
			out.text(c.text[c.workday(first+r.IntN(c.lastDay()+1-first))])
			out.text(s.w.people[p.seller].code)
			out.int(int64(kind.minutes[0] + r.IntN(kind.minutes[1]-kind.minutes[0])))
			out.text(resultOf(p, r))
			out.text(kind.notes[r.IntN(len(kind.notes))])
			out.end()
		}
	}
}

func resultOf(p *profile, r *rand.Rand) string {
	n := r.IntN(100)
	switch {
	case p.stage >= sailer && n < 35, n < 15:
		return "Order"
	case n < 55:
		return "Follow up"
	case n < 75:
		return "Offer wanted"
	case n < 80:
		return "Complaint"
	default:
		return "No need now"
	}
}
