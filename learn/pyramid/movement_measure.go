package pyramid

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strconv"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed movement.sql
	movementSQL string
	//go:embed moved.sql
	movedSQL string // where both of them begin
	//go:embed movers.sql
	moversSQL string
)

// Temper is whether a customer is blooming, interesting or tiring.
type Temper string

// The tempers.
const (
	Bloom    Temper = "bloom"    // in an upper tier and not falling
	Interest Temper = "interest" // neither of the others: worth a look
	Tire     Temper = "tire"     // costs too much to serve, or stands low and falls
	Inactive Temper = "none"     // bought on neither date
)

// Tempers lists them.
func Tempers() []Temper { return []Temper{Bloom, Interest, Tire, Inactive} }

// Moved are the customers that stood in one tier and stand in another. Values are in the measure's unit, money in minor units.
type Moved struct {
	From      string  `json:"from" doc:"A tier, or none, negative, unknown or absent."`
	To        string  `json:"to"`
	Customers int64   `json:"customers"`
	ValueThen float64 `json:"value_then"`
	ValueNow  float64 `json:"value_now"`
}

// TemperFigures are the figures of one temper.
type TemperFigures struct {
	Temper      Temper  `json:"temper" enum:"bloom,interest,tire,none"`
	Customers   int64   `json:"customers"`
	RevenueThen float64 `json:"revenue_then" doc:"Minor units."`
	RevenueNow  float64 `json:"revenue_now" doc:"Minor units."`
	CostToServe *int64  `json:"cost_to_serve" doc:"Minor units; null where the version does not have it."`
	Contacts    *int64  `json:"contacts" doc:"Null where the version does not have them."`
}

// Movement is who moved between the tiers of two dates.
type Movement struct {
	AsOf     date.Date       `json:"as_of"`
	Then     date.Date       `json:"then"`
	Currency string          `json:"currency"`
	Measure  Choice          `json:"measure"`
	By       Cut             `json:"by" enum:"customers,value"`
	Places   []string        `json:"places" nullable:"false" doc:"The tiers from the top, then none, negative, unknown and absent: rows and columns of the table."`
	Moved    []Moved         `json:"moved" nullable:"false" doc:"Only where there are customers."`
	Tempers  []TemperFigures `json:"tempers" nullable:"false" doc:"All four."`
	Effort   bool            `json:"effort" doc:"What customers cost to serve is known, and counted for the tempers."`
	Rule     Definition      `json:"rule" doc:"The settings that the tempers go by: those of the later date."`
}

// MoveQuestion asks for movement from an earlier date to that of the question.
type MoveQuestion struct {
	Question
	Then date.Date
}

// pair is two versions opened.
type pair struct {
	now, then extent
}

func (q *Questions) pair(ctx context.Context, reach access.Reach, ask MoveQuestion, use func(p pair) error) error {
	where, err := ask.Narrow.Clause(ctx, q.units)
	if err != nil {
		return err
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return err
	}
	return q.versions.On(ctx, ask.AsOf, func(v scoring.Version) error {
		if ask.Then == "" || ask.Then >= v.AsOf {
			return fault.New(fault.Malformed, "pyramid.not_earlier", "Choose a scored date before %s to compare with.", v.AsOf).At("then", "Give an earlier date.")
		}
		before, err := q.versions.Find(ctx, ask.Then)
		if err != nil {
			return err
		}
		var p pair
		if p.now, err = q.open(ctx, v, ask.Question, where, within); err != nil {
			return err
		}
		earlier := ask.Question
		earlier.Measure = p.now.measure.Key
		if p.then, err = q.open(ctx, before, earlier, where, within); err != nil {
			return err
		}
		return use(p)
	})
}

// places are the names of the tiers of both dates and of those below, in order, for the table.
func (p pair) places() []string {
	var names []string
	for _, t := range slices.Concat(p.now.def.cut(p.now.by), p.then.def.cut(p.then.by)) {
		if !slices.Contains(names, t.Name) {
			names = append(names, t.Name)
		}
	}
	return append(names, below()...)
}

