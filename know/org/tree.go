package org

import (
	"slices"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Tree is who hangs under whom at one moment. It does not change once made.
type Tree struct {
	parent   map[id.ID]id.ID
	children map[id.ID][]id.ID
}

// NewTree makes a tree of each unit's parent; the empty ID is no parent. A parent that is not itself a unit of the tree
// counts as none.
func NewTree(parents map[id.ID]id.ID) *Tree {
	t := &Tree{parent: make(map[id.ID]id.ID, len(parents)), children: make(map[id.ID][]id.ID, len(parents))}
	for unit, parent := range parents {
		if _, known := parents[parent]; !known {
			parent = ""
		}
		t.parent[unit] = parent
		t.children[parent] = append(t.children[parent], unit)
	}
	for _, units := range t.children {
		slices.Sort(units)
	}
	return t
}

// Has reports whether the unit is in the tree.
func (t *Tree) Has(unit id.ID) bool {
	_, known := t.parent[unit]
	return known
}

// Below returns the unit and all units under it, the unit first; none for an unknown unit.
func (t *Tree) Below(unit id.ID) []id.ID {
	if !t.Has(unit) {
		return nil
	}
	found, seen := []id.ID{unit}, map[id.ID]bool{unit: true}
	for i := 0; i < len(found); i++ {
		for _, child := range t.children[found[i]] {
			// History can hold a circle that no single day of editing made.
			if !seen[child] {
				seen[child] = true
				found = append(found, child)
			}
		}
	}
	return found
}

// Children returns the units right under the unit; those at the top for an empty one.
func (t *Tree) Children(unit id.ID) []id.ID { return slices.Clone(t.children[unit]) }

// MayHang returns the fault, at parent_id, of hanging the unit under the parent: there is no such parent, or the parent is
// the unit itself or hangs under it.
func (t *Tree) MayHang(unit, parent id.ID) error {
	if parent == "" {
		return nil
	}
	if parent != unit && !t.Has(parent) {
		return errUnknownUnit("parent_id")
	}
	if parent == unit || slices.Contains(t.Below(unit), parent) {
		const why = "A unit cannot hang under itself or under a unit below it. Choose another parent."
		return fault.New(fault.Invalid, "org.circle", why).At("parent_id", why)
	}
	return nil
}
