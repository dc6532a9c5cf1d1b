package profit

import "slices"

// tree is the categories of products by id.
type tree map[string]category

type category struct{ name, parent string }

// deepest bounds a path: deeper, or round in a circle, no catalogue is.
const deepest = 20

// path is the categories of a product from the top down to its own; empty without one.
func (t tree) path(leaf string) []string {
	var up []string
	for at := leaf; len(up) < deepest; {
		c, ok := t[at]
		if !ok {
			break
		}
		up = append(up, at)
		at = c.parent
	}
	slices.Reverse(up)
	return up
}

// top is the highest category of a product; empty without one.
func (t tree) top(leaf string) string {
	if path := t.path(leaf); len(path) > 0 {
		return path[0]
	}
	return ""
}

// below is the column of a product within a category, or of all for nil: the next category down, or the product itself where
// there is none. It tells false of a product that is not in the category. Products without any category are in the category "".
func (t tree) below(p entry, within *string) (entry, bool) {
	path := t.path(p.CategoryID)
	switch {
	case within == nil && len(path) == 0:
		return entry{}, true
	case within == nil:
		return entry{ID: path[0], Name: t[path[0]].name}, true
	case *within == "" && len(path) > 0:
		return entry{}, false
	case *within != "":
		at := slices.Index(path, *within)
		if at < 0 {
			return entry{}, false
		}
		if at+1 < len(path) {
			return entry{ID: path[at+1], Name: t[path[at+1]].name, CategoryID: *within}, true
		}
	}
	return entry{ID: p.ID, Code: p.Code, Name: p.Name, CategoryID: p.CategoryID, Product: true}, true
}
