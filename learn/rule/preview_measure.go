package rule

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"

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
	//go:embed extent.sql
	extentSQL string
	//go:embed bins.sql
	binsSQL string
	//go:embed class_counts.sql
	classCountsSQL string
	//go:embed examples.sql
	examplesSQL string
)

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	On(ctx context.Context, asOf date.Date, ask func(v scoring.Version) error) error
}

// Customers names customers; *customer.Store does.
type Customers interface {
	Named(ctx context.Context, reach access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error)
}

// Preview is what a rule would give for all customers.
type Preview struct {
	AsOf      date.Date   `json:"as_of"`
	Mistake   *Mistake    `json:"mistake" doc:"Why the rule gives nothing: in a draft that is an answer, not a refusal. Null when it compiles."`
	Customers int64       `json:"customers"`
	Valued    int64       `json:"valued" doc:"Customers for whom the rule has a value."`
	Least     *float64    `json:"least"`
	Mean      *float64    `json:"mean"`
	Most      *float64    `json:"most"`
	Bins      []Bin       `json:"bins" nullable:"false"`
	Classes   []ClassSize `json:"classes" nullable:"false"`
	Examples  []Example   `json:"examples" nullable:"false" doc:"The customers with the highest and the lowest values."`
}

// Bin is how many customers have values in a span.
type Bin struct {
	From      float64 `json:"from"`
	To        float64 `json:"to"`
	Customers int64   `json:"customers"`
}

// ClassSize is how many customers lie in a class.
type ClassSize struct {
	Name      string `json:"name"`
	Customers int64  `json:"customers"`
}

// Example is a customer and what the rule gives it.
type Example struct {
	ID    id.ID   `json:"id"`
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Class string  `json:"class,omitempty"`
}

// Tester tries rules on the scored customers.
type Tester struct {
	warehouse *engine.Warehouse
	versions  Versions
	customers Customers
	currency  scoring.Currency
	measures  []scoring.Column
}

// NewTester returns a tester; before are the steps whose measures rules can use.
func NewTester(w *engine.Warehouse, versions Versions, customers Customers, currency scoring.Currency, before []scoring.Step) *Tester {
	return &Tester{warehouse: w, versions: versions, customers: customers, currency: currency, measures: columnsOf(before)}
}

// binCount is into how many spans the values are divided.
const binCount = 20

// Preview computes the last of the rules for all customers as of the latest scored date, and writes nothing. Faults: those
// of Put but for the expression, whose mistake is part of the answer, and those of scoring.Scorer.On.
func (t *Tester) Preview(ctx context.Context, reach access.Reach, rules []Rule) (Preview, error) {
	if len(rules) == 0 || len(rules) > Most {
		return Preview{}, fault.New(fault.Invalid, "rule.invalid", "Give 1 to %d rules; the last is tried.", Most).At("rules", "Give 1 to %d rules.", Most)
	}
	links := compile(place(rules, Book{}), t.measures)
	last := links[len(links)-1]
	check := fault.Check("rule.invalid")
	for i, r := range rules {
		r.check(check, fmt.Sprintf("rules[%d].", i))
	}
	if err := check.Err(); err != nil {
		return Preview{}, err
	}
	base, err := t.currency.Base(ctx)
	if err != nil {
		return Preview{}, err
	}
	var p Preview
	err = t.versions.On(ctx, "", func(v scoring.Version) error {
		from := source{measures: t.measures, asOf: v.AsOf, finePerMinor: money.FinePerMinor(base), column: func(c scoring.Column) string { return "s." + c.Name },
			from: filter.Clause{SQL: "score s JOIN customer c ON c.id = s.customer_id WHERE s.version = ?", Args: []any{v.Version}}}
		p = Preview{AsOf: v.AsOf, Customers: v.Customers, Mistake: last.mistake, Bins: []Bin{}, Classes: []ClassSize{}, Examples: []Example{}}
		if p.Mistake != nil {
			return nil
		}
		return t.try(ctx, reach, last.rule, statement(links, from), &p)
	})
	return p, err
}

func (t *Tester) try(ctx context.Context, reach access.Reach, r Placed, rules filter.Clause, p *Preview) error {
	class := "cast(NULL AS varchar)"
	if len(r.Classes.Names) > 0 {
		class = "v." + r.classColumn()
	}
	ask := func(text string, args engine.Args, read func(rows *sql.Rows) error) error {
		holes := []engine.Hole{{Name: "rules", Clause: rules}, {Name: "value", Clause: filter.Clause{SQL: "v." + r.column()}}}
		if text != extentSQL && text != binsSQL {
			holes = append(holes, engine.Hole{Name: "class", Clause: filter.Clause{SQL: class}})
		}
		rows, err := t.warehouse.Query(ctx, text, args, holes...)
		if err != nil {
			return fmt.Errorf("try a rule: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			if err := read(rows); err != nil {
				return fmt.Errorf("try a rule: %w", err)
			}
		}
		return rows.Err()
	}
	if err := ask(extentSQL, nil, func(rows *sql.Rows) error { return rows.Scan(&p.Customers, &p.Valued, &p.Least, &p.Mean, &p.Most) }); err != nil || p.Valued == 0 {
		return err
	}
	if err := t.bins(p, ask); err != nil {
		return err
	}
	err := ask(classCountsSQL, nil, func(rows *sql.Rows) error {
		var c ClassSize
		err := rows.Scan(&c.Name, &c.Customers)
		p.Classes = append(p.Classes, c)
		return err
	})
	if err != nil {
		return err
	}
	err = ask(examplesSQL, nil, func(rows *sql.Rows) error {
		var e Example
		err := rows.Scan(&e.ID, &e.Value, &e.Class)
		p.Examples = append(p.Examples, e)
		return err
	})
	if err != nil {
		return err
	}
	return t.name(ctx, reach, p)
}

// bins divides the span of the values into equal parts; where all are equal there is one.
func (t *Tester) bins(p *Preview, ask func(string, engine.Args, func(*sql.Rows) error) error) error {
	least, width := *p.Least, (*p.Most-*p.Least)/binCount
	if !(width > 0) {
		p.Bins = []Bin{{From: least, To: *p.Most, Customers: p.Valued}}
		return nil
	}
	for i := range binCount {
		p.Bins = append(p.Bins, Bin{From: least + float64(i)*width, To: least + float64(i+1)*width})
	}
	return ask(binsSQL, engine.Args{"least": least, "width": width, "last": binCount - 1}, func(rows *sql.Rows) error {
		var at, customers int64
		if err := rows.Scan(&at, &customers); err != nil {
			return err
		}
		p.Bins[at].Customers = customers
		return nil
	})
}

// name names the examples and leaves out whoever is out of reach now.
func (t *Tester) name(ctx context.Context, reach access.Reach, p *Preview) error {
	ids := make([]id.ID, len(p.Examples))
	for i, e := range p.Examples {
		ids[i] = e.ID
	}
	known, err := t.customers.Named(ctx, reach, ids)
	if err != nil {
		return fmt.Errorf("try a rule: %w", err)
	}
	named := []Example{}
	for _, e := range p.Examples {
		if c := known[e.ID]; c != nil {
			e.Name = c.Name
			named = append(named, e)
		}
	}
	p.Examples = named
	return nil
}
