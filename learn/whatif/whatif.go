// Package whatif works out what it would bring to make some customers of a cell of the customer matrix customers of another
// (FIELD.md K3): revenue, margin, visits needed and cost to serve, from what the customers of both cells are in a scored version.
//
// The customers keep their potential when they stay in their row, and get the share of wallet that is wanted, or that the
// customers of the other cell have; in another row they are taken to buy and to be able to buy what its customers do. They are
// visited and served as the customers of the other cell are, and leave the same margin on each unit of revenue as before.
package whatif

import (
	"math"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
)

// leastCustomers is how many customers a cell must have before others are expected to become like them.
const leastCustomers = 5

// Bounds of a scenario.
const (
	mostCustomers = 100_000
	mostChosen    = 50
)

// Scenario is what might be done.
type Scenario struct {
	From      string // the cell of the customers
	Customers int64  // so many average ones; unless some are chosen
	Chosen    []id.ID
	// To is the cell they are to be in; Share the share of wallet they are to have, 0 for that of the cell's customers. One of
	// the two is needed.
	To    string
	Share float64
}

// validate returns a fault Malformed that names what cannot be asked.
func (s Scenario) validate() error {
	bad := func(at, text string) error {
		return fault.New(fault.Malformed, "whatif.malformed_scenario", "%s", text).At(at, "%s", text)
	}
	if !placed(s.From) {
		return bad("from", "Choose a cell of the customer matrix with a known potential, such as gold_bubble.")
	}
	if s.To != "" && !placed(s.To) {
		return bad("to", "Choose a cell of the customer matrix with a known potential, such as gold_sailer.")
	}
	if s.To == "" && s.Share == 0 {
		return bad("to", "Say where the customers are to go: a cell, or a customer share.")
	}
	if s.To != "" && s.Share != 0 {
		return bad("share", "Give a cell or a customer share, not both.")
	}
	if math.IsNaN(s.Share) || s.Share < 0 || s.Share > 1 {
		return bad("share", "Give a customer share from 0 to 1: 0.5 for 50 %.")
	}
	if len(s.Chosen) == 0 && (s.Customers < 1 || s.Customers > mostCustomers) {
		return bad("customers", "Give 1 to 100,000 customers.")
	}
	if len(s.Chosen) > mostChosen {
		return bad("chosen", "Choose at most 50 customers.")
	}
	for _, c := range s.Chosen {
		if !id.Valid(string(c)) {
			return bad("chosen", "Give the ids of customers.")
		}
	}
	return nil
}

// placed tells whether a text is a cell in whose row the potential is known.
func placed(cell string) bool {
	row, column := grid.SplitCell(cell)
	for _, r := range matrix.Rows()[:3] {
		for _, c := range matrix.Columns()[:4] {
			if r == row && c == column {
				return true
			}
		}
	}
	return false
}

// Amount is a sum of money now and then; minor units.
type Amount struct {
	Now    int64 `json:"now"`
	Then   int64 `json:"then"`
	Change int64 `json:"change"`
}

// Number is a figure now and then.
type Number struct {
	Now    float64 `json:"now"`
	Then   float64 `json:"then"`
	Change float64 `json:"change"`
}

// Lack says why there is no figure.
type Lack string

// The lacks.
const (
	FewFrom     Lack = "from"      // the cell has fewer customers than are to move
	FewTo       Lack = "to"        // the other cell has fewer than leastCustomers
	NoPotential Lack = "potential" // they could buy nothing
	NoMargin    Lack = "margin"    // no purchase says its cost
)

// Answer is what a scenario would bring in a window.
type Answer struct {
	AsOf      date.Date     `json:"as_of"`
	Window    matrix.Window `json:"window"`
	Currency  string        `json:"currency"`
	From      string        `json:"from"`
	To        string        `json:"to" doc:"The cell that the customers would be in."`
	Customers int64         `json:"customers"`
	Chosen    bool          `json:"chosen" doc:"The figures of today are those of chosen customers; else of so many average ones of the cell."`
	Available int64         `json:"available" doc:"Customers of the cell within reach."`
	Expected  int64         `json:"expected" doc:"Customers of the other cell within reach, whom these are taken to become like."`
	OtherRow  bool          `json:"other_row" doc:"The other cell lies in another row: their potential would have to change."`
	Least     int64         `json:"least" doc:"So many customers the other cell must have before others are expected to become like them."`
	ShareNow  *float64      `json:"share_now" doc:"Customer share of those who move."`
	ShareThen *float64      `json:"share_then"`
	Potential int64         `json:"potential" doc:"Theirs today, minor units."`
	Revenue   *Amount       `json:"revenue" doc:"Null where nothing can be said; so with the others."`
	Margin    *Amount       `json:"margin" doc:"Contribution margin, at the same share of revenue as today."`
	Rate      *float64      `json:"margin_rate" doc:"Margin of revenue."`
	RateOf    string        `json:"margin_rate_of" enum:"from,to," doc:"Whose: of those who move, or, where they buy nothing, of the other cell."`
	Visits    *Number       `json:"visits"`
	Served    *Amount       `json:"cost_to_serve"`
	Left      *Amount       `json:"left" doc:"Margin less cost to serve."`
	Lacks     []Lack        `json:"lacks" nullable:"false" enum:"from,to,potential,margin" doc:"Why figures are missing."`
}

