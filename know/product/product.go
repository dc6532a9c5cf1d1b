// Package product is what the company sells: a catalogue of products, each in a tree of categories, with what one unit
// costs. Purchase lines name a product by its code.
package product

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
)

// Kind is what the change log calls a product.
const Kind = "product"

// Bounds of texts, in bytes.
const (
	maxCode = 200
	maxName = 500
)

// Product is one article of the catalogue.
type Product struct {
	bun.BaseModel `bun:"table:product" json:"-"`

	ID         id.ID     `bun:"id,pk" json:"id"`
	Code       string    `bun:"code" json:"code" doc:"Its key in the company's own systems"`
	Name       string    `bun:"name" json:"name"`
	CategoryID id.ID     `bun:"category_id" json:"category_id,omitempty"`
	Cost       *int64    `bun:"cost" json:"cost" doc:"Of one unit, in minor units of currency; null is unknown"`
	Currency   string    `bun:"currency" json:"currency" doc:"Of the cost; empty while the cost is unknown"`
	ImportID   id.ID     `bun:"import_id" json:"-"` // the import that created it
	CreatedAt  time.Time `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time `bun:"updated_at" json:"updated_at"`

	CategoryName string `bun:"category_name,scanonly" json:"category_name"`
}

// Validate returns an Invalid fault that names every field to correct.
func (p Product) Validate() error {
	checks := fault.Check("product.invalid").
		Because(p.Code != "", "code", func() fault.Reason { return fault.Why("code_needed", "Give a code.") }).
		Because(fits(p.Code, maxCode), "code", func() fault.Reason { return fault.TooLong(p.Code, maxCode) }).
		Because(p.Name != "", "name", func() fault.Reason { return fault.Why("name_needed", "Give a name.") }).
		Because(fits(p.Name, maxName), "name", func() fault.Reason { return fault.TooLong(p.Name, maxName) }).
		Because(p.Cost == nil || *p.Cost >= 0, "cost", func() fault.Reason {
			return fault.Why("cost_negative", "The cost of a product is not negative; leave it empty when it is not known.")
		})
	if p.Cost != nil || p.Currency != "" {
		checks.Because(money.ValidCurrency(p.Currency) == nil, "currency", func() fault.Reason { return fault.NoCurrency(p.Currency) })
	}
	return checks.Err()
}

func fits(text string, most int) bool { return utf8.RuneCountInString(text) <= most }

// same tells whether q says the same of the product, whoever wrote it and when.
func (p Product) same(q Product) bool {
	sameCost := p.Cost == nil && q.Cost == nil || p.Cost != nil && q.Cost != nil && *p.Cost == *q.Cost
	return p.Code == q.Code && p.Name == q.Name && p.CategoryID == q.CategoryID && p.Currency == q.Currency && sameCost
}

// normal tidies a name for comparing it with another.
func normal(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }
