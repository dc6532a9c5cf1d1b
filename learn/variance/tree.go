package variance

import (
	"strings"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/know/org"
)

// tree is units or product classes, with their names.
type tree struct {
	*org.Tree
	names map[id.ID]string
}

// top is what is divided: the unit or class that was gone into, else all; a company under one roof is divided by what stands
// under it.
func (t tree) top(key string) id.ID {
	if key == "" {
		if roots := t.Children(""); len(roots) == 1 {
			return roots[0]
		}
	}
	return id.ID(key)
}

// under maps every unit or class to the key of the part that it belongs to when the top is divided.
func (t tree) under(top id.ID) map[string]string {
	part := map[string]string{}
	if top != "" {
		part[string(top)] = own + string(top)
	}
	for _, child := range t.Children(top) {
		for _, below := range t.Below(child) {
			part[string(below)] = string(child)
		}
	}
	return part
}

// within are the units or classes that a key stands for; none for an unknown one.
func (t tree) within(key string) []id.ID {
	if itself, ok := strings.CutPrefix(key, own); ok {
		return []id.ID{id.ID(itself)}
	}
	return t.Below(id.ID(key))
}

// leaf tells whether nothing stands below the key, so that it cannot be divided by its own kind.
func (t tree) leaf(key string) bool {
	return key == None || strings.HasPrefix(key, own) || key != "" && len(t.Children(id.ID(key))) == 0
}

// name is that of the part of a key.
func (t tree) name(key string) string { return t.names[id.ID(strings.TrimPrefix(key, own))] }
