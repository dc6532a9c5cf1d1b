package org

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
)

// company is the whole organisation in memory, as of the end of the change log that seq tells: every page with figures by unit
// or person asks for it. Nobody changes what it holds.
type company struct {
	seq    int64
	tree   *Tree             // of today
	hung   map[id.ID]history // units
	seated map[id.ID]history // people
	names  Names
}

// Names are the names of all units and people.
type Names struct{ Units, People map[id.ID]string }

// company returns the organisation. It is read again only when the change log tells of a change of it, also one by another
// process.
func (s *Store) company(ctx context.Context) (*company, error) {
	last, err := audit.Last(ctx, s.db.Read())
	if err != nil {
		return nil, err
	}
	kept := s.kept.Load()
	if kept != nil && kept.seq == last {
		return kept, nil
	}
	if kept != nil && kept.seq < last {
		changed, err := audit.Changed(ctx, s.db.Read(), kept.seq, UnitKind, PersonKind)
		if err != nil {
			return nil, err
		}
		if !changed {
			same := *kept
			same.seq = last
			s.kept.Store(&same)
			return &same, nil
		}
	}
	// What is read after the end of the log was is at least as new as it.
	c := &company{seq: last, names: Names{People: map[id.ID]string{}}}
	if c.tree, c.names.Units, err = readTree(ctx, s.db.Read()); err != nil {
		return nil, err
	}
	var people []struct {
		ID   id.ID
		Name string
	}
	if err := s.db.Read().NewSelect().Table("person").Column("id", "name").Scan(ctx, &people); err != nil {
		return nil, fmt.Errorf("read the names of people: %w", err)
	}
	for _, p := range people {
		c.names.People[p.ID] = p.Name
	}
	if c.hung, err = unitPlaces().of(ctx, s.db.Read(), nil); err != nil {
		return nil, err
	}
	if c.seated, err = personPlaces().of(ctx, s.db.Read(), nil); err != nil {
		return nil, err
	}
	s.kept.Store(c)
	return c, nil
}

func readTree(ctx context.Context, idb bun.IDB) (*Tree, map[id.ID]string, error) {
	var units []struct {
		ID, ParentID id.ID
		Name         string
	}
	if err := idb.NewSelect().Table("unit").Column("id", "parent_id", "name").Scan(ctx, &units); err != nil {
		return nil, nil, fmt.Errorf("read the units' tree: %w", err)
	}
	parents, names := make(map[id.ID]id.ID, len(units)), make(map[id.ID]string, len(units))
	for _, u := range units {
		parents[u.ID], names[u.ID] = u.ParentID, u.Name
	}
	return NewTree(parents), names, nil
}

// Tree returns the tree of today.
func (s *Store) Tree(ctx context.Context) (*Tree, error) {
	c, err := s.company(ctx)
	if err != nil {
		return nil, err
	}
	return c.tree, nil
}

// Names returns the names of all units and people as they are now; they must not be changed.
func (s *Store) Names(ctx context.Context) (Names, error) {
	c, err := s.company(ctx)
	if err != nil {
		return Names{}, err
	}
	return c.names, nil
}

// TreeAsOf returns the tree as it was on the date. Units that had no place yet stand at the top.
func (s *Store) TreeAsOf(ctx context.Context, day date.Date) (*Tree, error) {
	c, err := s.company(ctx)
	if err != nil {
		return nil, err
	}
	return treeAsOf(c.hung, day), nil
}

func treeAsOf(places map[id.ID]history, day date.Date) *Tree {
	parents := make(map[id.ID]id.ID, len(places))
	for unit, h := range places {
		parents[unit] = h.on(day)
	}
	return NewTree(parents)
}

// PeopleAsOf returns the unit in which each person sat on the date; people who sat in none are left out.
func (s *Store) PeopleAsOf(ctx context.Context, day date.Date) (map[id.ID]id.ID, error) {
	c, err := s.company(ctx)
	if err != nil {
		return nil, err
	}
	units := make(map[id.ID]id.ID, len(c.seated))
	for person, h := range c.seated {
		if unit := h.on(day); unit != "" {
			units[person] = unit
		}
	}
	return units, nil
}

// Below returns the unit and all units under it as of today, none for an unknown unit: the reach of the scope "unit".
func (s *Store) Below(ctx context.Context, unitID id.ID) ([]id.ID, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	return tree.Below(unitID), nil
}
