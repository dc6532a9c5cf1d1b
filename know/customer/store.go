package customer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Kinds in the change log.
const (
	auditKind          = "customer"
	auditPotentialKind = "potential"
)

// Store keeps customers in the operational store.
type Store struct {
	db  *db.DB
	now func() time.Time
}

// NewStore returns the store of customers; now is the clock.
func NewStore(d *db.DB, now func() time.Time) *Store { return &Store{db: d, now: now} }

// instant is the present in the precision that both engines keep.
func (s *Store) instant() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

func (s *Store) today() date.Date { return date.Of(s.now()) }

// columns is what customers may be narrowed by; alias is theirs in the statement.
func columns(alias string) filter.Columns {
	return filter.Columns{"id": alias + ".id", "industry": alias + ".industry", "country": alias + ".country", "lifecycle": alias + ".lifecycle",
		"owner": alias + ".owner_id", "unit": alias + ".unit_id"}
}

func notFound() error {
	return fault.New(fault.NotFound, "customer.not_found", "There is no such customer among those you can see.")
}

// selectNamed reads customers with the names of what their ids point to, but of no group that is out of reach.
func selectNamed(idb bun.IDB, reach access.Reach, into any) (*bun.SelectQuery, error) {
	group, err := filter.Compile(reach.Filter("unit", "owner"), columns("g"))
	if err != nil {
		return nil, err
	}
	return idb.NewSelect().Model(into).ColumnExpr("?TableColumns").
		ColumnExpr("o.name AS owner_name, u.name AS unit_name, g.name AS parent_name").
		Join("LEFT JOIN person AS o ON o.id = c.owner_id").
		Join("LEFT JOIN unit AS u ON u.id = c.unit_id").
		Join("LEFT JOIN customer AS g ON g.id = c.parent_id AND "+group.SQL, group.Args...), nil
}

func where(q *bun.SelectQuery, e filter.Expr, alias string) error {
	clause, err := filter.Compile(e, columns(alias))
	if err != nil {
		return err
	}
	q.Where(clause.SQL, clause.Args...)
	return nil
}

// Get returns a customer within reach; beyond it there is none (NotFound).
func (s *Store) Get(ctx context.Context, reach access.Reach, customerID id.ID) (*Customer, error) {
	return get(ctx, s.db.Read(), reach, customerID)
}

func get(ctx context.Context, idb bun.IDB, reach access.Reach, customerID id.ID) (*Customer, error) {
	c := &Customer{}
	q, err := selectNamed(idb, reach, c)
	if err != nil {
		return nil, err
	}
	if err := where(q.Where("c.id = ?", customerID), reach.Filter("unit", "owner"), "c"); err != nil {
		return nil, err
	}
	if err := q.Scan(ctx); errors.Is(err, sql.ErrNoRows) {
		return nil, notFound()
	} else if err != nil {
		return nil, fmt.Errorf("read a customer: %w", err)
	}
	c.inUTC()
	return c, nil
}

// inUTC undoes that PostgreSQL gives times in the zone of the machine.
func (c *Customer) inUTC() { c.CreatedAt, c.UpdatedAt = c.CreatedAt.UTC(), c.UpdatedAt.UTC() }

// Within returns a fault (NotFound) unless the customer is within reach.
func (s *Store) Within(ctx context.Context, reach access.Reach, customerID id.ID) error {
	return within(ctx, s.db.Read(), reach, customerID)
}

func within(ctx context.Context, idb bun.IDB, reach access.Reach, customerID id.ID) error {
	q := idb.NewSelect().TableExpr("customer AS c").Where("c.id = ?", customerID)
	if err := where(q, reach.Filter("unit", "owner"), "c"); err != nil {
		return err
	}
	if ok, err := q.Exists(ctx); err != nil {
		return fmt.Errorf("look for a customer: %w", err)
	} else if !ok {
		return notFound()
	}
	return nil
}

