// Package org knows the company's own side: the tree of units (company, country, market, department, team) and the people
// in it, who own customers and visit them.
//
// Where a unit hangs and where a person sits is effective-dated: the history says since when each place holds, and the
// record carries the place of today. A place cannot begin in the future, so today's place is always the latest one.
package org

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Kinds of records in the audit log and the projection.
const (
	UnitKind   = "unit"
	PersonKind = "person"
)

// Beginning is since when the place of a new unit or person holds when nothing else is said: since ever, so that pictures
// of the past have them.
const Beginning date.Date = "1900-01-01"

// The kinds of units, from the top down. The order is a habit, not a rule: a company may put a market under a team.
const (
	Company    = "company"
	Country    = "country"
	Market     = "market"
	Department = "department"
	Team       = "team"
)

func unitKinds() []string { return []string{Company, Country, Market, Department, Team} }

// Unit is a part of the company.
type Unit struct {
	ID        id.ID     `json:"id" bun:",pk"`
	Code      string    `json:"code" doc:"The key it has in the company's own systems"`
	Name      string    `json:"name"`
	Kind      string    `json:"kind" enum:"company,country,market,department,team"`
	ParentID  id.ID     `json:"parent_id,omitempty" doc:"The unit it belongs to, as of today; absent at the top"`
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Person is somebody who works in the company. A user may be a person, and need not.
type Person struct {
	ID        id.ID     `json:"id" bun:",pk"`
	Code      string    `json:"code" doc:"The key the person has in the company's own systems"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	Title     string    `json:"title"`
	UnitID    id.ID     `json:"unit_id,omitempty" doc:"The unit the person is in, as of today"`
	Version   int64     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Bounds of texts, in bytes.
const (
	maxCode = 200
	maxName = 500
)

// tidy takes surrounding blanks away and fills in the kind that a unit in this place usually is.
func (u *Unit) tidy() {
	u.Code, u.Name = strings.TrimSpace(u.Code), strings.TrimSpace(u.Name)
	switch {
	case u.Kind != "":
	case u.ParentID == "":
		u.Kind = Company
	default:
		u.Kind = Department
	}
}

// Validate checks the unit's own fields, all at once; whether its parent exists and makes no circle the [Tree] knows.
func (u *Unit) Validate() error {
	return fault.Check("org.invalid_unit").
		Because(u.Code != "", "code", func() fault.Reason { return fault.Why("code_needed", "Give a code.") }).
		Because(fits(u.Code, maxCode), "code", func() fault.Reason { return fault.TooLong(u.Code, maxCode) }).
		Because(u.Name != "", "name", func() fault.Reason { return fault.Why("name_needed", "Give a name.") }).
		Because(fits(u.Name, maxName), "name", func() fault.Reason { return fault.TooLong(u.Name, maxName) }).
		Because(slices.Contains(unitKinds(), u.Kind), "kind", func() fault.Reason {
			return fault.Why("one_of", "Use one of: {choices}.", "choices", strings.Join(unitKinds(), ", "))
		}).
		Err()
}

func fits(text string, most int) bool { return utf8.RuneCountInString(text) <= most }

func (p *Person) tidy() {
	p.Code, p.Name = strings.TrimSpace(p.Code), strings.TrimSpace(p.Name)
	p.Email, p.Title = strings.TrimSpace(p.Email), strings.TrimSpace(p.Title)
}

// Validate checks the person's own fields, all at once.
func (p *Person) Validate() error {
	return fault.Check("org.invalid_person").
		Because(p.Code != "", "code", func() fault.Reason { return fault.Why("code_needed", "Give a code.") }).
		Because(fits(p.Code, maxCode), "code", func() fault.Reason { return fault.TooLong(p.Code, maxCode) }).
		Because(p.Name != "", "name", func() fault.Reason { return fault.Why("name_needed", "Give a name.") }).
		Because(fits(p.Name, maxName), "name", func() fault.Reason { return fault.TooLong(p.Name, maxName) }).
		Because(fits(p.Email, maxName), "email", func() fault.Reason { return fault.TooLong(p.Email, maxName) }).
		Because(fits(p.Title, maxName), "title", func() fault.Reason { return fault.TooLong(p.Title, maxName) }).
		Err()
}

func errNoUnit() error { return fault.New(fault.NotFound, "org.no_unit", "There is no such unit.") }

func errNoPerson() error {
	return fault.New(fault.NotFound, "org.no_person", "There is no such person.")
}

func errCodeTaken(what, code string) error {
	return fault.New(fault.Conflict, "org.code_taken", "Another %s has the code %q. Choose another code.", what, code).
		At("code", "Another %s has this code.", what)
}

func errUnknownUnit(path string) error {
	const why = "There is no such unit. Choose one of the list."
	return fault.New(fault.Invalid, "org.unknown_unit", why).At(path, why)
}
