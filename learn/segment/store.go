package segment

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
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// AuditKind is what the change log calls a segment.
const AuditKind = "segment"

// store keeps segments in the operational store.
type store struct {
	db  *db.DB
	now func() time.Time
}

func (s *store) instant() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// row is a segment with its rule as text.
type row struct {
	bun.BaseModel `bun:"table:segment,alias:g"`

	Segment
	Rule json.RawMessage `bun:"rule,nullzero"`
}

func (r *row) segment() (*Segment, error) {
	s := r.Segment
	s.CreatedAt, s.UpdatedAt = s.CreatedAt.UTC(), s.UpdatedAt.UTC()
	if r.Rule != nil {
		if err := json.Unmarshal(r.Rule, &s.Rule); err != nil {
			return nil, fmt.Errorf("read the rule of the segment %q: %w", s.Name, err)
		}
	}
	return &s, nil
}

func rowOf(s *Segment) (*row, error) {
	r := &row{Segment: *s}
	if s.Rule != nil {
		var err error
		if r.Rule, err = json.Marshal(s.Rule); err != nil {
			return nil, fmt.Errorf("write a rule: %w", err)
		}
	}
	return r, nil
}

// seen narrows to what a person may see: the shared ones and the person's own.
func seen(q *bun.SelectQuery, p access.Principal) *bun.SelectQuery {
	if p.UserID == "" {
		return q.Where("(g.shared OR g.owner_id IS NULL)")
	}
	return q.Where("(g.shared OR g.owner_id = ?)", p.UserID)
}

// mine tells whether somebody made the segment.
func (s *Segment) mine(p access.Principal) bool { return s.OwnerID == p.UserID }

// mayChange refuses whoever may see the segment but not change it: a shared one is changed by its owner and by those who see
// all customers, since they answer for what everybody works with.
func (s *Segment) mayChange(p access.Principal, reach access.Reach) error {
	if s.mine(p) || s.Shared && reach.All() && p.Role != access.Salesperson {
		return nil
	}
	return fault.New(fault.Forbidden, "segment.not_yours", "%s made this segment. Make one of your own, or ask them to change it.", s.OwnerName)
}

// list returns segments by name: those that a person may see, or all for nil.
func (s *store) list(ctx context.Context, idb bun.IDB, p *access.Principal) ([]*Segment, error) {
	var rows []row
	q := idb.NewSelect().Model(&rows).OrderExpr("g.name, g.id")
	if p != nil {
		q = seen(q, *p)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read segments: %w", err)
	}
	all := make([]*Segment, len(rows))
	for i := range rows {
		var err error
		if all[i], err = rows[i].segment(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// get returns one that the person may see.
func (s *store) get(ctx context.Context, idb bun.IDB, p access.Principal, segmentID id.ID) (*Segment, error) {
	var r row
	err := seen(idb.NewSelect().Model(&r), p).Where("g.id = ?", segmentID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound()
	}
	if err != nil {
		return nil, fmt.Errorf("read a segment: %w", err)
	}
	return r.segment()
}

// create writes a new one for the person, with the customers of a frozen one.
func (s *store) create(ctx context.Context, p access.Principal, g *Segment, members []id.ID, way Way) error {
	g.ID, g.Version, g.CreatedAt = id.New(), 1, s.instant()
	g.UpdatedAt, g.OwnerID, g.OwnerName = g.CreatedAt, p.UserID, p.Name
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		all, err := s.list(ctx, tx, nil)
		if err != nil {
			return err
		}
		live := slices.DeleteFunc(slices.Clone(all), func(o *Segment) bool { return o.Kind != Live })
		if len(all) >= Most || g.Kind == Live && len(live) >= MostLive {
			return fault.New(fault.Invalid, "segment.too_many", "There are %d segments already, %d of them live; at most %d and %d can be kept. Delete one that is no longer used.",
				len(all), len(live), Most, MostLive)
		}
		if err := free(all, g); err != nil {
			return err
		}
		r, err := rowOf(g)
		if err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
			return fmt.Errorf("write a segment: %w", err)
		}
		added, err := add(ctx, tx, g.ID, members, way, p.Name, g.CreatedAt)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Change{Kind: AuditKind, ID: g.ID, Action: audit.Create, After: told{Segment: g, Added: added}})
	})
}

