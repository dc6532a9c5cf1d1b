package migration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Holders says whether a customer exists within somebody's reach; *customer.Store does.
type Holders interface {
	Within(ctx context.Context, reach access.Reach, customerID id.ID) error
}

// Statements keeps what people say of forecasts in the operational store.
type Statements struct {
	db        *db.DB
	customers Holders
	now       func() time.Time
}

// NewStatements returns the keeper; now is the clock.
func NewStatements(d *db.DB, customers Holders, now func() time.Time) *Statements {
	return &Statements{db: d, customers: customers, now: now}
}

func (s *Statements) instant() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// inUTC undoes that PostgreSQL gives times in the zone of the machine.
func (s *Statement) inUTC() { s.CreatedAt, s.UpdatedAt = s.CreatedAt.UTC(), s.UpdatedAt.UTC() }

// List returns the statements of a customer within reach, the latest date first.
func (s *Statements) List(ctx context.Context, reach access.Reach, customerID id.ID) ([]Statement, error) {
	if err := s.customers.Within(ctx, reach, customerID); err != nil {
		return nil, err
	}
	rows := []Statement{}
	if err := s.db.Read().NewSelect().Model(&rows).Where("f.customer_id = ?", customerID).OrderExpr("f.as_of DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read forecasts: %w", err)
	}
	for i := range rows {
		rows[i].inUTC()
	}
	return rows, nil
}

// Add overrules the forecast of a customer within reach. Errors: Invalid with every field at fault, NotFound out of reach,
// Conflict when there is a statement of that date.
func (s *Statements) Add(ctx context.Context, reach access.Reach, customerID id.ID, f Form) (*Statement, error) {
	if err := s.customers.Within(ctx, reach, customerID); err != nil {
		return nil, err
	}
	now := s.instant()
	said := &Statement{ID: id.New(), CustomerID: customerID, AsOf: f.AsOf, Amount: f.Amount, Reason: strings.TrimSpace(f.Reason), CreatedByName: audit.ActorOf(ctx).Name,
		Version: 1, CreatedAt: now, UpdatedAt: now}
	if err := said.Validate(); err != nil {
		return nil, err
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(said).Returning("NULL").Exec(ctx); err != nil {
			return understood(err, said)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditKind, ID: said.ID, Action: audit.Create, After: said})
	})
	return said, err
}

// Put changes a statement when its version is still the one that was read. Errors: NotFound, Precondition when somebody else
// changed it, and those of Add.
func (s *Statements) Put(ctx context.Context, reach access.Reach, statementID id.ID, version int64, f Form) (*Statement, error) {
	if err := s.reachable(ctx, reach, statementID); err != nil {
		return nil, err
	}
	var after Statement
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := read(ctx, tx, statementID)
		if err != nil {
			return err
		}
		after = *before
		after.AsOf, after.Amount, after.Reason, after.Version, after.UpdatedAt = f.AsOf, f.Amount, strings.TrimSpace(f.Reason), version+1, s.instant()
		if err := after.Validate(); err != nil {
			return err
		}
		res, err := tx.NewUpdate().Model(&after).Column("as_of", "amount", "reason", "version", "updated_at").WherePK().Where("f.version = ?", version).Exec(ctx)
		if err != nil {
			return understood(err, &after)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, web.Stale())
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditKind, ID: statementID, Action: audit.Update, Before: before, After: &after})
	})
	return &after, err
}

// Delete takes a statement back: the models speak again. The change log keeps it. Errors: NotFound, Precondition when somebody
// else changed it.
func (s *Statements) Delete(ctx context.Context, reach access.Reach, statementID id.ID, version int64) error {
	if err := s.reachable(ctx, reach, statementID); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := read(ctx, tx, statementID)
		if err != nil {
			return err
		}
		res, err := tx.NewDelete().Model(before).WherePK().Where("f.version = ?", version).Exec(ctx)
		if err != nil {
			return fmt.Errorf("delete a forecast: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, web.Stale())
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditKind, ID: statementID, Action: audit.Delete, Before: before})
	})
}

// reachable refuses a statement about a customer out of reach as one that does not exist.
func (s *Statements) reachable(ctx context.Context, reach access.Reach, statementID id.ID) error {
	said, err := read(ctx, s.db.Read(), statementID)
	if err != nil {
		return err
	}
	err = s.customers.Within(ctx, reach, said.CustomerID)
	if fault.Is(err, fault.NotFound) {
		return missing()
	}
	return err
}

func missing() error {
	return fault.New(fault.NotFound, "forecast.not_found", "There is no such forecast among the customers you can see.")
}

func read(ctx context.Context, idb bun.IDB, statementID id.ID) (*Statement, error) {
	said := &Statement{}
	err := idb.NewSelect().Model(said).Where("f.id = ?", statementID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, missing()
	}
	if err != nil {
		return nil, fmt.Errorf("read a forecast: %w", err)
	}
	said.inUTC()
	return said, nil
}

func understood(err error, s *Statement) error {
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "forecast.same_date", "There is already a forecast of this customer as of %s.", s.AsOf).
			At("as_of", "Change the one that is there, or choose another date.").Because(err)
	}
	return fmt.Errorf("write a forecast: %w", err)
}
