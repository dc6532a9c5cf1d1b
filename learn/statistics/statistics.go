// Package statistics says what stands in the cells of any matrix: customers, and every measure that can be added up, with
// the totals of rows and columns (FIELD.md K3), and sets two figures against each other so that misplaced effort shows. It
// compares the parts of a company, its units, people, countries and industries, by the same matrix (K7).
package statistics

import (
	"slices"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Figure is a measure that can be added up.
type Figure struct {
	Key   string       `json:"key"`
	Label string       `json:"label"`
	Unit  scoring.Unit `json:"unit" enum:"money,count"`
}

// Sum is a figure of some customers added up.
type Sum struct {
	Total float64 `json:"total" doc:"Money in minor units."`
	Known int64   `json:"known" doc:"Of how many customers there is a value."`
}

// Figures are what is said of some customers.
type Figures struct {
	Customers int64          `json:"customers"`
	Sums      map[string]Sum `json:"sums" nullable:"false" doc:"By the key of the figure."`
}

// add adds the figures of other customers.
func (f *Figures) add(o Figures) {
	if f.Sums == nil {
		f.Sums = map[string]Sum{}
	}
	f.Customers += o.Customers
	for key, s := range o.Sums {
		t := f.Sums[key]
		f.Sums[key] = Sum{Total: t.Total + s.Total, Known: t.Known + s.Known}
	}
}

// CellFigures are the figures of one cell.
type CellFigures struct {
	Key    string `json:"key"`
	Row    string `json:"row"`
	Column string `json:"column"`
	Figures
}

// ClassFigures are the figures of a row or a column.
type ClassFigures struct {
	Key string `json:"key"`
	Figures
}

// Head is what every picture says of itself.
type Head struct {
	AsOf         date.Date       `json:"as_of"`
	Version      int64           `json:"version"`
	ComputedAt   time.Time       `json:"computed_at"`
	Window       matrix.Window   `json:"window"`
	Currency     string          `json:"currency"`
	Matrix       grid.Definition `json:"matrix"`
	Rows         []string        `json:"rows" nullable:"false" doc:"Keys from the top, unknown last where somebody stands there."`
	Columns      []string        `json:"columns" nullable:"false" doc:"Keys from the left, unknown last where somebody stands there."`
	RowsBegin    []*float64      `json:"rows_begin" doc:"Where the second and each later class of the rows begins, the lowest first; null where nobody reaches it."`
	ColumnsBegin []*float64      `json:"columns_begin"`
	Figures      []Figure        `json:"figures" nullable:"false" doc:"Those that were asked for."`
	Offered      []Figure        `json:"offered" nullable:"false" doc:"Every figure that can be asked for as of this date."`
}

// Picture is a matrix with its figures.
type Picture struct {
	Head
	Cells        []CellFigures  `json:"cells" nullable:"false" doc:"Of every row and column, row by row."`
	RowTotals    []ClassFigures `json:"row_totals" nullable:"false"`
	ColumnTotals []ClassFigures `json:"column_totals" nullable:"false"`
	Total        Figures        `json:"total"`
	Balance      *Balance       `json:"balance" doc:"What two figures say against each other; null where none was asked for."`
}

// Balance sets effort against value, by cells.
type Balance struct {
	Effort string `json:"effort" doc:"The key of a figure; customers for their number."`
	Value  string `json:"value"`
	// TooFew says why nothing is said.
	TooFew string `json:"too_few,omitempty" enum:"customers,effort,value"`
	Over   *Part  `json:"over" doc:"The cells whose share of the effort is at least twice their share of the value; null where they are not worth a word."`
	Under  *Part  `json:"under" doc:"The cells whose share of the effort is at most half their share of the value."`
}

// Part is some cells and what they make of the whole.
type Part struct {
	Cells            []string `json:"cells" nullable:"false"`
	Customers        int64    `json:"customers"`
	ShareOfCustomers float64  `json:"share_of_customers"`
	ShareOfEffort    float64  `json:"share_of_effort"`
	ShareOfValue     float64  `json:"share_of_value"`
}

// Bounds of what a balance says.
const (
	// leastCustomers: with fewer customers in the picture single ones decide.
	leastCustomers = 20
	// outOfBalance is how much larger one share must be than the other before a cell counts as out of balance.
	outOfBalance = 2
	// worthAWord is the share of the effort, or of the value, below which a set of cells is not worth a sentence.
	worthAWord = 0.05
)

// customersKey stands for the number of customers where a figure is asked for.
const customersKey = "customers"

// of returns a figure by its key.
func (f Figures) of(key string) float64 {
	if key == customersKey {
		return float64(f.Customers)
	}
	return f.Sums[key].Total
}

// balance finds the cells that get much effort for little value, and those that get little for much. A cell belongs to the
// first when its share of the effort is at least outOfBalance times its share of the value, and to the second the other way
// round; negative figures count as nothing.
func balance(cells []CellFigures, effort, value string) *Balance {
	b := &Balance{Effort: effort, Value: value}
	var total Part
	var efforts, values float64
	for _, c := range cells {
		total.Customers += c.Customers
		efforts += max(c.of(effort), 0)
		values += max(c.of(value), 0)
	}
	switch {
	case total.Customers < leastCustomers:
		b.TooFew = customersKey
	case efforts <= 0:
		b.TooFew = "effort"
	case values <= 0:
		b.TooFew = "value"
	}
	if b.TooFew != "" {
		return b
	}
	over, under := Part{Cells: []string{}}, Part{Cells: []string{}}
	for _, c := range cells {
		e, v := max(c.of(effort), 0)/efforts, max(c.of(value), 0)/values
		share := float64(c.Customers) / float64(total.Customers)
		if e > 0 && e >= outOfBalance*v {
			over.take(c, share, e, v)
		}
		if v > 0 && v >= outOfBalance*e {
			under.take(c, share, e, v)
		}
	}
	if over.ShareOfEffort >= worthAWord {
		b.Over = &over
	}
	if under.ShareOfValue >= worthAWord {
		b.Under = &under
	}
	return b
}

func (p *Part) take(c CellFigures, customers, effort, value float64) {
	p.Cells = append(p.Cells, c.Key)
	p.Customers += c.Customers
	p.ShareOfCustomers += customers
	p.ShareOfEffort += effort
	p.ShareOfValue += value
}

// tally is the figures of each cell, by row and column.
type tally map[[2]string]Figures

func (t tally) add(row, column string, f Figures) {
	sum := t[[2]string{row, column}]
	sum.add(f)
	t[[2]string{row, column}] = sum
}

func (t tally) total() Figures {
	total := Figures{Sums: map[string]Sum{}}
	for _, f := range t {
		total.add(f)
	}
	return total
}

// holds tells whether somebody stands in the row or, for along 1, the column.
func (t tally) holds(key string, along int) bool {
	for at, f := range t {
		if at[along] == key && f.Customers > 0 {
			return true
		}
	}
	return false
}

// axes returns the rows and columns that are shown: all of the definition, and unknown where somebody stands there.
func (t tally) axes(d grid.Definition) (rows, columns []string) {
	rows, columns = d.RowKeys(), d.ColumnKeys()
	if t.holds(grid.Unknown, 0) {
		rows = append(rows, grid.Unknown)
	}
	if t.holds(grid.Unknown, 1) {
		columns = append(columns, grid.Unknown)
	}
	return rows, columns
}

// cells lists the cells row by row, with zeros where nobody stands.
func (t tally) cells(rows, columns []string) []CellFigures {
	all := []CellFigures{}
	for _, row := range rows {
		for _, column := range columns {
			f := t[[2]string{row, column}]
			if f.Sums == nil {
				f.Sums = map[string]Sum{}
			}
			all = append(all, CellFigures{Key: grid.CellKey(row, column), Row: row, Column: column, Figures: f})
		}
	}
	return all
}

func classes(keys []string, cells []CellFigures, of func(CellFigures) string) []ClassFigures {
	totals := make([]ClassFigures, len(keys))
	for i, key := range keys {
		totals[i] = ClassFigures{Key: key, Figures: Figures{Sums: map[string]Sum{}}}
	}
	for _, c := range cells {
		totals[slices.Index(keys, of(c))].add(c.Figures)
	}
	return totals
}

// draw completes the picture from its head and the figures of its cells.
func draw(h Head, t tally) Picture {
	p := Picture{Head: h, Total: t.total()}
	p.Rows, p.Columns = t.axes(h.Matrix)
	p.Cells = t.cells(p.Rows, p.Columns)
	p.RowTotals = classes(p.Rows, p.Cells, func(c CellFigures) string { return c.Row })
	p.ColumnTotals = classes(p.Columns, p.Cells, func(c CellFigures) string { return c.Column })
	return p
}
