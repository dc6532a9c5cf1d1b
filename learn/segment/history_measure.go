package segment

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/learn/criterion"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed moves.sql
	movesSQL string
	//go:embed reasons.sql
	reasonsSQL string
)

// Point is a segment on one date.
type Point struct {
	AsOf      date.Date  `json:"as_of"`
	Customers int64      `json:"customers" doc:"Members within your reach."`
	Entered   int64      `json:"entered" doc:"Who came in since the date before."`
	Left      int64      `json:"left" doc:"Who went out since the date before."`
	Since     *date.Date `json:"since,omitempty" doc:"The date before; absent on the first."`
}

// History is a segment's size over time.
type History struct {
	Points  []Point `json:"points" nullable:"false" doc:"The earliest date first: of a live segment the scored dates, of a frozen one the days on which it changed."`
	Pending bool    `json:"pending" doc:"Some dates are still being worked out."`
}

// History returns the size over time, as far as it lies within reach. Sizes of the past count those who are within reach
// today.
func (b *Book) History(ctx context.Context, reach access.Reach, segmentID id.ID) (History, error) {
	g, err := b.store.get(ctx, b.store.db.Read(), access.From(ctx), segmentID)
	if err != nil {
		return History{}, err
	}
	if g.Kind == Frozen {
		return b.frozenHistory(ctx, reach, g)
	}
	h := History{Points: []Point{}}
	err = b.cfg.Versions.On(ctx, "", func(v scoring.Version) error {
		h, err = b.liveHistory(ctx, reach, g, v)
		return err
	})
	if f := fault.Of(err); f != nil && f.Code == "scoring.empty" {
		err = nil
	}
	return h, err
}

func (b *Book) frozenHistory(ctx context.Context, reach access.Reach, g *Segment) (History, error) {
	moves, err := b.store.moved(ctx, reach, g.ID)
	if err != nil {
		return History{}, err
	}
	days := map[date.Date]*Point{}
	for _, m := range moves {
		day := date.Of(m.At.UTC())
		if days[day] == nil {
			days[day] = &Point{AsOf: day}
		}
		if m.Entered {
			days[day].Entered += m.Customers
		} else {
			days[day].Left += m.Customers
		}
	}
	h := History{Points: []Point{}}
	var size int64
	for _, day := range slices.Sorted(maps.Keys(days)) {
		p := *days[day]
		size += p.Entered - p.Left
		p.Customers = size
		if n := len(h.Points); n > 0 {
			p.Since = &h.Points[n-1].AsOf
		}
		h.Points = append(h.Points, p)
	}
	return h, nil
}

// liveHistory counts the members of the latest date and goes back by who entered and left.
func (b *Book) liveHistory(ctx context.Context, reach access.Reach, g *Segment, v scoring.Version) (History, error) {
	h := History{Points: []Point{}}
	built, err := b.built(ctx)
	if err != nil {
		return h, err
	}
	editions, err := b.editions(ctx, []*Segment{g})
	if err != nil {
		return h, err
	}
	for i := range editions {
		var before *edition
		if i > 0 {
			before = &editions[i-1]
		}
		want, works := editions[i].want(g.ID, before)
		if !works {
			h.Points = []Point{} // what lies before a date without members says nothing of the dates after it
			continue
		}
		has, ok := built[pair{g.ID, editions[i].version.AsOf}]
		if !ok || has.version != want.version || has.before != want.before || has.print != want.print {
			h.Pending = true
			return History{Points: []Point{}, Pending: true}, nil
		}
		p := Point{AsOf: editions[i].version.AsOf}
		if n := len(h.Points); n > 0 {
			p.Since = &h.Points[n-1].AsOf
		}
		h.Points = append(h.Points, p)
	}
	if len(h.Points) == 0 {
		return h, nil
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return h, err
	}
	latest := editions[len(editions)-1]
	sizes, err := b.count(ctx, within, latest.version, latest.rules)
	if err != nil {
		return h, err
	}
	moves, err := b.moved(ctx, reach, g.ID, "1000-01-01")
	if err != nil {
		return h, err
	}
	size := sizes[g.ID]
	for i := len(h.Points) - 1; i >= 0; i-- {
		p := &h.Points[i]
		p.Customers = size
		for _, m := range moves {
			if m.asOf == p.AsOf && i > 0 {
				p.Entered, p.Left = m.entered, m.left
			}
		}
		size -= p.Entered - p.Left
	}
	return h, nil
}

