package allocation

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Plans keeps plans in the operational store.
type Plans struct {
	db       *db.DB
	currency scoring.Currency
	now      func() time.Time
}

// NewPlans returns the keeper of plans; now is the clock.
func NewPlans(d *db.DB, currency scoring.Currency, now func() time.Time) *Plans {
	return &Plans{db: d, currency: currency, now: now}
}

type planRow struct {
	bun.BaseModel `bun:"table:allocation_plan"`

	ID            id.ID           `bun:"id,pk"`
	Name          string          `bun:"name"`
	AsOf          date.Date       `bun:"as_of,nullzero"`
	SegmentsBy    string          `bun:"segments_by"`
	Currency      string          `bun:"currency"`
	Problem       json.RawMessage `bun:"problem"`
	Answer        json.RawMessage `bun:"answer"`
	InForce       bool            `bun:"in_force"`
	Version       int64           `bun:"version"`
	CreatedByName string          `bun:"created_by_name"`
	CreatedAt     time.Time       `bun:"created_at"`
	UpdatedAt     time.Time       `bun:"updated_at"`
}

func (r planRow) kept() (Kept, error) {
	k := Kept{Brief: Brief{ID: r.ID, Name: r.Name, SegmentsBy: r.SegmentsBy, Currency: r.Currency, InForce: r.InForce, Version: r.Version,
		CreatedByName: r.CreatedByName, CreatedAt: r.CreatedAt.UTC()}}
	if r.AsOf != "" {
		k.AsOf = &r.AsOf
	}
	if err := errors.Join(json.Unmarshal(r.Problem, &k.Problem), json.Unmarshal(r.Answer, &k.Plan)); err != nil {
		return k, fmt.Errorf("read plan %s: %w", r.ID, err)
	}
	k.Budget, k.Best, k.Even, k.Now = k.Problem.Budget, k.Plan.Best, k.Plan.Even, k.Plan.Now
	return k, nil
}

// Create works the plan out and keeps it. Faults: those of Solve, and allocation.name_taken.
func (s *Plans) Create(ctx context.Context, f Form) (Kept, error) {
	if err := f.validate(); err != nil {
		return Kept{}, err
	}
	plan, err := Solve(f.Problem)
	if err != nil {
		return Kept{}, err
	}
	currency, err := s.currency.Base(ctx)
	if err != nil {
		return Kept{}, err
	}
	problem, err1 := json.Marshal(f.Problem)
	answer, err2 := json.Marshal(plan)
	if err := errors.Join(err1, err2); err != nil {
		return Kept{}, fmt.Errorf("keep a plan: %w", err)
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	row := planRow{ID: id.New(), Name: f.Name, SegmentsBy: f.SegmentsBy, Currency: currency, Problem: problem, Answer: answer, InForce: f.InForce, Version: 1,
		CreatedByName: access.From(ctx).Name, CreatedAt: now, UpdatedAt: now}
	if f.AsOf != nil {
		row.AsOf = *f.AsOf
	}
	kept, err := row.kept()
	if err != nil {
		return kept, err
	}
	return kept, s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if f.InForce {
			if err := s.retire(ctx, tx); err != nil {
				return err
			}
		}
		if _, err := tx.NewInsert().Model(&row).Returning("NULL").Exec(ctx); db.IsUnique(err) {
			return fault.New(fault.Conflict, "allocation.name_taken", "There is a plan %q already. Give this one another name.", f.Name).At("name", "Give another name.")
		} else if err != nil {
			return fmt.Errorf("keep a plan: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: kind, ID: row.ID, Action: audit.Create, After: kept.Brief})
	})
}

// retire takes the plan that is in force out of it.
func (s *Plans) retire(ctx context.Context, tx bun.Tx) error {
	var row planRow
	err := tx.NewSelect().Model(&row).Where("in_force").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the plan in force: %w", err)
	}
	return s.put(ctx, tx, row, false)
}

// put writes whether a plan is in force.
func (s *Plans) put(ctx context.Context, tx bun.Tx, row planRow, inForce bool) error {
	before := row.InForce
	row.InForce, row.Version, row.UpdatedAt = inForce, row.Version+1, s.now().UTC().Truncate(time.Microsecond)
	if _, err := tx.NewUpdate().Model(&row).Column("in_force", "version", "updated_at").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("change a plan: %w", err)
	}
	return audit.Record(ctx, tx, audit.Change{Kind: kind, ID: row.ID, Action: audit.Update, Before: map[string]any{"name": row.Name, "in_force": before},
		After: map[string]any{"name": row.Name, "in_force": inForce}})
}

func read(ctx context.Context, idb bun.IDB, planID id.ID) (planRow, error) {
	var row planRow
	err := idb.NewSelect().Model(&row).Where("id = ?", planID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return row, fault.New(fault.NotFound, "allocation.not_found", "There is no such plan. It may have been deleted; load the list of plans again.")
	}
	if err != nil {
		return row, fmt.Errorf("read a plan: %w", err)
	}
	return row, nil
}

// Get returns a plan. Fault: allocation.not_found.
func (s *Plans) Get(ctx context.Context, planID id.ID) (Kept, error) {
	row, err := read(ctx, s.db.Read(), planID)
	if err != nil {
		return Kept{}, err
	}
	return row.kept()
}

// List returns up to limit plans, the newest first, those before an id; nothing before the newest for an empty one.
func (s *Plans) List(ctx context.Context, before id.ID, limit int) ([]Brief, error) {
	var rows []planRow
	q := s.db.Read().NewSelect().Model(&rows).OrderExpr("id DESC").Limit(int64(limit))
	if before != "" {
		q.Where("id < ?", before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list the plans: %w", err)
	}
	all := make([]Brief, len(rows))
	for i, row := range rows {
		k, err := row.kept()
		if err != nil {
			return nil, err
		}
		all[i] = k.Brief
	}
	return all, nil
}

// PutInForce makes a plan the plan of the company, or no longer, when its version is still the one that was read.
func (s *Plans) PutInForce(ctx context.Context, planID id.ID, version int64, inForce bool) (Kept, error) {
	var kept Kept
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := read(ctx, tx, planID)
		if err != nil {
			return err
		}
		if row.Version != version {
			return web.Stale()
		}
		if row.InForce != inForce {
			if inForce {
				if err := s.retire(ctx, tx); err != nil {
					return err
				}
			}
			if err := s.put(ctx, tx, row, inForce); err != nil {
				return err
			}
		}
		if row, err = read(ctx, tx, planID); err != nil {
			return err
		}
		kept, err = row.kept()
		return err
	})
	return kept, err
}

// Delete forgets a plan when its version is still the one that was read.
func (s *Plans) Delete(ctx context.Context, planID id.ID, version int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		row, err := read(ctx, tx, planID)
		if err != nil {
			return err
		}
		if row.Version != version {
			return web.Stale()
		}
		kept, err := row.kept()
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(&row).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("delete a plan: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: kind, ID: planID, Action: audit.Delete, Before: kept.Brief})
	})
}
