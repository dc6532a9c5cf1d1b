package segment

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/learn/criterion"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed count.sql
	countSQL string
	//go:embed sizes.sql
	sizesSQL string
	//go:embed members.sql
	membersSQL string
	//go:embed moved.sql
	movedSQL string
)

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	Find(ctx context.Context, asOf date.Date) (scoring.Version, error)
	On(ctx context.Context, asOf date.Date, ask func(v scoring.Version) error) error
	List(ctx context.Context) ([]scoring.Version, error)
}

// Customers is the operational store's word on who customers are now and who may see them; *customer.Store has it.
type Customers interface {
	Named(ctx context.Context, reach access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error)
	Within(ctx context.Context, reach access.Reach, customerID id.ID) error
}

// Config is what a Book works with; all of it is needed.
type Config struct {
	DB        *db.DB
	Warehouse *engine.Warehouse
	Versions  Versions
	Customers Customers
	Units     criterion.Units
	Currency  scoring.Currency
	Measures  *measure.Registry
	CatchUp   func(ctx context.Context) error // brings members of frozen segments to the warehouse
	Clock     func() time.Time
}

// Book keeps the segments and answers who is in them.
type Book struct {
	cfg      Config
	store    store
	building sync.Mutex // held by Rebuild
}

// New returns a Book.
func New(cfg Config) *Book {
	return &Book{cfg: cfg, store: store{db: cfg.DB, now: cfg.Clock}}
}

// library returns all segments by id.
func (b *Book) library(ctx context.Context) (map[id.ID]*Segment, error) {
	all, err := b.store.list(ctx, b.store.db.Read(), nil)
	if err != nil {
		return nil, err
	}
	byID := make(map[id.ID]*Segment, len(all))
	for _, g := range all {
		byID[g.ID] = g
	}
	return byID, nil
}

// compiler makes rules for a version.
func (b *Book) compiler(ctx context.Context, v scoring.Version) (*criterion.Compiler, error) {
	c, err := b.compilers(ctx)
	if err != nil {
		return nil, err
	}
	return at(c, v, b.cfg.Measures)
}

// compilers makes compilers; each is for the version that at gives it.
func (b *Book) compilers(ctx context.Context) (*criterion.Compiler, error) {
	currency, err := b.cfg.Currency.Base(ctx)
	if err != nil {
		return nil, err
	}
	library, err := b.library(ctx)
	return &criterion.Compiler{Currency: currency, Units: b.cfg.Units, Library: spoken(library), Owner: access.From(ctx).UserID, Below: map[id.ID][]id.ID{}}, err
}

// spoken is what rules are told of segments.
func spoken(library map[id.ID]*Segment) map[id.ID]criterion.Segment {
	all := make(map[id.ID]criterion.Segment, len(library))
	for of, g := range library {
		all[of] = criterion.Segment{Name: g.Name, Shared: g.Shared, OwnerID: g.OwnerID, Version: g.Version, Rule: g.Rule}
	}
	return all
}

func at(c *criterion.Compiler, v scoring.Version, measures *measure.Registry) (*criterion.Compiler, error) {
	of := *c
	var err error
	of.Measures, err = measures.In(v)
	return &of, err
}

// kept compiles the rule of a live segment with its owner's rights; a frozen one is its members.
func kept(ctx context.Context, c *criterion.Compiler, g *Segment) (criterion.Compiled, error) {
	if g.Kind == Frozen {
		clause, err := filter.Compile(criterion.FrozenMembers(g.ID, g.Version), c.Columns())
		return criterion.Compiled{Clause: clause}, err
	}
	of := *c
	of.Owner = g.OwnerID
	return of.Rule(ctx, g.ID, *g.Rule)
}

// check compiles a rule before it is kept. Before anything was scored it may speak of the program's own measures.
func (b *Book) check(ctx context.Context, g *Segment) error {
	if g.Rule == nil {
		return nil
	}
	v, err := b.cfg.Versions.Find(ctx, "")
	empty := fault.Of(err) != nil && fault.Of(err).Code == "scoring.empty"
	if err != nil && !empty {
		return err
	}
	c, err := b.compiler(ctx, v)
	if err != nil {
		return err
	}
	if empty {
		c.Measures = b.cfg.Measures.Standing()
	}
	if _, err := kept(ctx, c, g); err != nil {
		return err
	}
	for _, of := range g.uses() {
		if o, there := c.Library[of]; g.Shared && there && !o.Shared {
			return fault.New(fault.Invalid, "segment.uses_private", "A shared segment cannot speak of the private segment %q. Share that one first.", o.Name).
				At("shared", "Share %q first.", o.Name)
		}
	}
	return nil
}

