package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Bounds of a tree, so that nobody can make the program work for minutes on one condition.
const (
	MaxDepth      = 8         // groups within groups, the condition itself included
	MaxConditions = 100       // of the whole tree
	MaxTree       = 64 * 1024 // bytes of its JSON
	maxValues     = 500       // of one condition
	maxValue      = 200       // bytes of one value
)

// The signs of a condition. All but the last two take a value; OneOf takes several.
const (
	Is       = "="
	IsNot    = "!="
	MoreThan = ">"
	LeastOf  = ">="
	LessThan = "<"
	MostOf   = "<="
	OneOf    = "in"
	Has      = "contains"
	Begins   = "starts"
	Unknown  = "unknown"
	Known    = "known"
)

// Tree is a condition as people build it and programs send it: exactly one of All, Any, Not, or Field with its Sign.
//
// A condition on a value that is not known is neither true nor false, whatever its sign, unless the sign asks just that; so
// is its opposite by Not. Any is true when one part is, whatever the others; All is false when one part is. Only customers
// of whom the whole is true are meant.
type Tree struct {
	All    []Tree   `json:"all,omitempty" maxItems:"100" doc:"All of these hold."`
	Any    []Tree   `json:"any,omitempty" maxItems:"100" doc:"At least one of these holds."`
	Not    *Tree    `json:"not,omitempty" doc:"This does not hold."`
	Field  string   `json:"field,omitempty" maxLength:"60" doc:"A field of the customer, the key of a measure, or segment."`
	Sign   string   `json:"sign,omitempty" enum:"=,!=,>,>=,<,<=,in,contains,starts,unknown,known"`
	Value  string   `json:"value,omitempty" maxLength:"200" doc:"As people are shown it: money in minor units, shares from 0 to 1, dates as 2026-10-31."`
	Values []string `json:"values,omitempty" maxItems:"500" doc:"Of the sign in."`
}

