package web

import (
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
)

// CheckDate returns MalformedDate for a text that is no date; an empty one is none at all.
func CheckDate(word, place string, d date.Date) error {
	if d == "" || d.Valid() {
		return nil
	}
	return MalformedDate(word, place)
}

// MalformedDate is the fault <word>.malformed_date of what stands at the place of a request.
func MalformedDate(word, place string) error {
	return fault.New(fault.Malformed, word+".malformed_date", "The date must be written as 2026-10-31.").At(place, "Write it as 2026-10-31.")
}