// Among returns the condition that rows s of score in a version are of customers who belong to a segment that the person of
// the context may see, and who meet a rule in JSON; either may be empty. Faults: segment.not_found, and Malformed for a rule.
func (b *Book) Among(ctx context.Context, v scoring.Version, segmentID id.ID, rule string) (filter.Clause, error) {
	all := filter.Clause{SQL: "true"}
	if segmentID == "" && rule == "" {
		return all, nil
	}
	c, err := b.compiler(ctx, v)
	if err != nil {
		return all, err
	}
	var parts []string
	join := func(made criterion.Compiled) {
		clause := asked(made, v)
		parts, all.Args = append(parts, "("+clause.SQL+")"), append(all.Args, clause.Args...)
	}
	if segmentID != "" {
		g, err := b.store.get(ctx, b.store.db.Read(), access.From(ctx), segmentID)
		if err != nil {
			return all, err
		}
		made, err := kept(ctx, c, g)
		if err != nil {
			return all, err
		}
		join(made)
	}
	if rule != "" {
		t, err := filter.ParseTree(rule)
		if err != nil {
			return all, err
		}
		made, err := c.Rule(ctx, "", t)
		if err != nil {
			return all, err
		}
		join(made)
	}
	all.SQL = strings.Join(parts, " AND ")
	return all, nil
}

// asked is the rule as a condition on rows s of score alone.
func asked(c criterion.Compiled, v scoring.Version) filter.Clause {
	if !c.Today {
		return c.Clause
	}
	return filter.Clause{SQL: "s.customer_id IN (SELECT s.customer_id FROM " + criterion.Rows(true).SQL + " WHERE s.version = ? AND (" + c.Clause.SQL + "))",
		Args: append([]any{v.Version}, c.Clause.Args...)}
}

// Preview is how many customers within reach a rule means.
type Preview struct {
	AsOf      date.Date `json:"as_of"`
	Customers int64     `json:"customers" doc:"Who meet the rule."`
	Of        int64     `json:"of" doc:"Who were scored on the date, within your reach."`
	Untold    int64     `json:"untold" doc:"Of whom it cannot be told, since a value the rule asks for is unknown; they are not members."`
}

// Preview counts whom a rule means as of a date. Faults: those of scoring.Scorer.Find, and Malformed for the rule.
func (b *Book) Preview(ctx context.Context, reach access.Reach, asOf date.Date, t filter.Tree) (Preview, error) {
	var p Preview
	err := b.cfg.Versions.On(ctx, asOf, func(v scoring.Version) error {
		c, err := b.compiler(ctx, v)
		if err != nil {
			return err
		}
		made, err := c.Rule(ctx, "", t)
		if err != nil {
			return err
		}
		within, err := scoring.Within(reach)
		if err != nil {
			return err
		}
		p = Preview{AsOf: v.AsOf}
		found, err := b.cfg.Warehouse.Query(ctx, countSQL, engine.Args{"version": v.Version}, engine.Hole{Name: "rule", Clause: made.Clause},
			engine.Hole{Name: "rows", Clause: criterion.Rows(made.Today)}, engine.Hole{Name: "reach", Clause: within})
		if err != nil {
			return fmt.Errorf("count whom a rule means: %w", err)
		}
		return each(found, func() error { return found.Scan(&p.Of, &p.Customers, &p.Untold) })
	})
	return p, err
}

// each reads all rows and closes them.
func each(found *sql.Rows, read func() error) error {
	defer found.Close()
	for found.Next() {
		if err := read(); err != nil {
			return err
		}
	}
	return found.Err()
}

// meeting returns the customers within reach who meet a rule as of a date, all of them for nil.
func (b *Book) meeting(ctx context.Context, reach access.Reach, asOf date.Date, t *filter.Tree) ([]id.ID, error) {
	var ids []id.ID
	err := b.cfg.Versions.On(ctx, asOf, func(v scoring.Version) error {
		c, err := b.compiler(ctx, v)
		if err != nil {
			return err
		}
		made := criterion.Compiled{Clause: filter.Clause{SQL: "true"}}
		if t != nil {
			if made, err = c.Rule(ctx, "", *t); err != nil {
				return err
			}
		}
		within, err := scoring.Within(reach)
		if err != nil {
			return err
		}
		ids = nil
		found, err := b.cfg.Warehouse.Query(ctx, membersSQL, engine.Args{"version": v.Version, "most": MostMembers + 1},
			engine.Hole{Name: "rule", Clause: made.Clause}, engine.Hole{Name: "rows", Clause: criterion.Rows(made.Today)}, engine.Hole{Name: "reach", Clause: within})
		if err != nil {
			return fmt.Errorf("find whom a rule means: %w", err)
		}
		return each(found, func() error {
			var one id.ID
			ids = append(ids, one)
			return found.Scan(&ids[len(ids)-1])
		})
	})
	if err == nil && len(ids) > MostMembers {
		err = tooMany(int64(len(ids)))
	}
	return ids, err
}

