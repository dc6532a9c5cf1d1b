package matrix

import (
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Figures are what the matrix says of a group of customers. Money is minor units of the base currency, each figure rounded
// once from the exact sum: a total can differ by a unit from the sum of its rounded parts.
type Figures struct {
	Customers        int64   `json:"customers"`
	Revenue          int64   `json:"revenue"`
	ShareOfCustomers float64 `json:"share_of_customers" doc:"Of all customers of the picture; 0 to 1."`
	ShareOfRevenue   float64 `json:"share_of_revenue" doc:"Of all revenue of the picture; 0 where there is none."`
	Potential        int64   `json:"potential" doc:"Of the customers whose potential is known."`
	Unused           int64   `json:"unused" doc:"Potential that is bought elsewhere or not at all."`
}

// CellFigures are the figures of one cell.
type CellFigures struct {
	Key    string `json:"key" doc:"Such as gold_bubble; unknown for customers without a potential."`
	Row    string `json:"row" enum:"gold,silver,bronze,unknown"`
	Column string `json:"column" enum:"prospect,bubble,sailer,loyal,unknown"`
	Figures
}

// RowFigures are the figures of a whole row.
type RowFigures struct {
	Row string `json:"row" enum:"gold,silver,bronze,unknown"`
	Figures
}

// ColumnFigures are the figures of a whole column.
type ColumnFigures struct {
	Column string `json:"column" enum:"prospect,bubble,sailer,loyal,unknown"`
	Figures
}

// Window is the time in which purchases counted, both ends included.
type Window struct {
	From   date.Date `json:"from"`
	To     date.Date `json:"to"`
	Months int       `json:"months"`
}

// Picture is the matrix of a date.
type Picture struct {
	AsOf         date.Date       `json:"as_of"`
	Version      int64           `json:"version"`
	ComputedAt   time.Time       `json:"computed_at"`
	Window       Window          `json:"window"`
	Currency     string          `json:"currency"`
	Rows         []string        `json:"rows" nullable:"false" enum:"gold,silver,bronze,unknown"`
	Columns      []string        `json:"columns" nullable:"false" enum:"prospect,bubble,sailer,loyal"`
	Cells        []CellFigures   `json:"cells" nullable:"false" doc:"All thirteen, row by row."`
	RowTotals    []RowFigures    `json:"row_totals" nullable:"false"`
	ColumnTotals []ColumnFigures `json:"column_totals" nullable:"false"`
	Total        Figures         `json:"total"`
	Boundaries   Boundaries      `json:"boundaries"`
}

// sum is what is added up exactly: revenue in fine units, the rest in minor units.
type sum struct{ customers, revenue, potential, unused int64 }

func (s *sum) add(t sum) {
	s.customers += t.customers
	s.revenue += t.revenue
	s.potential += t.potential
	s.unused += t.unused
}

func (s sum) figures(total sum, currency string) Figures {
	return Figures{Customers: s.customers, Revenue: money.Minor(s.revenue, currency), Potential: s.potential, Unused: s.unused,
		ShareOfCustomers: part(s.customers, total.customers), ShareOfRevenue: part(s.revenue, total.revenue)}
}

func part(of, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(of) / float64(whole)
}

// draw makes the picture from the sums of the cells that have customers.
func draw(v scoring.Version, sums map[string]sum, currency string) (Picture, error) {
	b, err := BoundariesOf(v)
	if err != nil {
		return Picture{}, err
	}
	p := Picture{AsOf: v.AsOf, Version: v.Version, ComputedAt: v.ComputedAt, Currency: currency, Rows: Rows(), Columns: Columns(),
		Window: Window{From: v.From().AddDays(1), To: v.AsOf, Months: v.WindowMonths}, Boundaries: b}
	var total sum
	rows, columns := map[string]*sum{}, map[string]*sum{}
	for _, row := range Rows() {
		rows[row] = &sum{}
	}
	for _, column := range Columns() {
		columns[column] = &sum{}
	}
	for _, at := range places() {
		s := sums[at.Key]
		total.add(s)
		rows[at.Row].add(s)
		columns[at.Column].add(s)
	}
	for _, at := range places() {
		at.Figures = sums[at.Key].figures(total, currency)
		p.Cells = append(p.Cells, at)
	}
	for _, row := range Rows() {
		p.RowTotals = append(p.RowTotals, RowFigures{Row: row, Figures: rows[row].figures(total, currency)})
	}
	for _, column := range Columns() {
		p.ColumnTotals = append(p.ColumnTotals, ColumnFigures{Column: column, Figures: columns[column].figures(total, currency)})
	}
	p.Total = total.figures(total, currency)
	return p, nil
}

// places returns the thirteen cells without figures, row by row.
func places() []CellFigures {
	var all []CellFigures
	for _, row := range Rows() {
		for _, column := range Columns() {
			if (row == Unknown) == (column == Unknown) {
				all = append(all, CellFigures{Key: Key(row, column), Row: row, Column: column})
			}
		}
	}
	return all
}
