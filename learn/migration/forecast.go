package migration

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// auditKind is what the change log calls a forecast.
const auditKind = "forecast"

// maxAmount is more than anybody buys in a year, in minor units; a larger one is a slip of the keyboard.
const maxAmount = 1_000_000_000_000_000

// Statement is what somebody says a customer will buy in the twelve months after a date. In forecasts of that date and the
// twelve months after it, it stands in place of what the models expect, until a later one does.
type Statement struct {
	bun.BaseModel `bun:"table:forecast,alias:f" json:"-"`

	ID            id.ID     `bun:"id,pk" json:"id"`
	CustomerID    id.ID     `bun:"customer_id" json:"customer_id"`
	AsOf          date.Date `bun:"as_of" json:"as_of" doc:"The twelve months begin on the day after."`
	Amount        int64     `bun:"amount" json:"amount" doc:"Minor units of the base currency"`
	Reason        string    `bun:"reason" json:"reason"`
	CreatedByName string    `bun:"created_by_name" json:"created_by_name"`
	Version       int64     `bun:"version" json:"version"`
	CreatedAt     time.Time `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time `bun:"updated_at" json:"updated_at"`
}

// Form is what people fill in of a statement.
type Form struct {
	AsOf   date.Date `json:"as_of" doc:"The twelve months begin on the day after."`
	Amount int64     `json:"amount" minimum:"0" doc:"What the customer will buy in these twelve months, in minor units of the base currency"`
	Reason string    `json:"reason" maxLength:"2000" doc:"Why it will be more or less than the models expect"`
}

// Validate returns a fault that names every field that cannot stand.
func (s *Statement) Validate() error {
	return fault.Check("forecast.invalid").
		That(s.AsOf.Valid() && s.AsOf >= "1990-01-01" && s.AsOf <= "2199-12-31", "as_of", "Give the date after which the twelve months begin, such as 2026-10-31.").
		That(s.Amount >= 0, "amount", "An amount cannot be negative; 0 says that the customer will buy nothing.").
		That(s.Amount <= maxAmount, "amount", "That is more than any customer can buy; check the amount.").
		That(s.Reason != "", "reason", "Say why, so that others can follow it.").
		That(utf8.RuneCountInString(s.Reason) <= 2000, "reason", "Use at most 2,000 characters.").
		That(utf8.ValidString(s.Reason) && !strings.ContainsRune(s.Reason, 0), "reason", "This must be readable text.").
		Err()
}