func (e extent) name(tier int64) string {
	if tier < 0 {
		return below()[-1-tier]
	}
	return e.def.cut(e.by)[tier].Name
}

// number is the other way; false for a name that the version does not have.
func (e extent) number(name string) (int64, bool) {
	if i := slices.Index(below(), name); i >= 0 {
		return int64(-1 - i), true
	}
	i := slices.IndexFunc(e.def.cut(e.by), func(t Tier) bool { return t.Name == name })
	return int64(i), i >= 0
}

// args and holes are what both questions about a pair need.
func (p pair) args() engine.Args {
	return engine.Args{"version": p.now.version.Version, "then": p.then.version.Version, "effort": p.now.def.Effort, "left": 1 - p.now.def.Fall, "upper": p.now.def.Upper}
}

func (p pair) holes() []engine.Hole {
	// Revenue is fine units; what customers cost to serve is brought to the same.
	effort, contacts := "cast(NULL AS double)", "cast(NULL AS double)"
	revenue, _ := p.now.set.Find("revenue")
	if m, ok := p.now.set.Find("cost_to_serve"); ok {
		effort = fmt.Sprintf("cast(s.%s AS double) * %g", m.Column(), perShown(revenue, p.now.currency)/perShown(m, p.now.currency))
	}
	if m, ok := p.now.set.Find("contacts"); ok {
		contacts = "cast(s." + m.Column() + " AS double)"
	}
	join := "LEFT"
	if p.now.all {
		join = "FULL OUTER"
	}
	text := func(name, sql string) engine.Hole {
		return engine.Hole{Name: name, Clause: filter.Clause{SQL: sql}}
	}
	return []engine.Hole{{Name: "tier_then", Clause: tierNumber(p.then.narrowed.value, p.then.begins)}, {Name: "tier_now", Clause: tierNumber(p.now.narrowed.value, p.now.begins)},
		text("value_then", p.then.narrowed.value), text("value_now", p.now.narrowed.value), {Name: "where", Clause: p.now.narrowed.where}, {Name: "reach", Clause: p.now.narrowed.reach},
		text("effort", effort), text("contacts", contacts), text("join", join)}
}

func (p pair) effort() bool {
	_, ok := p.now.set.Find("cost_to_serve")
	return ok
}

// revenueUnit is how many units of the column of revenue are one minor unit.
func (p pair) revenueUnit() float64 {
	m, _ := p.now.set.Find("revenue")
	return perShown(m, p.now.currency)
}

// Movement draws who moved between the tiers of two dates, for the customers within reach on the later. Each date has its own
// tiers. Faults as of Draw, pyramid.not_earlier, and scoring.not_scored for the earlier date.
func (q *Questions) Movement(ctx context.Context, reach access.Reach, ask MoveQuestion) (Movement, error) {
	var m Movement
	err := q.pair(ctx, reach, ask, func(p pair) error {
		m = Movement{AsOf: p.now.version.AsOf, Then: p.then.version.AsOf, Currency: p.now.currency, By: p.now.by, Places: p.places(), Moved: []Moved{}, Effort: p.effort(), Rule: p.now.def,
			Measure: Choice{p.now.measure.Key, p.now.measure.Label, p.now.measure.Unit}}
		for _, t := range Tempers() {
			m.Tempers = append(m.Tempers, TemperFigures{Temper: t})
		}
		unit := p.revenueUnit()
		return q.each(ctx, movedSQL+movementSQL, p.args(), func(rows *sql.Rows) error {
			var from, to int64
			var temper Temper
			var x Moved
			var revenueThen, revenueNow float64
			var effort, contacts *float64
			if err := rows.Scan(&from, &to, &temper, &x.Customers, &x.ValueThen, &x.ValueNow, &revenueThen, &revenueNow, &effort, &contacts); err != nil {
				return err
			}
			x.From, x.To, x.ValueThen, x.ValueNow = p.then.name(from), p.now.name(to), p.then.shown(x.ValueThen), p.now.shown(x.ValueNow)
			m.add(x)
			t := &m.Tempers[slices.Index(Tempers(), temper)]
			t.Customers, t.RevenueThen, t.RevenueNow = t.Customers+x.Customers, t.RevenueThen+revenueThen/unit, t.RevenueNow+revenueNow/unit
			t.CostToServe, t.Contacts = plus(t.CostToServe, minor(effort, unit)), plus(t.Contacts, minor(contacts, 1))
			return nil
		}, p.holes()...)
	})
	m.sort()
	return m, err
}

