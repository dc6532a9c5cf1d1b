package variance

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// auditKind is what the change log calls a cause.
const auditKind = "budget_cause"

// Kind is what sort of cause a difference has (FIELD.md C5).
type Kind string

// The kinds of causes.
const (
	TargetWrong       Kind = "target_wrong"
	ProductTrend      Kind = "product_trend"
	Event             Kind = "event"
	SellingEverywhere Kind = "selling_everywhere"
	SellingChannel    Kind = "selling_channel"
	Other             Kind = "other"
)

func (k Kind) valid() bool {
	switch k {
	case TargetWrong, ProductTrend, Event, SellingEverywhere, SellingChannel, Other:
		return true
	}
	return false
}

// Cause is why what was bought differs from the budget, in a part of the business.
type Cause struct {
	ID            id.ID     `json:"id" bun:"id,pk"`
	Kind          Kind      `json:"kind" enum:"target_wrong,product_trend,event,selling_everywhere,selling_channel,other"`
	Comment       string    `json:"comment"`
	FromMonth     date.Date `json:"from_month" doc:"The first day of the first month."`
	ToMonth       date.Date `json:"to_month" doc:"The first day of the last month."`
	Way           []Crumb   `json:"way" bun:"-" nullable:"false" doc:"The steps to the part of the business."`
	UnitID        id.ID     `json:"unit_id,omitempty"`
	PersonID      id.ID     `json:"person_id,omitempty"`
	CustomerID    id.ID     `json:"customer_id,omitempty"`
	Budget        int64     `json:"budget" doc:"As it stood when the cause was recorded, in minor units of the base currency."`
	Actual        int64     `json:"actual"`
	CreatedByName string    `json:"created_by_name"`
	Version       int64     `json:"version"`
	CreatedAt     time.Time `json:"created_at"`
	UpdatedAt     time.Time `json:"updated_at"`
}

// Words is what people fill in of a cause.
type Words struct {
	Kind    Kind   `json:"kind" enum:"target_wrong,product_trend,event,selling_everywhere,selling_channel,other"`
	Comment string `json:"comment" maxLength:"2000" doc:"What was found, and what follows from it"`
}

// Form is a cause to record: what was found, and where.
type Form struct {
	Words
	From date.Date `json:"from" doc:"A day of the first month."`
	To   date.Date `json:"to" doc:"A day of the last month."`
	At   []string  `json:"at" maxItems:"20" nullable:"false" doc:"The steps of the drill-down, such as unit:0198… and channel:web."`
}

func (w *Words) validate() error {
	w.Comment = strings.TrimSpace(w.Comment)
	return fault.Check("variance.invalid_cause").
		That(w.Kind.valid(), "kind", "Choose what sort of cause it is.").
		That(w.Comment != "", "comment", "Say what you found, so that others can follow it.").
		That(utf8.RuneCountInString(w.Comment) <= 2000, "comment", "Use at most 2,000 characters.").
		That(utf8.ValidString(w.Comment) && !strings.ContainsRune(w.Comment, 0), "comment", "This must be readable text.").
		Err()
}

// whose are the unit, the person and the customer that a cut goes by; they say who may see its causes.
func (c Cut) whose() (unit, person, customer id.ID) {
	record := func(by Dimension) id.ID {
		key := strings.TrimPrefix(c.at(by), own)
		if !id.Valid(key) {
			return ""
		}
		return id.ID(key)
	}
	return record(ByUnit), record(ByPerson), record(ByCustomer)
}
