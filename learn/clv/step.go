package clv

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/know/purchase"
	"github.com/kvadrant/kvadrant/learn/lifetime"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// stepName is also the name under which a version keeps its models.
const stepName = "lifetime"

var (
	//go:embed lifetime.sql
	lifetimeSQL string
	//go:embed extent.sql
	extentSQL string
	//go:embed margin.sql
	marginSQL string
	//go:embed summary.sql
	summarySQL string
	//go:embed groups.sql
	groupsSQL string
	//go:embed histories.sql
	historiesSQL string
	//go:embed past.sql
	pastSQL string
	//go:embed cohort.sql
	cohortSQL string
	//go:embed track.sql
	trackSQL string
	//go:embed gaps.sql
	gapsSQL string
	//go:embed payments.sql
	paymentsSQL string
	//go:embed answer_table.sql
	answerTable string
	//go:embed model_table.sql
	modelTable string
	//go:embed size_table.sql
	sizeTable string
)

// Step gives the scoring the value to come, the danger of leaving and the next purchase of each customer.
func Step(definitions *Definitions, before ...scoring.Step) scoring.Step {
	return scoring.Step{Name: stepName, SQL: lifetimeSQL, Columns: columns(), Explain: explain,
		Resolve: func(ctx context.Context, s *scoring.Snapshot) (scoring.Resolved, error) {
			def, _, err := definitions.Get(ctx)
			if err != nil {
				return scoring.Resolved{}, err
			}
			l := &learner{s: s, kept: Kept{Definition: def, Groups: []GroupFit{}}}
			if err := l.learn(ctx); err != nil {
				return scoring.Resolved{}, err
			}
			from, known := served(before)
			l.kept.Served = known
			return scoring.Resolved{Keep: l.kept, Args: engine.Args{"margin": l.kept.Margin.Average, "likely": lifetime.Likely, "unlikely": lifetime.Unlikely}, Holes: []engine.Hole{from}}, nil
		}}
}

// costToServe is what the step of profit calls what serving a customer cost in the window.
const costToServe = "cost_to_serve"

// served says where the step's text finds the cost to serve: in the table of a step before, if there is one that works it out.
func served(before []scoring.Step) (from engine.Hole, known bool) {
	table := "(SELECT customer_id, 0 AS " + costToServe + " FROM bought WHERE false)"
	for _, step := range before {
		if slices.ContainsFunc(step.Columns, func(c scoring.Column) bool { return c.Name == costToServe }) {
			table, known = step.Table(), true
		}
	}
	return engine.Hole{Name: "served", Clause: filter.Clause{SQL: table}}, known
}

// learner fits the models of one version.
type learner struct {
	s           *scoring.Snapshot
	kept        Kept
	origin      date.Date // the first purchase of all; empty when there is none
	days        int       // from the origin to the date
	calibration date.Date
	groups      []*group
	distinct    int
	firstSum    int64 // what all first purchases brought, fine units
}

// group is customers who are alike.
type group struct {
	name                          string
	customers, repeaters, repeats int64
	total, first                  int64 // fine units
	histories                     []*history
	payments                      []payment
	logGaps                       float64 // Σ ln(gap in weeks)
	model                         lifetime.Model
	spending                      spending
	fitted                        string // the group whose fit it is
}

func (l *learner) learn(ctx context.Context) error {
	if err := errors.Join(l.survey(ctx), l.s.Make(ctx, answerTable, nil), l.s.Make(ctx, modelTable, nil), l.s.Make(ctx, sizeTable, nil)); err != nil {
		return err
	}
	if l.kept.TooFew = l.tooFew(); l.kept.TooFew != "" {
		return nil
	}
	if err := l.read(ctx); err != nil {
		return err
	}
	model, err := l.choose(ctx)
	if err != nil {
		return err
	}
	if err := l.fit(ctx, model); err != nil || l.kept.TooFew != "" {
		return err
	}
	return l.fill(ctx)
}