// count counts the members of some segments in a version, among the customers within.
func (b *Book) count(ctx context.Context, within filter.Clause, v scoring.Version, rules map[id.ID]criterion.Compiled) (map[id.ID]int64, error) {
	sizes := map[id.ID]int64{}
	if len(rules) == 0 {
		return sizes, nil
	}
	var order []id.ID
	for of := range rules {
		order = append(order, of)
	}
	slices.Sort(order)
	columns, today := filter.Clause{}, false
	for i, of := range order {
		if i > 0 {
			columns.SQL += ", "
		}
		columns.SQL += "cast(coalesce(sum(CASE WHEN " + rules[of].Clause.SQL + " THEN 1 ELSE 0 END), 0) AS bigint)"
		columns.Args = append(columns.Args, rules[of].Clause.Args...)
		today = today || rules[of].Today
	}
	found, err := b.cfg.Warehouse.Query(ctx, sizesSQL, engine.Args{"version": v.Version}, engine.Hole{Name: "columns", Clause: columns},
		engine.Hole{Name: "rows", Clause: criterion.Rows(today)}, engine.Hole{Name: "reach", Clause: within})
	if err != nil {
		return nil, fmt.Errorf("count the members of segments: %w", err)
	}
	err = each(found, func() error {
		counts, into := make([]int64, len(order)), make([]any, len(order))
		for i := range counts {
			into[i] = &counts[i]
		}
		if err := found.Scan(into...); err != nil {
			return err
		}
		for i, of := range order {
			sizes[of] = counts[i]
		}
		return nil
	})
	return sizes, err
}

// Shown is a segment as its readers see it: its size is what of it lies within their reach.
type Shown struct {
	Segment
	Mine      bool       `json:"mine" doc:"Whether you made it."`
	MayChange bool       `json:"may_change"`
	AsOf      *date.Date `json:"as_of" doc:"The scored date of the figures of a live segment; null before anything was scored, and of a frozen one, which is as of now."`
	Customers *int64     `json:"customers" doc:"Members within your reach; null when it cannot be told."`
	Since     *date.Date `json:"since" doc:"The date that entered and left are counted from: of a live segment the last scored date a month or more before, else the first one; null when there is none before."`
	Entered   int64      `json:"entered" doc:"Who came in since then."`
	Left      int64      `json:"left" doc:"Who went out since then."`
	Trouble   string     `json:"trouble,omitempty" doc:"Why the rule does not work as of the date."`
}

// List returns the segments that the person of the context may see.
func (b *Book) List(ctx context.Context, reach access.Reach) ([]Shown, error) {
	p := access.From(ctx)
	all, err := b.store.list(ctx, b.store.db.Read(), &p)
	if err != nil {
		return nil, err
	}
	return b.show(ctx, reach, all)
}

// Get returns one of them.
func (b *Book) Get(ctx context.Context, reach access.Reach, segmentID id.ID) (Shown, error) {
	g, err := b.store.get(ctx, b.store.db.Read(), access.From(ctx), segmentID)
	if err != nil {
		return Shown{}, err
	}
	all, err := b.show(ctx, reach, []*Segment{g})
	if err != nil {
		return Shown{}, err
	}
	return all[0], nil
}

// Name is what a segment that the person of the context may see is called.
func (b *Book) Name(ctx context.Context, segmentID id.ID) (string, error) {
	g, err := b.store.get(ctx, b.store.db.Read(), access.From(ctx), segmentID)
	if err != nil {
		return "", err
	}
	return g.Name, nil
}

// month is how far back a segment's list tells of changes.
const month = 1

func (b *Book) show(ctx context.Context, reach access.Reach, segments []*Segment) ([]Shown, error) {
	p := access.From(ctx)
	shown := make([]Shown, len(segments))
	for i, g := range segments {
		shown[i] = Shown{Segment: *g, Mine: g.mine(p), MayChange: g.mayChange(p, reach) == nil}
	}
	if err := b.showFrozen(ctx, reach, shown); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(segments, func(g *Segment) bool { return g.Kind == Live }) {
		return shown, nil
	}
	err := b.cfg.Versions.On(ctx, "", func(v scoring.Version) error { return b.showLive(ctx, reach, v, shown) })
	if f := fault.Of(err); f != nil && f.Code == "scoring.empty" {
		return shown, nil
	}
	return shown, err
}

