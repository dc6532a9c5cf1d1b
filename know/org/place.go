package org

import (
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Place is where a unit or a person belongs from a date on, until the next place begins.
type Place struct {
	ValidFrom date.Date `json:"valid_from"`
	UnitID    id.ID     `json:"unit_id,omitempty" doc:"Absent: at the top of the tree, or in no unit"`
}

// history is all places of one record, the earliest first.
type history []Place

// on returns the place that holds on the date; before the first place there is none.
func (h history) on(day date.Date) id.ID {
	var unit id.ID
	for _, p := range h {
		if p.ValidFrom > day {
			break
		}
		unit = p.UnitID
	}
	return unit
}

// last returns the place of today, since places do not begin in the future.
func (h history) last() id.ID {
	if len(h) == 0 {
		return ""
	}
	return h[len(h)-1].UnitID
}

// with returns the history in which the unit holds from the date on until the next place begins, and whether that differs
// from h.
func (h history) with(from date.Date, unit id.ID) (history, bool) {
	at, exact := slices.BinarySearchFunc(h, from, func(p Place, d date.Date) int { return strings.Compare(string(p.ValidFrom), string(d)) })
	if exact {
		if h[at].UnitID == unit {
			return h, false
		}
		changed := slices.Clone(h)
		changed[at].UnitID = unit
		return changed, true
	}
	if len(h) > 0 && h.on(from) == unit && at > 0 {
		return h, false
	}
	return slices.Insert(slices.Clone(h), at, Place{ValidFrom: from, UnitID: unit}), true
}

// checkFrom refuses a place that begins in the future: today's place would then have to change by itself some day.
func checkFrom(from, today date.Date) error {
	if from == "" || from.Valid() && from <= today {
		return nil
	}
	const why = "A place can begin today or earlier. Choose a date until today."
	return fault.New(fault.Invalid, "org.place_in_future", why).At("valid_from", why)
}
