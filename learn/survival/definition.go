package survival

import (
	"math"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// daysPerMonth turns months of the settings into days.
const daysPerMonth = 365.25 / 12

// Definition is the company's settings of contracts.
type Definition struct {
	Silent  int `json:"silent_months" minimum:"1" maximum:"60" doc:"A customer that buys nothing for so many months is lost, at its last purchase."`
	Period  int `json:"period_months" minimum:"1" maximum:"36" doc:"Months of a contract: at the end of each a customer renews or leaves."`
	Early   int `json:"early_days" minimum:"0" maximum:"92" doc:"A purchase up to so many days before the end of a period counts as its renewal."`
	Minimum int `json:"minimum" minimum:"20" maximum:"1000000" doc:"Of fewer customers nothing is said."`
}

// DefaultDefinition holds until somebody changes it: contracts of a year, lost after a year without a purchase.
func DefaultDefinition() Definition {
	return Definition{Silent: 12, Period: 12, Early: 31, Minimum: 30}
}

// Validate returns a fault that names every field that cannot stand.
func (d Definition) Validate() error {
	return fault.Check("survival.invalid_definition").
		That(d.Silent >= 1 && d.Silent <= 60, "silent_months", "Give 1 to 60 months.").
		That(d.Period >= 1 && d.Period <= 36, "period_months", "Give 1 to 36 months.").
		That(d.Early >= 0 && 2*d.Early <= d.periodDays(), "early_days", "Give no more than half of a period in days; a purchase earlier than that belongs to the period before.").
		That(d.Minimum >= 20 && d.Minimum <= 1_000_000, "minimum", "Give 20 to 1,000,000 customers; a share of fewer is mostly chance.").
		Err()
}

func (d Definition) silentDays() int { return days(d.Silent) }

func (d Definition) periodDays() int { return days(d.Period) }

func days(months int) int { return int(math.Round(float64(months) * daysPerMonth)) }