// Named returns by id the customers of these ids that are within reach, with what a list of a million can afford to show: code,
// name, industry, country, owner and unit with their names.
func (s *Store) Named(ctx context.Context, reach access.Reach, ids []id.ID) (map[id.ID]*Customer, error) {
	q := s.db.Read().NewSelect().TableExpr("customer AS c").
		ColumnExpr("c.id, c.code, c.name, c.industry, c.country, c.owner_id, c.unit_id, coalesce(o.name, ''), coalesce(u.name, '')").
		Join("LEFT JOIN person AS o ON o.id = c.owner_id").Join("LEFT JOIN unit AS u ON u.id = c.unit_id")
	if err := where(q, filter.And(filter.In("id", ids...), reach.Filter("unit", "owner")), "c"); err != nil {
		return nil, err
	}
	byID := make(map[id.ID]*Customer, len(ids))
	rows, err := q.Rows(ctx)
	if err == nil {
		err = engine.Each(rows, func() error {
			c := &Customer{}
			err := rows.Scan(&c.ID, &c.Code, &c.Name, &c.Industry, &c.Country, &c.OwnerID, &c.UnitID, &c.OwnerName, &c.UnitName)
			byID[c.ID] = c
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	return byID, nil
}

// Create adds a customer and fills in its id, version and times. It must lie within the reach of who adds it.
//
// Errors: Invalid with every field at fault, Conflict when the code is taken.
func (s *Store) Create(ctx context.Context, reach access.Reach, c *Customer) error {
	c.Normalise()
	c.ID, c.Version, c.CreatedAt = id.New(), 1, s.instant()
	c.UpdatedAt = c.CreatedAt
	if err := c.Validate(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := checkReferences(ctx, tx, reach, &Customer{}, c); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(c).Returning("NULL").Exec(ctx); err != nil {
			return understood(err, c)
		}
		if err := putOwnerships(ctx, tx, Ownership{CustomerID: c.ID, ValidFrom: Beginning, OwnerID: c.OwnerID, UnitID: c.UnitID}); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Change{Kind: auditKind, ID: c.ID, Action: audit.Create, After: c}); err != nil {
			return err
		}
		named, err := get(ctx, tx, reach, c.ID)
		if err != nil {
			return err
		}
		*c = *named
		return nil
	})
}

// Update applies change to the customer when its version is still the one that was read, and it stays within reach. A new
// owner or unit holds from today.
//
// Errors: NotFound out of reach, Precondition when somebody else changed it, and those of Create.
func (s *Store) Update(ctx context.Context, reach access.Reach, customerID id.ID, version int64, change func(*Customer)) (*Customer, error) {
	var after *Customer
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := get(ctx, tx, reach, customerID)
		if err != nil {
			return err
		}
		c := *before
		change(&c)
		c.Normalise()
		c.ID, c.Version, c.UpdatedAt = customerID, version+1, s.instant()
		if before.Version != version {
			return web.Stale()
		}
		if err := c.Validate(); err != nil {
			return err
		}
		if err := checkReferences(ctx, tx, reach, before, &c); err != nil {
			return err
		}
		if c.OwnerID != before.OwnerID || c.UnitID != before.UnitID {
			if err := s.handOver(ctx, tx, &c); err != nil {
				return err
			}
		}
		if err := write(ctx, tx, &c, version); err != nil {
			return err
		}
		if after, err = get(ctx, tx, reach, customerID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditKind, ID: c.ID, Action: audit.Update, Before: before, After: after})
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// handOver lets the customer's owner and unit hold from today.
func (s *Store) handOver(ctx context.Context, tx bun.Tx, c *Customer) error {
	known, err := histories(ctx, tx, []id.ID{c.ID})
	if err != nil {
		return err
	}
	o := Ownership{CustomerID: c.ID, ValidFrom: s.today(), OwnerID: c.OwnerID, UnitID: c.UnitID}
	if _, differs := known[c.ID].with(o); !differs {
		return nil
	}
	return putOwnerships(ctx, tx, o)
}

// write stores a changed customer unless it is no longer of the version that was read: on PostgreSQL another may have
// written in between.
func write(ctx context.Context, tx bun.Tx, c *Customer, version int64) error {
	res, err := tx.NewUpdate().Model(c).ExcludeColumn("import_id", "created_at").WherePK().Where("c.version = ?", version).Exec(ctx)
	if err != nil {
		return understood(err, c)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, web.Stale())
	}
	return nil
}

