package allocation

import (
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// kind is what plans are called in the audit log.
const kind = "plan"

// Brief is a kept plan as lists show it.
type Brief struct {
	ID            id.ID      `json:"id"`
	Name          string     `json:"name"`
	AsOf          *date.Date `json:"as_of" doc:"Of the figures that the segments had; null where they were typed."`
	SegmentsBy    string     `json:"segments_by" doc:"The measure that the segments are of; empty where they were typed."`
	Currency      string     `json:"currency"`
	InForce       bool       `json:"in_force" doc:"It is the plan of the company; one at most is."`
	Budget        float64    `json:"budget"`
	Best          Totals     `json:"best"`
	Even          Totals     `json:"even"`
	Now           *Totals    `json:"now"`
	Version       int64      `json:"version"`
	CreatedByName string     `json:"created_by_name"`
	CreatedAt     time.Time  `json:"created_at"`
}

// Kept is a kept plan with all that was asked and answered.
type Kept struct {
	Brief
	Problem Problem `json:"problem"`
	Plan    Plan    `json:"plan"`
}

// Form is what people say of a plan that they keep. The server works it out itself.
type Form struct {
	Name       string     `json:"name" minLength:"1" maxLength:"100"`
	AsOf       *date.Date `json:"as_of,omitempty"`
	SegmentsBy string     `json:"segments_by,omitempty" maxLength:"60"`
	InForce    bool       `json:"in_force,omitempty" doc:"Make it the plan of the company at once."`
	Problem    Problem    `json:"problem"`
}

func (f *Form) validate() error {
	f.Name = strings.TrimSpace(f.Name)
	return fault.Check("allocation.invalid_plan").
		That(f.Name != "" && len(f.Name) <= 400, "name", "Give the plan a name.").
		That(f.AsOf == nil || f.AsOf.Valid(), "as_of", "Write the date as 2026-10-31.").
		That(len(f.SegmentsBy) <= 60, "segments_by", "Give the key of a measure.").
		Err()
}
