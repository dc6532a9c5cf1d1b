package org

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
)

// placeTable is where the places of units or of people stand.
type placeTable struct{ name, record, unit string }

func unitPlaces() placeTable {
	return placeTable{name: "unit_place", record: "unit_id", unit: "parent_id"}
}

func personPlaces() placeTable {
	return placeTable{name: "person_place", record: "person_id", unit: "unit_id"}
}

// of returns the histories of these records, of all with nil.
func (t placeTable) of(ctx context.Context, idb bun.IDB, records []id.ID) (map[id.ID]history, error) {
	var rows []struct {
		Record    id.ID
		ValidFrom date.Date
		Unit      id.ID
	}
	q := idb.NewSelect().Table(t.name).ColumnExpr("? AS record, valid_from, ? AS unit", bun.Ident(t.record), bun.Ident(t.unit)).
		OrderExpr("?, valid_from", bun.Ident(t.record))
	if records != nil {
		if len(records) == 0 {
			return map[id.ID]history{}, nil
		}
		q.Where("? IN (?)", bun.Ident(t.record), bun.List(records))
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("read %s: %w", t.name, err)
	}
	found := make(map[id.ID]history, len(rows))
	for _, r := range rows {
		found[r.Record] = append(found[r.Record], Place{ValidFrom: r.ValidFrom, UnitID: r.Unit})
	}
	return found, nil
}

// moved is one place to be written.
type moved struct {
	record id.ID
	from   date.Date
	unit   id.ID
}

// put writes places, in place of one that begins the same day.
func (t placeTable) put(ctx context.Context, tx bun.Tx, places ...moved) error {
	if len(places) == 0 {
		return nil
	}
	args := []any{bun.Ident(t.name), bun.Ident(t.record), bun.Ident(t.unit)}
	for _, p := range places {
		args = append(args, p.record, p.from, p.unit)
	}
	args = append(args, bun.Ident(t.record), bun.Ident(t.unit), bun.Ident(t.unit))
	_, err := tx.ExecContext(ctx, "INSERT INTO ? (?, valid_from, ?) VALUES (?, ?, ?)"+strings.Repeat(", (?, ?, ?)", len(places)-1)+
		" ON CONFLICT (?, valid_from) DO UPDATE SET ? = excluded.?", args...)
	if err != nil {
		return fmt.Errorf("write %s: %w", t.name, err)
	}
	return nil
}