// survey makes the summaries and counts what there is.
func (l *learner) survey(ctx context.Context) error {
	if err := l.s.Share(ctx, "purchase_day", purchase.DaysSQL); err != nil {
		return err
	}
	var origin sql.NullTime
	var days sql.NullInt64
	if err := l.s.Ask(ctx, extentSQL, nil, &l.kept.Customers, &origin, &days); err != nil {
		return err
	}
	l.calibration = l.s.AsOf
	if origin.Valid {
		l.origin, l.days = date.Of(origin.Time), int(days.Int64)
		// Half of the past at most is held out, and not more than what is looked ahead.
		ahead := daysBetween(l.s.AsOf.AddMonths(-l.kept.Definition.Ahead), l.s.AsOf)
		l.calibration = l.s.AsOf.AddDays(-min(ahead, (l.days+1)/2))
	}
	alike := map[Grouping]string{Together: "''", ByIndustry: "coalesce(c.industry, '')", ByCountry: "coalesce(c.country, '')"}[l.kept.Definition.Alike]
	err := l.s.Make(ctx, summarySQL, engine.Args{"calibration": l.calibration, "tail": tail(l.kept.Customers)},
		engine.Hole{Name: "alike", Clause: filter.Clause{SQL: alike}})
	if err != nil {
		return err
	}
	var all, costed, cost int64
	if err := l.s.Ask(ctx, marginSQL, nil, &all, &costed, &cost); err != nil {
		return err
	}
	l.kept.Margin = Margin{Average: 1}
	if costed > 0 {
		l.kept.Margin.Average = math.Max(-1, 1-float64(cost)/float64(costed))
	}
	if all > 0 {
		l.kept.Margin.Known = float64(costed) / float64(all)
	}
	return l.s.Each(ctx, groupsSQL, nil, func(rows *sql.Rows) error {
		g := &group{}
		if err := rows.Scan(&g.name, &g.customers, &g.repeaters, &g.repeats, &g.total, &g.first); err != nil {
			return err
		}
		l.kept.Repeaters += g.repeaters
		l.firstSum += g.first
		l.groups = append(l.groups, g)
		return nil
	})
}

// tail is where the ends of the ids of the sample stop: two hexadecimal digits, or what is behind all of them.
func tail(customers int64) string {
	if customers <= most {
		return "g"
	}
	return fmt.Sprintf("%02x", max(1, 256*most/customers))
}

func daysBetween(a, b date.Date) int { return int(b.Time().Sub(a.Time()) / (24 * time.Hour)) }

func (l *learner) tooFew() string {
	switch {
	case l.kept.Customers == 0:
		return fmt.Sprintf("Nobody had bought anything up to %s.", l.s.AsOf)
	case l.kept.Repeaters < int64(l.kept.Definition.Minimum):
		return fmt.Sprintf("Too few to say: %d of %d customers bought on a second day, and a model needs %d.", l.kept.Repeaters, l.kept.Customers, l.kept.Definition.Minimum)
	}
	return ""
}

// read brings the distinct histories and payments of each group.
func (l *learner) read(ctx context.Context) error {
	byName := map[string]*group{}
	for _, g := range l.groups {
		byName[g.name] = g
	}
	err := l.s.Each(ctx, historiesSQL, nil, func(rows *sql.Rows) error {
		h := &history{}
		if err := rows.Scan(&h.group, &h.repeats, &h.recency, &h.age, &h.customers, &h.inSample); err != nil {
			return err
		}
		g := byName[h.group]
		g.histories = append(g.histories, h)
		l.distinct++
		return nil
	})
	return errors.Join(err, l.s.Each(ctx, paymentsSQL, nil, func(rows *sql.Rows) error {
		var name string
		var p payment
		if err := rows.Scan(&name, &p.repeats, &p.total, &p.customers); err != nil {
			return err
		}
		g := byName[name]
		g.payments = append(g.payments, p)
		return nil
	}))
}

