package goal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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

// store keeps goals and the road map in the operational store.
type store struct {
	db  *db.DB
	now func() time.Time
}

func (s *store) instant() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

func (s *store) today() date.Date { return date.Of(s.now()) }

// row is a goal as it is kept.
type row struct {
	bun.BaseModel `bun:"table:goal,alias:g"`

	Goal
	WhatText json.RawMessage `bun:"what"`
}

func rowOf(g *Goal) (*row, error) {
	text, err := json.Marshal(g.What)
	if err != nil {
		return nil, fmt.Errorf("write a goal: %w", err)
	}
	return &row{Goal: *g, WhatText: text}, nil
}

func (r *row) goal() (*Goal, error) {
	g := r.Goal
	g.CreatedAt, g.UpdatedAt = g.CreatedAt.UTC(), g.UpdatedAt.UTC()
	if err := json.Unmarshal(r.WhatText, &g.What); err != nil {
		return nil, fmt.Errorf("read the goal %q: %w", g.Title, err)
	}
	return &g, nil
}

func goals(rows []row) ([]*Goal, error) {
	all := make([]*Goal, len(rows))
	for i := range rows {
		var err error
		if all[i], err = rows[i].goal(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// within is the reach as a condition on the goals of an alias.
func within(reach access.Reach, alias string) (filter.Clause, error) {
	return filter.Compile(reach.Filter("unit", "person"), filter.Columns{"unit": alias + ".unit_id", "person": alias + ".person_id"})
}

func notFound() error {
	return fault.New(fault.NotFound, "goal.not_found", "There is no such goal. It may have been deleted; load the list of goals again.")
}

// get returns a goal within reach.
func (s *store) get(ctx context.Context, idb bun.IDB, reach access.Reach, goalID id.ID) (*Goal, error) {
	if !id.Valid(string(goalID)) {
		return nil, notFound()
	}
	var r row
	err := idb.NewSelect().Model(&r).Where("g.id = ?", goalID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound()
	}
	if err != nil {
		return nil, fmt.Errorf("read a goal: %w", err)
	}
	g, err := r.goal()
	if err == nil && !reach.Covers(g.UnitID, g.PersonID) {
		return nil, notFound()
	}
	return g, err
}

// top lists the goals within reach that are part of none within reach, the newest first, those before an id.
func (s *store) top(ctx context.Context, reach access.Reach, before id.ID, limit int) ([]*Goal, error) {
	mine, err1 := within(reach, "g")
	above, err2 := within(reach, "h")
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	var rows []row
	q := s.db.Read().NewSelect().Model(&rows).Where(mine.SQL, mine.Args...).
		Where("(g.parent_id IS NULL OR g.parent_id NOT IN (SELECT h.id FROM goal AS h WHERE "+above.SQL+"))", above.Args...).
		OrderExpr("g.id DESC").Limit(int64(limit))
	if before != "" {
		q.Where("g.id < ?", before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list the goals: %w", err)
	}
	return goals(rows)
}

// parts lists the goals that are part of one.
func (s *store) parts(ctx context.Context, idb bun.IDB, parent id.ID) ([]*Goal, error) {
	var rows []row
	if err := idb.NewSelect().Model(&rows).Where("g.parent_id = ?", parent).OrderExpr("g.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list the parts of a goal: %w", err)
	}
	return goals(rows)
}

func (s *store) insert(ctx context.Context, tx bun.Tx, g *Goal) error {
	g.ID, g.Version, g.CreatedAt, g.CreatedByName = id.New(), 1, s.instant(), access.From(ctx).Name
	g.UpdatedAt = g.CreatedAt
	r, err := rowOf(g)
	if err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(r).Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("write a goal: %w", err)
	}
	return audit.Record(ctx, tx, audit.Change{Kind: auditKind, ID: g.ID, Action: audit.Create, After: g})
}

func (s *store) create(ctx context.Context, g *Goal) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.insert(ctx, tx, g) })
}

// write keeps a changed goal under the next version.
func (s *store) write(ctx context.Context, tx bun.Tx, before, after *Goal) error {
	after.Version, after.UpdatedAt = before.Version+1, s.instant()
	r, err := rowOf(after)
	if err != nil {
		return err
	}
	if _, err := tx.NewUpdate().Model(r).ExcludeColumn("created_at").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("change a goal: %w", err)
	}
	return audit.Record(ctx, tx, audit.Change{Kind: auditKind, ID: after.ID, Action: audit.Update, Before: before, After: after})
}

// change alters a goal within reach when its version is still the one that was read.
func (s *store) change(ctx context.Context, reach access.Reach, goalID id.ID, version int64, do func(ctx context.Context, tx bun.Tx, g *Goal) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := s.get(ctx, tx, reach, goalID)
		if err != nil {
			return err
		}
		if before.Version != version {
			return web.Stale()
		}
		after := *before
		if err := do(ctx, tx, &after); err != nil {
			return err
		}
		return s.write(ctx, tx, before, &after)
	})
}

