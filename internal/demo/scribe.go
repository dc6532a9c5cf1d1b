package demo

import (
	"math"
	"math/rand/v2"
)

// bulkPages is one block of customers in each of the bulk files, in the order
// of the files.
type bulkPages [6]page

// scribe writes customers, one after another, to pages. Each worker has its
// own; what it writes of a customer depends on the customer's number alone.
type scribe struct {
	w                       *world
	identities, trades      *rand.PCG
	identityRand, tradeRand *rand.Rand
	asked                   *rand.PCG
	askedRand               *rand.Rand
	customers, potentials   *page
	budgets, touches, trade *page
	answers                 *page
	documents               int // documents of the current customer
	days                    []int
	returns                 []returned
	touchKinds              [3]touchKind
}

func newScribe(w *world) *scribe {
	s := &scribe{w: w, touchKinds: touchKinds(), identities: rand.NewPCG(0, 0), trades: rand.NewPCG(0, 0), asked: rand.NewPCG(0, 0)}
	s.identityRand, s.tradeRand, s.askedRand = rand.New(s.identities), rand.New(s.trades), rand.New(s.asked)
	return s
}

// write puts the customers first ≤ no < end on the pages.
func (s *scribe) write(first, end int, to *bulkPages) {
	s.customers, s.potentials, s.budgets, s.touches, s.answers, s.trade = &to[0], &to[1], &to[2], &to[3], &to[4], &to[5]
	var p profile
	for no := first; no < end; no++ {
		s.identity(&p, no)
		s.settleGroup(&p)
		s.trades.Seed(s.w.seed, mix(streamTrade, uint64(no)))
		s.character(&p)
		s.writeCustomer(&p)
		s.writePotentials(&p)
		s.writeBudgets(&p)
		s.writeTouches(&p)
		s.writeAnswers(&p)
		s.writePurchases(&p)
	}
}

const customerDigits = 7

func customerCode(p *page, no int) { p.code('K', no, customerDigits, 0, 0) }

func (s *scribe) writeCustomer(p *profile) {
	r, out := s.tradeRand, s.customers
	d, c := &s.w.departments[p.dept], &s.w.countries[p.country]
	seller := &s.w.people[p.seller]
	customerCode(out, p.no)
	out.text(p.name)
	if p.private {
		out.text("person")
	} else {
		out.text("organisation")
	}
	out.text(s.w.industries[p.industry].name)
	if p.private {
		out.text("")
	} else {
		staff := story(p.size).staff
		out.int(int64(math.Exp(between(r, math.Log(staff[0]), math.Log(staff[1])))))
	}
	s.street(c)
	out.text(d.cities[p.city].postalCode)
	out.text(d.cities[p.city].name)
	out.text(c.code)
	s.webName("office@k", p.no)
	s.webName("www.k", p.no)
	if p.parent > 0 {
		customerCode(out, p.parent)
	} else {
		out.text("")
	}
	out.text(seller.code)
	out.text(seller.unit)
	out.text(s.lifecycle(p))
	out.end()
}

// lifecycle is what the company's own files say: gone means no purchase for two
// years, so some who have just stopped still count as customers.
func (s *scribe) lifecycle(p *profile) string {
	switch {
	case p.stage == never:
		return "prospect"
	case p.to < s.w.calendar.storyStart[lastYear-1]:
		return "former"
	default:
		return "customer"
	}
}

// street writes an address the way the country writes it.
func (s *scribe) street(c *country) {
	name, number := c.streets[s.tradeRand.IntN(len(c.streets))], 1+s.tradeRand.IntN(140)
	s.customers.next()
	b := append(s.customers.buf, name...)
	if c.code != "TW" {
		b = append(b, ' ')
	}
	b = appendPadded(b, number, 1)
	if c.code == "TW" {
		b = append(b, "號"...)
	}
	s.customers.buf = b
}

// webName writes an address under the reserved domain .example, so that no
// demo mail can ever reach anybody.
func (s *scribe) webName(prefix string, no int) {
	s.customers.next()
	b := append(s.customers.buf, prefix...)
	b = appendPadded(b, no, customerDigits)
	s.customers.buf = append(b, ".example"...)
}
