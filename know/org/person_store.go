package org

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// personRow is a person with what only the store needs.
type personRow struct {
	bun.BaseModel `bun:"table:person"`

	Person
	ImportID id.ID
}

func (r *personRow) inUTC() { r.CreatedAt, r.UpdatedAt = r.CreatedAt.UTC(), r.UpdatedAt.UTC() }

// PeopleQuery narrows a list of people; empty fields do not narrow.
type PeopleQuery struct {
	Text  string // in the code, the name or the e-mail address, whatever the letter case
	Unit  id.ID  // this one and all below it
	After []any  // name and id of the last row of the page before; nil for the first
	Limit int
}

// People returns up to Limit people by name.
func (s *Store) People(ctx context.Context, q PeopleQuery) ([]Person, error) {
	columns := filter.Columns{"code": "code", "name": "name", "email": "email", "id": "id", "unit": "unit_id"}
	sorts := []filter.Sort{{Name: "name"}, {Name: "id"}}
	var conditions []filter.Expr
	if q.Text != "" {
		conditions = append(conditions, filter.Or(
			filter.Contains("code", q.Text), filter.Contains("name", q.Text), filter.Contains("email", q.Text)))
	}
	if q.Unit != "" {
		units, err := s.Below(ctx, q.Unit)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, filter.In("unit", units...))
	}
	if q.After != nil {
		conditions = append(conditions, filter.After(sorts, q.After))
	}
	where, err := filter.Compile(filter.And(conditions...), columns)
	if err != nil {
		return nil, err
	}
	var rows []personRow
	err = s.db.Read().NewSelect().Model(&rows).Where(where.SQL, where.Args...).Order("name", "id").Limit(int64(q.Limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read people: %w", err)
	}
	people := make([]Person, len(rows))
	for i := range rows {
		rows[i].inUTC()
		people[i] = rows[i].Person
	}
	return people, nil
}

// Person returns the person; NotFound when there is none.
func (s *Store) Person(ctx context.Context, personID id.ID) (Person, error) {
	return readPerson(ctx, s.db.Read(), personID)
}

// HasPerson reports whether there is such a person.
func (s *Store) HasPerson(ctx context.Context, personID id.ID) (bool, error) {
	exists, err := s.db.Read().NewSelect().Table("person").Where("id = ?", personID).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("look for a person: %w", err)
	}
	return exists, nil
}

func readPerson(ctx context.Context, idb bun.IDB, personID id.ID) (Person, error) {
	var row personRow
	err := idb.NewSelect().Model(&row).Where("id = ?", personID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Person{}, errNoPerson()
	}
	if err != nil {
		return Person{}, fmt.Errorf("read a person: %w", err)
	}
	row.inUTC()
	return row.Person, nil
}

// PersonPlaces returns in which unit the person was since when, the earliest first; NotFound when there is no such person.
func (s *Store) PersonPlaces(ctx context.Context, personID id.ID) ([]Place, error) {
	places, err := personPlaces().of(ctx, s.db.Read(), []id.ID{personID})
	if err == nil && len(places[personID]) == 0 {
		err = errNoPerson()
	}
	return places[personID], err
}

// CreatePerson adds a person and gives it id and version. The place in the unit holds from the date on; none is since ever.
//
// Errors: Invalid (also org.unknown_unit, org.place_in_future), Conflict (org.code_taken).
func (s *Store) CreatePerson(ctx context.Context, p *Person, from date.Date) error {
	p.tidy()
	if err := errors.Join(p.Validate(), checkFrom(from, s.today())); err != nil {
		return err
	}
	p.ID, p.Version, p.CreatedAt = id.New(), 1, s.instant()
	p.UpdatedAt = p.CreatedAt
	if from == "" {
		from = Beginning
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := unitExists(ctx, tx, p.UnitID); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(&personRow{Person: *p}).Exec(ctx)
		if db.IsUnique(err) {
			return errCodeTaken("person", p.Code)
		}
		if err != nil {
			return fmt.Errorf("write a person: %w", err)
		}
		if err := personPlaces().put(ctx, tx, moved{record: p.ID, from: from, unit: p.UnitID}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Change{Kind: PersonKind, ID: p.ID, Action: audit.Create, After: p})
	})
}

// UpdatePerson changes the person of this version. A new unit holds from the date on, from today with none; if another
// place begins later, only the history changes.
//
// Errors: NotFound, Precondition, and those of CreatePerson.
func (s *Store) UpdatePerson(ctx context.Context, personID id.ID, version int64, change func(*Person), from date.Date) (Person, error) {
	if err := checkFrom(from, s.today()); err != nil {
		return Person{}, err
	}
	if from == "" {
		from = s.today()
	}
	var after Person
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := readPerson(ctx, tx, personID)
		if err != nil {
			return err
		}
		after = before
		change(&after)
		after.tidy()
		if err := after.Validate(); err != nil {
			return err
		}
		if after.UnitID != before.UnitID {
			if after.UnitID, err = s.seat(ctx, tx, personID, after.UnitID, from); err != nil {
				return err
			}
		}
		after.Version, after.UpdatedAt = version+1, s.instant()
		if err := writePerson(ctx, tx, after, version); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Change{Kind: PersonKind, ID: personID, Action: audit.Update, Before: before, After: after})
	})
	return after, err
}

// seat writes the person's new place and returns the unit of today.
func (s *Store) seat(ctx context.Context, tx bun.Tx, personID, unit id.ID, from date.Date) (id.ID, error) {
	if err := unitExists(ctx, tx, unit); err != nil {
		return "", err
	}
	places, err := personPlaces().of(ctx, tx, []id.ID{personID})
	if err != nil {
		return "", err
	}
	changed, differs := places[personID].with(from, unit)
	if !differs {
		return changed.last(), nil
	}
	return changed.last(), personPlaces().put(ctx, tx, moved{record: personID, from: from, unit: unit})
}

func writePerson(ctx context.Context, tx bun.Tx, p Person, version int64) error {
	res, err := tx.NewUpdate().Model(&personRow{Person: p}).ExcludeColumn("import_id", "created_at").
		WherePK().Where("version = ?", version).Exec(ctx)
	if db.IsUnique(err) {
		return errCodeTaken("person", p.Code)
	}
	if err != nil {
		return fmt.Errorf("write a person: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, web.Stale())
	}
	return nil
}

func unitExists(ctx context.Context, idb bun.IDB, unit id.ID) error {
	if unit == "" {
		return nil
	}
	if !id.Valid(string(unit)) { // PostgreSQL would refuse the question
		return errUnknownUnit("unit_id")
	}
	exists, err := idb.NewSelect().Table("unit").Where("id = ?", unit).Exists(ctx)
	if err != nil {
		return fmt.Errorf("look for a unit: %w", err)
	}
	if !exists {
		return errUnknownUnit("unit_id")
	}
	return nil
}
