package org

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/know/intake"
)

// personLoad is one import of people.
type personLoad struct {
	store  *Store
	batch  *intake.Batch
	now    time.Time
	units  map[string]id.ID // code → id
	seen   map[string]int64 // code → row that has it
	counts intake.Counts
}

func (s *Store) loadPeople(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	l := &personLoad{store: s, batch: b, now: s.instant(), units: map[string]id.ID{}, seen: map[string]int64{}}
	units, err := s.Units(ctx)
	if err != nil {
		return l.counts, err
	}
	for _, u := range units {
		l.units[u.Code] = u.ID
	}
	err = b.Chunks(ctx, chunkRows, func(rows []intake.Row) error { return l.chunk(ctx, rows) })
	return l.counts, err
}

// chunk loads some rows in one transaction.
func (l *personLoad) chunk(ctx context.Context, rows []intake.Row) error {
	var good []intake.Row
	var codes []string
	for _, row := range rows {
		if l.acceptable(row) {
			good, codes = append(good, row), append(codes, row.Text("code"))
		}
	}
	if len(good) == 0 {
		return nil
	}
	// Counted anew, so that a transaction that fails has counted nothing.
	counts := l.counts
	err := l.store.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		return l.save(ctx, tx, good, codes, &counts)
	})
	if err == nil {
		l.counts = counts
	}
	return err
}

// acceptable rejects a row that cannot become a person, whatever is stored.
func (l *personLoad) acceptable(row intake.Row) bool {
	reject := func(field string, why fault.Reason) bool {
		l.batch.Reject(row.No, field, why)
		return false
	}
	code := row.Text("code")
	if first, again := l.seen[code]; again {
		return reject("code", fault.Why("code_at_row", `The code "{code}" stands in row {row} already; keep one of them.`, "code", code, "row", strconv.FormatInt(first+1, 10)))
	}
	l.seen[code] = row.No
	if unit := row.Text("unit"); unit != "" && l.units[unit] == "" {
		return reject("unit", fault.Why("unknown_unit", `There is no unit with the code "{code}"; import it first.`, "code", unit))
	}
	if why, future := inFuture(row.Date("valid_from"), date.Of(l.now)); future {
		return reject("valid_from", why)
	}
	p := Person{Code: code, Name: row.Text("name"), Email: row.Text("email"), Title: row.Text("title")}
	if err := p.Validate(); err != nil {
		l.batch.Refuse(row.No, err)
		return false
	}
	return true
}

func (l *personLoad) save(ctx context.Context, tx bun.Tx, rows []intake.Row, codes []string, counts *intake.Counts) error {
	known, places, err := peopleByCode(ctx, tx, codes)
	if err != nil {
		return err
	}
	var created []*personRow
	var moves []moved
	var changes []audit.Change
	importID := l.batch.Import.ID
	for _, row := range rows {
		before, there := known[row.Text("code")]
		after := before
		if !there {
			after = personRow{ImportID: importID, Person: Person{ID: id.New(), Code: row.Text("code"), Version: 1, CreatedAt: l.now, UpdatedAt: l.now}}
		}
		move := l.fill(&after.Person, row, places[after.ID])
		moves = append(moves, move...)
		if !there || after.Person != before.Person || len(move) > 0 {
			var was map[string]any
			if there {
				was = l.fields(before.Person)
			}
			l.batch.Shows(row.No, was, l.fields(after.Person))
		}
		if !there {
			counts.Created++
			created = append(created, &after)
			changes = append(changes, audit.Change{Kind: PersonKind, ID: after.ID, Action: audit.Create, After: after.Person, ImportID: importID})
			continue
		}
		changed := after.Person != before.Person || len(move) > 0
		countKnown(counts, before.ImportID == importID, changed)
		if !changed {
			continue
		}
		if err := keep(ctx, tx, personRecords(), importID, after.ID); err != nil {
			return err
		}
		after.Version, after.UpdatedAt = before.Version+1, l.now
		if err := writePerson(ctx, tx, after.Person, before.Version); err != nil {
			return err
		}
		changes = append(changes, audit.Change{Kind: PersonKind, ID: after.ID, Action: audit.Update, Before: before.Person, After: after.Person, ImportID: importID})
	}
	if len(created) > 0 {
		if _, err := tx.NewInsert().Model(&created).Returning("NULL").Exec(ctx); err != nil {
			return fmt.Errorf("write people: %w", err)
		}
	}
	if err := personPlaces().put(ctx, tx, moves...); err != nil {
		return err
	}
	return audit.Record(ctx, tx, changes...)
}

// fields is a person as an import gives it.
func (l *personLoad) fields(p Person) map[string]any {
	all := map[string]any{"code": p.Code, "name": p.Name, "email": p.Email, "title": p.Title}
	for code, unit := range l.units {
		if unit == p.UnitID {
			all["unit"] = code
		}
	}
	return all
}

// fill takes over what the file says; a field that is not mapped stays, a mapped one that is empty becomes empty. It
// returns the place to be written, if any.
func (l *personLoad) fill(p *Person, row intake.Row, before history) []moved {
	for field, to := range map[string]*string{"name": &p.Name, "email": &p.Email, "title": &p.Title} {
		if l.batch.Has(field) {
			*to = row.Text(field)
		}
	}
	p.tidy()
	place := entry{before: before, from: row.Date("valid_from"), unit: l.units[row.Text("unit")], mapped: l.batch.Has("unit")}
	var move []moved
	p.UnitID, move = place.place(p.ID, date.Of(l.now))
	return move
}

func peopleByCode(ctx context.Context, tx bun.Tx, codes []string) (map[string]personRow, map[id.ID]history, error) {
	var rows []personRow
	if err := tx.NewSelect().Model(&rows).Where("code IN (?)", bun.List(codes)).Scan(ctx); err != nil {
		return nil, nil, fmt.Errorf("read people by code: %w", err)
	}
	known, ids := make(map[string]personRow, len(rows)), make([]id.ID, len(rows))
	for i, r := range rows {
		r.inUTC()
		known[r.Code], ids[i] = r, r.ID
	}
	places, err := personPlaces().of(ctx, tx, ids)
	return known, places, err
}
