package customer

import (
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Beginning is the date from which the first known owner of a customer holds: there was one before our records begin.
const Beginning date.Date = "1900-01-01"

// Ownership is who had a customer from a date on, until the next one's date.
type Ownership struct {
	bun.BaseModel `bun:"table:ownership,alias:h" json:"-"`

	CustomerID id.ID     `bun:"customer_id,pk" json:"-"`
	ValidFrom  date.Date `bun:"valid_from,pk" json:"valid_from"`
	OwnerID    id.ID     `bun:"owner_id" json:"owner_id,omitempty"`
	UnitID     id.ID     `bun:"unit_id" json:"unit_id,omitempty"`
	OwnerName  string    `bun:"owner_name,scanonly" json:"owner_name,omitempty"`
	UnitName   string    `bun:"unit_name,scanonly" json:"unit_name,omitempty"`
}

func (o Ownership) same(other Ownership) bool {
	return o.OwnerID == other.OwnerID && o.UnitID == other.UnitID
}

// history is all ownerships of one customer, the earliest first. None begins in the future, so the last one holds today.
type history []Ownership

// on returns the ownership that holds on the date, an empty one before the first.
func (h history) on(day date.Date) Ownership {
	var held Ownership
	for _, o := range h {
		if o.ValidFrom > day {
			break
		}
		held = o
	}
	return held
}

// last returns the ownership of today.
func (h history) last() Ownership {
	if len(h) == 0 {
		return Ownership{}
	}
	return h[len(h)-1]
}

// with returns the history in which o holds from its date until the next one's, and whether that differs from h.
func (h history) with(o Ownership) (history, bool) {
	at, exact := slices.BinarySearchFunc(h, o.ValidFrom, func(x Ownership, d date.Date) int { return strings.Compare(string(x.ValidFrom), string(d)) })
	if exact {
		if h[at].same(o) {
			return h, false
		}
		changed := slices.Clone(h)
		changed[at] = o
		return changed, true
	}
	if at > 0 && h[at-1].same(o) {
		return h, false
	}
	return slices.Insert(slices.Clone(h), at, o), true
}
