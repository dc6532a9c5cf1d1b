package goal

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed parts.sql
	partsSQL string
	//go:embed lagging.sql
	laggingSQL string
)

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	On(ctx context.Context, asOf date.Date, ask func(v scoring.Version) error) error
	Find(ctx context.Context, asOf date.Date) (scoring.Version, error)
	List(ctx context.Context) ([]scoring.Version, error)
}

// Organisation knows the units and people; *org.Store does.
type Organisation interface {
	TreeAsOf(ctx context.Context, day date.Date) (*org.Tree, error)
	PeopleAsOf(ctx context.Context, day date.Date) (map[id.ID]id.ID, error)
	Names(ctx context.Context) (org.Names, error)
}

// Customers names customers within reach; *customer.Store does.
type Customers interface {
	Named(ctx context.Context, reach access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error)
}

// Config is what goals are measured with.
type Config struct {
	Warehouse    *engine.Warehouse
	Versions     Versions
	Lists        *matrix.Questions // narrows as the lists behind the figures do
	Measures     *measure.Registry
	Currency     scoring.Currency
	Organisation Organisation
	Customers    Customers
}

// reader measures goals in the scored versions. One question answers for all units and people at once, so a goal and all
// its parts cost one; a version never changes, so the answer is remembered.
type reader struct {
	Config
	known *scoring.Answers[[]group]
}

// group is what a goal counts of one person's customers in one unit.
type group struct {
	unit, owner                   id.ID
	customers, met, have          int64
	amount, unusedSum, revenueSum float64
}

// question is a goal's What made ready for one version.
type question struct {
	where, met, amount filter.Clause
	fine               bool
	currency           string
}

// ask compiles what of the version. Faults Malformed name what cannot be; goal.measure_missing where the version lacks the measure.
func (r *reader) ask(ctx context.Context, w What, start, v scoring.Version) (question, error) {
	q := question{met: filter.Clause{SQL: "true"}, amount: filter.Clause{SQL: "CAST(NULL AS double)"}}
	var err error
	if q.currency, err = r.Currency.Base(ctx); err != nil {
		return q, err
	}
	set, err := r.Measures.In(v)
	if err != nil {
		return q, err
	}
	if q.where, err = r.Lists.Narrowed(ctx, v, matrix.Narrow{Matrix: w.Matrix, Cell: w.Cell, Row: w.Row, Column: w.Column, Country: w.Country}); err != nil {
		return q, err
	}
	among, err := conditions(set, w.Among, q.currency)
	if err != nil {
		return q, err
	}
	q.where = both(q.where, among)
	switch w.Kind {
	case Sum, Average:
		m, ok := set.Find(w.Measure)
		if !ok || !m.Numeric() {
			return q, fault.New(fault.Malformed, "goal.measure_missing", "There is no measure %.60q as of %s that could be counted.", w.Measure, v.AsOf).At("what.measure", "Choose another measure.")
		}
		q.amount, q.fine = filter.Clause{SQL: "CASE WHEN " + set.Known(m, "s") + " THEN s." + m.Column() + " END"}, m.Fine()
	case Count, Share:
		q.met, err = conditions(set, w.Meeting, q.currency)
	case CellMove:
		err = r.askMove(ctx, &q, w, start, v)
	}
	return q, err
}

// askMove narrows to who stood in the one cell at the start, and counts who stands in the other.
func (r *reader) askMove(ctx context.Context, q *question, w What, start, v scoring.Version) error {
	from, err := r.Lists.Narrowed(ctx, start, matrix.Narrow{Matrix: w.Matrix, Cell: w.From})
	if err != nil {
		return err
	}
	stood := filter.Clause{SQL: "s.customer_id IN (SELECT s.customer_id FROM score s WHERE s.version = ? AND " + from.SQL + ")", Args: append([]any{start.Version}, from.Args...)}
	q.where = both(q.where, stood)
	q.met, err = r.Lists.Narrowed(ctx, v, matrix.Narrow{Matrix: w.Matrix, Cell: w.To})
	return err
}

func conditions(set measure.Set, texts []string, currency string) (filter.Clause, error) {
	e, err := set.Conditions(texts, currency)
	if err != nil {
		return filter.Clause{}, err
	}
	return filter.Compile(e, set.Columns("s"))
}

func both(a, b filter.Clause) filter.Clause {
	return filter.Clause{SQL: "(" + a.SQL + ") AND (" + b.SQL + ")", Args: slices.Concat(a.Args, b.Args)}
}

// groups answers what the goal counts in the version, by unit and person.
func (r *reader) groups(ctx context.Context, w What, start, v scoring.Version) ([]group, error) {
	q, err := r.ask(ctx, w, start, v)
	if err != nil {
		return nil, err
	}
	return r.known.OfVersion(v, func() ([]group, error) { return r.scan(ctx, q, v) }, q.where, q.met, q.amount)
}

