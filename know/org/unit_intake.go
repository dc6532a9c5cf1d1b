package org

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/know/intake"
)

// unitLoad is one import of units. The tree is checked as it will be after all rows, since a parent may stand further down
// in the file; so all rows are held in memory and written in one transaction.
type unitLoad struct {
	batch   *intake.Batch
	now     time.Time
	lines   []*unitLine
	byCode  map[string]*unitLine // the lines not rejected
	known   map[string]unitRow   // the units of the store
	codes   map[id.ID]string     // of the units of the store
	places  map[id.ID]history
	changes []audit.Change
	counts  intake.Counts
}

// unitLine is one row of the file.
type unitLine struct {
	row    intake.Row
	parent string // its code; the present one when the file does not say
	unit   unitRow
	isNew  bool
	moves  []moved
	done   bool
}

func (s *Store) loadUnits(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	l := &unitLoad{batch: b, now: s.instant(), byCode: map[string]*unitLine{}, known: map[string]unitRow{}, codes: map[id.ID]string{}}
	if err := b.Rows(ctx, func(row intake.Row) error { l.take(row); return nil }); err != nil {
		return l.counts, err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := lockTree(ctx, tx); err != nil {
			return err
		}
		if err := l.readKnown(ctx, tx); err != nil {
			return err
		}
		l.resolve()
		return l.write(ctx, tx)
	})
	return l.counts, err
}

// take accepts a row by what can be said of it alone.
// sameUnit tells whether two rows of a code say the same of the unit.
func sameUnit(a, b intake.Row) bool {
	for _, field := range []string{"name", "kind", "parent"} {
		if a.Text(field) != b.Text(field) {
			return false
		}
	}
	return a.Date("valid_from") == b.Date("valid_from")
}

func (l *unitLoad) take(row intake.Row) {
	code := row.Text("code")
	if first, again := l.byCode[code]; again && sameUnit(first.row, row) {
		l.counts.Unchanged++ // a list of territories names the country of each again and again
		return
	} else if again {
		l.batch.Reject(row.No, "code", fault.Why("code_at_row", `The code "{code}" stands in row {row} already; keep one of them.`, "code", code, "row", strconv.FormatInt(first.row.No+1, 10)))
		return
	}
	if why, future := inFuture(row.Date("valid_from"), date.Of(l.now)); future {
		l.batch.Reject(row.No, "valid_from", why)
		return
	}
	u := Unit{Code: code, Name: row.Text("name"), Kind: row.Text("kind")}
	u.tidy()
	if err := u.Validate(); err != nil {
		l.batch.Refuse(row.No, err)
		return
	}
	line := &unitLine{row: row}
	l.lines = append(l.lines, line)
	l.byCode[code] = line
}

func (l *unitLoad) readKnown(ctx context.Context, tx bun.Tx) (err error) {
	var rows []unitRow
	if err := tx.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return fmt.Errorf("read units: %w", err)
	}
	for _, r := range rows {
		r.inUTC()
		l.known[r.Code], l.codes[r.ID] = r, r.Code
	}
	l.places, err = unitPlaces().of(ctx, tx, nil)
	return err
}

// resolve makes units of the lines and rejects those that cannot stand, until what is left can.
func (l *unitLoad) resolve() {
	for _, line := range l.lines {
		code := line.row.Text("code")
		var known bool
		line.unit, known = l.known[code]
		if line.isNew = !known; line.isNew {
			line.unit = unitRow{ImportID: l.batch.Import.ID, Unit: Unit{ID: id.New(), Code: code, Version: 1, CreatedAt: l.now, UpdatedAt: l.now}}
		}
		line.parent = l.codes[line.unit.ParentID]
		if l.batch.Has("parent") {
			line.parent = line.row.Text("parent")
		}
	}
	// A rejected row can leave others without a parent, or open their circle.
	for l.rejectOrphans() || l.rejectCircles() {
	}
	for _, line := range l.lines {
		l.fill(line)
	}
}

// rejectOrphans rejects lines whose parent is neither known nor in the file, and tells whether there were any.
func (l *unitLoad) rejectOrphans() bool {
	return l.rejectWhere(func(line *unitLine) (fault.Reason, bool) {
		_, inStore := l.known[line.parent]
		return fault.Why("parent_unknown", `There is no unit with the code "{code}", or its row was rejected; import it first or leave the parent out.`, "code", line.parent),
			line.parent != "" && !inStore && l.byCode[line.parent] == nil
	})
}

