package variance

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
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// Causes keeps in the operational store what people found. A cause of a customer is for whoever may see the customer; one of
// a unit or a person for whoever reaches these; one of the company for who sees everything.
type Causes struct {
	db     *db.DB
	report *Questions
	now    func() time.Time
}

// NewCauses returns the keeper; now is the clock.
func NewCauses(d *db.DB, q *Questions, now func() time.Time) *Causes {
	return &Causes{db: d, report: q, now: now}
}

// row is a cause as it is kept.
type row struct {
	bun.BaseModel `bun:"table:budget_cause,alias:b"`

	Cause
	WayText json.RawMessage `bun:"way"`
}

func (r *row) cut() (Cut, error) {
	c := Cut{From: r.FromMonth, To: r.ToMonth}
	var steps []string
	err := json.Unmarshal(r.WayText, &steps)
	if err == nil {
		c.Way, err = ParseWay(steps)
	}
	if err != nil {
		return c, fmt.Errorf("read the cause of a difference from the budget: %w", err)
	}
	return c, nil
}

func (s *Causes) instant() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// mayRecord tells whether who asks may record causes of a cut.
func (q *Questions) mayRecord(ctx context.Context, c Cut) bool {
	reach, err := access.Decide(access.From(ctx), access.CauseWrite)
	unit, person, customer := c.whose()
	return err == nil && (customer != "" || reach.Covers(unit, person))
}

// CauseFilter narrows the list of causes; empty fields do not.
type CauseFilter struct {
	Kind       Kind
	From, To   date.Date // whose months meet these
	CustomerID id.ID
}

// within is the reach as a condition on causes.
func within(reach access.Reach) (filter.Clause, error) {
	theirs, err1 := filter.Compile(reach.Filter("unit", "person"), filter.Columns{"unit": "b.unit_id", "person": "b.person_id"})
	customers, err2 := filter.Compile(reach.Filter("unit", "owner"), filter.Columns{"unit": "c.unit_id", "owner": "c.owner_id"})
	if err := errors.Join(err1, err2); err != nil {
		return theirs, err
	}
	return filter.Clause{SQL: "(b.customer_id IS NULL AND (" + theirs.SQL + ") OR b.customer_id IN (SELECT c.id FROM customer AS c WHERE " + customers.SQL + "))",
		Args: append(theirs.Args, customers.Args...)}, nil
}

// List returns up to limit causes within reach, the newest first, those before an id.
func (s *Causes) List(ctx context.Context, reach access.Reach, f CauseFilter, before id.ID, limit int) ([]Cause, error) {
	mine, err := within(reach)
	if err != nil {
		return nil, err
	}
	var rows []row
	q := s.db.Read().NewSelect().Model(&rows).Where(mine.SQL, mine.Args...).OrderExpr("b.id DESC").Limit(int64(limit))
	if f.Kind != "" {
		q.Where("b.kind = ?", f.Kind)
	}
	if f.From != "" {
		q.Where("b.to_month >= ?", f.From.MonthStart())
	}
	if f.To != "" {
		q.Where("b.from_month <= ?", f.To.MonthStart())
	}
	if f.CustomerID != "" {
		q.Where("b.customer_id = ?", f.CustomerID)
	}
	if before != "" {
		q.Where("b.id < ?", before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list the causes of differences from the budget: %w", err)
	}
	causes := make([]Cause, len(rows))
	for i := range rows {
		if causes[i], err = s.told(ctx, reach, &rows[i]); err != nil {
			return nil, err
		}
	}
	return causes, nil
}

// told completes a cause with the names of its way.
func (s *Causes) told(ctx context.Context, reach access.Reach, r *row) (Cause, error) {
	c := r.Cause
	c.CreatedAt, c.UpdatedAt = c.CreatedAt.UTC(), c.UpdatedAt.UTC()
	cut, err := r.cut()
	if err != nil {
		return c, err
	}
	c.Way, err = s.report.way(ctx, reach, cut)
	return c, err
}

// Get returns a cause within reach; beyond it there is none (NotFound).
func (s *Causes) Get(ctx context.Context, reach access.Reach, causeID id.ID) (Cause, error) {
	r, err := s.read(ctx, s.db.Read(), reach, causeID)
	if err != nil {
		return Cause{}, err
	}
	return s.told(ctx, reach, r)
}

func (s *Causes) read(ctx context.Context, idb bun.IDB, reach access.Reach, causeID id.ID) (*row, error) {
	missing := fault.New(fault.NotFound, "variance.no_cause", "There is no such cause. It may have been deleted; load the list again.")
	if !id.Valid(string(causeID)) {
		return nil, missing
	}
	mine, err := within(reach)
	if err != nil {
		return nil, err
	}
	r := &row{}
	err = idb.NewSelect().Model(r).Where("b.id = ?", causeID).Where(mine.SQL, mine.Args...).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, missing
	}
	if err != nil {
		return nil, fmt.Errorf("read the cause of a difference from the budget: %w", err)
	}
	return r, nil
}