// Reason is a condition of the rule that became true or ceased to be, with what it asks before and after.
type Reason struct {
	Field  string   `json:"field"`
	Sign   string   `json:"sign"`
	Value  string   `json:"value,omitempty"`
	Values []string `json:"values,omitempty"`
	Before any      `json:"before" doc:"As the measure is shown: a number, a date or a word; null when it was not known."`
	After  any      `json:"after"`
	Held   *bool    `json:"held" doc:"Whether the condition held before; null when it could not be told."`
	Holds  *bool    `json:"holds" doc:"Whether it holds now."`
}

// Move is a customer who entered or left a segment.
type Move struct {
	CustomerID id.ID      `json:"customer_id"`
	Code       string     `json:"code"`
	Name       string     `json:"name"`
	OwnerName  string     `json:"owner_name"`
	Reasons    []Reason   `json:"reasons" nullable:"false" doc:"What changed, of a live segment."`
	NewThen    bool       `json:"new" doc:"The customer was not known on the date before."`
	GoneNow    bool       `json:"gone" doc:"The customer is not among those scored on the date."`
	By         string     `json:"by,omitempty" doc:"Who put it in or took it out, of a frozen segment."`
	Way        Way        `json:"way,omitempty" doc:"How it came in: list, codes or hand."`
	At         *time.Time `json:"at,omitempty"`
	place      any        // in the order of the list
}

// MoveQuery asks for a page of those who entered or left a segment on a date of its history.
type MoveQuery struct {
	AsOf    date.Date
	Entered bool
	After   any // the place of the last one before the page; nil for the first page
	Limit   int
}

// Moves returns up to Limit of them within reach, and whether more follow.
func (b *Book) Moves(ctx context.Context, reach access.Reach, segmentID id.ID, q MoveQuery) (moves []Move, next any, err error) {
	g, err := b.store.get(ctx, b.store.db.Read(), access.From(ctx), segmentID)
	if err != nil {
		return nil, nil, err
	}
	if g.Kind == Frozen {
		moves, err = b.frozenMoves(ctx, reach, g, q)
	} else {
		moves, err = b.liveMoves(ctx, reach, g, q)
	}
	if err != nil {
		return nil, nil, err
	}
	if len(moves) > q.Limit {
		moves = moves[:q.Limit]
		next = moves[q.Limit-1].place
	}
	moves, err = b.named(ctx, reach, moves)
	return moves, next, err
}

// named completes the lines from the operational store and leaves out those that are out of reach there.
func (b *Book) named(ctx context.Context, reach access.Reach, moves []Move) ([]Move, error) {
	ids := make([]id.ID, len(moves))
	for i, m := range moves {
		ids[i] = m.CustomerID
	}
	known, err := b.cfg.Customers.Named(ctx, reach, ids)
	if err != nil {
		return nil, err
	}
	kept := make([]Move, 0, len(moves))
	for _, m := range moves {
		if c := known[m.CustomerID]; c != nil {
			m.Code, m.Name, m.OwnerName = c.Code, c.Name, c.OwnerName
			kept = append(kept, m)
		}
	}
	return kept, nil
}

func (b *Book) frozenMoves(ctx context.Context, reach access.Reach, g *Segment, q MoveQuery) ([]Move, error) {
	after, ok := q.After.(int64)
	if q.After != nil && !ok {
		return nil, badCursor()
	}
	day := q.AsOf.Time()
	stays, err := b.store.stays(ctx, reach, g.ID, day, day.AddDate(0, 0, 1), q.Entered, after, q.Limit+1)
	if err != nil {
		return nil, err
	}
	moves := make([]Move, len(stays))
	for i, s := range stays {
		moves[i] = Move{CustomerID: s.CustomerID, Reasons: []Reason{}, By: s.AddedBy, Way: s.Way, At: new(s.AddedAt.UTC()), place: s.No}
		if !q.Entered {
			moves[i].By, moves[i].Way, moves[i].At = s.RemovedBy, "", new(s.RemovedAt.UTC())
		}
	}
	return moves, nil
}

func badCursor() error {
	return fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
}

func (b *Book) liveMoves(ctx context.Context, reach access.Reach, g *Segment, q MoveQuery) ([]Move, error) {
	after, ok := q.After.(string)
	if q.After != nil && (!ok || !id.Valid(after)) {
		return nil, badCursor()
	}
	var moves []Move
	err := b.cfg.Versions.On(ctx, q.AsOf, func(v scoring.Version) error {
		var err error
		if moves, err = b.moves(ctx, reach, g, v, q, id.ID(after)); err != nil || len(moves) == 0 {
			return err
		}
		built, err := b.built(ctx)
		if err != nil {
			return err
		}
		return b.explain(ctx, g, v, built[pair{g.ID, v.AsOf}].before, moves)
	})
	return moves, err
}

