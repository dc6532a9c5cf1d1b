// Package visit tells of each customer whether it is looked after: green, yellow or red by the days since its last contact,
// against the norm of its cell in the customer matrix (FIELD.md K4).
package visit

import (
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
)

// The colours of care.
const (
	Green  = "green"
	Yellow = "yellow"
	Red    = "red"
	None   = "none" // the cell has no norm
)

// Colours counts customers by colour.
type Colours struct {
	Customers int64 `json:"customers"`
	Green     int64 `json:"green"`
	Yellow    int64 `json:"yellow"`
	Red       int64 `json:"red" doc:"Never contacted ones included."`
	Never     int64 `json:"never" doc:"Of the red: never contacted up to the date."`
	None      int64 `json:"none" doc:"Of whom no contact is asked."`
}

func (c *Colours) add(o Colours) {
	c.Customers += o.Customers
	c.Green += o.Green
	c.Yellow += o.Yellow
	c.Red += o.Red
	c.Never += o.Never
	c.None += o.None
}

// CellColours are the counts of one cell.
type CellColours struct {
	Key    string `json:"key"`
	Row    string `json:"row"`
	Column string `json:"column"`
	Colours
}

// ClassColours are the counts of a row or a column.
type ClassColours struct {
	Key string `json:"key"`
	Colours
}

// Late is a customer that is red. Amounts are minor units.
type Late struct {
	ID          id.ID      `json:"id"`
	Code        string     `json:"code"`
	Name        string     `json:"name"`
	OwnerID     id.ID      `json:"owner_id" doc:"Who looks after it today; empty for nobody."`
	Cell        string     `json:"cell" doc:"Of the customer matrix."`
	LastContact *date.Date `json:"last_contact" doc:"Null for never."`
	Days        *int64     `json:"days" doc:"Since the last contact, up to the as-of date."`
	Over        *int64     `json:"over" doc:"Days since it turned red."`
	Revenue     int64      `json:"revenue"`
}

// Picture is a matrix by the colours of its customers.
type Picture struct {
	AsOf         date.Date       `json:"as_of" doc:"Days are counted up to this date, not up to today."`
	ComputedAt   time.Time       `json:"computed_at"`
	Window       matrix.Window   `json:"window"`
	Currency     string          `json:"currency"`
	Definition   Definition      `json:"definition" doc:"The settings that counted when the date was scored."`
	Matrix       grid.Definition `json:"matrix"`
	Rows         []string        `json:"rows" nullable:"false" doc:"Keys from the top, unknown last where somebody stands there."`
	Columns      []string        `json:"columns" nullable:"false" doc:"Keys from the left, unknown last where somebody stands there."`
	RowsBegin    []*float64      `json:"rows_begin" doc:"Where the second and each later class of the rows begins, the lowest first; null where nobody reaches it."`
	ColumnsBegin []*float64      `json:"columns_begin"`
	Cells        []CellColours   `json:"cells" nullable:"false" doc:"Of every row and column, row by row."`
	RowTotals    []ClassColours  `json:"row_totals" nullable:"false"`
	ColumnTotals []ClassColours  `json:"column_totals" nullable:"false"`
	Total        Colours         `json:"total"`
	Overdue      []Late          `json:"overdue" nullable:"false" doc:"Red customers who were contacted once: those first who have most days over times revenue of the window."`
	NeverYet     []Late          `json:"never_yet" nullable:"false" doc:"Red customers who were never contacted, those with the most revenue first."`
}

// tally is the counts of each cell, by row and column.
type tally map[[2]string]Colours

// draw fills the cells and totals of a picture.
func (p *Picture) draw(t tally) {
	p.Rows, p.Columns = p.Matrix.RowKeys(), p.Matrix.ColumnKeys()
	var row, column bool
	for at, c := range t {
		row = row || at[0] == grid.Unknown && c.Customers > 0
		column = column || at[1] == grid.Unknown && c.Customers > 0
	}
	if row {
		p.Rows = append(p.Rows, grid.Unknown)
	}
	if column {
		p.Columns = append(p.Columns, grid.Unknown)
	}
	p.Cells, p.RowTotals, p.ColumnTotals = []CellColours{}, make([]ClassColours, len(p.Rows)), make([]ClassColours, len(p.Columns))
	for i, row := range p.Rows {
		p.RowTotals[i].Key = row
		for j, column := range p.Columns {
			c := t[[2]string{row, column}]
			p.Cells = append(p.Cells, CellColours{Key: grid.CellKey(row, column), Row: row, Column: column, Colours: c})
			p.ColumnTotals[j].Key = column
			p.RowTotals[i].add(c)
			p.ColumnTotals[j].add(c)
			p.Total.add(c)
		}
	}
}
