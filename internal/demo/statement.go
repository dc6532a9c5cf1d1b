package demo

import "math"

// writePotentials writes what is known of the customer's potential: nothing, one
// statement, or several over time. The newest is close to the truth.
func (s *scribe) writePotentials(p *profile) {
	r, c := s.tradeRand, &s.w.calendar
	known := story(p.size).known
	source, n := 0, r.IntN(100)
	for n >= known[source] {
		n -= known[source]
		source++
	}
	if source == len(known)-1 {
		return
	}
	days := [3]int{c.lastDay() - 30 - r.IntN(900)} // newest first; the oldest possible is still in 2021
	statements := 1
	for statements < len(days) && r.IntN(100) < 30 {
		days[statements] = days[statements-1] - 200 - r.IntN(260)
		statements++
	}
	amount := p.potential * math.Exp(r.NormFloat64()*0.08)
	for i := statements - 1; i > 0; i-- {
		s.writePotential(p, r.IntN(len(known)-1), days[i], amount*between(r, 0.65, 1.15))
	}
	s.writePotential(p, source, days[0], amount)
}

func (s *scribe) writePotential(p *profile, source, day int, dkk float64) {
	sources := [...]struct{ key, note string }{
		{"declared", "Stated by the customer in the annual talk"},
		{"surveyed", "From the customer survey"},
		{"imported", "From a bought market directory"},
	}
	out := s.potentials
	customerCode(out, p.no)
	out.int(int64(twoDigits(dkk / s.w.rate(p.currency, day))))
	out.text(s.w.currencies[p.currency].code)
	out.text(sources[source].key)
	out.text(s.w.calendar.text[day])
	out.text(sources[source].note)
	out.end()
}

// twoDigits rounds to two significant digits, as people state such figures.
func twoDigits(v float64) float64 {
	step := math.Pow(10, math.Floor(math.Log10(max(v, 1)))-1)
	return math.Max(math.Round(v/step)*step, 1)
}

// writeBudgets writes the months of 2025 and 2026 for customers large enough to
// be planned one by one.
func (s *scribe) writeBudgets(p *profile) {
	if p.stage < bubble || p.yearly(lastYear) < s.w.scale.budgetFloor {
		return
	}
	in := &s.w.industries[p.industry]
	ambition := between(s.tradeRand, 0.95, 1.15)
	for year := lastYear - 1; year <= lastYear; year++ {
		whole := p.yearly(year) * ambition
		for month := 1; month <= 12; month++ {
			out := s.budgets
			customerCode(out, p.no)
			out.next()
			out.buf = appendPadded(out.buf, 2022+year, 4)
			out.buf = append(out.buf, '-')
			out.buf = appendPadded(out.buf, month, 2)
			out.buf = append(out.buf, "-01"...)
			out.int(int64(math.Round(whole*in.season.month(month)/100)) * 100)
			out.text(BaseCurrency)
			out.end()
		}
	}
}
