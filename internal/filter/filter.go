// Package filter turns what people ask of a list (conditions, sort, page) into SQL.
//
// No user text ever becomes SQL: names are looked up in an allow-list that the asking package writes, values travel as
// parameters, and everything else is a constant of this file. The same clause serves the operational store and the
// warehouse, since both take "?" parameters.
package filter

import (
	"slices"
	"sort"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// maxTerms bounds how large an expression may be, so that a request cannot make the database plan for minutes.
const maxTerms = 500

// Columns is the allow-list: the public name of each field and the SQL that yields it.
type Columns map[string]string

// Clause is SQL with "?" for each argument.
type Clause struct {
	SQL  string
	Args []any
}

// Expr is one node of a condition. Make it with the functions below; nil is "true".
type Expr interface {
	compile(c *compiler) error
}

type compiler struct {
	columns Columns
	sql     strings.Builder
	args    []any
	terms   int
}

// Compile returns the SQL of e, "true" for nil. The fault names an unknown field and lists the known ones.
func Compile(e Expr, columns Columns) (Clause, error) {
	c := &compiler{columns: columns}
	if e == nil {
		return Clause{SQL: "true"}, nil
	}
	if err := e.compile(c); err != nil {
		return Clause{}, err
	}
	return Clause{SQL: c.sql.String(), Args: c.args}, nil
}

func (c *compiler) column(name string) (string, error) {
	if c.terms++; c.terms > maxTerms {
		return "", fault.New(fault.Malformed, "filter.too_large", "A filter may have at most %d conditions; split it.", maxTerms)
	}
	sql, ok := c.columns[name]
	if !ok {
		return "", unknown(name, c.columns)
	}
	return sql, nil
}

func unknown(name string, columns Columns) error {
	known := make([]string, 0, len(columns))
	for k := range columns {
		known = append(known, k)
	}
	sort.Strings(known)
	if len(name) > 60 {
		name = name[:60] + "…"
	}
	return fault.New(fault.Malformed, "filter.unknown_field", "There is no field %q here; use one of: %s.", name, strings.Join(known, ", "))
}

type comparison struct {
	column, op string
	value      any
}

func (x comparison) compile(c *compiler) error {
	col, err := c.column(x.column)
	if err != nil {
		return err
	}
	c.sql.WriteString(col + x.op)
	c.args = append(c.args, x.value)
	return nil
}

// Eq holds where the field equals the value.
func Eq(column string, value any) Expr { return comparison{column, " = ?", value} }

// AtLeast holds where the field is the value or more.
func AtLeast(column string, value any) Expr { return comparison{column, " >= ?", value} }

// AtMost holds where the field is the value or less.
func AtMost(column string, value any) Expr { return comparison{column, " <= ?", value} }

// More holds where the field is more than the value.
func More(column string, value any) Expr { return comparison{column, " > ?", value} }

// Less holds where the field is less than the value.
func Less(column string, value any) Expr { return comparison{column, " < ?", value} }

// StartsWith holds where the text field begins with the text, whatever its case.
func StartsWith(column, text string) Expr { return like{column, escapeLike(text) + "%"} }

// Contains holds where the text field contains the text, whatever its case.
func Contains(column, text string) Expr { return like{column, "%" + escapeLike(text) + "%"} }

type like struct{ column, pattern string }

func (x like) compile(c *compiler) error {
	col, err := c.column(x.column)
	if err != nil {
		return err
	}
	c.sql.WriteString("lower(" + col + `) LIKE ? ESCAPE '\'`)
	c.args = append(c.args, strings.ToLower(x.pattern))
	return nil
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

type isNull struct{ column string }

func (x isNull) compile(c *compiler) error {
	col, err := c.column(x.column)
	if err != nil {
		return err
	}
	c.sql.WriteString(col + " IS NULL")
	return nil
}

// IsNull holds where the field has no value.
func IsNull(column string) Expr { return isNull{column} }

type in struct {
	column string
	values []any
}

func (x in) compile(c *compiler) error {
	if len(x.values) == 0 {
		c.sql.WriteString("false")
		return nil
	}
	col, err := c.column(x.column)
	if err != nil {
		return err
	}
	c.sql.WriteString(col + " IN (?" + strings.Repeat(",?", len(x.values)-1) + ")")
	c.args = append(c.args, x.values...)
	return nil
}

// In holds where the field is one of the values; with none it never holds.
func In[T any](column string, values ...T) Expr {
	anys := make([]any, len(values))
	for i, v := range values {
		anys[i] = v
	}
	return in{column, anys}
}

type junction struct {
	word, empty string
	parts       []Expr
}

func (x junction) compile(c *compiler) error {
	parts := slices.DeleteFunc(slices.Clone(x.parts), func(e Expr) bool { return e == nil })
	if len(parts) == 0 {
		c.sql.WriteString(x.empty)
		return nil
	}
	c.sql.WriteByte('(')
	for i, p := range parts {
		if i > 0 {
			c.sql.WriteString(x.word)
		}
		if err := p.compile(c); err != nil {
			return err
		}
	}
	c.sql.WriteByte(')')
	return nil
}

// And holds where all parts hold; nil parts are left out, and no parts is "true".
func And(parts ...Expr) Expr { return junction{" AND ", "true", parts} }

// Or holds where any part holds; nil parts are left out, and no parts is "false".
func Or(parts ...Expr) Expr { return junction{" OR ", "false", parts} }

type not struct{ of Expr }

func (x not) compile(c *compiler) error {
	c.sql.WriteString("NOT (")
	if err := x.of.compile(c); err != nil {
		return err
	}
	c.sql.WriteByte(')')
	return nil
}

// Not holds where e does not.
func Not(e Expr) Expr { return not{e} }

type never struct{}

func (never) compile(c *compiler) error {
	c.sql.WriteString("false")
	return nil
}

// Never holds nowhere: the filter of someone who may see nothing.
func Never() Expr { return never{} }
