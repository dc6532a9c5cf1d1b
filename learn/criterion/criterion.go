// Package criterion compiles rules over fields and measures of customers, the matrix cell and segments for a scored version
// (FIELD.md K8, C7). What a rule may speak of is an allow-list; values travel as parameters.
package criterion

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/learn/measure"
)

// SegmentField is the field that asks for membership of another segment.
const SegmentField = "segment"

// Units knows the tree of the organisation; *org.Store does.
type Units interface {
	// Below returns the unit and all units under it.
	Below(ctx context.Context, unitID id.ID) ([]id.ID, error)
}

// nowhere is the id of no record.
const nowhere id.ID = "00000000-0000-0000-0000-000000000000"

type fieldKind int

const (
	textField fieldKind = iota
	numberField
	recordField // an id
	unitField   // an id, that of a unit above it will do
)

// field is one of the customer's own.
type field struct {
	kind fieldKind
	sql  string
	// today: it stands in the customer's record c, as it is today, not in the version s.
	today bool
}

// fields are the customer's own that a rule may ask, beside every measure of the version. An empty text is unknown.
func fields() map[string]field {
	return map[string]field{
		"code":        {textField, "s.code", false},
		"name":        {textField, "s.name", false},
		"industry":    {textField, "s.industry", false},
		"country":     {textField, "s.country", false},
		"unit":        {unitField, "s.unit_id", false},
		"owner":       {recordField, "s.owner_id", false},
		"kind":        {textField, "nullif(c.kind, '')", true},
		"lifecycle":   {textField, "nullif(c.lifecycle, '')", true},
		"city":        {textField, "nullif(c.city, '')", true},
		"postal_code": {textField, "nullif(c.postal_code, '')", true},
		"size":        {numberField, "cast(c.size_employees AS bigint)", true},
		"group":       {recordField, "c.parent_id", true},
	}
}

// Segment is one that rules may speak of.
type Segment struct {
	Name    string
	Shared  bool
	OwnerID id.ID
	Version int64
	Rule    *filter.Tree // nil of a frozen one
}

// Own tells whether a key is one of the customer's own fields, which go before a measure of the same key.
func Own(key string) bool {
	_, own := fields()[key]
	return own
}

// Compiled is a rule as it is asked of a version.
type Compiled struct {
	Clause filter.Clause
	Today  bool // the customer's record is needed too
}

// Rows is the table that the clause is asked of.
func Rows(today bool) filter.Clause {
	if today {
		return filter.Clause{SQL: "score s LEFT JOIN customer c ON c.id = s.customer_id"}
	}
	return filter.Clause{SQL: "score s"}
}

// Compiler compiles rules for one version.
type Compiler struct {
	Measures measure.Set
	Currency string
	Units    Units
	Library  map[id.ID]Segment
	Owner    id.ID // the user whose rule it is: it may speak of the shared segments and of the user's own

	Below map[id.ID][]id.ID // the answers of units
	path  []id.ID           // the segments whose rules are being compiled
	left  int               // conditions that may still come, with those of the segments spoken of
	today bool
}

// mostExpanded bounds a rule with the rules of all segments it speaks of.
const mostExpanded = 400

// Rule compiles a rule; of names the segment it belongs to, "" for one that is not kept.
func (c *Compiler) Rule(ctx context.Context, of id.ID, t filter.Tree) (Compiled, error) {
	c.path, c.left, c.today = nil, mostExpanded, false
	e, err := c.expr(ctx, of, t)
	if err != nil {
		return Compiled{}, err
	}
	clause, err := filter.Compile(e, c.Columns())
	return Compiled{Clause: clause, Today: c.today}, err
}

func (c *Compiler) expr(ctx context.Context, of id.ID, t filter.Tree) (filter.Expr, error) {
	c.path = append(c.path, of)
	defer func() { c.path = c.path[:len(c.path)-1] }()
	return t.Build(func(at string, leaf filter.Tree) (filter.Expr, error) { return c.leaf(ctx, at, leaf) })
}

// Columns is the allow-list of all that conditions can ask.
func (c *Compiler) Columns() filter.Columns {
	columns := filter.Columns{"customer": "s.customer_id"}
	maps.Copy(columns, c.Measures.Columns("s"))
	for key, f := range fields() {
		columns[key] = f.sql
	}
	return columns
}

func (c *Compiler) leaf(ctx context.Context, at string, t filter.Tree) (filter.Expr, error) {
	if c.left--; c.left < 0 {
		return nil, filter.WrongAt(at, "With the segments it speaks of, the rule has more than %d conditions; simplify it.", mostExpanded)
	}
	if t.Field == SegmentField {
		return c.member(ctx, at, t)
	}
	f, own := fields()[t.Field]
	m, known := c.Measures.Find(t.Field)
	switch {
	case !own && !known:
		return nil, filter.WrongAt(at, "There is no field or measure %q as of this date; choose another.", abridged(t.Field))
	case t.Sign == filter.Unknown:
		c.today = c.today || f.today
		return filter.IsNull(t.Field), nil
	case t.Sign == filter.Known:
		c.today = c.today || f.today
		return filter.Not(filter.IsNull(t.Field)), nil
	case own:
		c.today = c.today || f.today
		return c.own(ctx, at, f, t)
	case t.Sign == filter.OneOf:
		parts := make([]filter.Expr, len(t.Values))
		for i, v := range t.Values {
			if v == "" {
				return nil, filter.WrongAt(at, "A value is empty.")
			}
			e, err := m.Compare(filter.Is, v, c.Currency)
			if err != nil {
				return nil, filter.WrongAt(at, "%s", err)
			}
			parts[i] = e
		}
		return filter.Or(parts...), nil
	}
	e, err := m.Compare(t.Sign, t.Value, c.Currency)
	if err != nil {
		return nil, filter.WrongAt(at, "%s", err)
	}
	return e, nil
}