// rejectCircles rejects lines that hang under themselves, and tells whether there were any.
func (l *unitLoad) rejectCircles() bool {
	parentOf := func(code string) string {
		if line := l.byCode[code]; line != nil {
			return line.parent
		}
		return l.codes[l.known[code].ParentID]
	}
	return l.rejectWhere(func(line *unitLine) (fault.Reason, bool) {
		start := line.row.Text("code")
		above, seen := parentOf(start), map[string]bool{}
		for above != "" && above != start && !seen[above] {
			seen[above] = true
			above = parentOf(above)
		}
		return fault.Why("unit_circle", `"{code}" would hang under itself; give it a parent that is not below it.`, "code", start), above == start
	})
}

// rejectWhere decides on all lines before it drops any, so that all rows of a circle are told.
func (l *unitLoad) rejectWhere(bad func(*unitLine) (fault.Reason, bool)) bool {
	left := make([]*unitLine, 0, len(l.lines))
	for _, line := range l.lines {
		if why, is := bad(line); is {
			l.batch.Reject(line.row.No, "parent", why)
		} else {
			left = append(left, line)
		}
	}
	some := len(left) < len(l.lines)
	l.lines, l.byCode = left, make(map[string]*unitLine, len(left))
	for _, line := range left {
		l.byCode[line.row.Text("code")] = line
	}
	return some
}

// fill takes over what the file says; a field that is not mapped stays, a mapped one that is empty becomes empty.
func (l *unitLoad) fill(line *unitLine) {
	u := &line.unit
	for field, to := range map[string]*string{"name": &u.Name, "kind": &u.Kind} {
		if l.batch.Has(field) {
			*to = line.row.Text(field)
		}
	}
	parent := l.known[line.parent].ID
	if other := l.byCode[line.parent]; other != nil {
		parent = other.unit.ID
	}
	place := entry{before: l.places[u.ID], from: line.row.Date("valid_from"), unit: parent, mapped: l.batch.Has("parent") || line.isNew}
	u.ParentID, line.moves = place.place(u.ID, date.Of(l.now))
	u.tidy()
}

func (l *unitLoad) write(ctx context.Context, tx bun.Tx) error {
	var created []*unitRow
	var moves []moved
	for _, line := range l.lines {
		if line.isNew {
			created = l.parentsFirst(created, line)
		}
		moves = append(moves, line.moves...)
	}
	for chunk := range slices.Chunk(created, chunkRows) {
		if _, err := tx.NewInsert().Model(&chunk).Returning("NULL").Exec(ctx); err != nil {
			return fmt.Errorf("write units: %w", err)
		}
	}
	for _, line := range l.lines {
		if err := l.update(ctx, tx, line); err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(moves, chunkRows) {
		if err := unitPlaces().put(ctx, tx, chunk...); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, l.changes...)
}

// parentsFirst appends the line's new unit after those it hangs under, as the foreign key wants it.
func (l *unitLoad) parentsFirst(units []*unitRow, line *unitLine) []*unitRow {
	if line.done || !line.isNew {
		return units
	}
	line.done = true
	if parent := l.byCode[line.parent]; parent != nil {
		units = l.parentsFirst(units, parent)
	}
	return append(units, &line.unit)
}

// update counts the line and writes its unit if it was there and differs.
func (l *unitLoad) update(ctx context.Context, tx bun.Tx, line *unitLine) error {
	after, importID := line.unit.Unit, l.batch.Import.ID
	if line.isNew {
		l.batch.Shows(line.row.No, nil, map[string]any{"code": after.Code, "name": after.Name, "kind": after.Kind, "parent": line.parent})
		l.counts.Created++
		l.changes = append(l.changes, audit.Change{Kind: UnitKind, ID: after.ID, Action: audit.Create, After: after, ImportID: importID})
		return nil
	}
	before := l.known[after.Code]
	changed := after != before.Unit || len(line.moves) > 0
	countKnown(&l.counts, before.ImportID == importID, changed)
	if !changed {
		return nil
	}
	l.batch.Shows(line.row.No, map[string]any{"code": before.Code, "name": before.Name, "kind": before.Kind, "parent": l.codes[before.ParentID]},
		map[string]any{"code": after.Code, "name": after.Name, "kind": after.Kind, "parent": line.parent})
	if err := keep(ctx, tx, unitRecords(), importID, after.ID); err != nil {
		return err
	}
	after.Version, after.UpdatedAt = before.Version+1, l.now
	l.changes = append(l.changes, audit.Change{Kind: UnitKind, ID: after.ID, Action: audit.Update, Before: before.Unit, After: after, ImportID: importID})
	return writeUnit(ctx, tx, after)
}
