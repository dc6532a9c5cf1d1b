package variance

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/know/customer"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Organisation knows the units and people; *org.Store does.
type Organisation interface {
	TreeAsOf(ctx context.Context, day date.Date) (*org.Tree, error)
	Names(ctx context.Context) (org.Names, error)
}

// Customers is the operational store's word on who customers are now and who may see them; *customer.Store has it.
type Customers interface {
	Named(ctx context.Context, reach access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error)
	Within(ctx context.Context, reach access.Reach, customerID id.ID) error
}

// Config is what the questions work with.
type Config struct {
	Warehouse    *engine.Warehouse
	Organisation Organisation
	Customers    Customers
	Currency     scoring.Currency
	Now          func() time.Time
}

// Questions answers for budgets and what was bought. As long as nothing is written to the warehouse an answer stands, so it
// is remembered: drilling by unit, person and country goes by one answer, and whoever asks next waits for nothing.
type Questions struct {
	Config
	groups *scoring.Answers[[]group]
	parts  *scoring.Answers[listed]
	extent *scoring.Answers[[2]date.Date]
}

// NewQuestions returns the asker.
func NewQuestions(c Config) *Questions {
	// Groups are as many as people times countries; lists have a bound.
	return &Questions{Config: c, groups: scoring.NewAnswers[[]group](c.Warehouse, 24), parts: scoring.NewAnswers[listed](c.Warehouse, 200), extent: scoring.NewAnswers[[2]date.Date](c.Warehouse, 2)}
}

// Gap is customers of which only one side is known, and the money of it, in minor units.
type Gap struct {
	Customers int64 `json:"customers"`
	Amount    int64 `json:"amount"`
}

// Crumb is a step of the way, with its name.
type Crumb struct {
	Step string    `json:"step"`
	By   Dimension `json:"by" enum:"unit,person,country,customer,channel,class,product,month"`
	Key  string    `json:"key"`
	Name string    `json:"name" doc:"Empty where the key says it."`
}

// Report is a part of the business against its budget.
type Report struct {
	From       date.Date   `json:"from" doc:"The first day of the first month."`
	To         date.Date   `json:"to" doc:"The first day of the last month."`
	Until      date.Date   `json:"until" doc:"The last day; units and people are those of it."`
	Open       bool        `json:"open" doc:"The months are not over: their budgets count in full, their purchases as far as they are known."`
	BudgetFrom date.Date   `json:"budget_from,omitempty" doc:"The first month with any budget at all; absent where there is none."`
	BudgetTo   date.Date   `json:"budget_to,omitempty"`
	Currency   string      `json:"currency"`
	By         Dimension   `json:"by" enum:"unit,person,country,customer,channel,class,product,month"`
	Choices    []Dimension `json:"choices" nullable:"false" doc:"The dimensions by which this can be divided."`
	Spread     bool        `json:"spread" doc:"Budgets are not kept this way: each customer's was spread as it bought in the same months of the year before."`
	Way        []Crumb     `json:"way" nullable:"false"`
	Total      Figures     `json:"total" doc:"The sum of the parts and the rest."`
	Parts      []Part      `json:"parts" nullable:"false" doc:"What goes the way of the whole first, the largest difference first."`
	Rest       *Rest       `json:"rest" doc:"The parts that are not listed; null where all are."`
	Exceptions Exceptions  `json:"exceptions"`
	Customers  int64       `json:"customers" doc:"Who had a budget or bought."`
	Unplanned  Gap         `json:"unplanned" doc:"Who bought without a budget."`
	Idle       Gap         `json:"idle" doc:"Who had a budget and bought nothing."`
	MayRecord  bool        `json:"may_record" doc:"Whether you may record the cause of this difference."`
}

// listMost is how many parts an answer lists, fileMost a file.
const (
	listMost = 100
	fileMost = 50_000
)

// Ask is a question for a report; empty fields are chosen.
type Ask struct {
	From, To date.Date
	Way      []Step
	By       Dimension
}

// look is a question made ready.
type look struct {
	cut        Cut
	by         Dimension
	from, to   date.Date // months
	reach      access.Reach
	currency   string
	units      tree
	classes    tree
	people     map[id.ID]string
	extent     [2]date.Date
	lines      filter.Clause // which lines count
	customers  filter.Clause // whose, by reach, country and customer
	placed     filter.Clause // whose, by unit and person
	held       filter.Clause
	unitsBelow []id.ID
}

// Report answers for a part of the business within reach. Faults: variance.invalid_months, variance.unknown_step,
// variance.month_outside, variance.unknown_division, and NotFound for a customer out of reach.
func (q *Questions) Report(ctx context.Context, reach access.Reach, ask Ask) (Report, error) {
	return q.report(ctx, reach, ask, listMost)
}

