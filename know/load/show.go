package load

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/kvadrant/kvadrant/internal/engine"
)

// maxShown is how many rows a trial shows.
const maxShown = 20

// Shown is a record as it is and as it would become, by fields of the kind.
type Shown struct {
	RowNo  int64          `json:"row_no" doc:"Ordinal of the row in the files, from 0."`
	Before map[string]any `json:"before,omitempty" doc:"Absent when it would be created."`
	After  map[string]any `json:"after"`
}

// Said is what a record says, by the names of its fields as JSON, and also what is told by other names.
func Said(record any, also map[string]any) map[string]any {
	said := map[string]any{}
	if text, err := json.Marshal(record); err == nil { // a record that cannot be written down says nothing
		_ = json.Unmarshal(text, &said)
	}
	maps.Copy(said, also)
	return said
}

// Trial tells that the import is only tried: nothing that Load writes stays, and one transaction of the operational store
// does not see what another wrote.
func (b *Batch) Trial() bool { return b.trial }

// Shows tells a trial how a row changes its record, by fields of the kind; nil before for one that is created.
func (b *Batch) Shows(rowNo int64, before, after map[string]any) {
	if b.trial && len(b.shown) < maxShown {
		b.shown = append(b.shown, Shown{rowNo, before, after})
	}
}

// showFacts reads the first facts that the import wrote, and what stood there before: the table replaced, which a merge
// leaves, has the facts as they were under the row that altered them.
func (b *Batch) showFacts(ctx context.Context) error {
	written := "SELECT * FROM " + b.kind.Table + " WHERE import_no = :no ORDER BY row_no LIMIT :rows"
	after, err := b.facts(ctx, written, engine.Args{"no": b.Import.No, "rows": maxShown})
	if err != nil {
		return err
	}
	before := map[int64]map[string]any{}
	if replaced, err := b.hasReplaced(ctx); err != nil {
		return err
	} else if replaced {
		old, err := b.facts(ctx, "SELECT * FROM replaced ORDER BY row_no LIMIT :rows", engine.Args{"rows": maxShown})
		if err != nil {
			return err
		}
		for _, row := range old {
			before[row.RowNo] = row.After
		}
	}
	for _, row := range after {
		b.Shows(row.RowNo, before[row.RowNo], row.After)
	}
	return nil
}

func (b *Batch) hasReplaced(ctx context.Context) (bool, error) {
	rows, err := b.Tx.Query(ctx, "SELECT 1 FROM duckdb_tables() WHERE temporary AND table_name = 'replaced'", nil)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	return rows.Next(), rows.Err()
}

func (b *Batch) facts(ctx context.Context, facts string, args engine.Args) ([]Shown, error) {
	rows, err := b.Tx.Query(ctx, "WITH fact AS ("+facts+") SELECT * FROM ("+b.kind.Shown+") AS shown ORDER BY row_no", args)
	if err != nil {
		return nil, fmt.Errorf("show rows: %w", err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var found []Shown
	for rows.Next() {
		cells, into := make([]any, len(names)), make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := Shown{After: map[string]any{}}
		for i, name := range names {
			switch v := cells[i].(type) {
			case nil:
			case int64:
				if name == "row_no" {
					row.RowNo = v
					continue
				}
				row.After[name] = v
			case time.Time:
				row.After[name] = v.Format(time.DateOnly)
			default:
				row.After[name] = v
			}
		}
		found = append(found, row)
	}
	return found, rows.Err()
}
