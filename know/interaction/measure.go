package interaction

import (
	"context"
	_ "embed" // the questions
	"fmt"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Schema is the text of this word's warehouse table.
//
//go:embed warehouse.sql
var Schema string

//go:embed interactions.sql
var interactionsSQL string

// Diary answers questions about interactions from the warehouse. It knows nothing of rights: callers have checked that the
// customer is within reach.
type Diary struct{ warehouse *engine.Warehouse }

// NewDiary returns the diary of a warehouse.
func NewDiary(w *engine.Warehouse) *Diary { return &Diary{warehouse: w} }

// List returns up to limit interactions of the customer, newest first. after is the date, import number and row number of
// the last one of the page before, nil for the first page.
func (d *Diary) List(ctx context.Context, customer id.ID, after []any, limit int) ([]Interaction, error) {
	where, err := beyond(after)
	if err != nil {
		return nil, err
	}
	rows, err := d.warehouse.Query(ctx, interactionsSQL, engine.Args{"customer": customer, "limit": limit}, engine.Hole{Name: "after", Clause: where})
	if err != nil {
		return nil, fmt.Errorf("ask for interactions: %w", err)
	}
	defer rows.Close()
	var list []Interaction
	for rows.Next() {
		var n Interaction
		if err := rows.Scan(&n.ImportNo, &n.RowNo, &n.Date, &n.Kind, &n.PersonName, &n.Minutes, &n.Result, &n.Note); err != nil {
			return nil, fmt.Errorf("read interactions: %w", err)
		}
		list = append(list, n)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read interactions: %w", err)
	}
	return list, nil
}

// beyond is the condition that an interaction comes after the last of a page.
func beyond(after []any) (filter.Clause, error) {
	if after == nil {
		return filter.Clause{}, nil
	}
	columns := filter.Columns{"date": "interaction_date", "import": "import_no", "row": "row_no"}
	sorts := []filter.Sort{{Name: "date", Desc: true}, {Name: "import", Desc: true}, {Name: "row", Desc: true}}
	return filter.Compile(filter.After(sorts, after), columns)
}
