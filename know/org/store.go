package org

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Store keeps units and people in the operational store.
type Store struct {
	db   *db.DB
	now  func() time.Time
	kept atomic.Pointer[company]
}

// NewStore returns the store; now is the program's clock.
func NewStore(d *db.DB, now func() time.Time) *Store { return &Store{db: d, now: now} }

func (s *Store) today() date.Date { return date.Of(s.now()) }

// instant is the present in the precision that both stores keep.
func (s *Store) instant() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// unitRow is a unit with what only the store needs.
type unitRow struct {
	bun.BaseModel `bun:"table:unit"`

	Unit
	ImportID id.ID
}

func (r *unitRow) inUTC() { r.CreatedAt, r.UpdatedAt = r.CreatedAt.UTC(), r.UpdatedAt.UTC() }

// Units returns all units by name. They are few, so there is no page.
func (s *Store) Units(ctx context.Context) ([]Unit, error) {
	var rows []unitRow
	if err := s.db.Read().NewSelect().Model(&rows).Order("name", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read units: %w", err)
	}
	units := make([]Unit, len(rows))
	for i := range rows {
		rows[i].inUTC()
		units[i] = rows[i].Unit
	}
	return units, nil
}

// Unit returns the unit; NotFound when there is none.
func (s *Store) Unit(ctx context.Context, unitID id.ID) (Unit, error) {
	return readUnit(ctx, s.db.Read(), unitID)
}

func readUnit(ctx context.Context, idb bun.IDB, unitID id.ID) (Unit, error) {
	var row unitRow
	err := idb.NewSelect().Model(&row).Where("id = ?", unitID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Unit{}, errNoUnit()
	}
	if err != nil {
		return Unit{}, fmt.Errorf("read a unit: %w", err)
	}
	row.inUTC()
	return row.Unit, nil
}

func readTreeAsOf(ctx context.Context, idb bun.IDB, day date.Date) (*Tree, error) {
	places, err := unitPlaces().of(ctx, idb, nil)
	if err != nil {
		return nil, err
	}
	return treeAsOf(places, day), nil
}

// UnitPlaces returns where the unit hung since when, the earliest first; NotFound when there is no such unit.
func (s *Store) UnitPlaces(ctx context.Context, unitID id.ID) ([]Place, error) {
	places, err := unitPlaces().of(ctx, s.db.Read(), []id.ID{unitID})
	if err == nil && len(places[unitID]) == 0 {
		err = errNoUnit()
	}
	return places[unitID], err
}

// lockTree makes all other changes of the tree wait for this transaction. Nobody asks for the count any more.
func lockTree(ctx context.Context, tx bun.Tx) error {
	if _, err := tx.NewUpdate().Table("unit_tree").Set("version = version + 1").Where("id = 1").Exec(ctx); err != nil {
		return fmt.Errorf("lock the units' tree: %w", err)
	}
	return nil
}

// CreateUnit adds a unit and gives it id and version. Its place holds from the date on; none is since ever.
//
// Errors: Invalid (also org.unknown_unit, org.place_in_future), Conflict (org.code_taken).
func (s *Store) CreateUnit(ctx context.Context, u *Unit, from date.Date) error {
	u.tidy()
	if err := errors.Join(u.Validate(), checkFrom(from, s.today())); err != nil {
		return err
	}
	u.ID, u.Version, u.CreatedAt = id.New(), 1, s.instant()
	u.UpdatedAt = u.CreatedAt
	if from == "" {
		from = Beginning
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := lockTree(ctx, tx); err != nil {
			return err
		}
		tree, _, err := readTree(ctx, tx)
		if err != nil {
			return err
		}
		if err := tree.MayHang(u.ID, u.ParentID); err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(&unitRow{Unit: *u}).Exec(ctx)
		if db.IsUnique(err) {
			return errCodeTaken("unit", u.Code)
		}
		if err != nil {
			return fmt.Errorf("write a unit: %w", err)
		}
		if err := unitPlaces().put(ctx, tx, moved{record: u.ID, from: from, unit: u.ParentID}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Change{Kind: UnitKind, ID: u.ID, Action: audit.Create, After: u})
	})
}

// UpdateUnit changes the unit of this version. A new parent holds from the date on, from today with none; if another place
// begins later, only the history changes.
//
// Errors: NotFound, Precondition, and those of CreateUnit (also org.circle).
func (s *Store) UpdateUnit(ctx context.Context, unitID id.ID, version int64, change func(*Unit), from date.Date) (Unit, error) {
	if err := checkFrom(from, s.today()); err != nil {
		return Unit{}, err
	}
	if from == "" {
		from = s.today()
	}
	var after Unit
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := lockTree(ctx, tx); err != nil {
			return err
		}
		before, err := readUnit(ctx, tx, unitID)
		if err != nil {
			return err
		}
		if before.Version != version {
			return web.Stale()
		}
		after = before
		change(&after)
		after.tidy()
		if err := after.Validate(); err != nil {
			return err
		}
		if after.ParentID != before.ParentID {
			if after.ParentID, err = s.hang(ctx, tx, unitID, after.ParentID, from); err != nil {
				return err
			}
		}
		after.Version, after.UpdatedAt = version+1, s.instant()
		if err := writeUnit(ctx, tx, after); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Change{Kind: UnitKind, ID: unitID, Action: audit.Update, Before: before, After: after})
	})
	return after, err
}

// hang writes the unit's new place and returns its parent of today. The place must make a circle neither when it begins
// nor today.
func (s *Store) hang(ctx context.Context, tx bun.Tx, unitID, parent id.ID, from date.Date) (id.ID, error) {
	places, err := unitPlaces().of(ctx, tx, []id.ID{unitID})
	if err != nil {
		return "", err
	}
	then, err := readTreeAsOf(ctx, tx, from)
	if err != nil {
		return "", err
	}
	if err := then.MayHang(unitID, parent); err != nil {
		return "", err
	}
	changed, differs := places[unitID].with(from, parent)
	if !differs {
		return changed.last(), nil
	}
	today, _, err := readTree(ctx, tx)
	if err != nil {
		return "", err
	}
	if err := today.MayHang(unitID, changed.last()); err != nil {
		return "", err
	}
	return changed.last(), unitPlaces().put(ctx, tx, moved{record: unitID, from: from, unit: parent})
}

func writeUnit(ctx context.Context, tx bun.Tx, u Unit) error {
	_, err := tx.NewUpdate().Model(&unitRow{Unit: u}).ExcludeColumn("import_id", "created_at").WherePK().Exec(ctx)
	if db.IsUnique(err) {
		return errCodeTaken("unit", u.Code)
	}
	if err != nil {
		return fmt.Errorf("write a unit: %w", err)
	}
	return nil
}