// tuples are the group's histories in the sample; the first carries the gaps of all, since only their sum counts.
func (g *group) tuples() []lifetime.Tuple {
	var all []lifetime.Tuple
	for _, h := range g.histories {
		if h.inSample > 0 {
			all = append(all, h.tuple(h.inSample))
		}
	}
	if len(all) > 0 {
		all[0].LogGaps = g.logGaps
	}
	return all
}

// gaps adds up the logarithms of the gaps up to a day, by group.
func (l *learner) gaps(ctx context.Context, until date.Date) (map[string]float64, error) {
	sums := map[string]float64{}
	err := l.s.Each(ctx, gapsSQL, engine.Args{"until": until}, func(rows *sql.Rows) error {
		var name string
		var gap, n int64
		if err := rows.Scan(&name, &gap, &n); err != nil {
			return err
		}
		sums[name] += float64(n) * math.Log(float64(gap)/daysPerWeek)
		return nil
	})
	return sums, err
}

// fit fits the chosen kind of model to each group that is large enough, and to all for the rest, and asks it.
func (l *learner) fit(ctx context.Context, like lifetime.Model) error {
	if b, ok := like.(lifetime.BetaGeometric); ok && b.K > 1 {
		gaps, err := l.gaps(ctx, l.s.AsOf)
		if err != nil {
			return err
		}
		for _, g := range l.groups {
			g.logGaps = gaps[g.name]
		}
	}
	segments := make([]lifetime.Segment, len(l.groups))
	whole := group{name: everybody}
	for i, g := range l.groups {
		segments[i] = lifetime.Segment{Name: g.name, Tuples: g.tuples()}
		whole.customers, whole.repeaters, whole.repeats = whole.customers+g.customers, whole.repeaters+g.repeaters, whole.repeats+g.repeats
		whole.total, whole.first = whole.total+g.total, whole.first+g.first
		whole.payments = append(whole.payments, g.payments...)
	}
	all, each, own, err := lifetime.FitSegments(segments, float64(l.kept.Definition.Minimum), fitLike(like))
	if err != nil {
		l.kept.TooFew = fmt.Sprintf("No model could be fitted: %v.", err)
		return nil
	}
	whole.model, whole.spending = all.Model, newSpending(whole.payments, whole.perPurchase())
	l.keep(whole, all)
	now := l.s.AsOf
	ahead := span{float64(daysBetween(now, now.AddMonths(l.kept.Definition.Ahead))) / daysPerWeek,
		float64(daysBetween(now, now.AddMonths(l.kept.Definition.Horizon))) / daysPerWeek}
	for i, g := range l.groups {
		g.fitted, g.model, g.spending = everybody, whole.model, whole.spending
		if own[i] && len(l.groups) > 1 && g.name != "" {
			g.fitted, g.model, g.spending = g.name, each[i].Model, newSpending(g.payments, g.perPurchase())
			l.keep(*g, each[i])
		}
		answer(g.model, g.histories, l.kept.Definition.question(ahead))
	}
	l.kept.Newcomer = l.newcomer(whole, ahead)
	return nil
}

// perPurchase is the mean of the repeat purchases in major units, of all purchases where none was repeated.
func (g *group) perPurchase() float64 {
	if g.repeats > 0 && g.total > g.first {
		return float64(g.total-g.first) / money.FinePerMajor / float64(g.repeats)
	}
	return float64(g.total) / money.FinePerMajor / float64(max(g.customers+g.repeats, 1))
}

func (l *learner) keep(g group, f lifetime.Fit) {
	l.kept.Groups = append(l.kept.Groups, GroupFit{Name: g.name, Customers: g.customers, Repeaters: g.repeaters,
		Buying: described(f.Model.Name(), f.Estimate), Spend: g.spending.fit, MeanSpend: bounded(g.spending.mean), Corr: g.spending.corr})
}

