package matrix

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed cells.sql
	cellsSQL string
	//go:embed cells_reach.sql
	cellsReachSQL string
	//go:embed customers.sql
	customersSQL string
	//go:embed places.sql
	placesSQL string
)

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	On(ctx context.Context, asOf date.Date, ask func(v scoring.Version) error) error
	List(ctx context.Context) ([]scoring.Version, error)
}

// Customers is the operational store's word on who customers are now and who may see them; *customer.Store has it.
type Customers interface {
	Named(ctx context.Context, reach access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error)
	Within(ctx context.Context, reach access.Reach, customerID id.ID) error
}

// Units knows the tree of the organisation; *org.Store does.
type Units interface {
	// Below returns the unit and all units under it.
	Below(ctx context.Context, unitID id.ID) ([]id.ID, error)
}

// Questions answers what the scored versions know.
type Questions struct {
	warehouse *engine.Warehouse
	versions  Versions
	customers Customers
	units     Units
	currency  scoring.Currency
}

// NewQuestions returns the answerer.
func NewQuestions(w *engine.Warehouse, versions Versions, customers Customers, units Units, currency scoring.Currency) *Questions {
	return &Questions{warehouse: w, versions: versions, customers: customers, units: units, currency: currency}
}

// each reads all rows and closes them.
func each(rows *sql.Rows, read func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := read(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// narrowed compiles the condition of a question.
func (q *Questions) narrowed(ctx context.Context, n Narrow) (filter.Clause, error) {
	if err := n.validate(); err != nil {
		return filter.Clause{}, err
	}
	var units []id.ID
	if n.Unit != "" {
		var err error
		if units, err = q.units.Below(ctx, n.Unit); err != nil {
			return filter.Clause{}, err
		}
	}
	return filter.Compile(n.expr(units), narrowColumns())
}

// Matrix draws the matrix of the date, the latest for an empty one, for the customers within reach. Its thirteen cells are
// always there. Faults: scoring.empty and scoring.not_scored, and Malformed for a filter that cannot be.
func (q *Questions) Matrix(ctx context.Context, reach access.Reach, asOf date.Date, n Narrow) (Picture, error) {
	currency, err := q.currency.Base(ctx)
	if err != nil {
		return Picture{}, fmt.Errorf("draw the matrix: %w", err)
	}
	where, err := q.narrowed(ctx, n)
	if err != nil {
		return Picture{}, err
	}
	var p Picture
	err = q.versions.On(ctx, asOf, func(v scoring.Version) error {
		sums, err := q.sums(ctx, reach, v.Version, where)
		if err != nil {
			return err
		}
		p, err = draw(v, sums, currency)
		return err
	})
	return p, err
}

func (q *Questions) sums(ctx context.Context, reach access.Reach, version int64, where filter.Clause) (map[string]sum, error) {
	text, holes := cellsSQL, []engine.Hole{{Name: "where", Clause: where}}
	if !reach.All() {
		clause, err := scoring.Within(reach)
		if err != nil {
			return nil, err
		}
		text, holes = cellsReachSQL, append(holes, engine.Hole{Name: "reach", Clause: clause})
	}
	rows, err := q.warehouse.Query(ctx, text, engine.Args{"version": version}, holes...)
	if err != nil {
		return nil, fmt.Errorf("add up the cells: %w", err)
	}
	sums := map[string]sum{}
	err = each(rows, func() error {
		var cell string
		var s sum
		if err := rows.Scan(&cell, &s.customers, &s.revenue, &s.potential, &s.unused); err != nil {
			return err
		}
		sums[cell] = s
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("add up the cells: %w", err)
	}
	return sums, nil
}

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
}

// Page is a part of a list, and the cursor of the next, empty on the last.
type Page struct {
	Version scoring.Version
	Lines   []Line
	Next    string
}

// List is a question for the customers behind a figure.
type List struct {
	AsOf   date.Date // empty is the latest scored date
	Narrow Narrow
	Sort   string // "name" or "-revenue"; empty is "-revenue"
	Cursor string
	Limit  int // at most MaxLimit
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
	order, err := parseSorting(l.Sort)
	if err != nil {
		return page, err
	}
	start, err := order.parsePosition(l.Cursor)
	if err != nil {
		return page, err
	}
	b := book{q: q, reach: reach, narrow: l.Narrow, order: order}
	if b.currency, err = q.currency.Base(ctx); err != nil {
		return page, fmt.Errorf("list customers: %w", err)
	}
	if b.where, err = q.narrowed(ctx, l.Narrow); err != nil {
		return page, err
	}
	if b.within, err = scoring.Within(reach); err != nil {
		return page, err
	}
	err = q.versions.On(ctx, l.AsOf, func(v scoring.Version) error {
		from := position{version: v.Version}
		if start != nil {
			from = *start
		}
		if from.version != v.Version {
			return scoring.ScoredAgain()
		}
		var err error
		page, err = b.page(ctx, from, min(max(l.Limit, 1), most))
		page.Version = v
		return err
	})
	return page, err
}

// book is a list opened for reading.
type book struct {
	q             *Questions
	reach         access.Reach
	narrow        Narrow
	order         sorting
	where, within filter.Clause
	currency      string
}

// page reads limit lines from the position on: first of those that have a value of the sort, then of those without.
func (b book) page(ctx context.Context, from position, limit int) (Page, error) {
	lines, at, err := b.read(ctx, from, limit+1)
	if err != nil {
		return Page{}, err
	}
	if len(lines) <= limit && !from.last && b.order.place != byRevenue {
		rest := position{version: from.version, last: true}
		more, places, err := b.read(ctx, rest, limit+1-len(lines))
		if err != nil {
			return Page{}, err
		}
		lines, at = append(lines, more...), append(at, places...)
	}
	page := Page{Lines: lines}
	if len(lines) > limit {
		page.Lines = lines[:limit]
		page.Next = b.order.cursor(at[limit-1])
	}
	page.Lines, err = b.named(ctx, page.Lines)
	return page, err
}

func (b book) read(ctx context.Context, from position, limit int) ([]Line, []position, error) {
	place, after, order := b.order.clauses(from)
	rows, err := b.q.warehouse.Query(ctx, customersSQL, engine.Args{"version": from.version},
		engine.Hole{Name: "place", Clause: place}, engine.Hole{Name: "where", Clause: b.where},
		engine.Hole{Name: "text", Clause: b.narrow.textClause()}, engine.Hole{Name: "reach", Clause: b.within},
		engine.Hole{Name: "after", Clause: after}, engine.Hole{Name: "order", Clause: order},
		// A number in the text, not a parameter: only then does DuckDB keep the first rows instead of sorting all.
		engine.Hole{Name: "limit", Clause: filter.Clause{SQL: strconv.Itoa(limit)}})
	if err != nil {
		return nil, nil, fmt.Errorf("list customers: %w", err)
	}
	var lines []Line
	var at []position
	err = each(rows, func() error {
		var l Line
		p := position{version: from.version, last: from.last, begun: true}
		if err := rows.Scan(&l.ID, &l.Revenue, &l.Potential, &l.PotentialSource, &l.Share, &l.Unused, &l.LastPurchase,
			&l.Cell, &p.place); err != nil {
			return err
		}
		l.Revenue = money.Minor(l.Revenue, b.currency)
		l.Row, l.Column = split(l.Cell)
		lines, at = append(lines, l), append(at, p)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("list customers: %w", err)
	}
	return lines, at, nil
}

// named completes the lines from the operational store and leaves out those that are out of reach there.
func (b book) named(ctx context.Context, lines []Line) ([]Line, error) {
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

// boundaries returns where the classes of a version begin.
func boundaries(v scoring.Version) (Boundaries, error) {
	var b Boundaries
	if err := json.Unmarshal(v.Cuts[stepName], &b); err != nil {
		return b, fmt.Errorf("the boundaries of version %d: %w", v.Version, err)
	}
	return b, nil
}
