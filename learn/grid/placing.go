package grid

import (
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/measure"
)

// Placing is a definition in one version: where its classes begin, and the SQL that places customers.
type Placing struct {
	Definition Definition
	// Row and Column are expressions over a row s of score: the number of the class, counted from 1 in the order of the
	// definition, and 0 for unknown.
	Row, Column filter.Clause
	// RowsBegin and ColumnsBegin are the values at which the second and each later class begins, as people are shown the
	// measure; nil where no customer reaches the class. Empty on an axis by words.
	RowsBegin, ColumnsBegin []*float64

	rows, columns scale
}

// scale places a single customer on an axis as its clause places all: what to ask of a row s of score, NULL for unknown, and the
// values as the column holds them at which the second and each later class begins.
type scale struct {
	axis   Axis
	value  string
	begins []*float64
}

// number is the class of a value, counted from 1, and 0 for unknown.
func (s scale) number(value any) int {
	switch v := value.(type) {
	case string:
		return slices.IndexFunc(s.axis.Classes, func(c Class) bool { return slices.Contains(c.Words, v) }) + 1
	case float64:
		for i, begin := range slices.Backward(s.begins) {
			if begin != nil && v >= *begin {
				return i + 2
			}
		}
		return 1
	}
	return 0
}

// Asked are the two expressions over a row s of score whose values At takes. For one customer they are planned many times faster
// than Row and Column.
func (p Placing) Asked() string { return p.rows.value + ", " + p.columns.value }

// At is where a customer with the values of Asked stands: the numbers that Row and Column give.
func (p Placing) At(row, column any) (int, int) { return p.rows.number(row), p.columns.number(column) }

// RowKey is the class of a number that Row gave.
func (p Placing) RowKey(n int) string { return p.Definition.Rows.key(n) }

// ColumnKey is the class of a number that Column gave.
func (p Placing) ColumnKey(n int) string { return p.Definition.Columns.key(n) }

func (a Axis) key(n int) string {
	if n < 1 || n > len(a.Classes) {
		return Unknown
	}
	return a.Classes[n-1].Key
}

// Behind is the condition on rows s of score that holds for the customers of a cell, a row or a column; empty ones do not
// narrow. It returns a fault Malformed for what is not in the matrix.
func (p Placing) Behind(cell, row, column string) (filter.Clause, error) {
	parts := filter.Clause{SQL: "true"}
	and := func(of filter.Clause, n int) {
		parts.SQL += " AND (" + of.SQL + ") = ?"
		parts.Args = append(append(parts.Args, of.Args...), n)
	}
	if cell != "" {
		r, c := SplitCell(cell)
		i, ok := p.Definition.Rows.number(r)
		j, also := p.Definition.Columns.number(c)
		if !ok || !also {
			return parts, strange("cell", cell, p.Definition.cellKeys())
		}
		and(p.Row, i)
		and(p.Column, j)
	}
	for _, axis := range []struct {
		name, key string
		of        Axis
		sql       filter.Clause
	}{{"row", row, p.Definition.Rows, p.Row}, {"column", column, p.Definition.Columns, p.Column}} {
		if axis.key == "" {
			continue
		}
		n, ok := axis.of.number(axis.key)
		if !ok {
			return parts, strange(axis.name, axis.key, append(axis.of.Keys(), Unknown))
		}
		and(axis.sql, n)
	}
	return parts, nil
}

func (a Axis) number(key string) (int, bool) {
	if key == Unknown {
		return 0, true
	}
	i := slices.Index(a.Keys(), key)
	return i + 1, i >= 0
}

func (d Definition) cellKeys() []string {
	var keys []string
	for _, row := range append(d.RowKeys(), Unknown) {
		for _, column := range append(d.ColumnKeys(), Unknown) {
			keys = append(keys, CellKey(row, column))
		}
	}
	return keys
}

func strange(what, key string, known []string) error {
	if runes := []rune(key); len(runes) > 60 {
		key = string(runes[:60]) + "…"
	}
	return fault.New(fault.Malformed, "matrix.unknown_"+what, "There is no %s %q in this matrix; use one of: %s.", what, key, strings.Join(known, ", ")).
		At(what, "Use one of: %s.", strings.Join(known, ", "))
}

// clause is the expression of an axis whose classes begin at the values as the column holds them, nil for classes that
// nobody reaches. What is known of too little counts as unknown.
func (a Axis) clause(set measure.Set, begins []any) filter.Clause {
	m, _ := set.Find(a.Measure)
	column := "s." + m.Column()
	var b strings.Builder
	var args []any
	b.WriteString("CASE")
	if a.By == ByWord {
		for i, class := range a.Classes {
			b.WriteString(" WHEN " + column + " IN (?" + strings.Repeat(", ?", len(class.Words)-1) + ") THEN " + digit(i+1))
			for _, word := range class.Words {
				args = append(args, word)
			}
		}
		b.WriteString(" ELSE 0 END")
		return filter.Clause{SQL: b.String(), Args: args}
	}
	b.WriteString(" WHEN NOT (" + set.Known(m, "s") + ") THEN 0")
	for i := len(begins) - 1; i >= 0; i-- {
		if begins[i] != nil {
			b.WriteString(" WHEN " + column + " >= ? THEN " + digit(i+2))
			args = append(args, begins[i])
		}
	}
	b.WriteString(" ELSE 1 END")
	return filter.Clause{SQL: b.String(), Args: args}
}

// value is what is asked of a row s of score to place a single customer.
func (a Axis) value(set measure.Set) string {
	m, _ := set.Find(a.Measure)
	if a.By == ByWord {
		return "s." + m.Column()
	}
	return "CASE WHEN " + set.Known(m, "s") + " THEN cast(s." + m.Column() + " AS double) END"
}

func digit(n int) string { return string(rune('0' + n)) } // at most Most

// held turns a value as people are shown it into one as the column holds it.
func held(m measure.Measure, x float64, currency string) float64 {
	if m.Fine() {
		return x * float64(money.FinePerMinor(currency))
	}
	return x
}

// shown is the inverse of held.
func shown(m measure.Measure, x float64, currency string) float64 {
	if m.Fine() {
		return x / float64(money.FinePerMinor(currency))
	}
	return x
}
