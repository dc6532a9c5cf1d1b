package pyramid

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

//go:embed tiers.sql
var tiersSQL string

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	On(ctx context.Context, asOf date.Date, ask func(v scoring.Version) error) error
	Find(ctx context.Context, asOf date.Date) (scoring.Version, error)
	List(ctx context.Context) ([]scoring.Version, error)
}

// Customers is the operational store's word on who customers are now; *customer.Store has it.
type Customers interface {
	Named(ctx context.Context, reach access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error)
}

// Questions answers what the scored versions know of the pyramid.
type Questions struct {
	warehouse   *engine.Warehouse
	versions    Versions
	customers   Customers
	units       scoring.UnitTree
	currency    scoring.Currency
	measures    *measure.Registry
	definitions *Definitions
	known       *scoring.Answers[Picture]
}

// pictures is how many pictures are remembered.
const pictures = 100

// NewQuestions returns the answerer.
func NewQuestions(w *engine.Warehouse, versions Versions, customers Customers, units scoring.UnitTree, currency scoring.Currency, measures *measure.Registry, definitions *Definitions) *Questions {
	return &Questions{warehouse: w, versions: versions, customers: customers, units: units, currency: currency, measures: measures, definitions: definitions,
		known: scoring.NewAnswers[Picture](w, pictures)}
}

// Question is what the pyramid is drawn of.
type Question struct {
	AsOf    date.Date // empty is the latest scored date
	Measure string    // empty is the one of the settings
	By      Cut       // empty is by customers
	Narrow  scoring.Narrow
}

// Choice is a measure that the pyramid can be drawn of.
type Choice struct {
	Key   string       `json:"key"`
	Label string       `json:"label"`
	Unit  scoring.Unit `json:"unit" enum:"money,count,points"`
}

// Layer is a tier with what stands in it. Values are in the measure's unit, money in minor units.
type Layer struct {
	Name             string   `json:"name"`
	From             *float64 `json:"from" doc:"The value it begins at; null in the last, which takes all above nothing, and below the tiers."`
	UpTo             float64  `json:"up_to" doc:"Where it ends by the settings; 0 below the tiers."`
	Customers        int64    `json:"customers"`
	Value            float64  `json:"value"`
	ShareOfCustomers float64  `json:"share_of_customers" doc:"Of those above nothing."`
	ShareOfValue     float64  `json:"share_of_value" doc:"Of what they bring."`
	Revenue          int64    `json:"revenue" doc:"Of the window, in minor units."`
	CostToServe      *int64   `json:"cost_to_serve" doc:"In minor units; null where the version does not have it."`
	Contacts         *int64   `json:"contacts" doc:"Null where the version does not have them."`
	Conditions       []string `json:"conditions" nullable:"false" doc:"What a list of customers must be asked for to show them."`
}

// Picture is the pyramid of a date.
type Picture struct {
	AsOf         date.Date    `json:"as_of"`
	ComputedAt   time.Time    `json:"computed_at"`
	Currency     string       `json:"currency"`
	WindowMonths int          `json:"window_months"`
	Measure      Choice       `json:"measure"`
	Choices      []Choice     `json:"choices" nullable:"false" doc:"The measures the pyramid can be drawn of as of this date."`
	By           Cut          `json:"by" enum:"customers,value"`
	Definition   Definition   `json:"definition" doc:"The settings that counted when the date was scored."`
	Customers    int64        `json:"customers" doc:"Within reach and filters, whatever their value."`
	Above        int64        `json:"above" doc:"Of those: with a value above nothing; the tiers are made of them."`
	Value        float64      `json:"value" doc:"What those bring."`
	Tiers        []Layer      `json:"tiers" nullable:"false" doc:"The top first. Where tiers begin is the same for everybody who asks: it is found among all customers of the company."`
	Below        []Layer      `json:"below" nullable:"false" doc:"Customers with nothing, with less than nothing, and without a value."`
	Curve        []CurvePoint `json:"curve" nullable:"false"`
	Gini         *float64     `json:"gini" doc:"0: all bring the same; near 1: one brings all. Null where too few are above nothing."`
	TopFifth     *float64     `json:"top_fifth" doc:"What the first 20 % of the customers bring, as a share; null where too few are above nothing."`
	TooFew       string       `json:"too_few,omitempty" doc:"Why no concentration is told."`
}

// least is how many customers must be above nothing before anything is said of how their values spread.
const least = 10

// extent is what a question is asked of in one version.
type extent struct {
	version   scoring.Version
	measure   measure.Measure
	set       measure.Set
	unit      float64 // column units in what people are shown
	def       Definition
	kept      *kept // nil in a version from before there was a pyramid
	by        Cut
	begins    []float64
	all       bool // neither filters nor reach narrow it
	narrowed  source
	steps     []step // of the narrowed source, exact where tiers begin if all
	counted   counts
	currency  string
	standings bool // the tiers are those of the column tier
}

