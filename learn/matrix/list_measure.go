package matrix

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

//go:embed customers.sql
var customersSQL string

//go:embed named.sql
var namedSQL string

//go:embed last_rank.sql
var lastRankSQL string

// Line is a customer in the list behind a figure: who it is now, and its measures as of the date.
type Line struct {
	ID              id.ID     `json:"id"`
	Code            string    `json:"code"`
	Name            string    `json:"name"`
	Industry        string    `json:"industry"`
	Country         string    `json:"country"`
	UnitName        string    `json:"unit_name"`
	OwnerName       string    `json:"owner_name"`
	Revenue         int64     `json:"revenue"`
	Potential       *int64    `json:"potential"`
	PotentialSource string    `json:"potential_source"`
	Share           *float64  `json:"share"`
	Unused          *int64    `json:"unused"`
	LastPurchase    date.Date `json:"last_purchase,omitempty"`
	Cell            string    `json:"cell"`
	Row             string    `json:"potential_class" enum:"gold,silver,bronze,unknown"`
	Column          string    `json:"share_class" enum:"prospect,bubble,sailer,loyal,unknown"`
	Place           string    `json:"place,omitempty" doc:"The cell in the matrix that was asked for."`
	// Measures are those that were asked for as columns.
	Measures scoring.Values `json:"measures,omitempty" doc:"The chosen measures by key: numbers, dates and words, money in minor units; null is no value."`
}

// Page is a part of a list, and the cursor of the next, empty on the last.
type Page struct {
	Version  scoring.Version
	Measures measure.Set // of the columns that were asked for
	Lines    []Line
	Next     string
}

// List is a question for the customers behind a figure.
type List struct {
	AsOf     date.Date // empty is the latest scored date
	Narrow   Narrow
	Measures []string // conditions on measures, such as "rfm_points>=40"
	Columns  string   // keys of more measures to show, apart by commas
	Sort     string   // "name" or "-revenue", or any measure; empty is "-revenue"
	Cursor   string
	Limit    int // at most MaxLimit
}

// MaxLimit is the longest page.
const MaxLimit = 500

// Customers returns a page of the customers within reach. Who was taken out of the asker's reach after the warehouse last
// heard is left out, so a page may be shorter than its limit and yet have a next. Faults as of Matrix, Malformed for an
// unknown sort or a strange cursor, and Conflict scoring.scored_again when the date was scored again between two pages.
func (q *Questions) Customers(ctx context.Context, reach access.Reach, l List) (Page, error) {
	return q.customersUpTo(ctx, reach, l, MaxLimit)
}

func (q *Questions) customersUpTo(ctx context.Context, reach access.Reach, l List, most int) (Page, error) {
	var page Page
	b := book{q: q, reach: reach, narrow: l.Narrow, settled: reach.All() && l.Narrow.Settled(),
		named: reach.All() && most > MaxLimit}
	var err error
	if b.currency, err = q.currency.Base(ctx); err != nil {
		return page, fmt.Errorf("list customers: %w", err)
	}
	if b.within, err = scoring.Within(reach); err != nil {
		return page, err
	}
	err = q.versions.On(ctx, l.AsOf, func(v scoring.Version) error {
		start, err := b.open(ctx, v, l)
		if err != nil {
			return err
		}
		b.version = v
		page, err = b.page(ctx, start, min(max(l.Limit, 1), most))
		page.Version, page.Measures = v, b.columns
		return err
	})
	return page, err
}

// book is a list opened for reading.
type book struct {
	q             *Questions
	reach         access.Reach
	narrow        Narrow
	settled       bool // who is meant depends on nothing but the version
	named         bool // the lines come with names
	version       scoring.Version
	order         sorting
	columns       measure.Set // shown beside the usual ones
	where, within filter.Clause
	having        filter.Clause // on measures
	placing       *grid.Placing // in the matrix that was asked for
	currency      string
}