func (b *Book) showFrozen(ctx context.Context, reach access.Reach, shown []Shown) error {
	if !slices.ContainsFunc(shown, func(s Shown) bool { return s.Kind == Frozen }) {
		return nil
	}
	sizes, err := b.store.sizes(ctx, reach)
	if err != nil {
		return err
	}
	moves, err := b.store.moved(ctx, reach, "")
	if err != nil {
		return err
	}
	since := b.cfg.Clock().UTC().AddDate(0, -month, 0)
	day := date.Of(since)
	for i := range shown {
		s := &shown[i]
		if s.Kind != Frozen {
			continue
		}
		s.Customers, s.Since = new(sizes[s.ID]), &day
		for _, m := range moves {
			switch {
			case m.SegmentID != s.ID || m.At.Before(since) || m.At.Equal(s.CreatedAt):
			case m.Entered:
				s.Entered += m.Customers
			default:
				s.Left += m.Customers
			}
		}
	}
	return nil
}

// since is the scored date that changes up to a version are told from.
func (b *Book) since(ctx context.Context, v scoring.Version) (*date.Date, error) {
	versions, err := b.cfg.Versions.List(ctx)
	if err != nil {
		return nil, err
	}
	var since *date.Date
	for i := range versions { // the latest first
		if versions[i].AsOf < v.AsOf {
			since = &versions[i].AsOf
		}
		if versions[i].AsOf <= v.AsOf.AddMonths(-month) {
			break
		}
	}
	return since, nil
}

func (b *Book) showLive(ctx context.Context, reach access.Reach, v scoring.Version, shown []Shown) error {
	c, err := b.compiler(ctx, v)
	if err != nil {
		return err
	}
	built, err := b.built(ctx)
	if err != nil {
		return err
	}
	since, err := b.since(ctx, v)
	if err != nil {
		return err
	}
	wanted := map[id.ID]criterion.Compiled{}
	for i := range shown {
		s := &shown[i]
		if s.Kind != Live {
			continue
		}
		s.AsOf, s.Since, s.Customers, s.Trouble, s.Entered, s.Left = &v.AsOf, since, nil, "", 0, 0
		made, err := kept(ctx, c, &s.Segment)
		if f := fault.Of(err); f != nil && f.Kind == fault.Malformed {
			s.Trouble = f.Detail
			continue
		}
		if err != nil {
			return err
		}
		if at, ok := built[pair{s.ID, v.AsOf}]; ok && reach.All() && at.version == v.Version && strings.HasPrefix(at.print, hash(made.Print())) {
			s.Customers = new(at.customers)
			continue
		}
		wanted[s.ID] = made
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return err
	}
	sizes, err := b.count(ctx, within, v, wanted)
	if err != nil {
		return err
	}
	var moves []moveCount
	if since != nil {
		if moves, err = b.moved(ctx, reach, "", *since); err != nil {
			return err
		}
	}
	for i := range shown {
		s := &shown[i]
		if n, ok := sizes[s.ID]; ok {
			s.Customers = &n
		}
		for _, m := range moves {
			if m.segment == s.ID && s.Kind == Live {
				s.Entered, s.Left = s.Entered+m.entered, s.Left+m.left
			}
		}
	}
	return nil
}

// Of returns the segments that the person of the context may see and a customer within reach is in, as of the latest date.
func (b *Book) Of(ctx context.Context, reach access.Reach, customerID id.ID) ([]*Segment, error) {
	if err := b.cfg.Customers.Within(ctx, reach, customerID); err != nil {
		return nil, err
	}
	p := access.From(ctx)
	all, err := b.store.list(ctx, b.store.db.Read(), &p)
	if err != nil {
		return nil, err
	}
	in, err := b.store.holding(ctx, customerID)
	if err != nil {
		return nil, err
	}
	err = b.cfg.Versions.On(ctx, "", func(v scoring.Version) error { return b.inLive(ctx, v, customerID, all, in) })
	if f := fault.Of(err); f != nil && f.Code == "scoring.empty" {
		err = nil
	}
	return slices.DeleteFunc(all, func(g *Segment) bool { return !in[g.ID] }), err
}

// inLive notes which live segments a customer is in.
func (b *Book) inLive(ctx context.Context, v scoring.Version, customerID id.ID, all []*Segment, in map[id.ID]bool) error {
	c, err := b.compiler(ctx, v)
	if err != nil {
		return err
	}
	wanted := map[id.ID]criterion.Compiled{}
	for _, g := range all {
		if g.Kind != Live {
			continue
		}
		made, err := kept(ctx, c, g)
		if fault.Is(err, fault.Malformed) {
			continue // its own page says what is wrong
		}
		if err != nil {
			return err
		}
		wanted[g.ID] = made
	}
	sizes, err := b.count(ctx, filter.Clause{SQL: "s.customer_id = ?", Args: []any{customerID}}, v, wanted)
	if err != nil {
		return err
	}
	for of, n := range sizes {
		in[of] = n > 0
	}
	return nil
}