// drop ends a goal and all its parts that still run.
func (s *store) drop(ctx context.Context, tx bun.Tx, g *Goal, why string) error {
	g.DroppedOn, g.DroppedWhy = s.today(), why
	return s.dropParts(ctx, tx, g.ID, why)
}

func (s *store) dropParts(ctx context.Context, tx bun.Tx, parent id.ID, why string) error {
	parts, err := s.parts(ctx, tx, parent)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.DroppedOn != "" {
			continue
		}
		after := *p
		if err := s.drop(ctx, tx, &after, why); err != nil {
			return err
		}
		if err := s.write(ctx, tx, p, &after); err != nil {
			return err
		}
	}
	return nil
}

// follow changes the running parts of a goal, and theirs, after its target and day were changed.
func (s *store) follow(ctx context.Context, tx bun.Tx, g *Goal) error {
	all, err := s.parts(ctx, tx, g.ID)
	if err != nil {
		return err
	}
	running := slices.DeleteFunc(all, func(p *Goal) bool { return p.DroppedOn != "" })
	targets := g.following(running)
	for i, p := range running {
		if p.Target == targets[i] && p.DueOn == g.DueOn {
			continue
		}
		after := *p
		after.Target, after.DueOn = targets[i], g.DueOn
		if err := s.follow(ctx, tx, &after); err != nil {
			return err
		}
		if err := s.write(ctx, tx, p, &after); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes a goal with its parts.
func (s *store) remove(ctx context.Context, reach access.Reach, goalID id.ID, version int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		g, err := s.get(ctx, tx, reach, goalID)
		if err != nil {
			return err
		}
		if g.Version != version {
			return web.Stale()
		}
		if g.ParentID != "" {
			return fault.New(fault.Invalid, "goal.is_part", "This goal is a part of another. Change the split there, or drop the part with a reason.")
		}
		if _, err := tx.NewDelete().Model((*row)(nil)).Where("id = ?", goalID).Exec(ctx); err != nil {
			return fmt.Errorf("delete a goal: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditKind, ID: goalID, Action: audit.Delete, Before: g})
	})
}

// split keeps the parts of a goal: each becomes a goal, or changes the one it is; parts that are gone are dropped.
func (s *store) split(ctx context.Context, reach access.Reach, g *Goal, version int64, parts []Part) error {
	return s.change(ctx, reach, g.ID, version, func(ctx context.Context, tx bun.Tx, g *Goal) error {
		if g.DroppedOn != "" {
			return dropped()
		}
		there, err := s.parts(ctx, tx, g.ID)
		if err != nil {
			return err
		}
		for _, old := range there {
			after := *old
			p := partOf(old, parts)
			switch {
			case p == nil && old.DroppedOn == "":
				if err := s.drop(ctx, tx, &after, "The goal above was shared out again without this part."); err != nil {
					return err
				}
			case p == nil, after.Target == p.Target && after.DueOn == g.DueOn && after.DroppedOn == "":
				continue
			default:
				after.Target, after.DueOn, after.DroppedOn, after.DroppedWhy = p.Target, g.DueOn, "", ""
			}
			if err := s.write(ctx, tx, old, &after); err != nil {
				return err
			}
		}
		for _, p := range parts {
			if goalOf(p, there) != nil {
				continue
			}
			what := g.What
			what.Revenue = 0
			if g.Target != g.StartValue && g.What.Kind.additive() {
				what.Revenue = int64(float64(g.What.Revenue) * p.Amount / (g.Target - g.StartValue))
			}
			part := &Goal{ParentID: g.ID, Title: g.Title, What: what, UnitID: p.UnitID, PersonID: p.PersonID, Direct: p.Direct, StartAsOf: g.StartAsOf,
				StartValue: p.StartValue, Target: p.Target, DueOn: g.DueOn}
			if err := s.insert(ctx, tx, part); err != nil {
				return err
			}
		}
		return nil
	})
}

func partOf(g *Goal, parts []Part) *Part {
	for i, p := range parts {
		if p.UnitID == g.UnitID && p.PersonID == g.PersonID && p.Direct == g.Direct {
			return &parts[i]
		}
	}
	return nil
}

func goalOf(p Part, there []*Goal) *Goal {
	for _, g := range there {
		if p.UnitID == g.UnitID && p.PersonID == g.PersonID && p.Direct == g.Direct {
			return g
		}
	}
	return nil
}

func dropped() error {
	return fault.New(fault.Conflict, "goal.dropped", "This goal was dropped. Make a new one.")
}