// open reads what of the question depends on the measures of the version.
func (b *book) open(ctx context.Context, v scoring.Version, l List) (position, error) {
	from := position{version: v.Version}
	var err error
	if b.where, err = b.q.Narrowed(ctx, v, l.Narrow); err != nil {
		return from, err
	}
	if l.Narrow.Matrix != "" {
		placing, err := b.q.placing(ctx, v, l.Narrow.Matrix)
		if err != nil {
			return from, err
		}
		b.placing = &placing
	}
	measures, err := b.q.measures.In(v)
	if err != nil {
		return from, err
	}
	if b.columns, err = measures.Choose(l.Columns); err != nil {
		return from, err
	}
	having, err := measures.Conditions(l.Measures, b.currency)
	if err != nil {
		return from, err
	}
	if b.having, err = filter.Compile(having, measures.Columns("s")); err != nil {
		return from, err
	}
	if b.order, err = parseSorting(l.Sort, measures); err != nil {
		return from, err
	}
	start, err := b.order.parsePosition(l.Cursor)
	if err != nil || start == nil {
		return from, err
	}
	if start.version != v.Version {
		return from, scoring.ScoredAgain()
	}
	return *start, nil
}

// page reads limit lines from the position on: first of those that have a value of the sort, then of those without.
func (b book) page(ctx context.Context, from position, limit int) (Page, error) {
	lines, at, err := b.read(ctx, from, limit+1)
	if err != nil {
		return Page{}, err
	}
	if len(lines) <= limit && !from.last && (b.order.place != byRevenue || b.order.value != "") {
		rest := position{version: from.version, last: true}
		more, places, err := b.read(ctx, rest, limit+1-len(lines))
		if err != nil {
			return Page{}, err
		}
		lines, at = slices.Concat(lines, more), slices.Concat(at, places)
	}
	page := Page{Lines: lines}
	if len(lines) > limit {
		page.Lines = lines[:limit]
		page.Next = b.order.cursor(at[limit-1])
	}
	page.Lines, err = b.known(ctx, page.Lines)
	return page, err
}

// gathered is the limit from which the engine reads all columns of a row together. Below it, it first sorts by the rank
// alone and then fetches the rest of the chosen rows, which pays unless near has chosen them already.
const gathered = 201

// leaf is lines without names, and where each stands in the list.
type leaf struct {
	lines []Line
	at    []position
}

// read remembers what people turn to, not what is read from end to end.
func (b book) read(ctx context.Context, from position, limit int) ([]Line, []position, error) {
	measures := b.measures()
	ask := func() (leaf, error) { return b.ask(ctx, from, limit, measures) }
	if limit > MaxLimit+1 {
		found, err := ask()
		return found.lines, found.at, err
	}
	var classes grid.Definition
	if b.placing != nil {
		classes = b.placing.Definition
	}
	place, value, after, order := b.order.clauses(from)
	found, err := b.q.leaves.Of(ctx, b.version, b.settled, ask, place, value, after, order, limit, b.where, b.having, b.narrow.textClause(), b.within, measures, classes, b.currency)
	return found.lines, found.at, err
}

// measures are what is asked for beside the usual columns.
func (b book) measures() filter.Clause {
	more := filter.Clause{SQL: "0 AS place_row, 0 AS place_column"}
	if b.placing != nil {
		more.SQL = b.placing.Row.SQL + " AS place_row, " + b.placing.Column.SQL + " AS place_column"
		more.Args = append(append(more.Args, b.placing.Row.Args...), b.placing.Column.Args...)
	}
	for _, m := range b.columns {
		more.SQL += ", s." + m.Column()
	}
	return more
}

func (b book) ask(ctx context.Context, from position, limit int, measures filter.Clause) (leaf, error) {
	near, err := b.near(ctx, from, limit)
	if err != nil {
		return leaf{}, fmt.Errorf("list customers: %w", err)
	}
	most := limit
	if len(near.Args) > 0 {
		most = max(limit, gathered)
	}
	holes := append(b.order.holes(from), engine.Hole{Name: "near", Clause: near}, engine.Hole{Name: "where", Clause: b.where}, engine.Hole{Name: "having", Clause: b.having},
		engine.Hole{Name: "text", Clause: b.narrow.textClause()}, engine.Hole{Name: "reach", Clause: b.within},
		engine.Hole{Name: "measures", Clause: measures},
		// A number in the text, not a parameter: only then does DuckDB keep the first rows instead of sorting all.
		engine.Hole{Name: "limit", Clause: filter.Clause{SQL: strconv.Itoa(most)}})
	text := customersSQL
	if b.named {
		text = strings.Replace(namedSQL, "{{page}}", customersSQL, 1)
	}
	rows, err := b.q.warehouse.Query(ctx, text, engine.Args{"version": from.version}, holes...)
	if err != nil {
		return leaf{}, fmt.Errorf("list customers: %w", err)
	}
	found := leaf{make([]Line, 0, most), make([]position, 0, most)}
	err = engine.Each(rows, func() error {
		l, p, err := b.line(rows, from)
		found.lines, found.at = append(found.lines, l), append(found.at, p)
		return err
	})
	if err != nil {
		return leaf{}, fmt.Errorf("list customers: %w", err)
	}
	return found, nil
}

