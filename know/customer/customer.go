// Package customer holds the organisations and persons that buy from us or might: their master data, who looks after
// them, and what they could buy from anybody (their potential).
package customer

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/country"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/fold"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Kinds of customer.
const (
	Organisation = "organisation"
	Person       = "person"
)

// kinds and lifecycles are the values of the fields of those names (C2: suspect → prospect → lead → customer).
func kinds() []string      { return []string{Organisation, Person} }
func lifecycles() []string { return []string{"suspect", "prospect", "lead", "customer", "former"} }

// Bounds of texts, in characters. What lists are ordered by is shorter, since an index entry of PostgreSQL is bounded.
const (
	maxCode = 200
	maxText = 500
	maxSort = 150
	maxNote = 2000
)

// Customer is an organisation or a person that buys from us or might.
type Customer struct {
	bun.BaseModel `bun:"table:customer,alias:c" json:"-"`

	ID            id.ID     `bun:"id,pk" json:"id"`
	Code          string    `bun:"code" json:"code" doc:"The key in the company's own systems"`
	Name          string    `bun:"name" json:"name"`
	Kind          string    `bun:"kind" json:"kind" enum:"organisation,person"`
	Industry      string    `bun:"industry" json:"industry"`
	SizeEmployees *int64    `bun:"size_employees" json:"size_employees,omitempty" doc:"Employees; absent when unknown"`
	Street        string    `bun:"street" json:"street"`
	PostalCode    string    `bun:"postal_code" json:"postal_code"`
	City          string    `bun:"city" json:"city"`
	Country       string    `bun:"country" json:"country" doc:"ISO 3166 code, such as DK; empty when unknown"`
	Phone         string    `bun:"phone" json:"phone"`
	Email         string    `bun:"email" json:"email"`
	Website       string    `bun:"website" json:"website"`
	ParentID      id.ID     `bun:"parent_id" json:"parent_id,omitempty" doc:"The customer whose group it belongs to"`
	OwnerID       id.ID     `bun:"owner_id" json:"owner_id,omitempty" doc:"The person who looks after it"`
	UnitID        id.ID     `bun:"unit_id" json:"unit_id,omitempty" doc:"The unit it belongs to"`
	Lifecycle     string    `bun:"lifecycle" json:"lifecycle" enum:"suspect,prospect,lead,customer,former"`
	ImportID      id.ID     `bun:"import_id" json:"-"`
	Version       int64     `bun:"version" json:"version"`
	CreatedAt     time.Time `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time `bun:"updated_at" json:"updated_at"`

	// Made by Normalise from name, code and city: what lists are ordered by and searched in.
	SortName   string `bun:"sort_name" json:"-"`
	SearchText string `bun:"search_text" json:"-"`

	// Names of what the ids point to, read with the record and never written. The group's is empty when the group is out
	// of the reader's reach.
	ParentName string `bun:"parent_name,scanonly" json:"parent_name,omitempty" readOnly:"true"`
	OwnerName  string `bun:"owner_name,scanonly" json:"owner_name,omitempty" readOnly:"true"`
	UnitName   string `bun:"unit_name,scanonly" json:"unit_name,omitempty" readOnly:"true"`
}

// Normalise trims what was typed, fills what may be left out, and makes what follows from the rest. Call it before
// Validate and before writing.
func (c *Customer) Normalise() {
	for _, t := range c.texts() {
		*t.value = tidy(*t.value)
	}
	c.Country = strings.ToUpper(c.Country)
	if c.Kind == "" {
		c.Kind = Organisation
	}
	if c.Lifecycle == "" {
		c.Lifecycle = "customer"
	}
	c.SortName = fold.SortKey(c.Name)
	c.SearchText = fold.Text(c.Name) + fold.Text(c.Code) + fold.Text(c.City)
}

// tidy trims a text and turns what cannot be read (line ends, and the control characters that a wrong encoding leaves in
// exported files) into blanks. PostgreSQL could not even store a zero byte.
func tidy(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	return strings.TrimSpace(text)
}

// text is a field that people type, with the most characters it may have.
type text struct {
	path  string
	value *string
	most  int
}

func (c *Customer) texts() []text {
	return []text{{"code", &c.Code, maxCode}, {"name", &c.Name, maxText}, {"industry", &c.Industry, maxSort}, {"street", &c.Street, maxText},
		{"postal_code", &c.PostalCode, maxText}, {"city", &c.City, maxSort}, {"country", &c.Country, maxText}, {"phone", &c.Phone, maxText},
		{"email", &c.Email, maxText}, {"website", &c.Website, maxText}}
}

// Validate returns a fault that names every field that cannot stand.
func (c *Customer) Validate() error {
	check := fault.Check("customer.invalid").
		Because(c.Code != "", "code", func() fault.Reason { return fault.Why("code_needed", "Give a code.") }).
		Because(c.Name != "", "name", func() fault.Reason { return fault.Why("name_needed", "Give a name.") }).
		Because(slices.Contains(kinds(), c.Kind), "kind", func() fault.Reason { return oneOf(kinds()) }).
		Because(slices.Contains(lifecycles(), c.Lifecycle), "lifecycle", func() fault.Reason { return oneOf(lifecycles()) }).
		Because(c.SizeEmployees == nil || *c.SizeEmployees >= 0, "size_employees", func() fault.Reason {
			return fault.Why("employees_negative", "The number of employees cannot be negative.")
		}).
		Because(c.Country == "" || country.Known(c.Country), "country", func() fault.Reason { return noCountry(c.Country) }).
		Because(c.Email == "" || isEmail(c.Email), "email", func() fault.Reason {
			return fault.Why("email", `"{value}" is not an e-mail address.`, "value", c.Email)
		}).
		Because(c.ParentID == "" || c.ParentID != c.ID, "parent_id", func() fault.Reason { return ownGroup() })
	for _, t := range c.texts() {
		check.Because(utf8.RuneCountInString(*t.value) <= t.most, t.path, func() fault.Reason { return fault.TooLong(*t.value, t.most) })
	}
	return check.Err()
}

func oneOf(choices []string) fault.Reason {
	return fault.Why("one_of", "Use one of: {choices}.", "choices", strings.Join(choices, ", "))
}

func noCountry(text string) fault.Reason {
	return fault.Why("country", `"{value}" is not a country; use its two-letter code, such as DK.`, "value", text)
}

func ownGroup() fault.Reason {
	return fault.Why("own_group", "A customer cannot be its own group; leave the group out.")
}

// isEmail tells whether text is one bare address: not a list, and no name around it.
func isEmail(text string) bool {
	address, err := mail.ParseAddress(text)
	return err == nil && address.Address == text
}

// same tells whether two records say the same of the customer; ids, versions and times are not part of what is said.
func (c *Customer) same(o *Customer) bool {
	a, b := *c, *o
	for _, x := range []*Customer{&a, &b} {
		x.ID, x.ImportID, x.Version, x.CreatedAt, x.UpdatedAt = "", "", 0, time.Time{}, time.Time{}
		x.ParentName, x.OwnerName, x.UnitName, x.SizeEmployees = "", "", "", nil
	}
	return a == b && sameNumber(c.SizeEmployees, o.SizeEmployees)
}

func sameNumber(a, b *int64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
