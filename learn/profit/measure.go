package profit

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"time"

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

//go:embed summary.sql
var summarySQL string

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

// Questions answers what the scored versions know of profit.
type Questions struct {
	warehouse *engine.Warehouse
	versions  Versions
	customers Customers
	units     scoring.UnitTree
	currency  scoring.Currency
	summed    *scoring.Answers[[]part]
	leading   *scoring.Answers[[]large]
	shares    *scoring.Answers[map[id.ID]float64]
}

// NewQuestions returns the answerer.
func NewQuestions(w *engine.Warehouse, versions Versions, customers Customers, units scoring.UnitTree, currency scoring.Currency) *Questions {
	return &Questions{warehouse: w, versions: versions, customers: customers, units: units, currency: currency,
		summed: scoring.NewAnswers[[]part](w, 200), leading: scoring.NewAnswers[[]large](w, 400), shares: scoring.NewAnswers[map[id.ID]float64](w, 200)}
}

// Span is a time, both ends included.
type Span struct {
	From date.Date `json:"from"`
	To   date.Date `json:"to"`
}

// Total is everything of the window. Amounts are minor units.
type Total struct {
	Customers   int64 `json:"customers"`
	Revenue     int64 `json:"revenue"`
	Cost        int64 `json:"cost" doc:"Of the products, as far as the lines say."`
	Lines       int64 `json:"lines"`
	CostedLines int64 `json:"costed_lines" doc:"Of those: lines that say their cost."`
	Margin      int64 `json:"margin" doc:"Of the lines that say their cost."`
	CostToServe int64 `json:"cost_to_serve"`
	Profit      int64 `json:"profit" doc:"Of the customers whose profit is known."`
	// Untold customers bought, but no line of theirs says a cost.
	Untold            int64 `json:"untold" doc:"Customers whose purchases say no cost, so that nothing is said of their profit."`
	UntoldRevenue     int64 `json:"untold_revenue"`
	UntoldCostToServe int64 `json:"untold_cost_to_serve"`
}

// StateFigures are the figures of the customers in a state. Amounts are minor units.
type StateFigures struct {
	State        State `json:"state" enum:"new,retained,won_back,lost,prospect,none"`
	Customers    int64 `json:"customers"`
	Profit       int64 `json:"profit" doc:"Of the window, of those whose profit is known."`
	ProfitBefore int64 `json:"profit_before" doc:"Of the window before."`
	Untold       int64 `json:"untold" doc:"Customers whose profit of the window is unknown; of lost ones, that of the window before."`
}

// Picture is the profit of a date.
type Picture struct {
	AsOf         date.Date      `json:"as_of"`
	ComputedAt   time.Time      `json:"computed_at"`
	Currency     string         `json:"currency"`
	WindowMonths int            `json:"window_months"`
	Window       Span           `json:"window"`
	Before       Span           `json:"before" doc:"The window before."`
	Definition   Definition     `json:"definition" doc:"The settings that counted when the date was scored."`
	Acquisition  int64          `json:"acquisition_cost" doc:"Of winning a customer, minor units; a setting of lifetime value."`
	Total        Total          `json:"total" doc:"Of the customers within the asker's reach."`
	Cycle        []StateFigures `json:"cycle" nullable:"false" doc:"All six states, in their order."`
	Opportunity  Opportunity    `json:"opportunity" doc:"This window against the one before."`
	Risk         Risk           `json:"risk"`
	Ledger       *Ledger        `json:"ledger" doc:"The whole company by product; null for some of the customers, by filter or reach."`
}

// part is a row of the summary, in fine units.
type part struct {
	state                                        State
	class                                        Class
	customers, told, toldBefore                  int64
	revenue, lines, costed, cost, margin, served int64
	profit, before                               int64
	untoldRevenue, untoldServed                  int64
	pairs, pairProfit, pairBefore                int64
}

// Picture draws the profit of the date, the latest for an empty one, for the customers within reach and narrowing. Faults: those
// of scoring.Scorer.On, and profit.not_scored for a date scored before there was profit.
func (q *Questions) Picture(ctx context.Context, reach access.Reach, asOf date.Date, n scoring.Narrow) (Picture, error) {
	var p Picture
	err := q.on(ctx, reach, asOf, n, func(a asked) error {
		k, v := a.kept, a.version
		p = Picture{AsOf: v.AsOf, ComputedAt: v.ComputedAt, Currency: a.currency, WindowMonths: v.WindowMonths, Window: Span{v.From().AddDays(1), v.AsOf},
			Before: Span{k.Before.AddDays(1), v.From()}, Definition: k.Definition, Acquisition: k.Acquisition}
		parts, err := q.parts(ctx, a)
		if err != nil {
			return err
		}
		p.Total, p.Cycle = total(parts, a.currency), cycle(parts, a.currency)
		p.Opportunity = opportunity(cellsOf(parts), k, p.Before, p.Window, a.currency)
		if reach.All() && n.None() {
			p.Ledger = k.Ledger.shown(k.Definition.Rates, a.currency)
		}
		p.Risk, err = q.risk(ctx, reach, a, p.Total)
		return err
	})
	return p, err
}

