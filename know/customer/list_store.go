package customer

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/fold"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Query narrows and orders a list of customers. What is empty does not narrow.
type Query struct {
	Text      string // part of the name, the code or the city; see needle
	Unit      id.ID  // with all units below it
	Owner     id.ID
	Industry  string
	Country   string
	Lifecycle string
	Sort      filter.Sort // by name when empty
	After     []any       // where the row before the page stands (Query.place); nil for the first page
	Limit     int
}

// sortable is what lists may be ordered by. None of these columns is ever NULL.
func sortable() filter.Columns {
	return filter.Columns{"name": "c.sort_name", "code": "c.code", "city": "c.city", "country": "c.country", "industry": "c.industry"}
}

// order returns the columns that order the list: what was asked for, then the name, then the id, all in one direction, so
// that a page begins at one place of an index.
func (q Query) order() ([]string, error) {
	q.Sort.Name = cmp.Or(q.Sort.Name, "name")
	if _, err := filter.Order([]filter.Sort{q.Sort}, sortable()); err != nil {
		return nil, err
	}
	if q.Sort.Name == "name" || q.Sort.Name == "code" {
		return []string{sortable()[q.Sort.Name], "c.id"}, nil
	}
	return []string{sortable()[q.Sort.Name], "c.sort_name", "c.id"}, nil
}

// place returns where a customer stands in the order of the query.
func (q Query) place(c *Customer) []any {
	if first, ok := map[string]string{"city": c.City, "country": c.Country, "industry": c.Industry}[q.Sort.Name]; ok {
		return []any{first, c.SortName, c.ID}
	}
	if q.Sort.Name == "code" {
		return []any{c.Code, c.ID}
	}
	return []any{c.SortName, c.ID}
}

// checkPlace refuses values that are no place in an order of n columns: PostgreSQL would not compare them.
func checkPlace(after []any, n int) error {
	fits := len(after) == n
	for i, v := range after {
		text, ok := v.(string)
		fits = fits && ok && text == tidy(text) && (i < n-1 || id.Valid(text))
	}
	if after != nil && !fits {
		return fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
	}
	return nil
}

// List returns up to Limit customers within reach.
//
// Errors: Malformed for an unknown field to sort by and for a place that this list did not give.
func (s *Store) List(ctx context.Context, reach access.Reach, query Query) ([]*Customer, error) {
	order, err := query.order()
	if err != nil {
		return nil, err
	}
	if err := checkPlace(query.After, len(order)); err != nil {
		return nil, err
	}
	conditions, err := s.conditions(ctx, reach, query)
	if err != nil {
		return nil, err
	}
	by, err := s.driver(ctx, conditions, query)
	if err != nil {
		return nil, err
	}
	if by.walkFirst {
		rows, err := s.page(ctx, reach, conditions, query, order, way{by: byOrder}, stretch)
		if err != nil || len(rows) == query.Limit {
			return rows, err
		}
	}
	return s.page(ctx, reach, conditions, query, order, by, 0)
}

