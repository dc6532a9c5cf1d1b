package mapping

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An expression computes a number from columns of a file: numbers, column names, + - * / and brackets, nothing else. It is
// read by Go's own parser and then allowed piece by piece, so there is no other grammar to get wrong; what is not on the
// list below is refused, and only generated names and numbers that were read reach SQL.

// Bounds of an expression; real ones are far below.
const (
	maxExpression = 500
	maxTerms      = 40
)

var numberToken = regexp.MustCompile(`^\d{1,18}(?:\.\d{1,10})?$`)

// term is an expression that was allowed.
type term struct {
	op          byte   // '+', '-', '*', '/', 'n' negation, 'c' column, '0' number
	left, right *term  // of an operation; a negation has only left
	column      int    // of a column
	number      string // of a number: digits with at most one point
}

// columns lists which columns the expression reads.
func (t *term) columns() []int {
	if t == nil {
		return nil
	}
	if t.op == 'c' {
		return []int{t.column}
	}
	all := append(t.left.columns(), t.right.columns()...)
	slices.Sort(all)
	return slices.Compact(all)
}

// parseExpression reads text; find tells which column a name is.
func parseExpression(text string, find func(name string) (int, bool)) (*term, error) {
	if len(text) > maxExpression {
		return nil, fmt.Errorf("the expression is longer than %d characters", maxExpression)
	}
	tree, err := parser.ParseExpr(text)
	if err != nil {
		return nil, fmt.Errorf("%q is neither a column of the file nor a calculation such as Price * Qty", text)
	}
	p := expressionParser{find: find}
	t, err := p.allow(tree)
	if err != nil {
		return nil, err
	}
	if t.op == '0' {
		return nil, fmt.Errorf(`%q is a value, not a column; write it as {"constant": %q}`, text, text)
	}
	return t, nil
}

type expressionParser struct {
	find  func(name string) (int, bool)
	terms int
}

func (p *expressionParser) allow(e ast.Expr) (*term, error) {
	if p.terms++; p.terms > maxTerms {
		return nil, fmt.Errorf("the expression has more than %d parts", maxTerms)
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return p.allow(e.X)
	case *ast.Ident:
		return p.named(e.Name)
	case *ast.BasicLit:
		if (e.Kind == token.INT || e.Kind == token.FLOAT) && numberToken.MatchString(e.Value) {
			return &term{op: '0', number: e.Value}, nil
		}
		return nil, fmt.Errorf("%s is not a plain number such as 0.3", e.Value)
	case *ast.UnaryExpr:
		if e.Op != token.SUB {
			return nil, fmt.Errorf("%q is not allowed; use + - * / and brackets", e.Op)
		}
		of, err := p.allow(e.X)
		return &term{op: 'n', left: of}, err
	case *ast.BinaryExpr:
		return p.operation(e)
	case *ast.CallExpr:
		return p.quoted(e)
	}
	return nil, fmt.Errorf(`only columns, numbers, + - * / and brackets are allowed; write a name with blanks as col("Name of the column")`)
}

func (p *expressionParser) operation(e *ast.BinaryExpr) (*term, error) {
	if !slices.Contains([]token.Token{token.ADD, token.SUB, token.MUL, token.QUO}, e.Op) {
		return nil, fmt.Errorf("%q is not allowed; use + - * / and brackets", e.Op)
	}
	left, err := p.allow(e.X)
	if err != nil {
		return nil, err
	}
	right, err := p.allow(e.Y)
	if err != nil {
		return nil, err
	}
	return &term{op: e.Op.String()[0], left: left, right: right}, nil
}

// quoted allows col("Name of the column") and no other call.
func (p *expressionParser) quoted(e *ast.CallExpr) (*term, error) {
	name, ok := e.Fun.(*ast.Ident)
	if !ok || name.Name != "col" || len(e.Args) != 1 || e.Ellipsis.IsValid() {
		return nil, fmt.Errorf(`no function but col("Name of the column") is allowed`)
	}
	lit, ok := e.Args[0].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return nil, fmt.Errorf(`col needs the name in quotation marks: col("Name of the column")`)
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return nil, fmt.Errorf(`col needs the name in quotation marks: col("Name of the column")`)
	}
	return p.named(text)
}

func (p *expressionParser) named(name string) (*term, error) {
	i, ok := p.find(name)
	if !ok {
		return nil, fmt.Errorf("there is no column %q", name)
	}
	return &term{op: 'c', column: i}, nil
}

// sql writes the expression over numbers of type DECIMAL(28,8). An empty cell makes a product or quotient empty and counts
// as nothing in a sum, as in a spreadsheet; a sum of nothing is empty. Each step is brought back to eight decimals, and what
// overflows is empty (and so a rejected cell) instead of an error.
func (t *term) sql(number func(column int) string) string {
	switch t.op {
	case 'c':
		return number(t.column)
	case '0':
		return "cast(" + t.number + " as decimal(28, 8))"
	case 'n':
		return "(-" + t.left.sql(number) + ")"
	case '*':
		return step(t.left.sql(number) + " * " + t.right.sql(number))
	case '/':
		return "try_cast(cast(" + t.left.sql(number) + " as double) / nullif(cast(" + t.right.sql(number) + " as double), 0) as decimal(28, 8))"
	}
	var parts, sum []string
	for _, s := range t.summands(nil, false) {
		part := s.term.sql(number)
		parts = append(parts, part)
		sign := " + "
		if s.minus {
			sign = " - "
		}
		sum = append(sum, sign+"coalesce("+part+", 0)")
	}
	return "case when coalesce(" + strings.Join(parts, ", ") + ") is not null then " + step("0"+strings.Join(sum, "")) + " end"
}

func step(calculation string) string {
	return "try(cast(" + calculation + " as decimal(28, 8)))"
}

type summand struct {
	term  *term
	minus bool
}

func (t *term) summands(list []summand, minus bool) []summand {
	switch t.op {
	case '+', '-':
		list = t.left.summands(list, minus)
		return t.right.summands(list, minus != (t.op == '-'))
	}
	return append(list, summand{t, minus})
}