// checkReferences refuses what a changed customer points to when it does not exist, and a customer that would lie out of
// reach.
func checkReferences(ctx context.Context, tx bun.Tx, reach access.Reach, before, c *Customer) error {
	check := fault.Check("customer.invalid")
	for _, ref := range []struct {
		path, table   string
		before, after id.ID
		missing       string
	}{{"owner_id", "person", before.OwnerID, c.OwnerID, "There is no such person."}, {"unit_id", "unit", before.UnitID, c.UnitID, "There is no such unit."}} {
		if ref.after == "" || ref.after == ref.before {
			continue
		}
		exists, err := tx.NewSelect().Table(ref.table).Where("id = ?", ref.after).Exists(ctx)
		if err != nil {
			return fmt.Errorf("look for a %s: %w", ref.table, err)
		}
		check.That(exists, ref.path, "%s", ref.missing)
	}
	if err := check.Err(); err != nil {
		return err
	}
	if !reach.Covers(c.UnitID, c.OwnerID) {
		return fault.Check("customer.out_of_reach").
			That(false, "owner_id", "The customer would not be among those you look after; choose an owner or a unit within your reach.").Err()
	}
	if c.ParentID == "" || c.ParentID == before.ParentID {
		return nil
	}
	return checkParent(ctx, tx, reach, c)
}

// checkParent refuses a group that is out of reach or that would make the customer an ancestor of itself.
func checkParent(ctx context.Context, tx bun.Tx, reach access.Reach, c *Customer) error {
	if err := lockGroups(ctx, tx); err != nil {
		return err
	}
	if err := within(ctx, tx, reach, c.ParentID); fault.Is(err, fault.NotFound) {
		return fault.Check("customer.invalid").That(false, "parent_id", "There is no such customer among those you can see.").Err()
	} else if err != nil {
		return err
	}
	circle, err := isAbove(ctx, tx, c.ID, c.ParentID)
	if err != nil {
		return err
	}
	return fault.Check("customer.invalid").That(!circle, "parent_id", "The group would contain itself; choose another.").Err()
}

// groupLock is the number of the lock that writers of groups queue on.
const groupLock = 0x6b76677270

// lockGroups lets one transaction at a time change groups on PostgreSQL, so that two cannot make a circle between them.
// SQLite has one writer anyway.
func lockGroups(ctx context.Context, tx bun.Tx) error {
	if tx.Dialect().Name() != dialect.PG {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", groupLock); err != nil {
		return fmt.Errorf("lock the groups: %w", err)
	}
	return nil
}

// isAbove tells whether a customer is another one or stands above it in its group.
func isAbove(ctx context.Context, tx bun.Tx, customerID, below id.ID) (bool, error) {
	above := tx.NewSelect().ColumnExpr("x.id, x.parent_id").TableExpr("customer AS x").Where("x.id = ?", below).
		Union(tx.NewSelect().ColumnExpr("x.id, x.parent_id").TableExpr("customer AS x").Join("JOIN above AS a ON x.id = a.parent_id"))
	is, err := tx.NewSelect().WithRecursive("above", above).TableExpr("above").Where("id = ?", customerID).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("read the group: %w", err)
	}
	return is, nil
}

// understood turns a taken code into a fault that names the field.
func understood(err error, c *Customer) error {
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "customer.code_taken", "There is already a customer with the code %q.", c.Code).
			At("code", "Use another code, or change the customer that has it.").Because(err)
	}
	return fmt.Errorf("write a customer: %w", err)
}