// sums are some customers added up, in fine units; potential in minor units.
type sums struct {
	customers, revenue, potential int64
	costedRevenue, margin, served int64
	visits                        int64
}

func (s sums) rate() (float64, bool) {
	if s.costedRevenue <= 0 {
		return 0, false
	}
	return float64(s.margin) / float64(s.costedRevenue), true
}

// share is the share of wallet of all together.
func (s sums) share(fine float64) *float64 {
	if s.potential <= 0 {
		return nil
	}
	share := float64(s.revenue) / fine / float64(s.potential)
	return &share
}

// column is the column of the customer matrix in which a share lies.
func column(share float64, b matrix.ShareBoundaries) string {
	switch {
	case share <= 0:
		return "prospect"
	case b.Loyal != nil && share >= *b.Loyal:
		return "loyal"
	case b.Sailer != nil && share >= *b.Sailer:
		return "sailer"
	}
	return "bubble"
}

// work fills in what the scenario would bring: moving are the customers of today (the chosen ones, or the whole cell, of which
// they are average ones), expected those of the other cell.
func (a *Answer) work(s Scenario, moving, expected sums) {
	fine := float64(money.FinePerMinor(a.Currency))
	part := 1.0 // of the sums of the cell
	if !a.Chosen {
		if moving.customers < a.Customers {
			a.Lacks = append(a.Lacks, FewFrom)
			return
		}
		part = float64(a.Customers) / float64(moving.customers)
	}
	each := func(of int64) float64 { // of the customers of the other cell, for as many as move
		return float64(of) / float64(expected.customers) * float64(a.Customers)
	}
	enough := expected.customers >= leastCustomers
	if !enough {
		a.Lacks = append(a.Lacks, FewTo)
	}
	a.ShareNow = moving.share(fine)
	potential := float64(moving.potential) * part
	a.Potential = int64(math.Round(potential))
	then := potential
	if a.OtherRow && enough {
		then = each(expected.potential)
	}
	if s.Share > 0 {
		a.ShareThen = &s.Share
	} else if enough {
		a.ShareThen = expected.share(fine)
	}
	revenue := float64(moving.revenue) / fine * part
	switch {
	case then <= 0:
		a.Lacks = append(a.Lacks, NoPotential)
	case a.ShareThen != nil && (enough || !a.OtherRow):
		a.Revenue = amount(revenue, then**a.ShareThen)
		a.margin(moving, expected)
	}
	if enough {
		a.Visits = &Number{Now: float64(moving.visits) * part, Then: each(expected.visits)}
		a.Visits.Change = a.Visits.Then - a.Visits.Now
		a.Served = amount(float64(moving.served)/fine*part, each(expected.served)/fine)
	}
	if a.Margin != nil && a.Served != nil {
		a.Left = amount(float64(a.Margin.Now-a.Served.Now), float64(a.Margin.Then-a.Served.Then))
	}
}

// margin keeps the margin on each unit of revenue; of those who buy nothing yet it is that of the other cell.
func (a *Answer) margin(moving, expected sums) {
	rate, ok := moving.rate()
	a.RateOf = "from"
	if !ok {
		rate, ok = expected.rate()
		a.RateOf = "to"
	}
	if !ok {
		a.RateOf = ""
		a.Lacks = append(a.Lacks, NoMargin)
		return
	}
	a.Rate = &rate
	a.Margin = amount(float64(a.Revenue.Now)*rate, float64(a.Revenue.Then)*rate)
}

// amount is money now and then, rounded; the change is that of the rounded ones, so that they add up.
func amount(now, then float64) *Amount {
	a := Amount{Now: int64(math.Round(now)), Then: int64(math.Round(then))}
	a.Change = a.Then - a.Now
	return &a
}
