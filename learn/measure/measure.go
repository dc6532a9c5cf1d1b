package measure

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed values.sql
	valuesSQL string
	//go:embed purchases.sql
	purchasesSQL string
	//go:embed potentials.sql
	potentialsSQL string
	//go:embed interactions.sql
	interactionsSQL string
)

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	Find(ctx context.Context, asOf date.Date) (scoring.Version, error)
}

// Customers says who may see a customer; *customer.Store does.
type Customers interface {
	Within(ctx context.Context, reach access.Reach, customerID id.ID) error
}

// Answers answers what a measure is and how a customer's value came about.
type Answers struct {
	registry  *Registry
	warehouse *engine.Warehouse
	versions  Versions
	customers Customers
	currency  scoring.Currency
}

// NewAnswers returns the answerer.
func NewAnswers(r *Registry, w *engine.Warehouse, versions Versions, customers Customers, currency scoring.Currency) *Answers {
	return &Answers{registry: r, warehouse: w, versions: versions, customers: customers, currency: currency}
}

// Catalogue is the measures that can be asked for.
type Catalogue struct {
	AsOf  *date.Date `json:"as_of" doc:"The scored date whose measures these are; null before anything was scored."`
	Items Set        `json:"items" nullable:"false"`
}

// List returns the measures of the date, the latest for an empty one; before anything was scored, those of the program.
func (a *Answers) List(ctx context.Context, asOf date.Date) (Catalogue, error) {
	v, err := a.versions.Find(ctx, asOf)
	if f := fault.Of(err); f != nil && f.Code == "scoring.empty" {
		return Catalogue{Items: a.registry.Standing()}, nil
	}
	if err != nil {
		return Catalogue{}, err
	}
	set, err := a.registry.In(v)
	return Catalogue{AsOf: &v.AsOf, Items: set}, err
}

// Value is a measure of one customer as people are told it.
type Value struct {
	Key    string       `json:"key"`
	Label  string       `json:"label"`
	Unit   scoring.Unit `json:"unit" enum:"money,share,chance,count,points,days,number,date,word"`
	Value  any          `json:"value" doc:"A number, a date or a word by the unit, money in minor units; null when there is too little to say anything."`
	TooFew string       `json:"too_few,omitempty" doc:"Why there is no value."`
}

// Sheet is all measures of one customer.
type Sheet struct {
	AsOf     date.Date `json:"as_of"`
	Currency string    `json:"currency"`
	Items    []Value   `json:"items" nullable:"false"`
}

// RowsBehind are the rows that a value was worked out from; the routes of their kind list them.
type RowsBehind struct {
	Kind  scoring.RowKind `json:"kind" enum:"purchases,potentials,interactions"`
	From  date.Date       `json:"from,omitempty" doc:"The first day; absent for everything up to the date."`
	To    date.Date       `json:"to"`
	Count int64           `json:"count"`
}

// How is how one customer's value came about.
type How struct {
	Measure
	AsOf       date.Date      `json:"as_of"`
	ComputedAt time.Time      `json:"computed_at"`
	Currency   string         `json:"currency"`
	Window     Window         `json:"window"`
	Value      any            `json:"value" doc:"As in the list of a customer's measures."`
	TooFew     string         `json:"too_few,omitempty" doc:"Why there is no value."`
	Given      []Value        `json:"given" nullable:"false" doc:"The measures it is worked out from, with this customer's values."`
	Rows       []RowsBehind   `json:"rows" nullable:"false"`
	Facts      []scoring.Fact `json:"facts" nullable:"false" doc:"Of the model, its fit, or the settings that counted."`
	Sample     int64          `json:"sample" doc:"How many customers the value or its model is measured against."`
}

// Window is the time in which purchases counted, both ends included.
type Window struct {
	From   date.Date `json:"from"`
	To     date.Date `json:"to"`
	Months int       `json:"months"`
}

// known is what a version has of one customer.
type known struct {
	version  scoring.Version
	set      Set
	values   scoring.Values // as they stand in score
	currency string
}

// read returns the customer's measures as of the date. Faults: customer.not_found beyond the reach, those of scoring.Scorer.Find, and
// measure.not_in_version for a customer that was unknown when the date was scored.
func (a *Answers) read(ctx context.Context, reach access.Reach, customerID id.ID, asOf date.Date) (known, error) {
	var k known
	if err := a.customers.Within(ctx, reach, customerID); err != nil {
		return k, err
	}
	var err error
	if k.currency, err = a.currency.Base(ctx); err != nil {
		return k, err
	}
	if k.version, err = a.versions.Find(ctx, asOf); err != nil {
		return k, err
	}
	if k.set, err = a.registry.In(k.version); err != nil {
		return k, err
	}
	k.values, err = a.values(ctx, k.version, customerID, k.set)
	return k, err
}

func (a *Answers) values(ctx context.Context, v scoring.Version, customerID id.ID, set Set) (scoring.Values, error) {
	columns := make([]string, len(set))
	for i, m := range set {
		columns[i] = "s." + m.column.Name
	}
	rows, err := a.warehouse.Query(ctx, valuesSQL, engine.Args{"version": v.Version, "customer": customerID},
		engine.Hole{Name: "columns", Clause: filter.Clause{SQL: strings.Join(columns, ", ")}})
	if err != nil {
		return nil, fmt.Errorf("read the measures of a customer: %w", err)
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, fmt.Errorf("read the measures of a customer: %w", err)
		}
		return nil, fault.New(fault.NotFound, "measure.not_in_version",
			"This customer was not known when the customers were scored as of %s. Score that date again.", v.AsOf)
	}
	values, err := Scan(rows, set)
	if err != nil {
		return nil, fmt.Errorf("read the measures of a customer: %w", err)
	}
	return values, rows.Close()
}