func plus(a, b *int64) *int64 {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	sum := *a + *b
	return &sum
}

// add puts the tempers of one movement together.
func (m *Movement) add(x Moved) {
	for i, had := range m.Moved {
		if had.From == x.From && had.To == x.To {
			m.Moved[i].Customers += x.Customers
			m.Moved[i].ValueThen += x.ValueThen
			m.Moved[i].ValueNow += x.ValueNow
			return
		}
	}
	m.Moved = append(m.Moved, x)
}

func (m *Movement) sort() {
	at := func(x Moved) int { return slices.Index(m.Places, x.From)*len(m.Places) + slices.Index(m.Places, x.To) }
	slices.SortFunc(m.Moved, func(a, b Moved) int { return at(a) - at(b) })
	for i, t := range m.Tempers {
		m.Tempers[i].RevenueThen, m.Tempers[i].RevenueNow = round(t.RevenueThen), round(t.RevenueNow)
	}
}

// Mover is a customer in the list behind a movement.
type Mover struct {
	ID          id.ID    `json:"id"`
	Code        string   `json:"code"`
	Name        string   `json:"name"`
	UnitName    string   `json:"unit_name"`
	OwnerName   string   `json:"owner_name"`
	From        string   `json:"from"`
	To          string   `json:"to"`
	Temper      Temper   `json:"temper" enum:"bloom,interest,tire,none"`
	ValueThen   *float64 `json:"value_then"`
	ValueNow    *float64 `json:"value_now"`
	RevenueThen *int64   `json:"revenue_then"`
	RevenueNow  *int64   `json:"revenue_now"`
	CostToServe *int64   `json:"cost_to_serve"`
	Contacts    *int64   `json:"contacts"`
}

// MoverQuestion asks for the customers behind a movement; empty fields do not narrow.
type MoverQuestion struct {
	MoveQuestion
	From, To string
	Temper   Temper
	Cursor   string
	Limit    int
}

// Movers lists the customers behind a movement, the highest value on the later date first, with the cursor of the next page.
// Who is out of reach in the operational store is left out. Faults as of Movement.
func (q *Questions) Movers(ctx context.Context, reach access.Reach, ask MoverQuestion) ([]Mover, string, error) {
	var movers []Mover
	next := ""
	err := q.pair(ctx, reach, ask.MoveQuestion, func(p pair) error {
		which, err := p.which(ask)
		if err != nil {
			return err
		}
		after, err := p.after(ask.Cursor)
		if err != nil {
			return err
		}
		movers = []Mover{}
		var places []float64
		holes := append(p.holes(), engine.Hole{Name: "which", Clause: which}, engine.Hole{Name: "after", Clause: after},
			engine.Hole{Name: "limit", Clause: filter.Clause{SQL: strconv.Itoa(ask.Limit + 1)}})
		err = q.each(ctx, movedSQL+moversSQL, p.args(), func(rows *sql.Rows) error {
			m, place, err := p.mover(rows)
			movers, places = append(movers, m), append(places, place)
			return err
		}, holes...)
		if err != nil {
			return err
		}
		if next = ""; len(movers) > ask.Limit {
			movers = movers[:ask.Limit]
			next = filter.Cursor(p.now.version.Version, p.then.version.Version, places[ask.Limit-1], string(movers[ask.Limit-1].ID))
		}
		movers, err = q.named(ctx, reach, movers)
		return err
	})
	return movers, next, err
}

