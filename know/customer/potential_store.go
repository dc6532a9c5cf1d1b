package customer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Potentials returns the statements about a customer within reach, the latest first.
func (s *Store) Potentials(ctx context.Context, reach access.Reach, customerID id.ID) ([]Potential, error) {
	if err := s.Within(ctx, reach, customerID); err != nil {
		return nil, err
	}
	rows := []Potential{}
	err := s.db.Read().NewSelect().Model(&rows).Where("p.customer_id = ?", customerID).Order("p.valid_from DESC", "p.id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read potentials: %w", err)
	}
	for i := range rows {
		rows[i].inUTC()
	}
	return rows, nil
}

// inUTC undoes that PostgreSQL gives times in the zone of the machine.
func (p *Potential) inUTC() { p.CreatedAt, p.UpdatedAt = p.CreatedAt.UTC(), p.UpdatedAt.UTC() }

// AddPotential records a statement about a customer within reach and fills in its id, version, times and author.
//
// Errors: Invalid with every field at fault, NotFound out of reach, Conflict when the source said something from that date
// already.
func (s *Store) AddPotential(ctx context.Context, reach access.Reach, p *Potential) error {
	p.Normalise()
	p.ID, p.Version, p.CreatedAt = id.New(), 1, s.instant()
	p.UpdatedAt, p.CreatedByName = p.CreatedAt, audit.ActorOf(ctx).Name
	if err := p.Validate(); err != nil {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := within(ctx, tx, reach, p.CustomerID); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(p).Returning("NULL").Exec(ctx); err != nil {
			return understoodPotential(err, p)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditPotentialKind, ID: p.ID, Action: audit.Create, After: p})
	})
}

// UpdatePotential applies change to a statement when its version is still the one that was read.
//
// Errors: NotFound, Precondition when somebody else changed it, and those of AddPotential.
func (s *Store) UpdatePotential(ctx context.Context, reach access.Reach, potentialID id.ID, version int64, change func(*Potential)) (*Potential, error) {
	var after *Potential
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := getPotential(ctx, tx, reach, potentialID, version)
		if err != nil {
			return err
		}
		p := *before
		change(&p)
		p.Normalise()
		p.ID, p.CustomerID, p.Version, p.UpdatedAt = before.ID, before.CustomerID, version+1, s.instant()
		if err := p.Validate(); err != nil {
			return err
		}
		if err := writePotential(ctx, tx, &p, version); err != nil {
			return err
		}
		after = &p
		return audit.Record(ctx, tx, audit.Change{Kind: auditPotentialKind, ID: p.ID, Action: audit.Update, Before: before, After: after})
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// writePotential stores a changed statement unless it is no longer of the version that was read: on PostgreSQL another may
// have written in between.
func writePotential(ctx context.Context, tx bun.Tx, p *Potential, version int64) error {
	res, err := tx.NewUpdate().Model(p).Column("amount", "currency", "source", "valid_from", "note", "version", "updated_at").
		WherePK().Where("p.version = ?", version).Exec(ctx)
	if err != nil {
		return understoodPotential(err, p)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, web.Stale())
	}
	return nil
}

// DeletePotential takes a statement back; the change log keeps it.
//
// Errors: NotFound, Precondition when somebody else changed it.
func (s *Store) DeletePotential(ctx context.Context, reach access.Reach, potentialID id.ID, version int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := getPotential(ctx, tx, reach, potentialID, version)
		if err != nil {
			return err
		}
		res, err := tx.NewDelete().Model(before).WherePK().Where("p.version = ?", version).Exec(ctx)
		if err != nil {
			return fmt.Errorf("delete a potential: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, web.Stale())
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditPotentialKind, ID: potentialID, Action: audit.Delete, Before: before})
	})
}

// getPotential reads a statement about a customer within reach in the version that is expected.
func getPotential(ctx context.Context, tx bun.Tx, reach access.Reach, potentialID id.ID, version int64) (*Potential, error) {
	p := &Potential{}
	q := tx.NewSelect().Model(p).Join("JOIN customer AS c ON c.id = p.customer_id").Where("p.id = ?", potentialID)
	if err := where(q, reach.Filter("unit", "owner"), "c"); err != nil {
		return nil, err
	}
	if err := q.Scan(ctx); errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "potential.not_found", "There is no such potential among the customers you can see.")
	} else if err != nil {
		return nil, fmt.Errorf("read a potential: %w", err)
	}
	p.inUTC()
	if p.Version != version {
		return nil, web.Stale()
	}
	return p, nil
}

func understoodPotential(err error, p *Potential) error {
	if db.IsUnique(err) {
		return fault.New(fault.Conflict, "potential.same_date", "There is already a potential from %s by the source %q for this customer.", p.ValidFrom, p.Source).
			At("valid_from", "Choose another date or source, or change the statement that is there.").Because(err)
	}
	return fmt.Errorf("write a potential: %w", err)
}