// ParseTree reads a tree from JSON. Faults are Malformed and name the place.
func ParseTree(text string) (Tree, error) {
	var t Tree
	if len(text) > MaxTree {
		return t, wrong("rule", "The condition may have at most %d kB.", MaxTree/1024)
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.DisallowUnknownFields()
	err := dec.Decode(&t)
	if _, more := dec.Token(); err == nil && !errors.Is(more, io.EOF) {
		err = errors.New("more follows")
	}
	if err != nil {
		return t, wrong("rule", `The condition cannot be read. Write it as {"field": "share", "sign": ">=", "value": "0.5"}, joined by all, any and not.`).Because(err)
	}
	return t, nil
}

// Build turns the tree into an expression; leaf does so for one condition, which stands at a place such as
// rule.all[1].not. Faults are Malformed and name the place.
func (t Tree) Build(leaf func(at string, t Tree) (Expr, error)) (Expr, error) {
	left := MaxConditions
	return t.build("rule", 1, &left, leaf)
}

func (t Tree) build(at string, depth int, left *int, leaf func(string, Tree) (Expr, error)) (Expr, error) {
	if depth > MaxDepth {
		return nil, wrong(at, "Groups may stand at most %d deep within each other.", MaxDepth)
	}
	if err := t.check(at); err != nil {
		return nil, err
	}
	switch {
	case t.Not != nil:
		e, err := t.Not.build(at+".not", depth+1, left, leaf)
		if err != nil {
			return nil, err
		}
		return Not(e), nil
	case t.Field != "":
		if *left--; *left < 0 {
			return nil, wrong(at, "There may be at most %d conditions; split them.", MaxConditions)
		}
		return leaf(at, t)
	}
	join, word, parts := And, "all", t.All
	if len(t.Any) > 0 {
		join, word, parts = Or, "any", t.Any
	}
	all := make([]Expr, len(parts))
	for i, p := range parts {
		var err error
		if all[i], err = p.build(fmt.Sprintf("%s.%s[%d]", at, word, i), depth+1, left, leaf); err != nil {
			return nil, err
		}
	}
	return join(all...), nil
}

// check tells what is wrong with the shape of this one node.
func (t Tree) check(at string) error {
	kinds := 0
	for _, is := range []bool{len(t.All) > 0, len(t.Any) > 0, t.Not != nil, t.Field != "" || t.Sign != ""} {
		if is {
			kinds++
		}
	}
	switch {
	case kinds == 0:
		return wrong(at, "This group is empty. Put a condition into it, or remove it.")
	case kinds > 1:
		return wrong(at, "Give one of all, any, not, or a field with its sign, not several of them.")
	case t.Field == "" && (t.Value != "" || t.Values != nil || t.Sign != ""):
		return wrong(at, "Choose what the condition is about.")
	case t.Field == "":
		return nil
	case len(t.Values) > maxValues:
		return wrong(at, "Choose at most %d values.", maxValues)
	case t.Sign == OneOf && len(t.Values) == 0:
		return wrong(at, "Choose at least one value.")
	case t.Sign != OneOf && t.Values != nil:
		return wrong(at, "Several values go with the sign %q only.", OneOf)
	case (t.Sign == Unknown || t.Sign == Known || t.Sign == OneOf) && t.Value != "":
		return wrong(at, "The sign %q takes no single value.", t.Sign)
	case t.Sign != Unknown && t.Sign != Known && t.Sign != OneOf && t.Value == "":
		return wrong(at, "Give a value.")
	}
	for _, v := range append([]string{t.Value}, t.Values...) {
		if len(v) > maxValue || strings.ContainsRune(v, 0) {
			return wrong(at, "A value may have at most %d characters.", maxValue)
		}
	}
	return nil
}

// Leaves yields each condition of a tree that Build accepts, with its place.
func (t Tree) Leaves() iter.Seq2[string, Tree] {
	return func(yield func(string, Tree) bool) { t.walk("rule", yield) }
}

func (t Tree) walk(at string, yield func(string, Tree) bool) bool {
	switch {
	case t.Not != nil:
		return t.Not.walk(at+".not", yield)
	case t.Field != "":
		return yield(at, t)
	}
	for i, p := range t.All {
		if !p.walk(fmt.Sprintf("%s.all[%d]", at, i), yield) {
			return false
		}
	}
	for i, p := range t.Any {
		if !p.walk(fmt.Sprintf("%s.any[%d]", at, i), yield) {
			return false
		}
	}
	return true
}

// WrongAt is the fault of a condition at a place of a tree, with its cure.
func WrongAt(at, cure string, args ...any) error { return wrong(at, cure, args...) }

func wrong(at, cure string, args ...any) *fault.Fault {
	return fault.New(fault.Malformed, "filter.malformed_condition", cure, args...).At(at, cure, args...)
}

// Compare is the condition that a field stands to a value in the way of one of the first six signs; nil for another sign.
func Compare(column, sign string, value any) Expr {
	switch sign {
	case Is:
		return Eq(column, value)
	case IsNot:
		return Not(Eq(column, value))
	case LeastOf:
		return AtLeast(column, value)
	case MostOf:
		return AtMost(column, value)
	case MoreThan:
		return More(column, value)
	case LessThan:
		return Less(column, value)
	}
	return nil
}

type holds struct{ of Expr }

func (x holds) compile(c *compiler) error {
	c.sql.WriteString("coalesce((")
	if err := x.of.compile(c); err != nil {
		return err
	}
	c.sql.WriteString("), false)")
	return nil
}

// Holds is true where e is, and false where e is false or cannot be told.
func Holds(e Expr) Expr { return holds{e} }

type among struct {
	column string
	of     Clause
}

func (x among) compile(c *compiler) error {
	col, err := c.column(x.column)
	if err != nil {
		return err
	}
	c.sql.WriteString(col + " IN (" + x.of.SQL + ")")
	c.args = append(c.args, x.of.Args...)
	return nil
}

// Among holds where the field is one of what a question finds. The question is text of the program, never of a user.
func Among(column string, question Clause) Expr { return among{column, question} }