// own is a condition on one of the customer's own fields.
func (c *Compiler) own(ctx context.Context, at string, f field, t filter.Tree) (filter.Expr, error) {
	given := t.Values
	if t.Sign != filter.OneOf {
		given = []string{t.Value}
	}
	values := make([]any, 0, len(given))
	for _, v := range given {
		switch f.kind {
		case numberField:
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil {
				return nil, filter.WrongAt(at, "Write the value as a whole number.")
			}
			values = append(values, n)
			continue
		case recordField, unitField:
			if !id.Valid(v) {
				return nil, filter.WrongAt(at, "Choose a record that there is.")
			}
		}
		values = append(values, v)
	}
	if f.kind == unitField {
		return c.inUnits(ctx, at, t, given)
	}
	switch {
	case t.Sign == filter.OneOf:
		return filter.In(t.Field, values...), nil
	case t.Sign == filter.Is || t.Sign == filter.IsNot || f.kind == numberField && filter.Compare(t.Field, t.Sign, values[0]) != nil:
		return filter.Compare(t.Field, t.Sign, values[0]), nil
	case t.Sign == filter.Has && f.kind == textField:
		return filter.Contains(t.Field, t.Value), nil
	case t.Sign == filter.Begins && f.kind == textField:
		return filter.StartsWith(t.Field, t.Value), nil
	}
	return nil, filter.WrongAt(at, "This field cannot be asked with %q.", abridged(t.Sign))
}

// inUnits asks for the units themselves and all below them.
func (c *Compiler) inUnits(ctx context.Context, at string, t filter.Tree, given []string) (filter.Expr, error) {
	var all []id.ID
	for _, v := range given {
		unit := id.ID(v)
		if _, asked := c.Below[unit]; !asked {
			below, err := c.Units.Below(ctx, unit)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return nil, err
			}
			slices.Sort(below)
			c.Below[unit] = below
		}
		all = append(all, c.Below[unit]...)
	}
	if len(all) == 0 { // a unit that is gone: nobody is in it
		all = []id.ID{nowhere}
	}
	in := filter.In(t.Field, all...)
	switch t.Sign {
	case filter.Is, filter.OneOf:
		return in, nil
	case filter.IsNot:
		return filter.Not(in), nil
	}
	return nil, filter.WrongAt(at, "A unit cannot be asked with %q.", abridged(t.Sign))
}

// member asks for membership of another segment, which is always known.
func (c *Compiler) member(ctx context.Context, at string, t filter.Tree) (filter.Expr, error) {
	of := id.ID(t.Value)
	if t.Sign != filter.Is && t.Sign != filter.IsNot {
		return nil, filter.WrongAt(at, "Ask whether a customer is in the segment (=) or not (!=).")
	}
	if !id.Valid(t.Value) {
		return nil, filter.WrongAt(at, "Choose a segment.")
	}
	if slices.Contains(c.path, of) {
		return nil, filter.WrongAt(at, "The segment would be part of its own rule. Choose another.")
	}
	s, there := c.Library[of]
	if !there || !s.Shared && s.OwnerID != c.Owner {
		return nil, filter.WrongAt(at, "There is no such segment, or it is somebody else's. Choose another.")
	}
	var e filter.Expr
	var err error
	if s.Rule == nil {
		e = FrozenMembers(of, s.Version)
	} else if e, err = c.expr(ctx, of, *s.Rule); err != nil {
		if f := fault.Of(err); f != nil {
			return nil, filter.WrongAt(at, "The rule of the segment %q does not work as of this date: %s", s.Name, f.Detail)
		}
		return nil, err
	}
	e = filter.Holds(e)
	if t.Sign == filter.IsNot {
		e = filter.Not(e)
	}
	return e, nil
}

// FrozenMembers holds for the members of a frozen segment. Its version changes with them, so that what was worked out from
// others is seen to be old.
func FrozenMembers(of id.ID, version int64) filter.Expr {
	return filter.Among("customer", filter.Clause{SQL: "SELECT h.customer_id FROM segment_member h WHERE h.segment_id = ? AND ? > 0", Args: []any{of, version}})
}

// Value is the SQL of what a condition is about, for people to see it before and after; "" for membership.
func (c *Compiler) Value(t filter.Tree) string {
	f, own := fields()[t.Field]
	m, known := c.Measures.Find(t.Field)
	switch {
	case own && (f.kind == recordField || f.kind == unitField):
		return "cast(" + f.sql + " AS varchar)"
	case own:
		return f.sql
	case known:
		return "s." + m.Column()
	}
	return ""
}

// Print tells whether two compiled rules ask the same.
func (c Compiled) Print() string { return fmt.Sprint(c.Clause.SQL, c.Clause.Args) }

func abridged(text string) string {
	if runes := []rune(strings.ToValidUTF8(text, "?")); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}