// Scan reads a row that ends with the columns of the set into values by key; first takes the columns before them.
func Scan(rows *sql.Rows, set Set, first ...any) (scoring.Values, error) {
	if len(set) == 0 {
		return nil, rows.Scan(first...)
	}
	cells := make([]any, len(set))
	into := append([]any{}, first...)
	for i := range cells {
		into = append(into, &cells[i])
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	values := scoring.Values{}
	for i, m := range set {
		values[m.Key] = plain(cells[i])
	}
	return values, nil
}

func plain(v any) any {
	switch v := v.(type) {
	case int32:
		return int64(v)
	case time.Time:
		return string(date.Of(v))
	}
	return v
}

// Shown turns a value of score into one for people: fine units become minor units.
func (m Measure) Shown(v any, currency string) any {
	if fine, ok := v.(int64); ok && m.Fine() {
		return money.Minor(fine, currency)
	}
	return v
}

// told asks the step and decides whether there is a value.
func (k known) told(m Measure) (Value, scoring.Explanation, error) {
	out := Value{Key: m.Key, Label: m.Label, Unit: m.Unit}
	var told scoring.Explanation
	if m.explain != nil && m.kept != nil {
		var err error
		if told, err = m.explain(m.kept, m.Key, k.values); err != nil {
			return out, told, fmt.Errorf("explain %s: %w", m.Key, err)
		}
	}
	if out.TooFew = m.TooFew(k.values, told); out.TooFew == "" {
		out.Value = m.Shown(k.values[m.Key], k.currency)
	}
	return out, told, nil
}

// Sheet returns all measures of a customer as of the date, the latest for an empty one. Faults as of How.
func (a *Answers) Sheet(ctx context.Context, reach access.Reach, customerID id.ID, asOf date.Date) (Sheet, error) {
	k, err := a.read(ctx, reach, customerID, asOf)
	if err != nil {
		return Sheet{}, err
	}
	sheet := Sheet{AsOf: k.version.AsOf, Currency: k.currency, Items: []Value{}}
	for _, m := range k.set {
		v, _, err := k.told(m)
		if err != nil {
			return Sheet{}, err
		}
		sheet.Items = append(sheet.Items, v)
	}
	return sheet, nil
}

// How answers how the customer's value came about. Faults: customer.not_found beyond the reach, scoring.empty,
// scoring.not_scored, measure.not_in_version, and measure.unknown for a key that the version does not have.
func (a *Answers) How(ctx context.Context, reach access.Reach, customerID id.ID, key string, asOf date.Date) (How, error) {
	k, err := a.read(ctx, reach, customerID, asOf)
	if err != nil {
		return How{}, err
	}
	m, ok := k.set.Find(key)
	if !ok {
		return How{}, unknown(key, k.version.AsOf)
	}
	v := k.version
	value, told, err := k.told(m)
	if err != nil {
		return How{}, err
	}
	how := How{Measure: m, AsOf: v.AsOf, ComputedAt: v.ComputedAt, Currency: k.currency, Value: value.Value, TooFew: value.TooFew,
		Window: Window{From: v.From().AddDays(1), To: v.AsOf, Months: v.WindowMonths}, Facts: told.Facts, Sample: v.Customers, Given: []Value{}}
	if told.Model != "" {
		how.Model = told.Model
	}
	if told.Sample > 0 {
		how.Sample = told.Sample
	}
	if how.Facts == nil {
		how.Facts = []scoring.Fact{}
	}
	for _, input := range m.Inputs {
		if of, ok := k.set.Find(input); ok {
			given, _, err := k.told(of)
			if err != nil {
				return How{}, err
			}
			how.Given = append(how.Given, given)
		}
	}
	how.Rows, err = a.behind(ctx, customerID, v, m, told)
	return how, err
}

func unknown(key string, asOf date.Date) error {
	return fault.New(fault.NotFound, "measure.unknown", "There is no measure %q as of %s. The list of measures names those there are.", abridged(key), asOf)
}

// behind counts the rows of each kind.
func (a *Answers) behind(ctx context.Context, customerID id.ID, v scoring.Version, m Measure, told scoring.Explanation) ([]RowsBehind, error) {
	all := []RowsBehind{}
	for _, rows := range m.column.Rows {
		b := RowsBehind{Kind: rows.Kind, To: v.AsOf}
		switch {
		case told.From != "" && rows.Kind == scoring.Purchases:
			b.From = told.From
		case rows.Months == scoring.OverWindow:
			b.From = v.From().AddDays(1)
		case rows.Months > 0:
			b.From = v.AsOf.AddMonths(-rows.Months).AddDays(1)
		}
		text := map[scoring.RowKind]string{scoring.Purchases: purchasesSQL, scoring.Potentials: potentialsSQL, scoring.Interactions: interactionsSQL}[rows.Kind]
		found, err := a.warehouse.Query(ctx, text, engine.Args{"customer": customerID, "from": firstDay(b.From), "to": b.To})
		if err != nil {
			return nil, fmt.Errorf("count the rows behind %s: %w", m.Key, err)
		}
		if err := scanOne(found, &b.Count); err != nil {
			return nil, fmt.Errorf("count the rows behind %s: %w", m.Key, err)
		}
		all = append(all, b)
	}
	return all, nil
}

// firstDay stands for the beginning of everything where no first day was said.
func firstDay(d date.Date) date.Date {
	if d == "" {
		return "1000-01-01"
	}
	return d
}

func scanOne(rows *sql.Rows, into any) error {
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(into); err != nil {
			return err
		}
	}
	return rows.Err()
}
