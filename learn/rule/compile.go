package rule

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/filter"
)

// Bounds of an expression; real ones are far below. They bound what the warehouse can be made to do for each customer.
const (
	maxText   = 1000
	maxNodes  = 200
	maxDepth  = 40
	maxWord   = 200  // a text in quotes
	maxList   = 50   // after "in"
	maxNumber = 1e15 // beyond it a double no longer holds every whole number
)

// Kind is what an expression or a name yields.
type Kind string

// The kinds.
const (
	Figure Kind = "number"
	Text   Kind = "text"
	Day    Kind = "date"
	Truth  Kind = "truth"
)

// Name is what an expression can speak of: a measure, a field of the customer, or an earlier rule.
type Name struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Kind  Kind   `json:"kind" enum:"number,text,date"`
	Note  string `json:"note"`
	// SQL yields the value in the row r; money in whole units of the base currency.
	sql string
}

// Mistake is what is wrong with an expression, and where.
type Mistake struct {
	At     int    `json:"at" doc:"The character at which it is wrong, from 0."`
	Detail string `json:"detail"`
}

// Error tells the place as people count it.
func (m *Mistake) Error() string { return fmt.Sprintf("Character %d: %s", m.At+1, m.Detail) }

// Compiled is an expression that was allowed.
type Compiled struct {
	Clause filter.Clause // over the row r, a DOUBLE; what is not finite, or NULL, is no value
	Uses   []string      // the names in it, each once, in the order of their first appearance
}

// Compile reads an expression, allows it piece by piece and translates it. The value is a number; a condition yields 1
// where it holds and 0 where it does not. An error is a *Mistake.
func Compile(text string, names []Name) (Compiled, error) {
	if n := utf8.RuneCountInString(text); n > maxText {
		return Compiled{}, &Mistake{maxText, fmt.Sprintf("The expression is longer than %d characters; split it into several rules.", maxText)}
	}
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return Compiled{}, &Mistake{0, "The expression must be readable text."}
	}
	config := conf.CreateNew()
	config.MaxNodes = maxNodes
	tree, err := parser.ParseWithConfig(text, config)
	if err != nil {
		return Compiled{}, unreadable(err, text)
	}
	t := translator{names: names}
	sql, kind, err := t.node(tree.Node, 0)
	if err != nil {
		return Compiled{}, err
	}
	switch kind {
	case Truth:
		sql = "CASE WHEN " + sql + " THEN 1e0 ELSE 0e0 END"
	case Figure:
	default:
		return Compiled{}, &Mistake{0, fmt.Sprintf("A rule yields a number or a condition; this is a %s.", kind)}
	}
	return Compiled{Clause: filter.Clause{SQL: sql, Args: t.args}, Uses: t.uses}, nil
}

// unreadable says in plain words that the text is no expression.
func unreadable(err error, text string) error {
	m := &Mistake{Detail: "This cannot be read. Write for example: revenue > 1000 ? share : 0"}
	var e *file.Error
	if errors.As(err, &e) {
		m.At = e.From
		switch {
		case strings.Contains(e.Message, "exceeds maximum"):
			m.Detail = fmt.Sprintf("The expression has more than %d parts; split it into several rules.", maxNodes)
		case strings.Contains(e.Message, "cannot be mixed"):
			m.Detail = "Put ?? with what stands on its two sides in brackets: (share ?? 0) * 2"
		case strings.Contains(e.Message, "EOF") || m.At >= utf8.RuneCountInString(text):
			m.Detail = "The expression ends too early: something is missing here."
		}
	}
	return m
}

// translator turns the tree into SQL. It knows an allow-list of nodes; whatever else the parser can read is refused.
type translator struct {
	names []Name
	args  []any
	uses  []string
	nodes int
}

func wrong(n ast.Node, detail string, args ...any) error {
	return &Mistake{n.Location().From, fmt.Sprintf(detail, args...)}
}

func (t *translator) node(n ast.Node, depth int) (string, Kind, error) {
	if t.nodes++; depth > maxDepth || t.nodes > maxNodes {
		return "", "", wrong(n, "The expression is nested too deeply; split it into several rules.")
	}
	depth++
	switch n := n.(type) {
	case *ast.IntegerNode:
		return t.number(n, float64(n.Value))
	case *ast.FloatNode:
		return t.number(n, n.Value)
	case *ast.StringNode:
		if utf8.RuneCountInString(n.Value) > maxWord {
			return "", "", wrong(n, "A text may have at most %d characters.", maxWord)
		}
		return t.parameter(n.Value, "varchar"), Text, nil
	case *ast.BoolNode:
		return fmt.Sprint(n.Value), Truth, nil
	case *ast.IdentifierNode:
		return t.name(n)
	case *ast.UnaryNode:
		return t.unary(n, depth)
	case *ast.BinaryNode:
		return t.binary(n, depth)
	case *ast.ConditionalNode:
		return t.conditional(n, depth)
	case *ast.BuiltinNode:
		return t.call(n, n.Name, n.Arguments, depth)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return t.call(n, callee.Value, n.Arguments, depth)
		}
	}
	return "", "", wrong(n, "This cannot stand in a rule. Use names, numbers, texts in quotes, + − * /, comparisons, and, or, not, c ? a : b, and the functions of the list.")
}

