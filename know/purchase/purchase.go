// Package purchase is what customers bought and what they were expected to buy: invoice lines, budgets by month, and the
// dated exchange rates that bring both into the base currency.
//
// Lines and budgets are facts: they live in the warehouse alone and come from imports. A return is a line with negative
// revenue. Rates are few and live in the operational store.
package purchase

import (
	"context"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Base tells the base currency of the company, an ISO code.
type Base func(ctx context.Context) (string, error)

// Customers says whether a customer exists within somebody's reach; know/customer implements it.
type Customers interface {
	// Within returns a NotFound fault unless the customer exists and the reach covers it.
	Within(ctx context.Context, reach access.Reach, customer id.ID) error
}

// Line is one line of an invoice or credit note.
type Line struct {
	ImportNo    int64 // with RowNo unique, but not the same again when the warehouse was rebuilt
	RowNo       int64
	Date        date.Date
	Document    string
	Line        string
	ProductID   id.ID
	ProductCode string
	ProductName string
	Quantity    *float64 // nil is unknown
	Revenue     int64    // fine units of the base currency
	Cost        *int64   // fine units of the base currency; nil is unknown
	Currency    string   // in which the line was written
	Amount      int64    // its revenue in fine units of Currency
	Channel     string
	SellerID    id.ID
	SellerName  string
}

// Month is what a customer bought and was expected to buy in a calendar month.
type Month struct {
	Month   date.Date // its first day
	Revenue int64     // fine units of the base currency
	Cost    int64     // fine units of the base currency; lines of unknown cost count as nothing
	Budget  *int64    // fine units of the base currency; nil is no budget
}

// Totals are sums over all lines, by which an import or a rebuild is checked against its source.
type Totals struct {
	Lines   int64
	Revenue int64 // fine units of the base currency
	Cost    int64 // fine units of the base currency
}

// fill returns one month for each from the first to the last, those without purchases and budget too.
func fill(months []Month, first, last date.Date) []Month {
	known := make(map[date.Date]Month, len(months))
	for _, m := range months {
		known[m.Month] = m
	}
	var all []Month
	for month := first.MonthStart(); month <= last; month = month.AddMonths(1) {
		m := known[month]
		m.Month = month
		all = append(all, m)
	}
	return all
}
