package purchase

import (
	"context"
	"net/http"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/web"
)

// handlers answers the routes of this word.
type handlers struct {
	ledger    *Ledger
	customers Customers
	base      Base
	now       func() time.Time
}

// Routes adds purchases of a customer to the interface. A customer out of the asker's reach is NotFound.
func Routes(api *web.API, ledger *Ledger, customers Customers, base Base, now func() time.Time) {
	h := handlers{ledger: ledger, customers: customers, base: base, now: now}
	web.Handle(api, access.PurchaseRead, web.Route{Method: http.MethodGet, Path: "/customers/{id}/purchases", Name: "purchase_list",
		Summary: "The purchase lines of a customer, newest first"}, h.getLines)
	web.Handle(api, access.PurchaseRead, web.Route{Method: http.MethodGet, Path: "/customers/{id}/revenue", Name: "purchase_revenue",
		Summary: "Revenue, cost and budget of a customer by month"}, h.getRevenue)
}

type linesInput struct {
	web.PageInput
	ID   id.ID     `path:"id" format:"uuid"`
	From date.Date `query:"from" doc:"The first day that counts; the beginning when left out"`
	To   date.Date `query:"to" doc:"The last day that counts; the end when left out"`
}

func (in linesInput) between() (Between, error) {
	for _, day := range []struct {
		name string
		date date.Date
	}{{"from", in.From}, {"to", in.To}} {
		if err := web.CheckDate("purchase", day.name, day.date); err != nil {
			return Between{}, err
		}
	}
	return Between{From: in.From, To: in.To}, nil
}

// lineOut is a line as the interface shows it: amounts in minor units of currency, which is the base currency, and beside
// them what stands on the document.
type lineOut struct {
	Date           date.Date `json:"date"`
	Document       string    `json:"document"`
	Line           string    `json:"line"`
	ProductID      id.ID     `json:"product_id,omitempty"`
	ProductCode    string    `json:"product_code"`
	ProductName    string    `json:"product_name"`
	Quantity       *float64  `json:"quantity"`
	Revenue        int64     `json:"revenue"`
	Cost           *int64    `json:"cost" doc:"null is unknown"`
	Currency       string    `json:"currency" doc:"Of revenue and cost: the base currency"`
	Amount         int64     `json:"amount" doc:"The revenue as it stands on the document, in minor units of amount_currency"`
	AmountCurrency string    `json:"amount_currency"`
	Channel        string    `json:"channel"`
	SellerName     string    `json:"seller_name"`
	importNo       int64
	rowNo          int64
}

func (h handlers) getLines(ctx context.Context, in *linesInput) (*web.Body[web.Page[lineOut]], error) {
	if err := h.customers.Within(ctx, access.ReachOf(ctx), in.ID); err != nil {
		return nil, err
	}
	after, err := afterLine(in.Cursor)
	if err != nil {
		return nil, err
	}
	base, err := h.base(ctx)
	if err != nil {
		return nil, err
	}
	between, err := in.between()
	if err != nil {
		return nil, err
	}
	lines, err := h.ledger.Lines(ctx, in.ID, between, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := make([]lineOut, len(lines))
	for i, n := range lines {
		out[i] = n.shown(base)
	}
	return web.PageOf(out, in.Limit, func(last lineOut) string { return filter.Cursor(last.Date, last.importNo, last.rowNo) }), nil
}

// afterLine reads a cursor: the date, import number and row number of a line. They are checked, since the engine compares
// them as a date and as numbers.
func afterLine(cursor string) ([]any, error) {
	after, err := filter.ParseCursor(cursor, 3)
	if err != nil || after == nil {
		return nil, err
	}
	day, isText := after[0].(string)
	_, isImport := after[1].(int64)
	_, isRow := after[2].(int64)
	if !isText || !date.Date(day).Valid() || !isImport || !isRow {
		return nil, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
	}
	return []any{date.Date(day), after[1], after[2]}, nil
}

func (n Line) shown(base string) lineOut {
	out := lineOut{Date: n.Date, Document: n.Document, Line: n.Line, ProductID: n.ProductID, ProductCode: n.ProductCode, ProductName: n.ProductName,
		Quantity: n.Quantity, Revenue: money.Minor(n.Revenue, base), Currency: base, Amount: money.Minor(n.Amount, n.Currency),
		AmountCurrency: n.Currency, Channel: n.Channel, SellerName: n.SellerName, importNo: n.ImportNo, rowNo: n.RowNo}
	if n.Cost != nil {
		cost := money.Minor(*n.Cost, base)
		out.Cost = &cost
	}
	return out
}

type revenueInput struct {
	ID     id.ID     `path:"id" format:"uuid"`
	AsOf   date.Date `query:"as_of" doc:"The last day that counts; today when left out"`
	Months int       `query:"months" minimum:"1" maximum:"240" default:"24"`
}

type monthOut struct {
	Month   date.Date `json:"month" doc:"Its first day"`
	Revenue int64     `json:"revenue"`
	Cost    int64     `json:"cost"`
	Budget  *int64    `json:"budget" doc:"null is no budget"`
}

type revenueOut struct {
	AsOf   date.Date  `json:"as_of"`
	Months []monthOut `json:"months" nullable:"false"`
}

func (h handlers) getRevenue(ctx context.Context, in *revenueInput) (*web.Body[revenueOut], error) {
	if err := h.customers.Within(ctx, access.ReachOf(ctx), in.ID); err != nil {
		return nil, err
	}
	asOf := in.AsOf
	if asOf == "" {
		asOf = date.Of(h.now())
	}
	if !asOf.Valid() {
		return nil, fault.New(fault.Malformed, "purchase.bad_date", "as_of must be a date such as 2026-10-31.").At("as_of", "%q is not a date.", asOf)
	}
	base, err := h.base(ctx)
	if err != nil {
		return nil, err
	}
	months, err := h.ledger.Months(ctx, in.ID, asOf, in.Months)
	if err != nil {
		return nil, err
	}
	out := revenueOut{AsOf: asOf, Months: make([]monthOut, len(months))}
	for i, m := range months {
		out.Months[i] = monthOut{Month: m.Month, Revenue: money.Minor(m.Revenue, base), Cost: money.Minor(m.Cost, base)}
		if m.Budget != nil {
			budget := money.Minor(*m.Budget, base)
			out.Months[i].Budget = &budget
		}
	}
	return web.Answer(out), nil
}
