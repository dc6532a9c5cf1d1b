// Package id makes the identifiers of all records.
//
// Ids are UUIDv7: made by the program, so that a client that is offline can make them too, and ordered by time, so that
// indexes on them grow at one end. They are never derived from data and say nothing about it.
package id

import (
	"database/sql/driver"
	"fmt"

	"github.com/google/uuid"
)

// ID identifies one record. Its text is the canonical 36-character form of a UUID; the empty ID means "none" and is
// stored as NULL.
type ID string

// New returns an id that was never given out before.
func New() ID {
	return ID(uuid.Must(uuid.NewV7()).String())
}

// Valid tells whether s is the canonical text of a UUID.
func Valid(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.String() == s
}

// Value stores the id as text, the empty one as NULL.
func (i ID) Value() (driver.Value, error) {
	if i == "" {
		return nil, nil
	}
	return string(i), nil
}

// Scan reads text, the 16 bytes of a UUID column, or NULL.
func (i *ID) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i = ""
	case string:
		*i = ID(v)
	case []byte:
		if len(v) != 16 {
			*i = ID(v)
			return nil
		}
		u, err := uuid.FromBytes(v)
		if err != nil {
			return fmt.Errorf("id: %w", err)
		}
		*i = ID(u.String())
	default:
		return fmt.Errorf("id: cannot read %T", src)
	}
	return nil
}