// page reads a page of a list in one way, walking so many customers along the order at most, any number for 0.
func (s *Store) page(ctx context.Context, reach access.Reach, conditions []condition, query Query, order []string, by way, most int) ([]*Customer, error) {
	var rows []*Customer
	q, err := selectNamed(s.db.Read(), reach, &rows)
	if err != nil {
		return nil, err
	}
	if err := s.narrow(q, conditions, query, by); err != nil {
		return nil, err
	}
	beyond, within, direction := ">", "<=", ""
	if query.Sort.Desc {
		beyond, within, direction = "<", ">=", " DESC"
	}
	if query.After != nil {
		q.Where("("+strings.Join(order, ", ")+") "+beyond+" (?)", bun.List(query.After))
	}
	if most > 0 { // by the first column alone, which its index can tell
		var last []string
		end := s.db.Read().NewSelect().TableExpr("customer AS c").ColumnExpr(order[0]).OrderExpr(order[0] + direction).Offset(int64(most)).Limit(1)
		if query.After != nil {
			end.Where(order[0]+" "+beyond+"= ?", query.After[0])
		}
		if err := end.Scan(ctx, &last); err != nil {
			return nil, fmt.Errorf("list customers: %w", err)
		}
		if len(last) > 0 {
			q.Where(order[0]+" "+within+" ?", last[0])
		}
	}
	if err := q.OrderExpr(strings.Join(order, direction+", ") + direction).Limit(int64(query.Limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	for _, c := range rows {
		c.inUTC()
	}
	return rows, nil
}

// condition is one part of what narrows a list, with the indexed columns that it asks.
type condition struct {
	expr    filter.Expr
	by      []string
	ordered bool // asks one value of a column whose index goes on with the name
}

func (s *Store) conditions(ctx context.Context, reach access.Reach, q Query) ([]condition, error) {
	var all []condition
	for _, f := range []struct {
		name, column, value string
		ordered             bool
	}{{"owner", "owner_id", string(q.Owner), false}, {"industry", "industry", q.Industry, true}, {"country", "country", q.Country, true},
		{"lifecycle", "lifecycle", q.Lifecycle, false}} {
		if f.value != "" {
			all = append(all, condition{filter.Eq(f.name, f.value), []string{f.column}, f.ordered})
		}
	}
	if !reach.All() {
		all = append(all, condition{reach.Filter("unit", "owner"), []string{"unit_id", "owner_id"}, false})
	}
	if q.Unit != "" {
		units, err := s.unitsBelow(ctx, q.Unit)
		if err != nil {
			return nil, err
		}
		all = append(all, condition{filter.In("unit", units...), []string{"unit_id"}, false})
	}
	return all, nil
}

// unitsBelow returns the ids of a unit and of all units under it.
func (s *Store) unitsBelow(ctx context.Context, unit id.ID) ([]id.ID, error) {
	below := s.db.Read().NewSelect().Column("id").Table("unit").Where("id = ?", unit).
		Union(s.db.Read().NewSelect().ColumnExpr("x.id").TableExpr("unit AS x").Join("JOIN below AS b ON x.parent_id = b.id"))
	var ids []id.ID
	if err := s.db.Read().NewSelect().WithRecursive("below", below).Table("below").Column("id").Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("read the units below: %w", err)
	}
	return ids, nil
}

// Up to how many customers SQLite gathers by an index and then sorts. Of more it finds a page sooner by walking along the
// order and looking at each; where several conditions must come together, that walk is longer, and more are gathered.
const (
	few  = 5_000
	many = 25_000
	// loose is up to how many are looked at for what their trigrams promise; of more, asking for the exact text costs less.
	loose = 1_000
	// stretch is how far a walk looks for a text that more than few have before they are gathered: they may all stand further on.
	stretch  = 10_000
	byOrder  = -1 // walk along the order
	bySearch = -2 // gather by the search index
)

// way is how SQLite finds a page: with the condition of that place, or one of these.
type way struct {
	by        int
	match     string // what to ask the search index for
	exact     bool   // all that it finds have the text
	walkFirst bool   // a walk of one stretch may be enough
}

// narrow adds the conditions to a list. PostgreSQL decides by its own statistics where to begin. SQLite keeps none and
// takes any index for a good one, so the decision is made here: one condition drives, and a plus sign, which changes
// nothing else, keeps the columns of the others from being looked up.
func (s *Store) narrow(q *bun.SelectQuery, conditions []condition, query Query, w way) error {
	text := fold.Needle(query.Text)
	for i, c := range conditions {
		alias := "+c"
		if i == w.by || s.db.Dialect() == db.Postgres {
			alias = "c"
		}
		if err := where(q, c.expr, alias); err != nil {
			return err
		}
	}
	if w.by == bySearch {
		q.Where("c.no IN (SELECT rowid FROM customer_search WHERE customer_search MATCH ?)", w.match)
	}
	switch {
	case text == "" && strings.TrimSpace(query.Text) != "":
		q.Where("false")
	case text == "" || w.exact:
	case s.db.Dialect() == db.Postgres:
		q.Where("c.search_text LIKE ?", "%"+text+"%") // a needle has no % or _
	default:
		q.Where("instr(c.search_text, ?) > 0", text)
	}
	return nil
}

// driver chooses where SQLite begins: with the first condition that few customers meet, else with what was searched when
// few have it, else along the order. What the quick question of the search index finds in thousands may stand nowhere.
func (s *Store) driver(ctx context.Context, conditions []condition, query Query) (way, error) {
	text := fold.Needle(query.Text)
	if s.db.Dialect() == db.Postgres {
		return way{}, nil
	}
	most := few
	if len(conditions) > 1 || text != "" {
		most = many
	}
	for i, c := range conditions {
		if is, err := s.isRare(ctx, c, most); err != nil || is {
			return way{by: i}, err
		}
	}
	if text != "" {
		return s.searchWay(ctx, text)
	}
	if query.Sort.Name == "" || query.Sort.Name == "name" {
		for i, c := range conditions {
			if c.ordered {
				return way{by: i}, nil
			}
		}
	}
	return way{by: byOrder}, nil
}

// searchWay chooses how to find a text that no condition narrows enough.
func (s *Store) searchWay(ctx context.Context, text string) (way, error) {
	likely := way{by: bySearch, match: fold.Trigrams(text)}
	if more, err := s.finds(ctx, likely.match, loose); err != nil || !more {
		return likely, err
	}
	exact := way{by: bySearch, match: `"` + text + `"`, exact: true}
	var err error
	exact.walkFirst, err = s.finds(ctx, exact.match, few)
	return exact, err
}

// finds tells whether the search index finds more than so many.
func (s *Store) finds(ctx context.Context, match string, most int) (bool, error) {
	found := s.db.Read().NewSelect().TableExpr("customer_search").ColumnExpr("rowid").Where("customer_search MATCH ?", match).Offset(int64(most)).Limit(1)
	more, err := s.db.Read().NewSelect().TableExpr("(?) AS f", found).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("search customers: %w", err)
	}
	return more, nil
}