func (t *translator) parameter(v any, sqlType string) string {
	t.args = append(t.args, v)
	return "cast(? AS " + sqlType + ")"
}

func (t *translator) number(n ast.Node, x float64) (string, Kind, error) {
	if !(math.Abs(x) <= maxNumber) {
		return "", "", wrong(n, "Numbers go up to 10^15.")
	}
	return t.parameter(x, "double"), Figure, nil
}

func (t *translator) name(n *ast.IdentifierNode) (string, Kind, error) {
	i := slices.IndexFunc(t.names, func(k Name) bool { return k.Key == n.Value })
	if i < 0 {
		return "", "", wrong(n, "There is no measure or field %q%s", abridged(n.Value), t.near(n.Value))
	}
	if !slices.Contains(t.uses, n.Value) {
		t.uses = append(t.uses, n.Value)
	}
	return t.names[i].sql, t.names[i].Kind, nil
}

func abridged(s string) string {
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}

// near names what was probably meant.
func (t *translator) near(typed string) string {
	best, least := "", 3
	if len(typed) > 60 {
		return "; the list of names shows those there are."
	}
	for _, n := range t.names {
		if d := distance(typed, n.Key); d < least {
			best, least = n.Key, d
		}
	}
	if best == "" {
		return "; the list of names shows those there are."
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// distance is the number of letters to change, add or drop (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// as translates a node that must be of a kind.
func (t *translator) as(n ast.Node, want Kind, depth int) (string, error) {
	sql, kind, err := t.node(n, depth)
	if err == nil && kind != want {
		err = wrong(n, "Here a %s is needed; this is a %s.", want, kind)
	}
	return sql, err
}

func (t *translator) unary(n *ast.UnaryNode, depth int) (string, Kind, error) {
	switch n.Operator {
	case "-", "+":
		sql, err := t.as(n.Node, Figure, depth)
		return "(" + n.Operator + " " + sql + ")", Figure, err
	case "!", "not":
		sql, err := t.as(n.Node, Truth, depth)
		return "(NOT " + sql + ")", Truth, err
	}
	return "", "", wrong(n, "The sign %s cannot stand in a rule.", n.Operator)
}

func (t *translator) binary(n *ast.BinaryNode, depth int) (string, Kind, error) {
	both := func(kind Kind) (string, string, error) {
		a, err := t.as(n.Left, kind, depth)
		if err != nil {
			return "", "", err
		}
		b, err := t.as(n.Right, kind, depth)
		return a, b, err
	}
	switch n.Operator {
	case "+", "-", "*":
		a, b, err := both(Figure)
		return "(" + a + " " + n.Operator + " " + b + ")", Figure, err
	case "/":
		a, b, err := both(Figure)
		return "(" + a + " / nullif(" + b + ", 0e0))", Figure, err // ÷ 0 is no value
	case "and", "&&":
		a, b, err := both(Truth)
		return "(" + a + " AND " + b + ")", Truth, err
	case "or", "||":
		a, b, err := both(Truth)
		return "(" + a + " OR " + b + ")", Truth, err
	case "==", "!=", "<", "<=", ">", ">=":
		return t.comparison(n, depth)
	case "in":
		return t.in(n, depth)
	case "contains", "startsWith":
		a, b, err := both(Text)
		where := " > 0"
		if n.Operator == "startsWith" {
			where = " = 1"
		}
		return "coalesce(strpos(lower(" + a + "), lower(" + b + "))" + where + ", false)", Truth, err
	case "??":
		return t.same(n.Left, n.Right, depth, func(a, b string) string { return "coalesce(" + a + ", " + b + ")" })
	}
	return "", "", wrong(n, "The sign %s cannot stand in a rule. Use + − * / and comparisons.", n.Operator)
}

// same translates two nodes that must be of one kind, whichever.
func (t *translator) same(left, right ast.Node, depth int, join func(a, b string) string) (string, Kind, error) {
	a, kind, err := t.node(left, depth)
	if err != nil {
		return "", "", err
	}
	b, err := t.as(right, kind, depth)
	return join(a, b), kind, err
}

// comparison holds or does not: with a missing value it does not, and its denial does.
func (t *translator) comparison(n *ast.BinaryNode, depth int) (string, Kind, error) {
	op := n.Operator
	switch op {
	case "==":
		op = "="
	case "!=":
		op = "<>"
	}
	sql, kind, err := t.same(n.Left, n.Right, depth, func(a, b string) string { return "coalesce(" + a + " " + op + " " + b + ", false)" })
	if err == nil && (kind == Truth || kind == Text && op != "=" && op != "<>") {
		err = wrong(n, "Only numbers and dates have an order; compare a %s with == or !=.", kind)
		if kind == Truth {
			err = wrong(n, "Conditions are joined by and, or, not, not compared.")
		}
	}
	return sql, Truth, err
}

func (t *translator) in(n *ast.BinaryNode, depth int) (string, Kind, error) {
	list, ok := n.Right.(*ast.ArrayNode)
	if !ok || len(list.Nodes) == 0 || len(list.Nodes) > maxList {
		return "", "", wrong(n.Right, `After "in" stands a list of 1 to %d values, such as ["DK", "SE"].`, maxList)
	}
	a, kind, err := t.node(n.Left, depth)
	if err != nil {
		return "", "", err
	}
	if kind == Truth {
		return "", "", wrong(n.Left, "Conditions are joined by and, or, not.")
	}
	values := make([]string, len(list.Nodes))
	for i, v := range list.Nodes {
		if values[i], err = t.as(v, kind, depth); err != nil {
			return "", "", err
		}
	}
	return "coalesce(" + a + " IN (" + strings.Join(values, ", ") + "), false)", Truth, nil
}

func (t *translator) conditional(n *ast.ConditionalNode, depth int) (string, Kind, error) {
	cond, err := t.as(n.Cond, Truth, depth)
	if err != nil {
		return "", "", err
	}
	sql, kind, err := t.same(n.Exp1, n.Exp2, depth, func(a, b string) string { return " THEN " + a + " ELSE " + b + " END)" })
	return "(CASE WHEN " + cond + sql, kind, err
}

// Function is what an expression can call.
type Function struct {
	Name string `json:"name"`
	Form string `json:"form"`
	Note string `json:"note"`
}

// Functions lists them for people.
func Functions() []Function {
	return []Function{
		{"abs", "abs(x)", "The number without its sign."},
		{"round", "round(x)", "The nearest whole number."},
		{"floor", "floor(x)", "The whole number below."},
		{"ceil", "ceil(x)", "The whole number above."},
		{"sqrt", "sqrt(x)", "The square root; no value below 0."},
		{"ln", "ln(x)", "The natural logarithm; no value at 0 and below."},
		{"min", "min(x, y, …)", "The smallest; missing ones are left out."},
		{"max", "max(x, y, …)", "The largest; missing ones are left out."},
		{"missing", "missing(x)", "Holds where there is no value."},
		{"days_since", "days_since(date)", "Days from the date to the as-of date."},
		{"date", `date("2026-01-31")`, "A date, to compare with."},
	}
}

func (t *translator) call(n ast.Node, name string, arguments []ast.Node, depth int) (string, Kind, error) {
	if !slices.ContainsFunc(Functions(), func(f Function) bool { return f.Name == name }) {
		return "", "", wrong(n, "There is no function %q; use abs, round, floor, ceil, sqrt, ln, min, max, missing, days_since or date.", abridged(name))
	}
	if many := name == "min" || name == "max"; many && len(arguments) < 2 || !many && len(arguments) != 1 {
		return "", "", wrong(n, "%s takes %s.", name, map[bool]string{true: "two values or more", false: "one value"}[many])
	}
	switch name {
	case "missing":
		sql, _, err := t.node(arguments[0], depth)
		return "(" + sql + " IS NULL)", Truth, err
	case "days_since":
		sql, err := t.as(arguments[0], Day, depth)
		return "cast(date_diff('day', " + sql + ", r.as_of) AS double)", Figure, err
	case "date":
		literal, ok := arguments[0].(*ast.StringNode)
		if !ok || !date.Date(literal.Value).Valid() {
			return "", "", wrong(arguments[0], `Write a date as date("2026-01-31").`)
		}
		return t.parameter(date.Date(literal.Value), "date"), Day, nil
	}
	figures := make([]string, len(arguments))
	for i, a := range arguments {
		var err error
		if figures[i], err = t.as(a, Figure, depth); err != nil {
			return "", "", err
		}
	}
	x := strings.Join(figures, ", ")
	// Where a function has no answer there is no value, and no error of the engine. An argument stands once in the text:
	// twice, and nesting would double it each time.
	switch name {
	case "min":
		return "least(" + x + ")", Figure, nil
	case "max":
		return "greatest(" + x + ")", Figure, nil
	case "sqrt":
		return "nullif(pow(" + x + ", 0.5e0), cast('NaN' AS double))", Figure, nil
	case "ln":
		return "ln(nullif(greatest(" + x + ", 0e0), 0e0))", Figure, nil
	default:
		return name + "(" + x + ")", Figure, nil
	}
}