func (b *Book) moves(ctx context.Context, reach access.Reach, g *Segment, v scoring.Version, q MoveQuery, after id.ID) ([]Move, error) {
	within, err := scoring.Within(reach)
	if err != nil {
		return nil, err
	}
	beyond := filter.Clause{SQL: "true"}
	if after != "" {
		beyond = filter.Clause{SQL: "s.customer_id > ?", Args: []any{after}}
	}
	found, err := b.cfg.Warehouse.Query(ctx, movesSQL, engine.Args{"segment": g.ID, "as_of": v.AsOf, "entered": q.Entered, "limit": q.Limit + 1},
		engine.Hole{Name: "after", Clause: beyond}, engine.Hole{Name: "reach", Clause: within})
	if err != nil {
		return nil, fmt.Errorf("read who moved: %w", err)
	}
	var moves []Move
	err = each(found, func() error {
		m := Move{Reasons: []Reason{}}
		err := found.Scan(&m.CustomerID)
		m.place = string(m.CustomerID)
		moves = append(moves, m)
		return err
	})
	return moves, err
}

// explain tells for each move which conditions of the rule changed, from the two versions.
func (b *Book) explain(ctx context.Context, g *Segment, v scoring.Version, before int64, moves []Move) error {
	c, err := b.compiler(ctx, v)
	if err != nil {
		return err
	}
	c.Owner = g.OwnerID
	var leaves []filter.Tree
	columns, today := filter.Clause{}, false
	for _, leaf := range g.Rule.Leaves() {
		made, err := c.Rule(ctx, g.ID, leaf)
		if err != nil {
			return err
		}
		value := c.Value(leaf)
		if value == "" {
			value = "NULL"
		}
		columns.SQL += ", (" + made.Clause.SQL + "), " + value
		columns.Args = append(columns.Args, made.Clause.Args...)
		leaves, today = append(leaves, leaf), today || made.Today
	}
	ids := make([]id.ID, len(moves))
	for i, m := range moves {
		ids[i] = m.CustomerID
	}
	who, err := filter.Compile(filter.In("customer", ids...), filter.Columns{"customer": "s.customer_id"})
	if err != nil {
		return err
	}
	found, err := b.cfg.Warehouse.Query(ctx, reasonsSQL, engine.Args{"version": v.Version, "before": before}, engine.Hole{Name: "columns", Clause: columns},
		engine.Hole{Name: "rows", Clause: criterion.Rows(today)}, engine.Hole{Name: "who", Clause: who})
	if err != nil {
		return fmt.Errorf("read why customers moved: %w", err)
	}
	type look struct {
		holds *bool
		value any
	}
	now, then := map[id.ID][]look{}, map[id.ID][]look{}
	err = each(found, func() error {
		var customerID id.ID
		var version int64
		looks, into := make([]look, len(leaves)), []any{&customerID, &version}
		for i := range looks {
			into = append(into, &looks[i].holds, &looks[i].value)
		}
		if err := found.Scan(into...); err != nil {
			return err
		}
		if version == v.Version {
			now[customerID] = looks
		} else {
			then[customerID] = looks
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range moves {
		m := &moves[i]
		after, before := now[m.CustomerID], then[m.CustomerID]
		m.NewThen, m.GoneNow = before == nil, after == nil
		if m.NewThen {
			before = make([]look, len(leaves))
		}
		if m.GoneNow {
			after = make([]look, len(leaves))
		}
		for j, leaf := range leaves {
			if same(before[j].holds, after[j].holds) {
				continue
			}
			m.Reasons = append(m.Reasons, Reason{Field: leaf.Field, Sign: leaf.Sign, Value: leaf.Value, Values: leaf.Values,
				Before: shown(c, leaf, before[j].value), After: shown(c, leaf, after[j].value), Held: before[j].holds, Holds: after[j].holds})
		}
	}
	return nil
}

// shown turns a value of score into one for people.
func shown(c *criterion.Compiler, leaf filter.Tree, v any) any {
	switch x := v.(type) {
	case time.Time:
		v = string(date.Of(x))
	case int32:
		v = int64(x)
	case []byte:
		v = string(x)
	}
	if m, ok := c.Measures.Find(leaf.Field); ok {
		if !criterion.Own(leaf.Field) {
			return m.Shown(v, c.Currency)
		}
	}
	return v
}

func same(a, b *bool) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