func (q *Questions) report(ctx context.Context, reach access.Reach, ask Ask, most int) (Report, error) {
	l, err := q.look(ctx, reach, ask)
	if err != nil {
		return Report{}, err
	}
	perMinor := money.FinePerMinor(l.currency)
	r := Report{From: l.cut.From, To: l.cut.To, Until: lastDay(l.cut.To), BudgetFrom: l.extent[0], BudgetTo: l.extent[1], Currency: l.currency, By: l.by,
		Choices: l.cut.choices(), Spread: l.cut.divided() || l.by.spread()}
	r.Open = r.Until >= date.Of(q.Now())
	groups, err := q.grouped(ctx, l)
	if err != nil {
		return r, err
	}
	var found listed
	if l.by == ByUnit || l.by == ByPerson || l.by == ByCountry {
		found = l.rolled(groups)
	} else if found, err = q.listed(ctx, l, most); err != nil {
		return r, err
	}
	w := found.whole
	w.direction()
	parts, err := q.named(ctx, l, found.parts)
	if err != nil {
		return r, err
	}
	r.Parts, r.Exceptions = w.arrange(parts, most)
	r.Exceptions.Gross = money.Minor(int64(w.gross), l.currency)
	r.Total, r.Rest = w.settle(r.Parts, perMinor)
	for _, g := range groups {
		r.Customers += g.customers
		r.Unplanned.Customers += g.unplanned
		r.Idle.Customers += g.idle
		r.Unplanned.Amount += int64(g.unplannedActual)
		r.Idle.Amount += int64(g.idleBudget)
	}
	r.Unplanned.Amount, r.Idle.Amount = money.Minor(r.Unplanned.Amount, l.currency), money.Minor(r.Idle.Amount, l.currency)
	r.MayRecord = q.mayRecord(ctx, l.cut)
	r.Way, err = q.crumbs(ctx, l)
	return r, err
}

// months chooses the months of a question that names none: the year up to the last month that is over and has a budget.
func (q *Questions) months(ask Ask, extent [2]date.Date) Cut {
	c := Cut{From: ask.From, To: ask.To, Way: ask.Way}
	if c.To == "" {
		c.To = date.Of(q.Now()).MonthStart().AddMonths(-1)
		if last := extent[1]; last != "" && last < c.To {
			c.To = last
		}
		if c.From != "" && c.From > c.To {
			c.To = c.From
		}
	}
	if c.From == "" {
		c.From = c.To[:4] + "-01-01"
	}
	return c
}

func (q *Questions) look(ctx context.Context, reach access.Reach, ask Ask) (l look, err error) {
	l = look{reach: reach}
	if l.extent, err = q.extent.OfMoment(ctx, func() ([2]date.Date, error) { return q.askExtent(ctx) }); err != nil {
		return l, err
	}
	l.cut = q.months(ask, l.extent)
	if err := l.cut.check(); err != nil {
		return l, err
	}
	if customer := l.cut.at(ByCustomer); customer != "" {
		if err := q.Customers.Within(ctx, reach, id.ID(customer)); err != nil {
			return l, err
		}
	}
	l.from, l.to = l.cut.months()
	if l.currency, err = q.Currency.Base(ctx); err != nil {
		return l, fmt.Errorf("ask for the budget: %w", err)
	}
	if l.units, l.people, err = q.organisation(ctx, lastDay(l.cut.To)); err != nil {
		return l, err
	}
	if l.classes, err = q.classes(ctx); err != nil {
		return l, err
	}
	if l.by, err = l.division(ask.By); err != nil {
		return l, err
	}
	return l, l.narrow()
}

// division is the dimension of a question: the one that was asked for, where it divides anything.
func (l look) division(by Dimension) (Dimension, error) {
	choices := l.cut.choices()
	if l.units.leaf(l.cut.at(ByUnit)) {
		choices = slices.DeleteFunc(choices, func(d Dimension) bool { return d == ByUnit })
	}
	if by == "" || by == ByUnit && !slices.Contains(choices, ByUnit) {
		for _, d := range []Dimension{ByUnit, ByPerson, ByCustomer, ByClass, ByProduct, ByMonth, ByChannel} {
			if slices.Contains(choices, d) {
				return d, nil
			}
		}
		return ByMonth, nil
	}
	if by == ByClass && l.classes.leaf(l.cut.at(ByClass)) && l.cut.at(ByProduct) == "" {
		return ByProduct, nil
	}
	if !slices.Contains(dimensions(), by) {
		return "", fault.New(fault.Malformed, "variance.unknown_division", "A budget cannot be divided by %.40q.", string(by)).At("by", "Use one of unit, person, country, customer, channel, class, product and month.")
	}
	return by, nil
}

func (q *Questions) askExtent(ctx context.Context) (e [2]date.Date, err error) {
	rows, err := q.Warehouse.Query(ctx, extentSQL, nil)
	if err != nil {
		return e, fmt.Errorf("ask which months have budgets: %w", err)
	}
	err = engine.Each(rows, func() error { return rows.Scan(&e[0], &e[1]) })
	if err != nil {
		return e, fmt.Errorf("ask which months have budgets: %w", err)
	}
	return e, nil
}

