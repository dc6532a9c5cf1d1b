package product

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// CategoryKind is what the change log calls a category.
const CategoryKind = "product_category"

// PathSeparator stands between the levels of a category path such as "Bikes > Mountain bikes".
const PathSeparator = ">"

// maxDepth bounds the tree, so that a damaged file cannot make one that no screen can show.
const maxDepth = 12

// Category is one node of the tree of products.
type Category struct {
	bun.BaseModel `bun:"table:product_category" json:"-"`

	ID        id.ID     `bun:"id,pk" json:"id"`
	Code      string    `bun:"code" json:"code" doc:"Its key in the company's own systems; its path where they have none"`
	Name      string    `bun:"name" json:"name"`
	ParentID  id.ID     `bun:"parent_id" json:"parent_id,omitempty"`
	ImportID  id.ID     `bun:"import_id" json:"-"` // the import that created it
	CreatedAt time.Time `bun:"created_at" json:"-"`
	UpdatedAt time.Time `bun:"updated_at" json:"-"`
}

// Tree is all categories, to find and to add to by what an import says of them. It is not for use by several goroutines.
type Tree struct {
	byID    map[id.ID]*Category
	byCode  map[string]*Category
	byName  map[string][]*Category // by normal name
	changed map[id.ID]bool         // made or altered since the tree was read, not yet saved
	tried   bool                   // nothing that is saved stays: each step saves all that changed
}

// NewTree makes a tree of the categories.
func NewTree(categories []Category) *Tree {
	t := &Tree{byID: map[id.ID]*Category{}, byCode: map[string]*Category{}, byName: map[string][]*Category{}, changed: map[id.ID]bool{}}
	for i := range categories {
		t.add(&categories[i])
	}
	return t
}

func (t *Tree) add(c *Category) {
	t.byID[c.ID], t.byCode[c.Code] = c, c
	t.byName[normal(c.Name)] = append(t.byName[normal(c.Name)], c)
}

// Below returns the category and all below it; nothing when there is no such category.
func (t *Tree) Below(root id.ID) []id.ID {
	if t.byID[root] == nil {
		return nil
	}
	children := map[id.ID][]id.ID{}
	for _, c := range t.byID {
		children[c.ParentID] = append(children[c.ParentID], c.ID)
	}
	all := []id.ID{root}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// Place finds the category that an import means by a path and a code, and makes what is missing of it. Either may be
// empty; both empty is no category. Without a code, a single name is first looked for as a code and as the name of any
// category, so that a plain column of names does not build a second tree. The error is a fault for the reject list.
func (t *Tree) Place(path, code string, imported id.ID) (id.ID, error) {
	names, err := split(path)
	if err != nil || len(names) == 0 && code == "" {
		return "", err
	}
	if code == "" && len(names) == 1 {
		if c := t.find(names[0]); c != nil {
			return c.ID, nil
		}
	}
	parent, err := t.ancestors(names, code, imported)
	if err != nil {
		return "", err
	}
	if code == "" {
		return parent, nil
	}
	return t.coded(names, code, parent, imported)
}

// ancestors walks down the path, all of it or, where the last name belongs to a code, all but that.
func (t *Tree) ancestors(names []string, code string, imported id.ID) (id.ID, error) {
	if code != "" && len(names) > 0 {
		names = names[:len(names)-1]
	}
	var parent id.ID
	for i, name := range names {
		if c := t.child(parent, name); c != nil {
			parent = c.ID
			continue
		}
		made, err := t.make(strings.Join(names[:i+1], " "+PathSeparator+" "), name, parent, imported)
		if err != nil {
			return "", err
		}
		parent = made.ID
	}
	return parent, nil
}

// coded finds or makes the category of a code and gives it the name and place that the path says.
func (t *Tree) coded(names []string, code string, parent, imported id.ID) (id.ID, error) {
	name := code
	if len(names) > 0 {
		name = names[len(names)-1]
	}
	c := t.byCode[code]
	if c == nil {
		made, err := t.make(code, name, parent, imported)
		if err != nil {
			return "", err
		}
		return made.ID, nil
	}
	if len(names) > 0 && c.Name != name {
		t.byName[normal(c.Name)] = slices.DeleteFunc(t.byName[normal(c.Name)], func(x *Category) bool { return x == c })
		c.Name = name
		t.byName[normal(name)] = append(t.byName[normal(name)], c)
		t.touch(c)
	}
	if len(names) > 1 && c.ParentID != parent {
		if slices.Contains(t.Below(c.ID), parent) {
			return "", misplaced(fault.Why("category_circle", `The category "{code}" would stand below itself; correct the path of the category.`, "code", code))
		}
		c.ParentID = parent
		t.touch(c)
	}
	return c.ID, nil
}

func misplaced(why fault.Reason) error {
	return fault.Check("product.category").Because(false, "category", func() fault.Reason { return why }).Err()
}

func (t *Tree) touch(c *Category) {
	t.changed[c.ID] = true
}

func (t *Tree) make(code, name string, parent, imported id.ID) (*Category, error) {
	if !fits(code, maxCode) {
		return nil, misplaced(fault.TooLong(code, maxCode))
	}
	if !fits(name, maxName) {
		return nil, misplaced(fault.TooLong(name, maxName))
	}
	if other := t.byCode[code]; other != nil {
		code = string(id.New()) // the path of one is the code of another: any code will do, nobody refers to it
	}
	c := &Category{ID: id.New(), Code: code, Name: name, ParentID: parent, ImportID: imported}
	t.add(c)
	t.changed[c.ID] = true
	return c, nil
}

// find looks for a category by its code, then by a name that only one has.
func (t *Tree) find(text string) *Category {
	if c := t.byCode[text]; c != nil {
		return c
	}
	if named := t.byName[normal(text)]; len(named) == 1 {
		return named[0]
	}
	return nil
}

func (t *Tree) child(parent id.ID, name string) *Category {
	for _, c := range t.byName[normal(name)] {
		if c.ParentID == parent {
			return c
		}
	}
	if c := t.byCode[name]; c != nil && c.ParentID == parent {
		return c
	}
	return nil
}

// takeChanged returns the categories to save, parents before children, and forgets that they changed.
func (t *Tree) takeChanged() []Category {
	var out []Category
	var visit func(c *Category)
	visit = func(c *Category) {
		if c == nil || !t.changed[c.ID] {
			return
		}
		delete(t.changed, c.ID)
		visit(t.byID[c.ParentID])
		out = append(out, *c)
	}
	for _, c := range t.byID {
		visit(c)
	}
	if t.tried {
		for _, c := range out {
			t.changed[c.ID] = true
		}
	}
	return out
}

func split(path string) ([]string, error) {
	var names []string
	for name := range strings.SplitSeq(path, PathSeparator) {
		if name = strings.Join(strings.Fields(name), " "); name != "" {
			names = append(names, name)
		}
	}
	if len(names) > maxDepth {
		return nil, misplaced(fault.Why("category_deep", "The category has {levels} levels; at most {most} are possible.",
			"levels", strconv.Itoa(len(names)), "most", strconv.Itoa(maxDepth)))
	}
	return names, nil
}