func (q *Questions) source(version int64, where, reach filter.Clause, m measure.Measure) source {
	return source{table: "score", value: "s." + m.Column(), where: where, reach: reach, version: filter.Clause{SQL: "s.version = ?", Args: []any{version}},
		ask: func(ctx context.Context, text string, holes []engine.Hole, read func(*sql.Rows) error) error {
			return q.each(ctx, text, nil, read, holes...)
		}}
}

func (q *Questions) each(ctx context.Context, text string, args engine.Args, read func(rows *sql.Rows) error, holes ...engine.Hole) error {
	rows, err := q.warehouse.Query(ctx, text, args, holes...)
	if err != nil {
		return fmt.Errorf("draw the pyramid: %w", err)
	}
	if err := engine.Each(rows, func() error { return read(rows) }); err != nil {
		return fmt.Errorf("draw the pyramid: %w", err)
	}
	return nil
}

func choices(set measure.Set) []Choice {
	all := []Choice{}
	for _, m := range set {
		if adds(m.Unit) && m.Direction != scoring.Less {
			all = append(all, Choice{m.Key, m.Label, m.Unit})
		}
	}
	return all
}

// open finds measure, settings and tiers of a version.
func (q *Questions) open(ctx context.Context, v scoring.Version, ask Question, where, reach filter.Clause) (extent, error) {
	e := extent{version: v, by: ask.By, unit: 1, all: where.SQL == "true" && reach.SQL == "true"}
	var err error
	if e.set, err = q.measures.In(v); err != nil {
		return e, err
	}
	if raw := v.Cuts[stepName]; raw != nil {
		e.kept = &kept{}
		if err := json.Unmarshal(raw, e.kept); err != nil {
			return e, fmt.Errorf("the tiers of version %d: %w", v.Version, err)
		}
		e.def = e.kept.Definition
	} else if e.def, _, err = q.definitions.Get(ctx); err != nil {
		return e, err
	}
	if e.by == "" {
		e.by = ByCustomers
	}
	key := ask.Measure
	if key == "" {
		key = e.def.Measure
	}
	if !slices.ContainsFunc(choices(e.set), func(c Choice) bool { return c.Key == key }) {
		return e, fault.New(fault.Malformed, "pyramid.unknown_measure", "No pyramid can be drawn of the measure %.60q as of %s. Choose one of the list.", key, v.AsOf).
			At("measure", "Choose an amount, a number or points.")
	}
	e.measure, _ = e.set.Find(key)
	if e.currency, err = q.currency.Base(ctx); err != nil {
		return e, err
	}
	if e.measure.Fine() {
		e.unit = float64(money.FinePerMinor(e.currency))
	}
	everybody := filter.Clause{SQL: "true"}
	e.narrowed = q.source(v.Version, where, reach, e.measure)
	if e.standings = e.kept != nil && e.by == ByCustomers && e.kept.Definition.Measure == key; e.standings {
		for _, t := range e.kept.Tiers[:len(e.kept.Tiers)-1] {
			e.begins = append(e.begins, t.From)
		}
		return e, nil
	}
	company := q.source(v.Version, everybody, everybody, e.measure)
	counted, err := company.steps(ctx)
	if err != nil {
		return e, err
	}
	e.begins, _, err = company.thresholds(ctx, counted, e.by, e.def.cut(e.by), e.unit)
	if e.all {
		e.counted = counted
	}
	return e, err
}

// shown turns a value of the column into one for people.
func (e extent) shown(x float64) float64 {
	if e.unit == 1 {
		return x
	}
	return math.Round(x / e.unit)
}

// conditions are what a list must be asked for to show a tier; below the tiers i is −1, −2 and −3.
func (e extent) conditions(i int) []string {
	key := e.measure.Key
	at := func(sign string, x float64) string { return key + sign + strconv.FormatFloat(e.shown(x), 'f', -1, 64) }
	tiers := e.def.cut(e.by)
	switch {
	case i == -3:
		return []string{key + "="}
	case i == -2:
		return []string{key + "<0"}
	case i == -1:
		return []string{key + "=0"}
	case e.standings:
		return []string{"tier=" + tiers[i].Name}
	case i == 0:
		return []string{at(">=", e.begins[0])}
	case i == len(tiers)-1:
		return []string{key + ">0", at("<", e.begins[i-1])}
	}
	return []string{at(">=", e.begins[i]), at("<", e.begins[i-1])}
}