func (p pair) which(ask MoverQuestion) (filter.Clause, error) {
	var parts []filter.Expr
	for _, side := range []struct {
		field, name string
		of          extent
	}{{"tier_then", ask.From, p.then}, {"tier_now", ask.To, p.now}} {
		if side.name == "" {
			continue
		}
		n, ok := side.of.number(side.name)
		if !ok {
			return filter.Clause{}, fault.New(fault.Malformed, "pyramid.unknown_tier", "There is no tier %.60q as of %s.", side.name, side.of.version.AsOf).At(side.field, "Use a name of the table of movement.")
		}
		parts = append(parts, filter.Eq(side.field, n))
	}
	if ask.Temper != "" {
		if !slices.Contains(Tempers(), ask.Temper) {
			return filter.Clause{}, fault.New(fault.Malformed, "pyramid.unknown_temper", "There is no group %.60q.", string(ask.Temper)).At("temper", "Use bloom, interest, tire or none.")
		}
		parts = append(parts, filter.Eq("temper", string(ask.Temper)))
	}
	return filter.Compile(filter.And(parts...), filter.Columns{"tier_then": "tier_then", "tier_now": "tier_now", "temper": "temper"})
}

// after is where a page begins.
func (p pair) after(cursor string) (filter.Clause, error) {
	values, err := filter.ParseCursor(cursor, 4)
	if err != nil || values == nil {
		return filter.Clause{SQL: "true"}, err
	}
	now, ok1 := values[0].(int64)
	then, ok2 := values[1].(int64)
	place, ok3 := number(values[2])
	last, ok4 := values[3].(string)
	if !ok1 || !ok2 || !ok3 || !ok4 || !id.Valid(last) {
		return filter.Clause{}, fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
	}
	if now != p.now.version.Version || then != p.then.version.Version {
		return filter.Clause{}, scoring.ScoredAgain()
	}
	value := "coalesce(value_now, cast(-1e300 AS double))"
	return filter.Clause{SQL: "(" + value + " < cast(? AS double) OR " + value + " = cast(? AS double) AND customer_id > cast(? AS uuid))", Args: []any{place, place, last}}, nil
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func (p pair) mover(rows *sql.Rows) (Mover, float64, error) {
	var m Mover
	var from, to int64
	var place float64
	var valueThen, valueNow, revenueThen, revenueNow, effort, contacts *float64
	if err := rows.Scan(&m.ID, &from, &to, &m.Temper, &valueThen, &valueNow, &revenueThen, &revenueNow, &effort, &contacts, &place); err != nil {
		return m, 0, err
	}
	m.From, m.To = p.then.name(from), p.now.name(to)
	if valueThen != nil {
		x := p.then.shown(*valueThen)
		m.ValueThen = &x
	}
	if valueNow != nil {
		x := p.now.shown(*valueNow)
		m.ValueNow = &x
	}
	unit := p.revenueUnit()
	m.RevenueThen, m.RevenueNow, m.CostToServe, m.Contacts = minor(revenueThen, unit), minor(revenueNow, unit), minor(effort, unit), minor(contacts, 1)
	return m, place, nil
}

// named completes the movers from the operational store and leaves out those that are out of reach there.
func (q *Questions) named(ctx context.Context, reach access.Reach, movers []Mover) ([]Mover, error) {
	ids := make([]id.ID, len(movers))
	for i, m := range movers {
		ids[i] = m.ID
	}
	known, err := q.customers.Named(ctx, reach, ids)
	if err != nil {
		return nil, fmt.Errorf("list the customers that moved: %w", err)
	}
	seen := make([]Mover, 0, len(movers))
	for _, m := range movers {
		if c := known[m.ID]; c != nil {
			m.Code, m.Name, m.UnitName, m.OwnerName = c.Code, c.Name, c.UnitName, c.OwnerName
			seen = append(seen, m)
		}
	}
	return seen, nil
}
