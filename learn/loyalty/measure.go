package loyalty

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed indices.sql
	indicesSQL string
	//go:embed people.sql
	peopleSQL string
	//go:embed warnings.sql
	warningsSQL string
	//go:embed said.sql
	saidSQL string
	//go:embed types.sql
	typesSQL string
)

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	On(ctx context.Context, asOf date.Date, ask func(v scoring.Version) error) error
}

// Customers names customers; *customer.Store does.
type Customers interface {
	Named(ctx context.Context, reach access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error)
}

// Questions answers what the scored versions know of loyalty.
type Questions struct {
	warehouse *engine.Warehouse
	versions  Versions
	customers Customers
	units     scoring.UnitTree
	currency  scoring.Currency
	alike     *scoring.Answers[[]row]
	bought    *scoring.Answers[[]buying]
	answered  *scoring.Answers[[]answers]
	warned    *scoring.Answers[[]Warned]
}

// remembered is how many answers of each kind are remembered.
const remembered = 100

// NewQuestions returns the answerer.
func NewQuestions(w *engine.Warehouse, versions Versions, customers Customers, units scoring.UnitTree, currency scoring.Currency) *Questions {
	return &Questions{warehouse: w, versions: versions, customers: customers, units: units, currency: currency,
		alike: scoring.NewAnswers[[]row](w, remembered), bought: scoring.NewAnswers[[]buying](w, remembered),
		answered: scoring.NewAnswers[[]answers](w, remembered), warned: scoring.NewAnswers[[]Warned](w, remembered)}
}

// Query is what is asked of loyalty.
type Query struct {
	AsOf   date.Date
	Narrow scoring.Narrow
	Period Period
	By     string // unit, industry or country
}

// asking is one question on its way.
type asking struct {
	q       *Questions
	query   Query
	reach   access.Reach
	version scoring.Version
	kept    kept
	holes   []engine.Hole
	settled bool // the holes depend on nothing but the version
	picture *Picture
}

// Picture draws loyalty of the date, the latest for an empty one, for the customers within reach and filter. Faults: those
// of scoring.Scorer.On, and loyalty.not_scored for a date scored before there was loyalty.
func (q *Questions) Picture(ctx context.Context, reach access.Reach, query Query) (Picture, error) {
	currency, err := q.currency.Base(ctx)
	if err != nil {
		return Picture{}, fmt.Errorf("draw loyalty: %w", err)
	}
	holes, err := q.narrowed(ctx, reach, query.Narrow)
	if err != nil {
		return Picture{}, err
	}
	var p Picture
	err = q.versions.On(ctx, query.AsOf, func(v scoring.Version) error {
		k, err := keptOf(v)
		if err != nil {
			return err
		}
		p = Picture{AsOf: v.AsOf, ComputedAt: v.ComputedAt, Currency: currency, WindowMonths: v.WindowMonths, Definition: k.Definition, Period: query.Period,
			Spans: []Span{}, Parts: []Part{}, Types: []TypeFigures{}, Grid: []GridFigures{}}
		a := asking{q, query, reach, v, k, holes, reach.All(), &p}
		for _, part := range []func(context.Context) error{a.people, a.indices, a.said, a.warnings} {
			if err := part(ctx); err != nil {
				return fmt.Errorf("draw loyalty: %w", err)
			}
		}
		return nil
	})
	return p, err
}

func keptOf(v scoring.Version) (kept, error) {
	var k kept
	if v.Cuts[stepName] == nil {
		return k, fault.New(fault.NotFound, "loyalty.not_scored", "The customers were scored as of %s before there was loyalty. Score that date again.", v.AsOf)
	}
	if err := json.Unmarshal(v.Cuts[stepName], &k); err != nil {
		return k, fmt.Errorf("read the settings of loyalty: %w", err)
	}
	return k, nil
}