// told is what the change log keeps of a change: how many members came and went, not who, since the segment itself says that.
type told struct {
	*Segment
	Added   int64 `json:"members_added,omitempty"`
	Removed int64 `json:"members_removed,omitempty"`
}

// free refuses a name that another segment of the same people has.
func free(all []*Segment, g *Segment) error {
	for _, o := range all {
		if o.ID != g.ID && o.Name == g.Name && (o.Shared && g.Shared || o.OwnerID == g.OwnerID) {
			return fault.New(fault.Conflict, "segment.name_taken", "There is a segment %q already.", g.Name).At("name", "Choose another name.")
		}
	}
	return nil
}

// update writes changed fields when the version is still the one that was read.
func (s *store) update(ctx context.Context, p access.Principal, reach access.Reach, segmentID id.ID, version int64, change func(g *Segment) error) (*Segment, error) {
	var g *Segment
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		before, err := s.changeable(ctx, tx, p, reach, segmentID, version)
		if err != nil {
			return err
		}
		after := *before
		g = &after
		if err := change(g); err != nil {
			return err
		}
		all, err := s.list(ctx, tx, nil)
		if err != nil {
			return err
		}
		if err := free(all, g); err != nil {
			return err
		}
		if before.Shared && !g.Shared {
			if err := unused(all, g); err != nil {
				return err
			}
		}
		g.Version, g.UpdatedAt = before.Version+1, s.instant()
		r, err := rowOf(g)
		if err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model(r).Column("name", "description", "shared", "rule", "version", "updated_at").Where("id = ?", g.ID).Exec(ctx); err != nil {
			return fmt.Errorf("write a segment: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: AuditKind, ID: g.ID, Action: audit.Update, Before: before, After: g})
	})
	return g, err
}

// changeable reads a segment for changing it.
func (s *store) changeable(ctx context.Context, tx bun.Tx, p access.Principal, reach access.Reach, segmentID id.ID, version int64) (*Segment, error) {
	if s.db.Dialect() == db.Postgres { // SQLite has one writer
		if _, err := tx.ExecContext(ctx, "SELECT 1 FROM segment WHERE id = ? FOR UPDATE", segmentID); err != nil {
			return nil, fmt.Errorf("lock a segment: %w", err)
		}
	}
	g, err := s.get(ctx, tx, p, segmentID)
	if err != nil {
		return nil, err
	}
	if err := g.mayChange(p, reach); err != nil {
		return nil, err
	}
	if g.Version != version {
		return nil, web.Stale()
	}
	return g, nil
}

// unused refuses to take away a segment that the rule of another speaks of.
func unused(all []*Segment, g *Segment) error {
	for _, o := range all {
		if o.ID != g.ID && slices.Contains(o.uses(), g.ID) {
			name := o.Name
			if !o.Shared {
				name = "a private segment of " + o.OwnerName
			}
			return fault.New(fault.Conflict, "segment.used", "The rule of %q speaks of this segment. Change that rule first.", name)
		}
	}
	return nil
}

// remove deletes one with its members.
func (s *store) remove(ctx context.Context, p access.Principal, reach access.Reach, segmentID id.ID, version int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		g, err := s.changeable(ctx, tx, p, reach, segmentID, version)
		if err != nil {
			return err
		}
		all, err := s.list(ctx, tx, nil)
		if err != nil {
			return err
		}
		if err := unused(all, g); err != nil {
			return err
		}
		return s.erase(ctx, tx, g)
	})
}

func (s *store) erase(ctx context.Context, tx bun.Tx, g *Segment) error {
	for _, table := range []string{"segment_member", "segment"} {
		column := "segment_id"
		if table == "segment" {
			column = "id"
		}
		if _, err := tx.NewDelete().Table(table).Where("? = ?", bun.Ident(column), g.ID).Exec(ctx); err != nil {
			return fmt.Errorf("delete a segment: %w", err)
		}
	}
	return audit.Record(ctx, tx, audit.Change{Kind: AuditKind, ID: g.ID, Action: audit.Delete, Before: g})
}

// RemoveOf deletes the segments of some users, as when the demo company leaves; a rule of somebody else that speaks of one
// says so from then on.
func (b *Book) RemoveOf(ctx context.Context, users []id.ID) error {
	return b.store.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		all, err := b.store.list(ctx, tx, nil)
		if err != nil {
			return err
		}
		for _, g := range all {
			if g.OwnerID != "" && slices.Contains(users, g.OwnerID) {
				if err := b.store.erase(ctx, tx, g); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
