package profit

import (
	"context"
	"database/sql"
	_ "embed"
	"slices"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

//go:embed pair.sql
var pairSQL string

const (
	pairCells = `SELECT state, class, count(CASE WHEN told THEN 1 END), count(CASE WHEN NOT told THEN 1 END), cast(sum(base) AS bigint), cast(sum(later) AS bigint)
FROM classed GROUP BY state, class`
	pairList = `SELECT cast(customer_id AS varchar), state, class, base, later FROM classed
WHERE told AND {{which}}
ORDER BY abs(later - base) DESC, customer_id
LIMIT :limit`
)

// Pair is two scored dates to be compared.
type Pair struct {
	Base, Later date.Date
	Narrow      scoring.Narrow // by the later one
}

// Compare draws the profit opportunity matrix between the windows of two scored dates, by the classes of the later one. Faults:
// those of Picture, and profit.overlap for windows that share days.
func (q *Questions) Compare(ctx context.Context, reach access.Reach, p Pair) (Opportunity, error) {
	var o Opportunity
	err := q.pair(ctx, reach, p, func(a asked, base scoring.Version) error {
		var all []contribution
		err := q.each(ctx, pairSQL+pairCells, pairArgs(a, base), pairHoles(a), func(rows *sql.Rows) error {
			var c contribution
			err := rows.Scan(&c.state, &c.class, &c.customers, &c.untold, &c.base, &c.later)
			all = append(all, c)
			return err
		})
		o = opportunity(all, a.kept, Span{base.From().AddDays(1), base.AsOf}, Span{a.version.From().AddDays(1), a.version.AsOf}, a.currency)
		return err
	})
	return o, err
}

// Mover is a customer behind a cell of the profit opportunity matrix. Amounts are minor units.
type Mover struct {
	ID           id.ID  `json:"id"`
	Code         string `json:"code"`
	Name         string `json:"name"`
	State        State  `json:"state" enum:"new,won_back,retained,lost"`
	Class        Class  `json:"class" enum:"high,medium,low"`
	Base         int64  `json:"base"`
	Later        int64  `json:"later"`
	Contribution int64  `json:"contribution"`
}

// mostMovers bounds the customers behind a cell.
const mostMovers = 200

// Movers returns the customers behind a cell of Compare, those first who added or took the most, at most 200. Who is no longer
// within reach is left out.
func (q *Questions) Movers(ctx context.Context, reach access.Reach, p Pair, class Class, state State) ([]Mover, error) {
	movers := []Mover{}
	if !slices.Contains(append(Classes(), AllClasses), class) || !slices.Contains([]State{New, WonBack, Retained, Lost, AllStates}, state) {
		return nil, fault.New(fault.Malformed, "profit.unknown_cell", "There is no such cell in the profit opportunity matrix.").At("class", "Use high, medium, low or all.")
	}
	which, err := inCell(class, state)
	if err != nil {
		return nil, err
	}
	err = q.pair(ctx, reach, p, func(a asked, base scoring.Version) error {
		movers = []Mover{}
		args := pairArgs(a, base)
		args["limit"] = mostMovers
		err := q.each(ctx, pairSQL+pairList, args, append(pairHoles(a), engine.Hole{Name: "which", Clause: which}), func(rows *sql.Rows) error {
			var m Mover
			err := rows.Scan(&m.ID, &m.State, &m.Class, &m.Base, &m.Later)
			m.Contribution = money.Minor(m.Later-m.Base, a.currency)
			m.Base, m.Later = money.Minor(m.Base, a.currency), money.Minor(m.Later, a.currency)
			movers = append(movers, m)
			return err
		})
		if err != nil {
			return err
		}
		ids := make([]id.ID, len(movers))
		for i, m := range movers {
			ids[i] = m.ID
		}
		known, err := q.customers.Named(ctx, reach, ids)
		if err != nil {
			return err
		}
		movers = slices.DeleteFunc(movers, func(m Mover) bool { return known[m.ID] == nil })
		for i, m := range movers {
			movers[i].Code, movers[i].Name = known[m.ID].Code, known[m.ID].Name
		}
		return nil
	})
	return movers, err
}

func inCell(class Class, state State) (filter.Clause, error) {
	var parts []filter.Expr
	if class != AllClasses {
		parts = append(parts, filter.Eq("class", string(class)))
	}
	if state != AllStates {
		parts = append(parts, filter.Eq("state", string(state)))
	}
	return filter.Compile(filter.And(parts...), filter.Columns{"class": "class", "state": "state"})
}

// pair asks about two versions whose windows do not overlap.
func (q *Questions) pair(ctx context.Context, reach access.Reach, p Pair, ask func(a asked, base scoring.Version) error) error {
	return q.on(ctx, reach, p.Later, p.Narrow, func(a asked) error {
		return q.versions.On(ctx, p.Base, func(base scoring.Version) error {
			if _, err := keptOf(base); err != nil {
				return err
			}
			if base.AsOf > a.version.From() {
				return fault.New(fault.Malformed, "profit.overlap", "The window of %s begins on %s, before %s ends. Compare it with a date up to %s.",
					a.version.AsOf, a.version.From().AddDays(1), base.AsOf, a.version.From()).At("against", "Choose a scored date up to %s.", a.version.From())
			}
			return ask(a, base)
		})
	})
}

func pairArgs(a asked, base scoring.Version) engine.Args {
	return engine.Args{"version": a.version.Version, "base": base.Version, "high": a.kept.High, "medium": a.kept.Medium}
}

func pairHoles(a asked) []engine.Hole {
	return []engine.Hole{{Name: "within", Clause: a.within()}, {Name: "base", Clause: a.base()}}
}
