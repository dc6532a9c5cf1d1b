package matrix

import (
	"maps"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Narrow says which customers a question is about; empty fields do not narrow.
type Narrow struct {
	Matrix            string // of the cell, row and column; empty is the customer matrix
	Cell, Row, Column string
	Unit              id.ID // with all units below it, as the tree stood and the customer belonged to on the date; None for no unit
	Direct            bool  // only the unit itself, without those below it
	Owner             id.ID // on the date; None for nobody
	Industry          string
	Country           string
	Text              string // part of code and name
	Segment           id.ID
	Rule              string // a condition in JSON, see filter.Tree
}

// None asks for customers without a unit, an owner, an industry or a country.
const None = "-"

// standard tells whether the cells are those of the customer matrix, in which every version has placed the customers.
func (n Narrow) standard() bool { return n.Matrix == "" || n.Matrix == grid.CustomerKey }

// Summed tells whether score_sum knows all that the question is narrowed by.
func (n Narrow) Summed() bool { return n.standard() && n.Settled() }

// Settled tells whether whom the question is narrowed to depends on nothing but the version: segments and rules may change.
func (n Narrow) Settled() bool { return n.Segment == "" && n.Rule == "" }

// maxText bounds what can be searched for.
const maxText = 200

// validate returns a fault Malformed for values that no customer can have.
func (n Narrow) validate() error {
	for _, v := range []struct {
		name, value string
		allowed     []string
	}{{"cell", n.Cell, Cells()}, {"row", n.Row, Rows()}, {"column", n.Column, Columns()}} {
		if v.value != "" && n.standard() && !slices.Contains(v.allowed, v.value) {
			return fault.New(fault.Malformed, "matrix.unknown_"+v.name, "There is no %s %q in the matrix; use one of: %s.",
				v.name, abridged(v.value), strings.Join(v.allowed, ", ")).At(v.name, "Use one of: %s.", strings.Join(v.allowed, ", "))
		}
	}
	for _, v := range []struct {
		name  string
		value id.ID
	}{{"unit", n.Unit}, {"owner", n.Owner}, {"segment", n.Segment}} {
		if v.value != "" && (v.value != None || v.name == "segment") && !id.Valid(string(v.value)) {
			return fault.New(fault.Malformed, "matrix.malformed_id", "%q is not the id of a record.", abridged(string(v.value))).
				At(v.name, "Give the id of the record.")
		}
	}
	if len(n.Text) > maxText {
		return fault.New(fault.Malformed, "matrix.long_text", "Search for at most %d characters.", maxText).At("q", "Shorten it.")
	}
	return nil
}

func abridged(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return s
}

// expr is the condition without the text; units are Unit and all below it.
func (n Narrow) expr(units []id.ID) filter.Expr {
	var parts []filter.Expr
	for _, eq := range [][2]string{{"industry", n.Industry}, {"country", n.Country}, {"owner", string(n.Owner)}} {
		switch {
		case eq[1] == None:
			parts = append(parts, filter.IsNull(eq[0]))
		case eq[1] != "":
			parts = append(parts, filter.Eq(eq[0], eq[1]))
		}
	}
	if n.Cell != "" && n.standard() {
		parts = append(parts, filter.Eq("cell", n.Cell))
	}
	if n.standard() && (n.Row != "" || n.Column != "") {
		var keys []string
		for _, at := range places() {
			if (n.Row == "" || n.Row == at.Row) && (n.Column == "" || n.Column == at.Column) {
				keys = append(keys, at.Key)
			}
		}
		parts = append(parts, filter.In("cell", keys...))
	}
	switch {
	case n.Unit == None:
		parts = append(parts, filter.IsNull("unit"))
	case n.Unit != "":
		parts = append(parts, filter.In("unit", units...))
	}
	return filter.And(parts...)
}

// narrowColumns is what a question can be narrowed by, in score as in score_sum.
func narrowColumns() filter.Columns {
	return filter.Columns{"cell": "s.cell", "unit": "s.unit_id", "owner": "s.owner_id", "industry": "s.industry", "country": "s.country"}
}

// textClause holds where code and name contain the text, whatever its case. It stands apart from the filter, since the
// column is in small letters already.
func (n Narrow) textClause() filter.Clause {
	text := strings.ToLower(strings.TrimSpace(n.Text))
	if text == "" {
		return filter.Clause{SQL: "true"}
	}
	return filter.Clause{SQL: "strpos(s.search, ?) > 0", Args: []any{text}}
}

// sortable is what the list can be sorted by, and the column that holds the rank of the row under that sort.
func sortable() filter.Columns {
	columns := filter.Columns{"potential_class": "s.by_cell"} // cells are sorted by row first
	for _, name := range []string{"code", "name", "industry", "country", "revenue", "potential", "share", "unused", "last_purchase", "cell"} {
		columns[name] = "s.by_" + name
	}
	return columns
}

// byRevenue ranks every customer: the order of those without a rank of their own, and of the list nobody sorted.
const byRevenue = "s.by_revenue"

// sorting is one order of the list. Customers without a value stand last in both directions, by revenue.
type sorting struct {
	sort  filter.Sort
	place string // the ranking column; byRevenue for a measure without one
	value string // the column of a measure without a rank
	date  bool   // value is a date
}

// parseSorting reads "-revenue". Only one field can be given: its ranks are unique, so a second would decide nothing. Any
// measure of the version can be sorted by.
func parseSorting(text string, measures measure.Set) (sorting, error) {
	sorts := filter.ParseSort(text)
	if len(sorts) == 0 {
		sorts = []filter.Sort{{Name: "revenue", Desc: true}}
	}
	if len(sorts) > 1 {
		return sorting{}, fault.New(fault.Malformed, "matrix.one_sort", "Sort by one field.").At("sort", "Sort by one field.")
	}
	columns := sortable()
	maps.Copy(columns, measures.Columns("s"))
	maps.Copy(columns, sortable()) // ranks go first
	if _, err := filter.Order(sorts, columns); err != nil {
		return sorting{}, err
	}
	s := sorting{sort: sorts[0], place: sortable()[sorts[0].Name]}
	if s.place == "" {
		m, _ := measures.Find(s.sort.Name)
		s.place, s.value, s.date = byRevenue, "s."+m.Column(), m.Unit == scoring.Date
	}
	return s, nil
}

func (s sorting) text() string {
	if s.sort.Desc {
		return "-" + s.sort.Name
	}
	return s.sort.Name
}

// position is where a page begins in a version's list: after the row of this place (and value), among the rows that have a
// value of the sort or, later, among those that have none.
type position struct {
	version int64
	last    bool // among the rows without a value
	place   int64
	value   any  // of a sort without ranks
	begun   bool // false at the very beginning of the rows, with or without a value
}

// parsePosition reads the cursor of a list sorted this way; nil for the first page.
func (s sorting) parsePosition(cursor string) (*position, error) {
	values, err := filter.ParseCursor(cursor, 5)
	if err != nil || values == nil {
		return nil, err
	}
	version, ok1 := values[0].(int64)
	sort, ok2 := values[1].(string)
	last, ok3 := values[2].(bool)
	place, ok4 := values[3].(int64)
	value := values[4]
	if s.date && value != nil {
		text, isText := value.(string)
		value, ok4 = date.Date(text), ok4 && isText && date.Date(text).Valid()
	}
	if !ok1 || !ok2 || !ok3 || !ok4 || sort != s.text() || s.value != "" && !last && value == nil {
		return nil, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
	}
	return &position{version: version, last: last, place: place, value: value, begun: true}, nil
}

func (s sorting) cursor(p position) string {
	return filter.Cursor(p.version, s.text(), p.last, p.place, p.value)
}

// clauses are the columns, the beginning and, by the names of the columns, the order of a page that begins at p.
func (s sorting) clauses(p position) (place, value string, after filter.Clause, order string) {
	direction, beyond := " ASC", " > ?"
	if s.sort.Desc {
		direction, beyond = " DESC", " < ?"
	}
	has := s.place
	if s.value != "" {
		has = s.value
	}
	switch {
	case p.last:
		after = filter.Clause{SQL: has + " IS NULL"}
		if p.begun {
			after = filter.Clause{SQL: byRevenue + " < ? AND " + has + " IS NULL", Args: []any{p.place}}
		}
		return byRevenue, "NULL", after, "place DESC"
	case s.value != "":
		after = filter.Clause{SQL: has + " IS NOT NULL"}
		if p.begun {
			after = filter.Clause{SQL: "(" + has + beyond + " OR " + has + " = ? AND " + byRevenue + " < ?)", Args: []any{p.value, p.value, p.place}}
		}
		return byRevenue, has, after, "value" + direction + ", place DESC"
	default:
		after = filter.Clause{SQL: has + " IS NOT NULL"}
		if p.begun {
			// The rank itself first: it alone decides which parts of the table are read.
			after = filter.Clause{SQL: has + beyond + " AND " + has + " IS NOT NULL", Args: []any{p.place}}
		}
		return has, "NULL", after, "place" + direction
	}
}
