package wallet

import (
	"slices"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/know/customer"
)

// Trust is how far statements of one source are trusted.
type Trust struct {
	Source string `json:"source" enum:"declared,surveyed,imported,estimated"`
	Years  int    `json:"years" minimum:"1" maximum:"100" doc:"So long a statement stays fresh. One that is out of date yields to any that is fresh, and counts when there is no other."`
}

// Definition is the company's settings of potential and of the look-alikes from which it is estimated.
type Definition struct {
	Trust    []Trust `json:"trust" nullable:"false" minItems:"4" maxItems:"4" doc:"The four sources, the most trusted first."`
	Estimate bool    `json:"estimate" doc:"Whether the potential that nobody stated is estimated from look-alikes."`
	Quantile float64 `json:"quantile" minimum:"0.5" maximum:"0.99" doc:"The estimate is what this share of the look-alikes that buy stays at or below: 0.8 is 80 %."`
	Level    float64 `json:"level" minimum:"0.5" maximum:"0.99" doc:"The chance with which the interval is to hold what it is for."`
	Minimum  int     `json:"minimum" minimum:"10" maximum:"1000000" doc:"So many look-alikes at least must have bought; otherwise wider groups are asked."`
	Sizes    []int64 `json:"sizes" nullable:"false" minItems:"0" maxItems:"12" doc:"The numbers of employees at which a new band of size begins, rising."`
	Usual    float64 `json:"usual" minimum:"0.05" maximum:"1" doc:"A category is white space when at least this share of the look-alikes buys it …"`
	Less     float64 `json:"less" minimum:"0.05" maximum:"1" doc:"… and the customer buys less of it than this part of what is to be expected."`
}

// DefaultDefinition holds until somebody changes it. The bands of size are those of the European Union's definition of
// small and medium enterprises (Recommendation 2003/361/EC).
func DefaultDefinition() Definition {
	return Definition{
		Trust:    []Trust{{customer.Declared, 3}, {customer.Surveyed, 3}, {customer.Imported, 2}, {customer.Estimated, 1}},
		Estimate: true, Quantile: 0.8, Level: 0.8, Minimum: 30, Sizes: []int64{10, 50, 250}, Usual: 0.5, Less: 0.5,
	}
}

// Bounds of the settings.
const (
	mostSizes     = 12
	mostEmployees = 10_000_000
)

// Validate returns a fault that names every field that cannot stand.
func (d Definition) Validate() error {
	check := fault.Check("wallet.invalid_definition").
		That(d.Quantile >= 0.5 && d.Quantile <= 0.99, "quantile", "Give 50 %% to 99 %%.").
		That(d.Level >= 0.5 && d.Level <= 0.99, "level", "Give 50 %% to 99 %%.").
		That(d.Minimum >= 10 && d.Minimum <= 1_000_000, "minimum", "Give 10 to 1,000,000 customers; of fewer a quantile would only repeat chance.").
		That(d.Usual >= 0.05 && d.Usual <= 1, "usual", "Give 5 %% to 100 %%.").
		That(d.Less >= 0.05 && d.Less <= 1, "less", "Give 5 %% to 100 %%.").
		That(len(d.Sizes) <= mostSizes && slices.IsSorted(d.Sizes) && len(slices.Compact(slices.Clone(d.Sizes))) == len(d.Sizes), "sizes", "Give up to %d numbers of employees, each larger than the one before.", mostSizes)
	for _, s := range d.Sizes {
		check.That(s >= 1 && s <= mostEmployees, "sizes", "Give numbers of employees from 1 to 10,000,000.")
	}
	var sources []string
	for _, t := range d.Trust {
		sources = append(sources, t.Source)
		check.That(t.Years >= 1 && t.Years <= 100, "trust", "Give each source 1 to 100 years.")
	}
	slices.Sort(sources)
	check.That(slices.Equal(sources, []string{customer.Declared, customer.Estimated, customer.Imported, customer.Surveyed}), "trust",
		"Name each of the four sources once: declared, surveyed, imported, estimated.")
	if err := check.Err(); err != nil {
		return err
	}
	least := leastFor(d.Quantile, d.Level)
	return fault.Check("wallet.invalid_definition").That(d.Minimum >= least, "minimum",
		"An interval of this quantile and chance needs at least %d customers. Give more, or choose a lower quantile or chance.", least).Err()
}
