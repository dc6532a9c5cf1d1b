package goal

import (
	"context"
	"fmt"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Lagging is a customer that holds a goal back.
type Lagging struct {
	ID          id.ID    `json:"id"`
	Code        string   `json:"code"`
	Name        string   `json:"name"`
	UnitName    string   `json:"unit_name"`
	OwnerName   string   `json:"owner_name"`
	Revenue     int64    `json:"revenue" doc:"Now, in minor units."`
	RevenueThen *int64   `json:"revenue_then" doc:"At the start; null for who was no customer then."`
	Unused      *int64   `json:"unused" doc:"Potential that is not bought here, now."`
	Value       *float64 `json:"value" doc:"Of the measure of a sum or an average, now."`
	ValueThen   *float64 `json:"value_then"`
}

// Lags are the customers that hold a goal back, and how many there are.
type Lags struct {
	AsOf  date.Date `json:"as_of"`
	Why   string    `json:"why" enum:"not_moved,not_met,fell,below" doc:"What is said of them: still not in the cell, without what is to be met, less than at the start, or short of the target."`
	Found int64     `json:"found" doc:"How many there are within your reach."`
	Items []Lagging `json:"items" nullable:"false" doc:"The first 100, the largest revenue or the largest difference first."`
}

// lagging lists who should have moved and did not, within reach.
func (r *reader) lagging(ctx context.Context, reach access.Reach, g *Goal) (Lags, error) {
	var l Lags
	days, err := r.dates(ctx, g, true)
	if err != nil || len(days) == 0 {
		return Lags{Items: []Lagging{}}, err
	}
	start, err := r.Versions.Find(ctx, g.StartAsOf)
	if err != nil {
		return l, err
	}
	err = r.Versions.On(ctx, days[0], func(v scoring.Version) error {
		var err error
		l, err = r.behind(ctx, reach, g, start, v)
		return err
	})
	if err != nil {
		return l, err
	}
	ids := make([]id.ID, len(l.Items))
	for i, x := range l.Items {
		ids[i] = x.ID
	}
	known, err := r.Customers.Named(ctx, reach, ids)
	if err != nil {
		return l, fmt.Errorf("name the customers behind a goal: %w", err)
	}
	named := []Lagging{}
	for _, x := range l.Items {
		if c := known[x.ID]; c != nil {
			x.Code, x.Name, x.UnitName, x.OwnerName = c.Code, c.Name, c.UnitName, c.OwnerName
			named = append(named, x)
		}
	}
	l.Items = named
	return l, nil
}

// which says which customers of a goal hold it back, and which of them come first.
func (g *Goal) which() (why, order string, which filter.Clause) {
	falling := g.Target < g.StartValue
	switch {
	case g.What.Kind == CellMove:
		return "not_moved", "n.revenue", filter.Clause{SQL: "NOT coalesce(n.met, false)"}
	case g.What.Kind == Count && falling, g.What.Kind == Share && falling:
		return "not_met", "n.revenue", filter.Clause{SQL: "n.met"} // still counts, where fewer are wanted
	case g.What.Kind == Count, g.What.Kind == Share:
		return "not_met", "n.revenue", filter.Clause{SQL: "NOT coalesce(n.met, false)"}
	case g.What.Kind == Sum && falling:
		return "fell", "n.amount - t.amount", filter.Clause{SQL: "n.amount > t.amount"}
	case g.What.Kind == Sum:
		return "fell", "t.amount - coalesce(n.amount, 0)", filter.Clause{SQL: "t.amount > coalesce(n.amount, 0)"}
	case falling:
		return "below", "n.revenue", filter.Clause{SQL: "n.amount > cast(? AS double)", Args: []any{g.Target}}
	}
	return "below", "n.revenue", filter.Clause{SQL: "n.amount < cast(? AS double)", Args: []any{g.Target}}
}

func (r *reader) behind(ctx context.Context, reach access.Reach, g *Goal, start, v scoring.Version) (Lags, error) {
	l := Lags{AsOf: v.AsOf, Items: []Lagging{}}
	q, err := r.ask(ctx, g.What, start, v)
	if err != nil {
		return l, err
	}
	before, err := r.ask(ctx, g.What, start, start)
	if err != nil {
		return l, err
	}
	mine, err := r.Lists.Narrowed(ctx, v, matrix.Narrow{Unit: g.UnitID, Direct: g.Direct, Owner: g.PersonID})
	if err != nil {
		return l, err
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return l, err
	}
	per, amount := float64(money.FinePerMinor(q.currency)), 1.0
	if q.fine {
		amount = per
	}
	var order string
	var which filter.Clause
	l.Why, order, which = g.which()
	for i, a := range which.Args {
		if x, ok := a.(float64); ok {
			which.Args[i] = x * amount
		}
	}
	rows, err := r.Warehouse.Query(ctx, laggingSQL, engine.Args{"version": v.Version, "start": start.Version},
		engine.Hole{Name: "amount", Clause: q.amount}, engine.Hole{Name: "met", Clause: q.met}, engine.Hole{Name: "where", Clause: both(q.where, mine)},
		engine.Hole{Name: "reach", Clause: within}, engine.Hole{Name: "before", Clause: before.amount}, engine.Hole{Name: "which", Clause: which},
		engine.Hole{Name: "order", Clause: filter.Clause{SQL: order}})
	if err != nil {
		return l, fmt.Errorf("list the customers behind a goal: %w", err)
	}
	err = each(rows, func() error {
		var x Lagging
		var revenue int64
		var then *int64
		if err := rows.Scan(&x.ID, &revenue, &then, &x.Unused, &x.Value, &x.ValueThen, &l.Found); err != nil {
			return err
		}
		x.Revenue = money.Minor(revenue, q.currency)
		if then != nil {
			n := money.Minor(*then, q.currency)
			x.RevenueThen = &n
		}
		for _, p := range []*float64{x.Value, x.ValueThen} {
			if p != nil {
				*p /= amount
			}
		}
		l.Items = append(l.Items, x)
		return nil
	})
	if err != nil {
		return l, fmt.Errorf("list the customers behind a goal: %w", err)
	}
	return l, nil
}
