package clv

import "github.com/kvadrant/kvadrant/internal/fault"

// Grouping says which customers are alike: each group large enough gets a fit of its own, and who bought once only is judged
// by those like it.
type Grouping string

// The groupings.
const (
	Together   Grouping = "together" // all customers are one group
	ByIndustry Grouping = "industry"
	ByCountry  Grouping = "country"
)

// Definition is the company's settings of lifetime value.
type Definition struct {
	Ahead       int      `json:"ahead_months" minimum:"1" maximum:"60" doc:"Months ahead for expected purchases and the danger of leaving."`
	Horizon     int      `json:"horizon_months" minimum:"1" maximum:"240" doc:"Months ahead that count for the value to come and the cash flow."`
	Interest    float64  `json:"interest" minimum:"0.01" maximum:"1" doc:"Per year, as a share: 0.1 is 10 %. It discounts what comes later; at least 0.01, since without interest a value without an end has no sum."`
	Acquisition int64    `json:"acquisition_cost" minimum:"0" doc:"What it costs to win a customer, in minor units of the base currency."`
	Minimum     int      `json:"minimum" minimum:"20" maximum:"1000000" doc:"So many customers of a group must have bought a second time before anything is said of them."`
	Occasion    int      `json:"occasion_months" minimum:"0" maximum:"24" doc:"Months of a period for the model of fixed occasions in the test of the models; 0 leaves it out."`
	Alike       Grouping `json:"alike" enum:"together,industry,country" doc:"Which customers are alike. A group too small for a fit of its own is judged with all."`
}

// DefaultDefinition holds until somebody changes it: a year ahead, three years of value at 10 %, occasions by the
// quarter, all customers together.
func DefaultDefinition() Definition {
	return Definition{Ahead: 12, Horizon: 36, Interest: 0.1, Minimum: 100, Occasion: 3, Alike: Together}
}

// maxAcquisition keeps sums of money within what a whole number holds.
const maxAcquisition = 1_000_000_000_000

// Validate returns a fault that names every field that cannot stand.
func (d Definition) Validate() error {
	return fault.Check("clv.invalid_definition").
		That(d.Ahead >= 1 && d.Ahead <= 60, "ahead_months", "Give 1 to 60 months.").
		That(d.Horizon >= 1 && d.Horizon <= 240, "horizon_months", "Give 1 to 240 months.").
		That(d.Interest >= 0.01 && d.Interest <= 1, "interest", "Give 1 %% to 100 %% a year: without interest a value without an end has no sum.").
		That(d.Acquisition >= 0 && d.Acquisition <= maxAcquisition, "acquisition_cost", "Give an amount from 0 to 10,000,000,000.").
		That(d.Minimum >= 20 && d.Minimum <= 1_000_000, "minimum", "Give 20 to 1,000,000 customers; of fewer a model would only repeat chance.").
		That(d.Occasion >= 0 && d.Occasion <= 24, "occasion_months", "Give 0 to 24 months; 0 leaves the model of fixed occasions out.").
		That(d.Alike == Together || d.Alike == ByIndustry || d.Alike == ByCountry, "alike", "Use together, industry or country.").
		Err()
}
