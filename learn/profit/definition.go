package profit

import (
	"fmt"
	"math"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// ContactCost is what one contact of a kind costs.
type ContactCost struct {
	Kind string `json:"kind" maxLength:"60" doc:"As interactions are imported with, in lower case: visit, call, email."`
	Cost int64  `json:"cost" minimum:"0" doc:"Minor units of the base currency."`
}

// Costs are the unit costs of serving customers, in minor units of the base currency.
type Costs struct {
	Contacts []ContactCost `json:"contacts" nullable:"false" doc:"By kind of interaction."`
	Other    int64         `json:"other_contact" minimum:"0" doc:"Of an interaction of any other kind."`
	Minute   int64         `json:"minute" minimum:"0" doc:"Of each minute of an interaction, beside its cost by kind; 0 leaves time out."`
	Order    int64         `json:"order" minimum:"0" doc:"Of handling an order: a document with at least one line that is no return."`
	Line     int64         `json:"line" minimum:"0" doc:"Of delivering a line that is no return."`
	Return   int64         `json:"return" minimum:"0" doc:"Of taking back a line."`
}

// CutBy says what the classes of the profit opportunity matrix are cut by.
type CutBy string

// The ways to cut.
const (
	ByCustomers CutBy = "customers" // so many of the customers, the most profitable first
	ByProfit    CutBy = "profit"    // those who together make so much of the profit
	ByAmount    CutBy = "amount"    // fixed amounts
)

// Cuts are where high and medium profitability end (P8).
type Cuts struct {
	By           CutBy   `json:"by" enum:"customers,profit,amount"`
	HighShare    float64 `json:"high_share" minimum:"0" maximum:"1" doc:"Of customers or profit: up to here is high."`
	MediumShare  float64 `json:"medium_share" minimum:"0" maximum:"1" doc:"Up to here is medium, the rest low."`
	HighAmount   int64   `json:"high_amount" doc:"From this profit on is high; minor units of the base currency."`
	MediumAmount int64   `json:"medium_amount" doc:"From this profit on is medium, below low."`
}

// Rates are the shares of revenue that profit must reach for a grade or a mark (P9).
type Rates struct {
	High       float64 `json:"high" minimum:"-10" maximum:"10"`
	Profitable float64 `json:"profitable" minimum:"-10" maximum:"10"`
	Medium     float64 `json:"medium" minimum:"-10" maximum:"10" doc:"Below is low."`
	TwicePlus  float64 `json:"plus_plus" minimum:"-10" maximum:"10" doc:"From here on ++."`
	Plus       float64 `json:"plus" minimum:"-10" maximum:"10" doc:"From here on +."`
	Minus      float64 `json:"minus" minimum:"-10" maximum:"10" doc:"From here on −, below −−."`
}

// Definition is the company's settings of profit.
type Definition struct {
	Costs   Costs   `json:"costs"`
	Cuts    Cuts    `json:"cuts"`
	Rates   Rates   `json:"rates"`
	Falling float64 `json:"falling" minimum:"0" maximum:"1" doc:"A large customer is named when its share fell by at least this much within a year: 0.05 is five points."`
}

// DefaultDefinition holds until somebody changes it. Its unit costs are assumptions, round figures of the size
// of a European company's in euro, whatever the base currency is; the page says that they are assumed.
func DefaultDefinition() Definition {
	return Definition{
		Costs: Costs{Contacts: []ContactCost{{"visit", 150_00}, {"meeting", 100_00}, {"call", 10_00}, {"email", 3_00}, {"letter", 5_00}},
			Other: 5_00, Order: 15_00, Line: 2_00, Return: 20_00},
		Cuts:    Cuts{By: ByCustomers, HighShare: 0.2, MediumShare: 0.5, HighAmount: 100_000_00, MediumAmount: 10_000_00},
		Rates:   Rates{High: 0.30, Profitable: 0.15, Medium: 0, TwicePlus: 0.30, Plus: 0, Minus: -0.30},
		Falling: 0.05,
	}
}

const (
	maxKinds = 50
	// maxUnitCost keeps sums of money within what a whole number holds.
	maxUnitCost = 1_000_000_000
	maxAmount   = 1_000_000_000_000_000
)

// Validate returns a fault that names every field that cannot stand.
func (d Definition) Validate() error {
	check := fault.Check("profit.invalid_definition")
	unit := func(cost int64, path string) {
		check.That(cost >= 0 && cost <= maxUnitCost, path, "Give an amount from 0 to 10,000,000.")
	}
	check.That(len(d.Costs.Contacts) <= maxKinds, "costs.contacts", "Give at most %d kinds of contact.", maxKinds)
	seen := map[string]bool{}
	for i, c := range d.Costs.Contacts {
		path := fmt.Sprintf("costs.contacts[%d]", i)
		check.That(c.Kind != "" && c.Kind == strings.ToLower(strings.TrimSpace(c.Kind)) && len(c.Kind) <= 60, path+".kind", "Give the kind in lower case, as interactions have it: visit.").
			That(!seen[c.Kind], path+".kind", "This kind stands twice.")
		unit(c.Cost, path+".cost")
		seen[c.Kind] = true
	}
	unit(d.Costs.Other, "costs.other_contact")
	unit(d.Costs.Minute, "costs.minute")
	unit(d.Costs.Order, "costs.order")
	unit(d.Costs.Line, "costs.line")
	unit(d.Costs.Return, "costs.return")
	c, r := d.Cuts, d.Rates
	check.That(c.By == ByCustomers || c.By == ByProfit || c.By == ByAmount, "cuts.by", "Use customers, profit or amount.").
		That(c.HighShare > 0 && c.HighShare < c.MediumShare, "cuts.high_share", "Give more than 0 %% and less than the end of medium.").
		That(c.MediumShare > 0 && c.MediumShare < 1, "cuts.medium_share", "Give less than 100 %%, so that some are low.").
		That(c.MediumAmount < c.HighAmount && abs(c.HighAmount) <= maxAmount && abs(c.MediumAmount) <= maxAmount, "cuts.high_amount", "High must begin above medium.").
		That(ordered(r.High, r.Profitable, r.Medium), "rates.high", "Each class must begin above the next: high, profitable, medium.").
		That(ordered(r.TwicePlus, r.Plus, r.Minus), "rates.plus_plus", "Each mark must begin above the next: ++, +, −.").
		That(d.Falling >= 0 && d.Falling <= 1, "falling", "Give 0 %% to 100 %%.")
	return check.Err()
}

func ordered(rates ...float64) bool {
	for i, r := range rates {
		if math.IsNaN(r) || math.Abs(r) > 10 || i > 0 && r >= rates[i-1] {
			return false
		}
	}
	return true
}

func abs(x int64) int64 { return max(x, -x) }