// Draw draws the pyramid for the customers within reach. Faults: those of scoring.Scorer.On, and Malformed for an unknown measure
// or a filter that cannot be.
func (q *Questions) Draw(ctx context.Context, reach access.Reach, ask Question) (Picture, error) {
	var p Picture
	where, err := ask.Narrow.Clause(ctx, q.units)
	if err != nil {
		return p, err
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return p, err
	}
	err = q.versions.On(ctx, ask.AsOf, func(v scoring.Version) error {
		now, _, err := q.definitions.Get(ctx)
		if err != nil {
			return err
		}
		p, err = q.known.Of(ctx, v, reach.All(), func() (Picture, error) { return q.draw(ctx, v, ask, where, within) }, ask.Measure, ask.By, where, within, now)
		return err
	})
	return p, err
}

func (q *Questions) draw(ctx context.Context, v scoring.Version, ask Question, where, within filter.Clause) (Picture, error) {
	e, err := q.open(ctx, v, ask, where, within)
	if err != nil {
		return Picture{}, err
	}
	if e.counted.steps == nil {
		if e.counted, err = e.narrowed.steps(ctx); err != nil {
			return Picture{}, err
		}
	}
	p := e.picture()
	err = q.layers(ctx, e, &p)
	return p, err
}

func (e extent) picture() Picture {
	c := e.counted
	p := Picture{AsOf: e.version.AsOf, ComputedAt: e.version.ComputedAt, Currency: e.currency, WindowMonths: e.version.WindowMonths,
		Measure: Choice{e.measure.Key, e.measure.Label, e.measure.Unit}, Choices: choices(e.set), By: e.by, Definition: e.def, Tiers: []Layer{}, Below: []Layer{}, Curve: curve(c.steps)}
	var sum float64
	p.Above, sum = total(c.steps)
	p.Customers, p.Value = p.Above+c.none+c.negative+c.unknown, e.shown(sum)
	if p.Above < least {
		p.TooFew = fmt.Sprintf("Fewer than %d customers bring anything, too few to say how it is spread.", least)
		return p
	}
	g, top := gini(c.steps), shareOf(c.steps, 0.2)
	p.Gini, p.TopFifth = &g, &top
	return p
}

// layers fills in what stands in the tiers.
func (q *Questions) layers(ctx context.Context, e extent, p *Picture) error {
	effort, effortUnit := summed(e.set, "cost_to_serve", e.currency)
	contacts, _ := summed(e.set, "contacts", e.currency)
	found := map[int64]Layer{}
	sums := map[int64]float64{}
	err := q.each(ctx, tiersSQL, engine.Args{"version": e.version.Version}, func(rows *sql.Rows) error {
		var l Layer
		var tier int64
		var cost, touched *float64
		if err := rows.Scan(&tier, &l.Customers, &l.Value, &l.Revenue, &cost, &touched); err != nil {
			return err
		}
		sums[tier] = l.Value
		l.Value, l.Revenue, l.CostToServe, l.Contacts = e.shown(l.Value), money.Minor(l.Revenue, e.currency), minor(cost, effortUnit), minor(touched, 1)
		found[tier] = l
		return nil
	}, engine.Hole{Name: "tier", Clause: tierNumber("s."+e.measure.Column(), e.begins)}, engine.Hole{Name: "value", Clause: filter.Clause{SQL: e.narrowed.value}},
		engine.Hole{Name: "extras", Clause: filter.Clause{SQL: effort + ", " + contacts}}, engine.Hole{Name: "where", Clause: e.narrowed.where}, engine.Hole{Name: "reach", Clause: e.narrowed.reach})
	if err != nil {
		return err
	}
	_, sum := total(e.counted.steps)
	for i, t := range e.def.cut(e.by) {
		l := found[int64(i)]
		l.Name, l.UpTo, l.Conditions = t.Name, t.UpTo, e.conditions(i)
		if i < len(e.begins) && p.Above > 0 {
			from := e.shown(e.begins[i])
			l.From = &from
		}
		if p.Above > 0 {
			l.ShareOfCustomers, l.ShareOfValue = float64(l.Customers)/float64(p.Above), sums[int64(i)]/sum
		}
		p.Tiers = append(p.Tiers, l)
	}
	for i, name := range below()[:3] {
		l := found[int64(-1-i)]
		l.Name, l.Conditions = name, e.conditions(-1-i)
		p.Below = append(p.Below, l)
	}
	return nil
}

// summed is the sum of a measure that a version may lack, and how many of its units are one of those that people are shown.
func summed(set measure.Set, key, currency string) (column string, unit float64) {
	m, ok := set.Find(key)
	if !ok || !m.Numeric() {
		return "cast(NULL AS double)", 1
	}
	return "cast(sum(s." + m.Column() + ") AS double)", perShown(m, currency)
}

func perShown(m measure.Measure, currency string) float64 {
	if m.Fine() {
		return float64(money.FinePerMinor(currency))
	}
	return 1
}

func minor(x *float64, unit float64) *int64 {
	if x == nil {
		return nil
	}
	n := int64(math.Round(*x / unit))
	return &n
}