// asked is a question in the middle of being answered.
type asked struct {
	version  scoring.Version
	kept     kept
	reach    filter.Clause
	narrow   filter.Clause
	settled  bool // reach is everybody, who never changes
	currency string
}

// within is whom the question is about, as a condition on the rows of its version.
func (a asked) within() filter.Clause {
	return filter.Clause{SQL: "(" + a.reach.SQL + ") AND (" + a.narrow.SQL + ")", Args: append(slices.Clone(a.reach.Args), a.narrow.Args...)}
}

// base is the same as a condition on the rows of an earlier version: who is among them is said by the later one, so that
// nobody counts as lost who changed hands.
func (a asked) base() filter.Clause {
	within := a.within()
	return filter.Clause{SQL: "s.customer_id IN (SELECT s.customer_id FROM score s WHERE s.version = ? AND " + within.SQL + ")", Args: append([]any{a.version.Version}, within.Args...)}
}

// on asks about the version of the date, with what its step kept.
func (q *Questions) on(ctx context.Context, reach access.Reach, asOf date.Date, n scoring.Narrow, ask func(a asked) error) error {
	a := asked{settled: reach.All()}
	var err error
	if a.currency, err = q.currency.Base(ctx); err != nil {
		return fmt.Errorf("draw profit: %w", err)
	}
	if a.reach, err = scoring.Within(reach); err != nil {
		return err
	}
	if a.narrow, err = n.Clause(ctx, q.units); err != nil {
		return err
	}
	return q.versions.On(ctx, asOf, func(v scoring.Version) error {
		a.version = v
		if a.kept, err = keptOf(v); err != nil {
			return err
		}
		return ask(a)
	})
}

func keptOf(v scoring.Version) (kept, error) {
	var k kept
	if v.Cuts[stepName] == nil {
		return k, fault.New(fault.NotFound, "profit.not_scored", "The customers were scored as of %s before there was profit. Score that date again.", v.AsOf)
	}
	if err := json.Unmarshal(v.Cuts[stepName], &k); err != nil {
		return k, fmt.Errorf("draw profit: %w", err)
	}
	return k, nil
}

func (q *Questions) parts(ctx context.Context, a asked) ([]part, error) {
	return q.summed.Of(ctx, a.version, a.settled, func() ([]part, error) { return q.askParts(ctx, a) }, a.reach, a.narrow)
}

func (q *Questions) askParts(ctx context.Context, a asked) ([]part, error) {
	var all []part
	err := q.each(ctx, summarySQL, engine.Args{"version": a.version.Version}, []engine.Hole{{Name: "reach", Clause: a.within()}}, func(rows *sql.Rows) error {
		var state, class sql.NullString
		var p part
		err := rows.Scan(&state, &class, &p.customers, &p.told, &p.toldBefore, &p.revenue, &p.lines, &p.costed, &p.cost, &p.margin, &p.served, &p.profit, &p.before,
			&p.untoldRevenue, &p.untoldServed, &p.pairs, &p.pairProfit, &p.pairBefore)
		p.state, p.class = State(state.String), Class(class.String)
		all = append(all, p)
		return err
	})
	return all, err
}

func total(parts []part, currency string) Total {
	var t Total
	for _, p := range parts {
		t.Customers, t.Lines, t.CostedLines, t.Untold = t.Customers+p.customers, t.Lines+p.lines, t.CostedLines+p.costed, t.Untold+p.customers-p.told
		t.Revenue, t.Cost, t.Margin, t.CostToServe, t.Profit = t.Revenue+p.revenue, t.Cost+p.cost, t.Margin+p.margin, t.CostToServe+p.served, t.Profit+p.profit
		t.UntoldRevenue, t.UntoldCostToServe = t.UntoldRevenue+p.untoldRevenue, t.UntoldCostToServe+p.untoldServed
	}
	for _, amount := range []*int64{&t.Revenue, &t.Cost, &t.Margin, &t.CostToServe, &t.Profit, &t.UntoldRevenue, &t.UntoldCostToServe} {
		*amount = money.Minor(*amount, currency) // rounded once, after adding up
	}
	return t
}

func cycle(parts []part, currency string) []StateFigures {
	all := []StateFigures{}
	for _, state := range States() {
		f := StateFigures{State: state}
		for _, p := range parts {
			if p.state != state {
				continue
			}
			f.Customers, f.Profit, f.ProfitBefore = f.Customers+p.customers, f.Profit+p.profit, f.ProfitBefore+p.before
			if state == Lost {
				f.Untold += p.customers - p.toldBefore
			} else {
				f.Untold += p.customers - p.told
			}
		}
		f.Profit, f.ProfitBefore = money.Minor(f.Profit, currency), money.Minor(f.ProfitBefore, currency)
		all = append(all, f)
	}
	return all
}

func (q *Questions) each(ctx context.Context, text string, args engine.Args, holes []engine.Hole, read func(rows *sql.Rows) error) error {
	rows, err := q.warehouse.Query(ctx, text, args, holes...)
	if err != nil {
		return fmt.Errorf("draw profit: %w", err)
	}
	if err := engine.Each(rows, func() error { return read(rows) }); err != nil {
		return fmt.Errorf("draw profit: %w", err)
	}
	return nil
}