// Add records the cause of the difference of a cut, with the figures as they stand. Errors: Invalid with every field at fault;
// variance.beyond_reach where the cut is not one's own; those of Report.
func (s *Causes) Add(ctx context.Context, reach access.Reach, f Form) (Cause, error) {
	if err := f.validate(); err != nil {
		return Cause{}, err
	}
	way, err := ParseWay(f.At)
	if err != nil {
		return Cause{}, err
	}
	report, err := s.report.Report(ctx, reach, Ask{From: f.From, To: f.To, Way: way})
	if err != nil {
		return Cause{}, err
	}
	cut := Cut{From: report.From, To: report.To, Way: way}
	if !s.report.mayRecord(ctx, cut) {
		return Cause{}, fault.New(fault.Invalid, "variance.beyond_reach", "You do not see all of this part of the business, so you cannot tell why it differs from its budget.").
			At("at", "Go into a unit, a person or a customer of yours first.")
	}
	text, err := json.Marshal(steps(way))
	if err != nil {
		return Cause{}, fmt.Errorf("record the cause of a difference from the budget: %w", err)
	}
	now := s.instant()
	r := &row{Cause: Cause{ID: id.New(), Kind: f.Kind, Comment: f.Comment, FromMonth: cut.From, ToMonth: cut.To, Way: report.Way, Budget: report.Total.Budget,
		Actual: report.Total.Actual, CreatedByName: audit.ActorOf(ctx).Name, Version: 1, CreatedAt: now, UpdatedAt: now}, WayText: text}
	r.UnitID, r.PersonID, r.CustomerID = cut.whose()
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(r).Returning("NULL").Exec(ctx); err != nil {
			return fmt.Errorf("record the cause of a difference from the budget: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditKind, ID: r.ID, Action: audit.Create, After: &r.Cause})
	})
	return r.Cause, err
}

func steps(way []Step) []string {
	all := make([]string, len(way))
	for i, s := range way {
		all[i] = s.String()
	}
	return all
}

// Put changes what was found when the cause is still the one that was read. Errors: NotFound, Precondition when somebody else
// changed it, Invalid with every field at fault.
func (s *Causes) Put(ctx context.Context, reach access.Reach, causeID id.ID, version int64, w Words) (Cause, error) {
	if err := w.validate(); err != nil {
		return Cause{}, err
	}
	var after row
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := s.read(ctx, tx, reach, causeID)
		if err != nil {
			return err
		}
		if before.Version != version {
			return web.Stale()
		}
		after = *before
		after.Kind, after.Comment, after.Version, after.UpdatedAt = w.Kind, w.Comment, version+1, s.instant()
		if _, err := tx.NewUpdate().Model(&after).Column("kind", "comment", "version", "updated_at").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("change the cause of a difference from the budget: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditKind, ID: causeID, Action: audit.Update, Before: &before.Cause, After: &after.Cause})
	})
	if err != nil {
		return Cause{}, err
	}
	return s.told(ctx, reach, &after)
}

// Delete takes a cause back. The change log keeps it. Errors: NotFound, Precondition when somebody else changed it.
func (s *Causes) Delete(ctx context.Context, reach access.Reach, causeID id.ID, version int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := s.read(ctx, tx, reach, causeID)
		if err != nil {
			return err
		}
		if before.Version != version {
			return web.Stale()
		}
		if _, err := tx.NewDelete().Model(before).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("delete the cause of a difference from the budget: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditKind, ID: causeID, Action: audit.Delete, Before: &before.Cause})
	})
}