func (r *reader) scan(ctx context.Context, q question, v scoring.Version) ([]group, error) {
	rows, err := r.Warehouse.Query(ctx, partsSQL, engine.Args{"version": v.Version}, engine.Hole{Name: "met", Clause: q.met},
		engine.Hole{Name: "amount", Clause: q.amount}, engine.Hole{Name: "where", Clause: q.where})
	if err != nil {
		return nil, fmt.Errorf("measure a goal: %w", err)
	}
	all := []group{}
	err = each(rows, func() error {
		var g group
		if err := rows.Scan(&g.unit, &g.owner, &g.customers, &g.met, &g.amount, &g.have, &g.unusedSum, &g.revenueSum); err != nil {
			return err
		}
		g.revenueSum /= float64(money.FinePerMinor(q.currency))
		if q.fine {
			g.amount /= float64(money.FinePerMinor(q.currency))
		}
		all = append(all, g)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("measure a goal: %w", err)
	}
	return all, nil
}

func each(rows *sql.Rows, read func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := read(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// whose says which customers count, as the tree stood on the date of the version.
type whose struct {
	unit, person id.ID
	direct       bool
}

func (g *Goal) whose() whose { return whose{g.UnitID, g.PersonID, g.Direct} }

// total adds up the groups that count.
func (w whose) total(groups []group, tree *org.Tree) group {
	below := map[id.ID]bool{}
	if w.unit != "" && !w.direct {
		for _, unit := range tree.Below(w.unit) {
			below[unit] = true
		}
	}
	var t group
	for _, g := range groups {
		if w.person != "" && g.owner != w.person || w.unit != "" && (w.direct && g.unit != w.unit || !w.direct && !below[g.unit]) {
			continue
		}
		t.customers += g.customers
		t.met += g.met
		t.have += g.have
		t.amount += g.amount
		t.unusedSum += g.unusedSum
		t.revenueSum += g.revenueSum
	}
	return t
}

// value is the number of the goal; nil where there is nothing to take an average or a share of.
func (t group) value(k Kind) *float64 {
	var x float64
	switch {
	case k == Count, k == CellMove:
		x = float64(t.met)
	case k == Sum:
		x = t.amount
	case k == Share && t.customers > 0:
		x = float64(t.met) / float64(t.customers)
	case k == Average && t.have > 0:
		x = t.amount / float64(t.have)
	default:
		return nil
	}
	return &x
}

// mostPoints bounds how many versions a goal is read in: the latest ones.
const mostPoints = 36

// points reads goals of the same What and start in the versions from the start on, the earliest first, until the first on or
// after the due day. The goals may differ in whose they are. only asks for the last two versions that matter.
func (r *reader) points(ctx context.Context, of []*Goal, only bool) ([][]Point, error) {
	all := make([][]Point, len(of))
	g := of[0]
	start, err := r.Versions.Find(ctx, g.StartAsOf)
	if err != nil {
		return all, err
	}
	versions, err := r.dates(ctx, g, only)
	if err != nil {
		return all, err
	}
	for _, day := range versions {
		err := r.Versions.On(ctx, day, func(v scoring.Version) error {
			groups, err := r.groups(ctx, g.What, start, v)
			if err != nil {
				return err
			}
			tree, err := r.Organisation.TreeAsOf(ctx, v.AsOf)
			if err != nil {
				return err
			}
			for i, o := range of {
				t := o.whose().total(groups, tree)
				p := Point{AsOf: v.AsOf, Value: t.value(o.What.Kind), Wanted: o.wanted(v.AsOf), Customers: t.customers}
				if n := len(all[i]); n > 0 && all[i][n-1].AsOf == v.AsOf {
					all[i] = all[i][:n-1] // the question was asked anew
				}
				all[i] = append(all[i], p)
			}
			return nil
		})
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func (r *reader) dates(ctx context.Context, g *Goal, only bool) ([]date.Date, error) {
	versions, err := r.Versions.List(ctx)
	if err != nil {
		return nil, err
	}
	var days []date.Date
	for _, v := range slices.Backward(versions) { // the latest stands first
		if v.AsOf < g.StartAsOf {
			continue
		}
		days = append(days, v.AsOf)
		if v.AsOf >= g.DueOn {
			break
		}
	}
	if only && len(days) > 0 {
		return days[len(days)-1:], nil
	}
	if len(days) > mostPoints {
		days = slices.Concat(days[:1], days[len(days)-mostPoints+1:])
	}
	return days, nil
}

// start reads what a goal begins with.
func (r *reader) start(ctx context.Context, g *Goal) (measure.Set, *float64, error) {
	var set measure.Set
	var value *float64
	err := r.Versions.On(ctx, g.StartAsOf, func(v scoring.Version) error {
		var err error
		if set, err = r.Measures.In(v); err != nil {
			return err
		}
		groups, err := r.groups(ctx, g.What, v, v)
		if err != nil {
			return err
		}
		tree, err := r.Organisation.TreeAsOf(ctx, v.AsOf)
		if err != nil {
			return err
		}
		value = g.whose().total(groups, tree).value(g.What.Kind)
		return nil
	})
	return set, value, err
}