func (q *Questions) narrowed(ctx context.Context, reach access.Reach, n scoring.Narrow) ([]engine.Hole, error) {
	within, err := scoring.Within(reach)
	if err != nil {
		return nil, err
	}
	where, err := n.Clause(ctx, q.units)
	return []engine.Hole{{Name: "reach", Clause: within}, {Name: "where", Clause: where}}, err
}

func fixed(name, text string) engine.Hole {
	return engine.Hole{Name: name, Clause: filter.Clause{SQL: text}}
}

func (a asking) each(ctx context.Context, text string, args engine.Args, read func(rows *sql.Rows) error, holes ...engine.Hole) error {
	args["version"] = a.version.Version
	return a.q.each(ctx, text, args, read, append(slices.Clone(a.holes), holes...)...)
}

func (q *Questions) each(ctx context.Context, text string, args engine.Args, read func(rows *sql.Rows) error, holes ...engine.Hole) error {
	rows, err := q.warehouse.Query(ctx, text, args, used(text, holes)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func used(text string, holes []engine.Hole) []engine.Hole {
	return slices.DeleteFunc(slices.Clone(holes), func(h engine.Hole) bool { return !strings.Contains(text, "{{"+h.Name+"}}") })
}

// parts by which the indices of the latest period can be told apart.
func (a asking) part() string {
	switch a.query.By {
	case "unit":
		return "coalesce(cast(s.unit_id AS varchar), '')"
	case "country":
		return "coalesce(s.country, '')"
	}
	return "coalesce(s.industry, '')"
}

// buying is how many customers of a part of the company bought in each period, the latest first, and how many in each and in
// the one before it.
type buying struct {
	part      string
	customers [2*shownPeriods + 1]int64
}

// indices counts who bought in the periods, for all and for the parts of the company.
func (a asking) indices(ctx context.Context) error {
	quarters := a.query.Period.quarters()
	var bought, counts []string
	for i := range shownPeriods + 1 {
		bought = append(bought, fmt.Sprintf("(s.bought_quarters / cast(%d AS bigint)) %% %d > 0 AS b%d", int64(1)<<(i*quarters), int64(1)<<quarters, i))
		counts = append(counts, fmt.Sprintf("count(CASE WHEN b%d THEN 1 END)", i))
	}
	for i := range shownPeriods {
		counts = append(counts, fmt.Sprintf("count(CASE WHEN b%d AND b%d THEN 1 END)", i, i+1))
	}
	parts, err := a.q.bought.Of(ctx, a.version, a.settled, func() (found []buying, err error) {
		err = a.each(ctx, indicesSQL, engine.Args{}, func(rows *sql.Rows) error {
			var b buying
			into := []any{&b.part}
			for i := range b.customers {
				into = append(into, &b.customers[i])
			}
			err := rows.Scan(into...)
			found = append(found, b)
			return err
		}, fixed("by", a.part()), fixed("bought", strings.Join(bought, ", ")), fixed("counts", strings.Join(counts, ", ")))
		return found, err
	}, a.holes, a.part(), quarters)
	if err != nil {
		return err
	}
	var all [2*shownPeriods + 1]int64
	for _, b := range parts {
		n := b.customers
		for i := range n {
			all[i] += n[i]
		}
		if n[0]+n[1] > 0 {
			a.picture.Parts = append(a.picture.Parts, Part{Key: b.part, Name: b.part, Trade: trade(n[0], n[1], n[shownPeriods+1])})
		}
	}
	for i := shownPeriods - 1; i >= 0; i-- {
		if all[i]+all[i+1] > 0 || len(a.picture.Spans) > 0 {
			months := 3 * quarters
			a.picture.Spans = append(a.picture.Spans, Span{From: a.version.AsOf.AddMonths(-(i + 1) * months).AddDays(1), To: a.version.AsOf.AddMonths(-i * months),
				Trade: trade(all[i], all[i+1], all[shownPeriods+1+i]), Categories: []Category{}})
		}
	}
	slices.SortFunc(a.picture.Parts, func(x, y Part) int {
		return cmp.Or(-cmp.Compare(x.Before, y.Before), cmp.Compare(x.Key, y.Key))
	})
	if a.query.By == "unit" {
		return a.nameUnits(ctx)
	}
	return nil
}

func (a asking) nameUnits(ctx context.Context) error {
	names := map[string]string{}
	err := a.q.each(ctx, "SELECT cast(id AS varchar), name FROM unit", engine.Args{}, func(rows *sql.Rows) error {
		var key, name string
		err := rows.Scan(&key, &name)
		names[key] = name
		return err
	})
	for i, p := range a.picture.Parts {
		a.picture.Parts[i].Name = names[p.Key]
	}
	return err
}

// answers are what was said in a period to a question, added up.
type answers struct {
	period                        int
	topic                         string
	question                      sql.NullString
	n, unconditional, conditional int64
	score, weight                 float64
}

// said adds what customers answered in each period.
func (a asking) said(ctx context.Context) error {
	spans := a.picture.Spans
	if len(spans) == 0 {
		return nil
	}
	var period strings.Builder
	var bounds []any
	period.WriteString("CASE")
	for i, s := range spans {
		fmt.Fprintf(&period, " WHEN a.answer_date <= ? THEN %d", i)
		bounds = append(bounds, s.To)
	}
	period.WriteString(" END")
	// Not settled: what people say of a date can be brought in later.
	said, err := a.q.answered.OfMoment(ctx, func() (found []answers, err error) {
		err = a.each(ctx, saidSQL, engine.Args{"from": spans[0].From.AddDays(-1), "as_of": a.version.AsOf}, func(rows *sql.Rows) error {
			var s answers
			err := rows.Scan(&s.period, &s.topic, &s.question, &s.n, &s.unconditional, &s.conditional, &s.score, &s.weight)
			found = append(found, s)
			return err
		}, engine.Hole{Name: "period", Clause: filter.Clause{SQL: period.String(), Args: bounds}})
		return found, err
	}, a.version.Version, a.holes, spans[0].From, bounds)
	for _, s := range said {
		at, n := &spans[s.period], float64(s.n)
		if s.topic == "intention" {
			at.Intenders = Intenders{Unconditional: s.unconditional, Conditional: s.conditional, Asked: s.n}
			continue
		}
		at.Answers += s.n
		at.Categories = append(at.Categories, Category{Name: s.question.String, Score: s.score / n, Weight: s.weight / n, Asked: s.n})
	}
	for i := range spans {
		s, least := &spans[i], int64(a.kept.Definition.Asked)
		if s.Intenders.Asked >= least {
			s.Standard, s.Strengthened = s.Intenders.Standard(), s.Intenders.Strengthened()
		}
		if s.Answers >= least {
			s.Satisfaction = Satisfy(s.Categories)
		} else {
			s.Categories = []Category{}
		}
	}
	return err
}

// cuts of profitability: where nobody bought there are none, and nobody is placed.
func (k kept) cuts() (middle, high int64) {
	switch len(k.ProfitCuts) {
	case 0:
		return 0, 0
	case 1:
		return k.ProfitCuts[0], k.ProfitCuts[0]
	}
	return k.ProfitCuts[0], k.ProfitCuts[1]
}

// row is one group of customers who are alike in all that the page draws.
type row struct {
	consistency, tie, loyalty, profit int
	kind                              Type
	warning, strength                 string
	sum                               Sum
	bs                                scores
}

// people adds the customers up by type, in the grid, in the matrix and by their warnings.
func (a asking) people(ctx context.Context) error {
	d := a.kept.Definition
	middle, high := a.kept.cuts()
	cuts := engine.Args{"c_middle": d.ConsistencyCuts.Middle, "c_high": d.ConsistencyCuts.High, "t_middle": d.TieCuts.Middle, "t_high": d.TieCuts.High,
		"l_middle": d.LoyaltyCuts.Middle, "l_high": d.LoyaltyCuts.High, "p_middle": middle, "p_high": high}
	all, err := a.q.alike.Of(ctx, a.version, a.settled, func() (found []row, err error) {
		err = a.each(ctx, peopleSQL, cuts, func(rows *sql.Rows) error {
			var r row
			into := []any{&r.consistency, &r.tie, &r.loyalty, &r.profit, &r.kind, &r.warning, &r.strength, &r.sum.Customers, &r.sum.Revenue, &r.sum.Profit}
			for i := range r.bs.sum {
				into = append(into, &r.bs.sum[i], &r.bs.n[i])
			}
			err := rows.Scan(into...)
			found = append(found, r)
			return err
		}, fixed("profit", a.kept.Profitability))
		return found, err
	}, a.holes)
	if err != nil {
		return err
	}
	a.draw(all)
	return nil
}

func (a asking) draw(all []row) {
	p := a.picture
	types, bs := map[Type]*Sum{}, map[Type]*scores{}
	grid := map[GridFigures]int64{}
	byLoyalty, byConsistency := newCells(), newCells()
	var profile scores
	for _, t := range Types() {
		types[t], bs[t] = &Sum{}, &scores{}
	}
	p.Warnings = Warnings{Rate: a.kept.Definition.Warning.Rate, First: []Warned{}}
	for _, r := range all {
		p.Customers += r.sum.Customers
		types[r.kind].add(r.sum)
		bs[r.kind].add(r.bs)
		profile.add(r.bs)
		grid[GridFigures{Consistency: r.consistency, Tie: r.tie, Type: r.kind}] += r.sum.Customers
		byLoyalty.add(r.profit, r.loyalty, r)
		byConsistency.add(r.profit, r.consistency, r)
		switch {
		case r.warning == "":
			p.Warnings.Untested += r.sum.Customers
			continue
		case r.strength == "strong":
			p.Warnings.Strong.add(r.sum)
		case r.strength == "clear":
			p.Warnings.Clear.add(r.sum)
		}
		p.Warnings.Tested += r.sum.Customers
	}
	p.Warnings.Expected = p.Warnings.Rate * float64(p.Warnings.Tested)
	p.Warnings.Strong, p.Warnings.Clear = a.minor(p.Warnings.Strong), a.minor(p.Warnings.Clear)
	for _, t := range Types() {
		p.Types = append(p.Types, TypeFigures{Type: t, Sum: a.minor(*types[t]), Profile: bs[t].profile()})
	}
	for g, n := range grid {
		g.Customers = n
		p.Grid = append(p.Grid, g)
	}
	slices.SortFunc(p.Grid, func(x, y GridFigures) int {
		return cmp.Or(-cmp.Compare(x.Consistency, y.Consistency), cmp.Compare(x.Tie, y.Tie), -cmp.Compare(x.Customers, y.Customers), cmp.Compare(x.Type, y.Type))
	})
	p.Profile = profile.profile()
	p.Matrix = Matrix{Profitability: a.kept.Profitability, Cuts: []int64{}, Loyalty: byLoyalty.figures(a), Consistency: byConsistency.figures(a)}
	for _, cut := range a.kept.ProfitCuts {
		p.Matrix.Cuts = append(p.Matrix.Cuts, money.Minor(cut, p.Currency))
	}
}

func (a asking) minor(s Sum) Sum {
	return Sum{s.Customers, money.Minor(s.Revenue, a.picture.Currency), money.Minor(s.Profit, a.picture.Currency)}
}

// cells are the fields of the loyalty matrix of those who bought, by profitability and loyalty.
type cells map[[2]int]*row

func newCells() cells {
	c := cells{}
	for profit := 2; profit >= 0; profit-- {
		for loyal := -1; loyal <= 2; loyal++ {
			c[[2]int{profit, loyal}] = &row{}
		}
	}
	return c
}

func (c cells) add(profit, loyal int, r row) {
	if at := c[[2]int{profit, loyal}]; at != nil {
		at.sum.add(r.sum)
		at.bs.add(r.bs)
	}
}

func (c cells) figures(a asking) []CellFigures {
	var all []CellFigures
	for profit := 2; profit >= 0; profit-- {
		for loyal := -1; loyal <= 2; loyal++ {
			r := c[[2]int{profit, loyal}]
			all = append(all, CellFigures{ProfitClass: profit, LoyaltyClass: loyal, Sum: a.minor(r.sum), Profile: r.bs.profile()})
		}
	}
	return all
}

// shownWarnings is how many warnings the page names; the list behind its figures has all.
const shownWarnings = 25

func (a asking) warnings(ctx context.Context) error {
	w := &a.picture.Warnings
	found, err := a.q.warned.Of(ctx, a.version, a.settled, func() (found []Warned, err error) {
		err = a.each(ctx, warningsSQL, engine.Args{}, func(rows *sql.Rows) error {
			var one Warned
			err := rows.Scan(&one.ID, &one.Warning, &one.Strength, &one.Chance, &one.Revenue, &one.Silence, &one.Every, &one.Recent, &one.Usual, &one.Rhythm, &one.Change, &one.Amounts,
				&one.ShareBefore, &one.ShareLately, &one.PotentialChange, &one.ShareChance, &one.ShareFellBy)
			one.Revenue = money.Minor(one.Revenue, a.picture.Currency)
			found = append(found, one)
			return err
		}, fixed("limit", fmt.Sprint(shownWarnings)))
		return found, err
	}, a.holes, a.picture.Currency)
	if err != nil || len(found) == 0 {
		return err
	}
	ids := make([]id.ID, len(found))
	for i, one := range found {
		ids[i] = one.ID
	}
	known, err := a.q.customers.Named(ctx, a.reach, ids)
	if err != nil {
		return err
	}
	for _, one := range found {
		if c := known[one.ID]; c != nil {
			one.Code, one.Name, one.OwnerName = c.Code, c.Name, c.OwnerName
			w.First = append(w.First, one)
		}
	}
	return nil
}

// Preview is how many customers a draft's rules would call what.
type Preview struct {
	AsOf  date.Date  `json:"as_of"`
	Types []TypeSize `json:"types" nullable:"false"`
}

// TypeSize is how many customers are of a type by the draft, and by the version as it was scored.
type TypeSize struct {
	Type      Type  `json:"type" enum:"truly_loyal,bought_loyalty,bad_habit,hostage,vampire,terrorist,fan,waits_for_offer,occasion_buyer,indifferent,unknown"`
	Customers int64 `json:"customers"`
	Now       int64 `json:"now"`
}

// Preview tries rules on the latest scored customers within reach. Faults: those of Picture, and what the rules cannot be.
func (q *Questions) Preview(ctx context.Context, reach access.Reach, rules []Rule) (Preview, error) {
	if err := validateRules(rules); err != nil {
		return Preview{}, err
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return Preview{}, err
	}
	var p Preview
	err = q.versions.On(ctx, "", func(v scoring.Version) error {
		k, err := keptOf(v)
		if err != nil {
			return err
		}
		p = Preview{AsOf: v.AsOf, Types: []TypeSize{}}
		draft, now := map[Type]int64{}, map[Type]int64{}
		for _, x := range []struct {
			rules []Rule
			into  map[Type]int64
		}{{rules, draft}, {k.Definition.Rules, now}} {
			err := q.each(ctx, typesSQL, engine.Args{"version": v.Version}, func(rows *sql.Rows) error {
				var t Type
				var n int64
				err := rows.Scan(&t, &n)
				x.into[t] = n
				return err
			}, engine.Hole{Name: "reach", Clause: within}, engine.Hole{Name: "type", Clause: clause(x.rules, "s")})
			if err != nil {
				return fmt.Errorf("try the rules of behaviour: %w", err)
			}
		}
		for _, t := range Types() {
			p.Types = append(p.Types, TypeSize{t, draft[t], now[t]})
		}
		return nil
	})
	return p, err
}