// isRare tells whether at most so many customers meet a condition. It counts in the indexes alone, and no further.
func (s *Store) isRare(ctx context.Context, c condition, most int) (bool, error) {
	n := 0
	for _, column := range c.by {
		clause, err := askedBy(c.expr, column)
		if err != nil {
			return false, err
		}
		found := s.db.Read().NewSelect().Table("customer").ColumnExpr("1").Where(clause.SQL, clause.Args...).Limit(int64(most) + 1)
		some, err := s.db.Read().NewSelect().TableExpr("(?) AS f", found).Count(ctx)
		if err != nil {
			return false, fmt.Errorf("count customers: %w", err)
		}
		n += int(some)
	}
	return n <= most, nil
}

// askedBy compiles a condition so that it asks a single column. Of a reach, which asks for units or an owner, that is one
// half: an id names one record of any kind, so the ids of the other half are never found in it.
func askedBy(e filter.Expr, column string) (filter.Clause, error) {
	all := columns("c")
	for name := range all {
		all[name] = column
	}
	return filter.Compile(e, all)
}

const maxFacet = 1000 // values of a field that are listed

// Facets returns the values that customers within reach have in the fields that lists are narrowed by, up to 1,000 of each.
func (s *Store) Facets(ctx context.Context, reach access.Reach) (industries, countries []string, err error) {
	for column, into := range map[string]*[]string{"industry": &industries, "country": &countries} {
		q := db.Values(s.db.Read(), "customer", column)
		if !reach.All() {
			if q, err = valuesWithin(s.db.Read(), reach, column); err != nil {
				return nil, nil, err
			}
		}
		err := s.db.Read().NewSelect().TableExpr("(?) AS v", q).Column("value").OrderExpr("value").Limit(maxFacet).Scan(ctx, into)
		if err != nil {
			return nil, nil, fmt.Errorf("list values of %s: %w", column, err)
		}
	}
	return industries, countries, nil
}

// valuesWithin selects the values that customers within reach have. The two halves of a reach are asked apart, since
// together no index would serve: each of its units by going from one value to the next, the owner by reading what is theirs.
func valuesWithin(idb bun.IDB, reach access.Reach, column string) (*bun.SelectQuery, error) {
	units, err := askedBy(reach.Filter("unit", "owner"), "u.id")
	if err != nil {
		return nil, err
	}
	owner, err := askedBy(reach.Filter("unit", "owner"), "owner_id")
	if err != nil {
		return nil, err
	}
	name := bun.Ident(column)
	first := idb.NewSelect().ColumnExpr("u.id AS unit_id, (SELECT min(?) FROM customer WHERE unit_id = u.id AND ? > '') AS value", name, name).
		TableExpr("unit AS u").Where(units.SQL, units.Args...)
	next := idb.NewSelect().ColumnExpr("h.unit_id, (SELECT min(?) FROM customer WHERE unit_id = h.unit_id AND ? > h.value)", name, name).
		TableExpr("hop AS h").Where("h.value IS NOT NULL")
	theirs := idb.NewSelect().ColumnExpr("? AS value", name).Table("customer").Where("? > ''", name).Where(owner.SQL, owner.Args...)
	return idb.NewSelect().WithRecursive("hop", first.UnionAll(next)).Table("hop").Column("value").Where("value IS NOT NULL").Union(theirs), nil
}