func (l *learner) newcomer(all group, ahead span) *Newcomer {
	first := float64(l.firstSum) / money.FinePerMajor / float64(max(l.kept.Customers, 1))
	margin, months := l.kept.Margin.Average, l.kept.Definition.Horizon
	flow := lifetime.Newcomer(all.model, all.spending.mean, first, lifetime.Plan{Steps: months, Step: ahead.horizon / float64(months), Margin: margin})
	n := &Newcomer{First: first, Spend: bounded(all.spending.mean)}
	revenue := flow.Value // at no interest: the margin of each month
	revenue[0] += first * margin
	for _, p := range flow.Purchases {
		n.Purchases += p
	}
	acquisition := float64(l.kept.Definition.Acquisition) * float64(l.s.FinePerMinor) / money.FinePerMajor
	cash := lifetime.Accumulate(acquisition, revenue, nil)
	for _, c := range cash.Cumulative {
		n.Cumulative = append(n.Cumulative, bounded(c))
	}
	n.PaidBack = cash.PaidBack
	return n
}

// fill gives the answers to the engine.
func (l *learner) fill(ctx context.Context) error {
	var rows [][]any
	next := func() ([]any, bool, error) {
		if len(rows) == 0 {
			return nil, false, nil
		}
		row := rows[0]
		rows = rows[1:]
		return row, true, nil
	}
	for _, g := range l.groups {
		var p, q, v any
		if m := g.spending.model; m != nil {
			p, q, v = m.P, m.Q, m.V*money.FinePerMajor
		}
		fitted := g.fitted
		if fitted == everybody {
			fitted = allCustomers
		}
		rows = append(rows, []any{g.name, fitted, p, q, v, g.spending.mean * money.FinePerMajor})
	}
	if err := l.s.Fill(ctx, "lifetime_model", []string{"alike", "fitted", "p", "q", "v", "mean"}, next); err != nil {
		return err
	}
	rows = l.sizes()
	if err := l.s.Fill(ctx, "lifetime_size", []string{"alike", "repeats", "low", "high"}, next); err != nil {
		return err
	}
	day := func(weeks float64) any {
		if math.IsNaN(weeks) {
			return nil
		}
		return l.s.AsOf.AddDays(max(1, int(math.Round(weeks*daysPerWeek))))
	}
	number := func(x float64) any {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil
		}
		return x
	}
	at, of := 0, 0
	return l.s.Fill(ctx, "lifetime_answer", []string{"alike", "repeats", "recency", "age", "alive", "ahead", "danger", "worth", "residual", "next", "low", "high"},
		func() ([]any, bool, error) {
			for of < len(l.groups) && at == len(l.groups[of].histories) {
				of, at = of+1, 0
			}
			if of == len(l.groups) {
				return nil, false, nil
			}
			h := l.groups[of].histories[at]
			at++
			return []any{h.group, h.repeats, h.recency, h.age, number(h.alive), number(h.ahead), number(h.danger), number(h.worth), number(h.residual),
				day(h.next), day(h.low), day(h.high)}, true, nil
		})
}

// sizes are the ends of the interval of a next purchase for each number of repeat purchases of each group that has a model
// of spend, as multiples of v + x m: only that number and the fit decide over them.
func (l *learner) sizes() [][]any {
	var rows [][]any
	for _, g := range l.groups {
		if g.spending.model == nil {
			continue
		}
		m := g.spending.model
		done := map[int64]bool{}
		tell := func(repeats int64) {
			if !done[repeats] {
				done[repeats] = true
				low, high := m.Factor(float64(repeats), (1-level)/2), m.Factor(float64(repeats), (1+level)/2)
				rows = append(rows, []any{g.name, repeats, low, high})
			}
		}
		tell(0)
		for _, h := range g.histories {
			tell(h.repeats)
		}
	}
	return rows
}
