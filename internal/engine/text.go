package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/filter"
)

// Args are the values of a text's ":name" parameters. A name may stand in the text many times; names that do not stand
// there are ignored, so that several texts can share one set.
type Args map[string]any

// Hole fills "{{name}}" in a text with a compiled condition. An empty clause is "true". A hole that the text lacks is an
// error: the condition would silently not hold, and it may be the one that keeps people to their own customers.
type Hole struct {
	Name   string
	Clause filter.Clause
}

// statement is a text with its parameters as "?" in order.
type statement struct {
	sql     string
	args    []any
	verb    string // the first word, in lower case
	changes bool   // a word that changes stands in it, such as after WITH or EXPLAIN ANALYZE
}

// Statements begin with these words and no other. SET, PRAGMA, CALL, ATTACH, COPY and the like stay out: DuckDB's own lock
// leaves some of them open (profiling) and aborts the process on one (logging to a forbidden folder).
func asks(verb string) bool {
	switch verb {
	case "select", "with", "values", "explain", "describe":
		return true
	}
	return false
}

func changes(verb string) bool {
	switch verb {
	case "insert", "update", "delete", "merge", "create", "alter", "drop", "truncate":
		return true
	}
	return false
}

// mustAsk refuses what is no question, so that a reader cannot write past the one writer.
func (s statement) mustAsk() error {
	if asks(s.verb) && !s.changes {
		return nil
	}
	return fmt.Errorf("engine: this is no question; use Write: %s", abridged(s.sql))
}

// mustWork refuses what neither asks nor changes rows and tables.
func (s statement) mustWork() error {
	if asks(s.verb) || changes(s.verb) {
		return nil
	}
	return fmt.Errorf("engine: no statement may begin like this: %s", abridged(s.sql))
}

// bind rewrites the names and holes of a text. It refuses "?", "$" and a second statement, which the common text never
// needs: what cannot be written cannot be smuggled in.
func bind(text string, args Args, holes []Hole) (statement, error) {
	b := binder{args: args, holes: holes, used: make([]bool, len(holes))}
	if err := scan(text, b.take); err != nil {
		return statement{}, fmt.Errorf("engine: %w in: %s", err, abridged(text))
	}
	for i, used := range b.used {
		if !used {
			return statement{}, fmt.Errorf("engine: there is no {{%s}} in: %s", holes[i].Name, abridged(text))
		}
	}
	return statement{sql: b.sql.String(), args: b.values, verb: b.verb, changes: b.changes}, nil
}

func abridged(text string) string {
	const most = 120
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

type binder struct {
	args   Args
	holes  []Hole
	used   []bool
	sql    strings.Builder
	values []any

	verb    string
	changes bool
}

func (b *binder) take(kind tokenKind, text string) error {
	switch kind {
	case tokenParameter:
		value, ok := b.args[text]
		if !ok {
			return fmt.Errorf("there is no value for :%s", text)
		}
		return b.add(value)
	case tokenHole:
		return b.fill(text)
	case tokenWord:
		word := strings.ToLower(text)
		if b.verb == "" {
			b.verb = word
		}
		b.changes = b.changes || slices.Contains([]string{"insert", "update", "delete", "merge"}, word)
	}
	b.sql.WriteString(text)
	return nil
}

// add writes a value into the text, or a mark for it. The engine plans a text with marks twice, once before it knows the
// values, and planning is most of a small question's time. So ids, dates and numbers are written out, as this package forms
// them after reading them; text of any kind travels as a parameter, whoever it comes from.
func (b *binder) add(value any) error {
	written, ok, err := literalOf(value)
	if err != nil {
		return err
	}
	if ok {
		b.sql.WriteString(written)
		return nil
	}
	native, err := native(value)
	if err != nil {
		return err
	}
	b.sql.WriteByte('?')
	b.values = append(b.values, native)
	return nil
}

func (b *binder) fill(name string) error {
	i := slices.IndexFunc(b.holes, func(h Hole) bool { return h.Name == name })
	if i < 0 {
		return fmt.Errorf("nothing was given for {{%s}}", name)
	}
	b.used[i] = true
	clause := b.holes[i].Clause
	if clause.SQL == "" {
		clause.SQL = "true"
	}
	left := clause.Args
	err := scanClause(clause.SQL, func(kind tokenKind, text string) error {
		if kind != tokenMark {
			b.sql.WriteString(text)
			return nil
		}
		if len(left) == 0 {
			return fmt.Errorf("the clause of {{%s}} has more marks than values", name)
		}
		value := left[0]
		left = left[1:]
		return b.add(value)
	})
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("the clause of {{%s}} has more values than marks", name)
	}
	return err
}