// organisation is who hangs under whom on a day, with names of today.
func (q *Questions) organisation(ctx context.Context, day date.Date) (tree, map[id.ID]string, error) {
	names, err := q.Organisation.Names(ctx)
	if err != nil {
		return tree{}, nil, err
	}
	t := tree{names: names.Units}
	t.Tree, err = q.Organisation.TreeAsOf(ctx, day)
	return t, names.People, err
}

// classes are the product classes as they are now.
func (q *Questions) classes(ctx context.Context) (tree, error) {
	t, parents := tree{names: map[id.ID]string{}}, map[id.ID]id.ID{}
	rows, err := q.Warehouse.Query(ctx, classesSQL, nil)
	if err != nil {
		return t, fmt.Errorf("read the product classes: %w", err)
	}
	err = engine.Each(rows, func() error {
		var key, parent id.ID
		var name string
		err := rows.Scan(&key, &name, &parent)
		t.names[key], parents[key] = name, parent
		return err
	})
	if err != nil {
		return t, fmt.Errorf("read the product classes: %w", err)
	}
	t.Tree = org.NewTree(parents)
	return t, nil
}

// way names the steps of a cut that is not looked at.
func (q *Questions) way(ctx context.Context, reach access.Reach, c Cut) ([]Crumb, error) {
	if len(c.Way) == 0 {
		return []Crumb{}, nil
	}
	l := look{cut: c, reach: reach}
	var err error
	if l.units, l.people, err = q.organisation(ctx, lastDay(c.To)); err != nil {
		return nil, err
	}
	if l.classes, err = q.classes(ctx); err != nil {
		return nil, err
	}
	return q.crumbs(ctx, l)
}

// crumbs names the steps of the way.
func (q *Questions) crumbs(ctx context.Context, l look) ([]Crumb, error) {
	crumbs := make([]Crumb, len(l.cut.Way))
	for i, s := range l.cut.Way {
		step := l
		step.by = s.By
		part, err := q.named(ctx, step, []Part{{Key: s.Key}})
		if err != nil {
			return nil, err
		}
		crumbs[i] = Crumb{Step: s.String(), By: s.By, Key: s.Key}
		if len(part) > 0 {
			crumbs[i].Name = part[0].Name
		}
	}
	return crumbs, nil
}

// named completes the parts with their names. A customer that is out of reach in the operational store is not told.
func (q *Questions) named(ctx context.Context, l look, parts []Part) ([]Part, error) {
	all := make([]Part, 0, len(parts))
	products, customers := map[string][2]string{}, map[id.ID]*customer.Customer{}
	var err error
	switch l.by {
	case ByProduct:
		products, err = q.products(ctx, keys(parts))
	case ByCustomer:
		for ids := range slices.Chunk(keys(parts), 10_000) {
			some, err := q.Customers.Named(ctx, l.reach, ids)
			if err != nil {
				return nil, fmt.Errorf("name the customers of a budget: %w", err)
			}
			for key, c := range some {
				customers[key] = c
			}
		}
	}
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		switch l.by {
		case ByUnit:
			p.Name, p.Itself = l.units.name(p.Key), strings.HasPrefix(p.Key, own)
		case ByClass:
			p.Name, p.Itself = l.classes.name(p.Key), strings.HasPrefix(p.Key, own)
		case ByPerson:
			p.Name = l.people[id.ID(p.Key)]
		case ByProduct:
			p.Code, p.Name = products[p.Key][0], products[p.Key][1]
		case ByCustomer:
			c := customers[id.ID(p.Key)]
			if c == nil {
				continue
			}
			p.Code, p.Name = c.Code, c.Name
		}
		all = append(all, p)
	}
	return all, nil
}

func keys(parts []Part) []id.ID {
	all := []id.ID{}
	for _, p := range parts {
		if id.Valid(p.Key) {
			all = append(all, id.ID(p.Key))
		}
	}
	return all
}

// products are code and name by id. Many are read as a whole: a long list of ids costs more than the catalogue.
func (q *Questions) products(ctx context.Context, ids []id.ID) (map[string][2]string, error) {
	found := map[string][2]string{}
	which := filter.Clause{SQL: "true"}
	if len(ids) <= 2*listMost {
		var err error
		if which, err = filter.Compile(filter.In("id", ids...), filter.Columns{"id": "id"}); err != nil {
			return nil, err
		}
	}
	rows, err := q.Warehouse.Query(ctx, productsSQL, nil, engine.Hole{Name: "which", Clause: which})
	if err != nil {
		return nil, fmt.Errorf("name the products of a budget: %w", err)
	}
	err = engine.Each(rows, func() error {
		var key, code, name string
		err := rows.Scan(&key, &code, &name)
		found[key] = [2]string{code, name}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("name the products of a budget: %w", err)
	}
	return found, nil
}