// near bounds the ranks of a page of everybody. Ranks are 1, 2, 3 …, so the page is known beforehand, and the engine reads
// the measures of its rows alone instead of keeping the best of a million.
func (b book) near(ctx context.Context, from position, limit int) (filter.Clause, error) {
	all := filter.Clause{SQL: "true"}
	for _, c := range []filter.Clause{b.where, b.having, b.narrow.textClause(), b.within} {
		if c.SQL != all.SQL {
			return all, nil
		}
	}
	if from.last || b.order.value != "" {
		return all, nil
	}
	if !b.order.sort.Desc { // place is 0 at the beginning
		return filter.Clause{SQL: b.order.place + " <= ?", Args: []any{from.place + int64(limit)}}, nil
	}
	before := from.place
	if !from.begun {
		rows, err := b.q.warehouse.Query(ctx, lastRankSQL, engine.Args{"version": from.version}, engine.Hole{Name: "place", Clause: filter.Clause{SQL: b.order.place}})
		if err != nil {
			return all, err
		}
		if err := engine.Each(rows, func() error { return rows.Scan(&before) }); err != nil {
			return all, err
		}
		before++
	}
	return filter.Clause{SQL: b.order.place + " >= ?", Args: []any{before - int64(limit)}}, nil
}

func (b book) line(rows *sql.Rows, from position) (Line, position, error) {
	var l Line
	p := position{version: from.version, last: from.last, begun: true}
	var row, column int
	var into []any
	if b.named {
		into = []any{&l.Code, &l.Name, &l.Industry, &l.Country, &l.UnitName, &l.OwnerName}
	}
	into = append(into, &l.ID, &l.Revenue, &l.Potential, &l.PotentialSource, &l.Share, &l.Unused, &l.LastPurchase, &l.Cell, &p.place, &p.value, &row, &column)
	values, err := measure.Scan(rows, b.columns, into...)
	if err != nil {
		return l, p, err
	}
	if b.placing != nil {
		l.Place = grid.CellKey(b.placing.RowKey(row), b.placing.ColumnKey(column))
	}
	if len(b.columns) > 0 {
		l.Measures = scoring.Values{}
	}
	for _, m := range b.columns {
		l.Measures[m.Key] = m.Shown(values[m.Key], b.currency)
	}
	if at, ok := p.value.(time.Time); ok {
		p.value = date.Of(at)
	}
	l.Revenue = money.Minor(l.Revenue, b.currency)
	l.Row, l.Column = grid.SplitCell(l.Cell)
	return l, p, nil
}

// holes are what the text of the list needs to begin a page at p.
func (s sorting) holes(p position) []engine.Hole {
	place, value, after, order := s.clauses(p)
	return []engine.Hole{{Name: "place", Clause: filter.Clause{SQL: place}}, {Name: "value", Clause: filter.Clause{SQL: value}},
		{Name: "after", Clause: after}, {Name: "order", Clause: filter.Clause{SQL: order}}}
}

// known completes the lines from the operational store, unless they have their names, and leaves out customers that are gone
// or out of reach there.
func (b book) known(ctx context.Context, lines []Line) ([]Line, error) {
	if b.named {
		return slices.DeleteFunc(lines, func(l Line) bool { return l.Code == "" }), nil
	}
	ids := make([]id.ID, len(lines))
	for i, l := range lines {
		ids[i] = l.ID
	}
	known, err := b.q.customers.Named(ctx, b.reach, ids)
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	kept := make([]Line, 0, len(lines))
	for _, l := range lines {
		if c := known[l.ID]; c != nil {
			l.Code, l.Name, l.Industry, l.Country = c.Code, c.Name, c.Industry, c.Country
			l.UnitName, l.OwnerName = c.UnitName, c.OwnerName
			kept = append(kept, l)
		}
	}
	return kept, nil
}
