package demo

import (
	"math"
	"math/rand/v2"
	"slices"
)

// returned is a line the customer sends back.
type returned struct {
	day, product, currency int
	quantity               int
	revenue, cost          int64 // cents of the line's currency, positive
	channel                string
}

// order is what the lines of a document share.
type order struct {
	p       *profile
	number  int
	day     int
	lines   int
	rate    float64 // DKK per unit of currency
	year    int
	channel string
	seller  string
}

// maxDocuments is what fits the three digits that number a customer's documents.
const maxDocuments = 999

// writePurchases writes all documents of a customer, oldest first within each
// story year.
func (s *scribe) writePurchases(p *profile) {
	if p.stage == never {
		return
	}
	s.documents = 0
	in := &s.w.industries[p.industry]
	basket := s.basket(p, in)
	for year := range storyYears {
		s.yearOfPurchases(p, year, in, basket)
	}
}

// basket is what the customer usually buys.
func (s *scribe) basket(p *profile, in *industry) (b [12]int) {
	revenue := p.yearly(lastYear)
	choice := s.w.affordable(in, 1.2*revenue/s.linesOf(revenue))
	for i := range b {
		b[i] = choice[s.tradeRand.IntN(len(choice))]
	}
	return b
}

// linesOf is the expected number of lines a year for a yearly revenue: large
// customers buy more often and more at a time.
func (s *scribe) linesOf(revenue float64) float64 {
	return max(s.w.scale.lines*math.Pow(revenue/10_000, 0.7), 0.8*s.w.scale.lines)
}

func (s *scribe) yearOfPurchases(p *profile, year int, in *industry, basket [12]int) {
	r, c := s.tradeRand, &s.w.calendar
	amount := p.yearly(year)
	if year != lastYear { // the last year stays true, so that the customer stands in its cell
		amount *= math.Exp(r.NormFloat64() * 0.15)
	} else if p.waning != steady {
		amount /= waningShare
	}
	lines := s.linesOf(amount)
	perDocument := 1 + min(amount/120_000, 4)
	count := int(lines/perDocument + r.Float64())
	if count == 0 && year == lastYear && p.stage >= bubble {
		count = 1
	}
	start, length := c.storyStart[year], c.storyStart[year+1]-c.storyStart[year]
	s.days = s.days[:0]
	for i := range count {
		u := r.Float64()
		if p.regular {
			u = (float64(i) + 0.3 + 0.4*u) / float64(count)
		}
		day := c.workday(in.season.day(start, length, u))
		if rare := p.wanes(day, c.lastDay()) == rarer && i%6 != 0; p.buysOn(day) && !rare {
			s.days = append(s.days, day)
		}
	}
	slices.Sort(s.days)
	for _, day := range s.days {
		if s.documents >= maxDocuments-1 { // leaves one for a credit note
			return
		}
		worth := amount / float64(count) * between(r, 0.6, 1.4)
		if p.wanes(day, c.lastDay()) == smaller {
			worth *= 0.3
		}
		s.writeOrder(p, day, year, worth, 1+int(r.Float64()*2*(perDocument-0.5)), basket)
	}
}

func (s *scribe) writeOrder(p *profile, day, year int, amount float64, lines int, basket [12]int) {
	r := s.tradeRand
	s.documents++
	o := order{p: p, number: s.documents, day: day, year: year, lines: lines, rate: s.w.rate(p.currency, day), channel: channelOf(p, r)}
	if o.channel != "Web shop" && o.channel != "EDI" {
		o.seller = s.w.people[p.seller].code
	}
	s.returns = s.returns[:0]
	first := r.IntN(len(basket))
	for line := range lines {
		s.writeLine(&o, line+1, basket[(first+line)%len(basket)], amount/float64(lines)*between(r, 0.7, 1.3))
	}
	s.writeCreditNote(&o)
}

// writeLine sells about amount DKK of a product, in whole pieces.
func (s *scribe) writeLine(o *order, line, article int, amount float64) {
	r, a := s.tradeRand, &s.w.catalogue[article]
	inflation := math.Pow(1.03, float64(o.year-lastYear))
	discount := float64(r.IntN(5)) * 0.03
	price := a.price * inflation * (1 - discount)
	quantity := max(int(amount/price+0.5), 1)
	revenue := s.inCurrency(o, price*float64(quantity))
	cost := s.inCurrency(o, a.cost*inflation*between(r, 0.97, 1.03)*float64(quantity))
	s.writeFact(o, 'F', line, o.day, a.code, quantity, revenue, cost)
	if r.IntN(80) == 0 && len(s.returns) < 5 {
		back := 1 + r.IntN(quantity)
		part := func(cents int64) int64 { return cents * int64(back) / int64(quantity) }
		s.returns = append(s.returns, returned{product: article, quantity: back, revenue: part(revenue), cost: part(cost)})
	}
}

// inCurrency turns DKK into cents of the customer's currency.
func (s *scribe) inCurrency(o *order, dkk float64) int64 {
	if s.w.currencies[o.p.currency].whole {
		return int64(math.Round(dkk/o.rate)) * 100
	}
	return int64(math.Round(dkk / o.rate * 100))
}

// writeCreditNote takes back what of an order was returned, a document of its
// own some days later, if there are still days in the story.
func (s *scribe) writeCreditNote(o *order) {
	if len(s.returns) == 0 {
		return
	}
	day := s.w.calendar.workday(o.day + 4 + s.tradeRand.IntN(20))
	if day > s.w.calendar.lastDay() || s.documents >= maxDocuments {
		return
	}
	s.documents++
	o.number = s.documents
	for i, b := range s.returns {
		s.writeFact(o, 'C', i+1, day, s.w.catalogue[b.product].code, -b.quantity, -b.revenue, -b.cost)
	}
}

func (s *scribe) writeFact(o *order, letter byte, line, day int, article string, quantity int, revenue, cost int64) {
	out := s.trade
	out.code(letter, o.p.no, customerDigits, o.number, 3)
	out.int(int64(line))
	out.text(s.w.calendar.text[day])
	customerCode(out, o.p.no)
	out.text(article)
	out.int(int64(quantity))
	out.cents(revenue)
	out.cents(cost)
	out.text(s.w.currencies[o.p.currency].code)
	out.text(o.channel)
	out.text(o.seller)
	out.end()
}

func channelOf(p *profile, r *rand.Rand) string {
	n := r.IntN(100)
	switch {
	case n < 34:
		return "Field sales"
	case n < 60:
		return "Telephone"
	case n < 82:
		return "Web shop"
	case p.size == large:
		return "EDI"
	default:
		return "Counter"
	}
}
