package customer

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
)

// Sources of a potential: the customer said it, we asked, another system had it, it was worked out.
const (
	Declared  = "declared"
	Surveyed  = "surveyed"
	Imported  = "imported"
	Estimated = "estimated"
)

// sources are all of them, from the most to the least trusted.
func sources() []string { return []string{Declared, Surveyed, Imported, Estimated} }

// maxAmount is more than anybody buys in a year, in minor units; a larger one is a slip of the keyboard.
const maxAmount = 1_000_000_000_000_000

// lastDate bounds dates to those that both engines and every client can hold.
const lastDate date.Date = "2199-12-31"

// Potential is a statement of what a customer could buy in a year from anybody in our category (K1). It holds from its
// date until a later statement.
type Potential struct {
	bun.BaseModel `bun:"table:potential,alias:p" json:"-"`

	ID            id.ID     `bun:"id,pk" json:"id"`
	CustomerID    id.ID     `bun:"customer_id" json:"customer_id"`
	Amount        int64     `bun:"amount" json:"amount" doc:"A year's worth, in minor units of the currency"`
	Currency      string    `bun:"currency" json:"currency"`
	Source        string    `bun:"source" json:"source" enum:"declared,surveyed,imported,estimated"`
	ValidFrom     date.Date `bun:"valid_from" json:"valid_from"`
	Note          string    `bun:"note" json:"note"`
	ImportID      id.ID     `bun:"import_id" json:"-"`
	CreatedByName string    `bun:"created_by_name" json:"created_by_name"`
	Version       int64     `bun:"version" json:"version"`
	CreatedAt     time.Time `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time `bun:"updated_at" json:"updated_at"`
}

// Normalise trims what was typed. Call it before Validate.
func (p *Potential) Normalise() {
	p.Note = strings.TrimSpace(p.Note)
	p.Currency = strings.ToUpper(strings.TrimSpace(p.Currency))
}

// Validate returns a fault that names every field that cannot stand.
func (p *Potential) Validate() error {
	check := fault.Check("potential.invalid").
		Because(p.Amount >= 0, "amount", func() fault.Reason { return fault.Why("potential_negative", "A potential cannot be negative.") }).
		Because(p.Amount <= maxAmount, "amount", func() fault.Reason {
			return fault.Why("potential_large", "That is more than any customer can buy; check the amount.")
		}).
		Because(slices.Contains(sources(), p.Source), "source", func() fault.Reason { return oneOf(sources()) }).
		Because(p.ValidFrom.Valid() && p.ValidFrom >= Beginning && p.ValidFrom <= lastDate, "valid_from",
			func() fault.Reason {
				return fault.Why("potential_day", "Give the date from which it holds, such as 2026-10-31; it cannot lie before {first}.", "first", string(Beginning))
			}).
		Because(utf8.RuneCountInString(p.Note) <= maxNote, "note", func() fault.Reason { return fault.TooLong(p.Note, maxNote) }).
		Because(utf8.ValidString(p.Note) && !strings.ContainsRune(p.Note, 0), "note", func() fault.Reason { return fault.Why("unreadable", "This must be readable text.") }).
		Because(money.ValidCurrency(p.Currency) == nil, "currency", func() fault.Reason { return fault.NoCurrency(p.Currency) })
	return check.Err()
}

// says tells whether two statements of one source say the same.
func (p *Potential) says(o *Potential) bool {
	return p.Amount == o.Amount && p.Currency == o.Currency && p.Note == o.Note
}
