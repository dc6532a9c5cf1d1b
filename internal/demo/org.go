package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

type unit struct{ code, name, kind, parent string }

type person struct{ code, name, email, title, unit string }

// Streams keep the generators of different purposes apart: each purpose and
// customer has a random sequence of its own, so results depend neither on the
// order of work nor on what another part draws.
const (
	streamPeople uint64 = iota + 1
	streamIdentity
	streamTrade
	streamAnswer
	streamWaning
)

const (
	customersPerSeller = 100
	maxSellers         = 2_000
	sellersPerTeam     = 12
	maxTeams           = 10 // per department: keeps the tree under 200 units
)

// buildOrganisation makes the tree company → country → market → department
// (→ team where a department has more than a handful of sellers) and its people.
func (w *world) buildOrganisation() {
	staff := &staff{w: w, r: rand.New(rand.NewPCG(w.seed, mix(streamPeople, 0)))}
	w.units = append(w.units, unit{"NH", Company + " A/S", "company", ""})
	staff.hire("Sales director", "NH", 0)
	for i, c := range w.countries {
		w.units = append(w.units, unit{c.code, c.name, "country", "NH"})
		staff.hire("Country manager", c.code, i)
	}
	for i, d := range w.departments {
		if i == 0 || w.departments[i-1].marketCode != d.marketCode {
			w.units = append(w.units, unit{d.marketCode, d.market, "market", w.countries[d.country].code})
		}
		w.units = append(w.units, unit{d.code, d.name, "department", d.marketCode})
	}
	all := min(max(w.customers/customersPerSeller, len(w.departments)), maxSellers)
	total := w.departmentWeights[len(w.departmentWeights)-1]
	for i := range w.departments {
		d := &w.departments[i]
		staff.fillDepartment(d, max(1, (all*d.weight+total/2)/total))
	}
}

// staff hires people one after another, numbering them.
type staff struct {
	w *world
	r *rand.Rand
}

// fillDepartment hires a department's sellers, in teams when there are many,
// and a manager for it when there is somebody to manage.
func (s *staff) fillDepartment(d *department, sellers int) {
	teams := min((sellers+sellersPerTeam-1)/sellersPerTeam, maxTeams)
	unitOf := func(int) string { return d.code }
	if teams > 1 {
		for t := range teams {
			s.w.units = append(s.w.units, unit{fmt.Sprintf("%s-%d", d.code, t+1), fmt.Sprintf("%s team %d", d.name, t+1), "team", d.code})
		}
		unitOf = func(n int) string { return fmt.Sprintf("%s-%d", d.code, n%teams+1) }
	}
	for n := range sellers {
		d.sellers = append(d.sellers, s.hire("Salesperson", unitOf(n), d.country))
	}
	if sellers >= 3 {
		s.hire("Department manager", d.code, d.country)
	}
}

// hire adds a person and returns its index. The people of [Users] come with
// their own names; they are the first of their rank, so their codes are fixed.
func (s *staff) hire(title, unitCode string, countryIndex int) int {
	c := s.w.countries[countryIndex]
	n := len(s.w.people) + 1
	p := person{
		code:  string(appendPadded([]byte("S"), n, 4)),
		title: title,
		unit:  unitCode,
		name:  c.personName(s.r),
		email: fmt.Sprintf("s%04d@nordhavn.example", n),
	}
	for _, u := range Users() {
		if u.PersonCode == p.code {
			p.name, p.email = u.Name, u.Email
		}
	}
	s.w.people = append(s.w.people, p)
	return n - 1
}

// personName draws a name, family name first where that is the custom.
func (c *country) personName(r *rand.Rand) string {
	given, surname := c.given[r.IntN(len(c.given))], c.surnames[r.IntN(len(c.surnames))]
	if c.code == "TW" {
		return surname + given
	}
	if c.code == "PL" && strings.HasSuffix(given, "a") && strings.HasSuffix(surname, "ski") {
		surname = strings.TrimSuffix(surname, "i") + "a"
	}
	return given + " " + surname
}

// mix spreads a stream and a number over 64 bits (the finisher of splitmix64),
// because PCG sequences from neighbouring seeds begin alike.
func mix(stream, n uint64) uint64 {
	z := stream<<56 ^ n*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (w *world) writeUnits(p *page) {
	for _, u := range w.units {
		p.text(u.code)
		p.text(u.name)
		p.text(u.kind)
		p.text(u.parent)
		p.end()
	}
}

func (w *world) writePeople(p *page) {
	for _, m := range w.people {
		p.text(m.code)
		p.text(m.name)
		p.text(m.email)
		p.text(m.title)
		p.text(m.unit)
		p.end()
	}
}
