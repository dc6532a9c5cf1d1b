package quality

import (
	"strconv"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/tabular"
)

// Row is a record behind a figure. Which fields are there depends on the kind; code and name are the record's own, or of
// the customer it is about.
type Row struct {
	Key           string    `json:"key" doc:"Names the row in its list."`
	CustomerID    id.ID     `json:"customer_id,omitempty"`
	Code          string    `json:"code"`
	Name          string    `json:"name"`
	Industry      string    `json:"industry,omitempty"`
	SizeEmployees *int64    `json:"size_employees,omitempty"`
	Street        string    `json:"street,omitempty"`
	PostalCode    string    `json:"postal_code,omitempty"`
	City          string    `json:"city,omitempty"`
	Country       string    `json:"country,omitempty"`
	Phone         string    `json:"phone,omitempty"`
	Email         string    `json:"email,omitempty"`
	Website       string    `json:"website,omitempty"`
	OwnerName     string    `json:"owner_name,omitempty"`
	UnitName      string    `json:"unit_name,omitempty" doc:"The unit it belongs to; of a unit, the one above it."`
	CategoryName  string    `json:"category_name,omitempty"`
	Date          date.Date `json:"date,omitempty" doc:"Of a budget: the first day of its month; of a potential: from when on it holds."`
	Document      string    `json:"document,omitempty"`
	Line          string    `json:"line,omitempty"`
	ProductCode   string    `json:"product_code,omitempty"`
	ProductName   string    `json:"product_name,omitempty"`
	Quantity      *float64  `json:"quantity,omitempty"`
	Revenue       *int64    `json:"revenue,omitempty" doc:"Minor units of currency"`
	Cost          *int64    `json:"cost,omitempty" doc:"Minor units of currency; absent is unknown"`
	Amount        *int64    `json:"amount,omitempty" doc:"Minor units of currency"`
	Currency      string    `json:"currency,omitempty"`
	Channel       string    `json:"channel,omitempty"`
	PersonName    string    `json:"person_name,omitempty" doc:"The seller, or who was in touch."`
	Source        string    `json:"source,omitempty"`
	TouchKind     string    `json:"touch_kind,omitempty"`
	Minutes       *int64    `json:"minutes,omitempty"`
	Result        string    `json:"result,omitempty"`
}

// column is a cell of an exported list.
type column struct {
	title string
	cell  func(Row) any
}

func textColumn(title string, of func(Row) string) column {
	return column{title, func(r Row) any { return of(r) }}
}

func moneyColumn(title string, of func(Row) *int64) column {
	return column{title, func(r Row) any {
		if v := of(r); v != nil {
			return tabular.Number(money.Major(*v, r.Currency))
		}
		return nil
	}}
}

func wholeColumn(title string, of func(Row) *int64) column {
	return column{title, func(r Row) any {
		if v := of(r); v != nil {
			return tabular.Number(strconv.FormatInt(*v, 10))
		}
		return nil
	}}
}

// exported are the columns of a kind's list as a file.
func exported(subject string) []column {
	code, name := textColumn("code", func(r Row) string { return r.Code }), textColumn("name", func(r Row) string { return r.Name })
	customer, named := textColumn("customer", code.text), textColumn("customer_name", name.text)
	day := textColumn("date", func(r Row) string { return string(r.Date) })
	unit := textColumn("unit", func(r Row) string { return r.UnitName })
	person := textColumn("person", func(r Row) string { return r.PersonName })
	currency := textColumn("currency", func(r Row) string { return r.Currency })
	revenue := moneyColumn("revenue", func(r Row) *int64 { return r.Revenue })
	cost := moneyColumn("cost", func(r Row) *int64 { return r.Cost })
	switch subject {
	case "customer":
		return []column{code, name, textColumn("industry", func(r Row) string { return r.Industry }),
			wholeColumn("size_employees", func(r Row) *int64 { return r.SizeEmployees }),
			textColumn("street", func(r Row) string { return r.Street }), textColumn("postal_code", func(r Row) string { return r.PostalCode }),
			textColumn("city", func(r Row) string { return r.City }), textColumn("country", func(r Row) string { return r.Country }),
			textColumn("phone", func(r Row) string { return r.Phone }), textColumn("email", func(r Row) string { return r.Email }),
			textColumn("website", func(r Row) string { return r.Website }), textColumn("owner", func(r Row) string { return r.OwnerName }), unit}
	case "product":
		return []column{code, name, textColumn("category", func(r Row) string { return r.CategoryName }), cost, currency}
	case "line":
		return []column{day, customer, named, textColumn("document", func(r Row) string { return r.Document }),
			textColumn("line", func(r Row) string { return r.Line }), textColumn("product", func(r Row) string { return r.ProductCode }),
			textColumn("product_name", func(r Row) string { return r.ProductName }), {"quantity", quantity}, revenue, cost, currency,
			textColumn("channel", func(r Row) string { return r.Channel }), person}
	case "potential":
		return []column{day, customer, named, moneyColumn("amount", func(r Row) *int64 { return r.Amount }), currency,
			textColumn("source", func(r Row) string { return r.Source })}
	case "budget":
		return []column{day, customer, named, revenue, currency}
	case "interaction":
		return []column{day, customer, named, textColumn("kind", func(r Row) string { return r.TouchKind }), person,
			wholeColumn("minutes", func(r Row) *int64 { return r.Minutes }), textColumn("result", func(r Row) string { return r.Result })}
	}
	return []column{code, name, unit} // a person or a unit
}

func (c column) text(r Row) string {
	text, _ := c.cell(r).(string)
	return text
}

func quantity(r Row) any {
	if r.Quantity == nil {
		return nil
	}
	return tabular.Number(strconv.FormatFloat(*r.Quantity, 'f', -1, 64))
}
