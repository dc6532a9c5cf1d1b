package goal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// stepKind is what steps are called in the audit log.
const stepKind = "road_step"

type stepRow struct {
	bun.BaseModel `bun:"table:road_step"`

	Step
}

// Dated is a step as people see it.
type Dated struct {
	Step
	UnitName        string `json:"unit_name,omitempty"`
	ResponsibleName string `json:"responsible_name,omitempty"`
	Late            bool   `json:"late" doc:"Its day has passed and it is not done."`
	MayChange       bool   `json:"may_change"`
}

// readable tells whether somebody may see a step: those of the company are everybody's, those of a unit are for who reaches it.
func readable(reach access.Reach, s Step) bool {
	return s.UnitID == "" || reach.Covers(s.UnitID, s.ResponsibleID)
}

// Road returns the steps that somebody may see, by day. A company has few, so there is no page.
func (b *Book) Road(ctx context.Context, reach access.Reach) ([]Dated, error) {
	var rows []stepRow
	if err := b.store.db.Read().NewSelect().Model(&rows).OrderExpr("day, id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the road map: %w", err)
	}
	names, err := b.read.Organisation.Names(ctx)
	if err != nil {
		return nil, err
	}
	writes, err := access.Decide(access.From(ctx), access.GoalWrite)
	may := err == nil
	all := []Dated{}
	for _, r := range rows {
		if !readable(reach, r.Step) {
			continue
		}
		r.CreatedAt, r.UpdatedAt = r.CreatedAt.UTC(), r.UpdatedAt.UTC()
		all = append(all, Dated{Step: r.Step, UnitName: names.Units[r.UnitID], ResponsibleName: names.People[r.ResponsibleID], Late: r.DoneOn == "" && r.Day < b.store.today(),
			MayChange: may && writes.Covers(r.UnitID, "")})
	}
	return all, nil
}

// maxSteps bounds how many steps there are.
const maxSteps = 1000

// AddSteps keeps steps. Faults: goal.invalid_step, goal.beyond_reach, goal.too_many_steps.
func (b *Book) AddSteps(ctx context.Context, reach access.Reach, drafts []Draft) error {
	for i := range drafts {
		if err := b.check(ctx, reach, &drafts[i]); err != nil {
			return err
		}
	}
	return b.store.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*stepRow)(nil)).Count(ctx)
		if err != nil {
			return fmt.Errorf("write the road map: %w", err)
		}
		if int(n)+len(drafts) > maxSteps {
			return fault.New(fault.Invalid, "goal.too_many_steps", "The road map can have at most %d steps. Delete old ones.", maxSteps)
		}
		for _, d := range drafts {
			s := Step{ID: id.New(), Version: 1, CreatedAt: b.store.instant()}
			s.UpdatedAt = s.CreatedAt
			s.take(d)
			if _, err := tx.NewInsert().Model(&stepRow{Step: s}).Returning("NULL").Exec(ctx); err != nil {
				return fmt.Errorf("write the road map: %w", err)
			}
			if err := audit.Record(ctx, tx, audit.Change{Kind: stepKind, ID: s.ID, Action: audit.Create, After: s}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Step) take(d Draft) {
	s.Day, s.Kind, s.Title, s.UnitID, s.ResponsibleID, s.DoneOn = d.Day, d.Kind, d.Title, d.UnitID, d.ResponsibleID, d.DoneOn
}

func (b *Book) check(ctx context.Context, reach access.Reach, d *Draft) error {
	if err := d.validate(); err != nil {
		return err
	}
	names, err := b.read.Organisation.Names(ctx)
	if err != nil {
		return err
	}
	_, unit := names.Units[d.UnitID]
	_, person := names.People[d.ResponsibleID]
	if err := fault.Check("goal.invalid_step").That(d.UnitID == "" || unit, "unit_id", "There is no such unit; choose one of the list.").
		That(d.ResponsibleID == "" || person, "responsible_id", "There is no such person; choose one of the list.").Err(); err != nil {
		return err
	}
	return fault.Check("goal.beyond_reach").That(reach.Covers(d.UnitID, ""), "unit_id", "Choose your own unit or one below it.").Err()
}

// step returns a step that may be changed within the reach.
func (b *Book) step(ctx context.Context, idb bun.IDB, reach access.Reach, stepID id.ID, version int64) (Step, error) {
	missing := fault.New(fault.NotFound, "goal.no_step", "There is no such step. It may have been deleted; load the road map again.")
	if !id.Valid(string(stepID)) {
		return Step{}, missing
	}
	var r stepRow
	err := idb.NewSelect().Model(&r).Where("id = ?", stepID).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && !reach.Covers(r.UnitID, ""):
		return Step{}, missing
	case err != nil:
		return Step{}, fmt.Errorf("read a step: %w", err)
	case r.Version != version:
		return Step{}, web.Stale()
	}
	r.CreatedAt, r.UpdatedAt = r.CreatedAt.UTC(), r.UpdatedAt.UTC()
	return r.Step, nil
}

// ChangeStep replaces a step when its version is still the one that was read. Faults: goal.no_step and those of AddSteps.
func (b *Book) ChangeStep(ctx context.Context, reach access.Reach, stepID id.ID, version int64, d Draft) error {
	if err := b.check(ctx, reach, &d); err != nil {
		return err
	}
	return b.store.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := b.step(ctx, tx, reach, stepID, version)
		if err != nil {
			return err
		}
		after := before
		after.take(d)
		after.Version, after.UpdatedAt = version+1, b.store.instant()
		if _, err := tx.NewUpdate().Model(&stepRow{Step: after}).ExcludeColumn("created_at").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("change a step: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: stepKind, ID: stepID, Action: audit.Update, Before: before, After: after})
	})
}

// RemoveStep deletes a step when its version is still the one that was read. Fault: goal.no_step.
func (b *Book) RemoveStep(ctx context.Context, reach access.Reach, stepID id.ID, version int64) error {
	return b.store.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := b.step(ctx, tx, reach, stepID, version)
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*stepRow)(nil)).Where("id = ?", stepID).Exec(ctx); err != nil {
			return fmt.Errorf("delete a step: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: stepKind, ID: stepID, Action: audit.Delete, Before: before})
	})
}

// proposed is the road map from a day on without what stands already on the same day under the same kind.
func (b *Book) proposed(ctx context.Context, reach access.Reach, from date.Date, months int) ([]Draft, error) {
	there, err := b.Road(ctx, reach)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(Roadmap(from, months), func(d Draft) bool {
		return slices.ContainsFunc(there, func(s Dated) bool { return s.Day == d.Day && s.Kind == d.Kind && s.UnitID == "" })
	}), nil
}
