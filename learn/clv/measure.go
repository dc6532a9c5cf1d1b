package clv

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/lifetime"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed figures.sql
	figuresSQL string
	//go:embed bounds.sql
	boundsSQL string
)

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	On(ctx context.Context, asOf date.Date, ask func(v scoring.Version) error) error
}

// Questions answers what the scored versions know of lifetime value.
type Questions struct {
	warehouse *engine.Warehouse
	versions  Versions
	currency  scoring.Currency
	known     *scoring.Answers[Picture]
}

// pictures is how many pictures are remembered.
const pictures = 50

// NewQuestions returns the answerer.
func NewQuestions(w *engine.Warehouse, versions Versions, currency scoring.Currency) *Questions {
	return &Questions{warehouse: w, versions: versions, currency: currency, known: scoring.NewAnswers[Picture](w, pictures)}
}

// Figures are what some customers bring and will bring. Amounts are minor units.
type Figures struct {
	Customers   int64 `json:"customers"`
	Revenue     int64 `json:"revenue" doc:"Of the window."`
	ValueSoFar  int64 `json:"value_so_far" doc:"Margin of the whole past."`
	ValueToCome int64 `json:"value_to_come" doc:"Expected margin until the horizon, discounted."`
	Residual    int64 `json:"residual_value" doc:"Expected margin without a horizon, discounted."`
}

func (f *Figures) add(g Figures) {
	f.Customers, f.Revenue, f.ValueSoFar = f.Customers+g.Customers, f.Revenue+g.Revenue, f.ValueSoFar+g.ValueSoFar
	f.ValueToCome, f.Residual = f.ValueToCome+g.ValueToCome, f.Residual+g.Residual
}

// Class is the customers from one value up to another.
type Class struct {
	From  *float64 `json:"from" doc:"Null in the lowest."`
	Below *float64 `json:"below" doc:"Null in the highest."`
	Figures
}

// GroupFigures are the figures of one of the five groups.
type GroupFigures struct {
	Group lifetime.Group `json:"group" enum:"now_and_later,now,later_only,not_now,neither"`
	Figures
}

// Picture is lifetime value of a date.
type Picture struct {
	AsOf         date.Date      `json:"as_of"`
	ComputedAt   time.Time      `json:"computed_at"`
	Currency     string         `json:"currency"`
	WindowMonths int            `json:"window_months" doc:"Over which revenue is summed."`
	All          Figures        `json:"all" doc:"Customers within the asker's reach who ever bought."`
	Tenths       []Class        `json:"tenths" nullable:"false" doc:"By value to come in minor units, the highest first; bounds are those of tenths of all customers of the company. Fewer where many have the same value."`
	Danger       []Class        `json:"danger" nullable:"false" doc:"By the chance that nothing is bought in the months ahead, the highest first."`
	Groups       []GroupFigures `json:"groups" nullable:"false" doc:"All five, in their order."`
	Models       Kept           `json:"models" doc:"How it was worked out; of the whole company."`
}

// dangerBounds are where the classes of danger begin.
func dangerBounds() []float64 { return []float64{0.1, 0.25, 0.5, 0.75, 0.9} }

func groups() []lifetime.Group {
	return []lifetime.Group{lifetime.NowAndLater, lifetime.Now, lifetime.LaterOnly, lifetime.NotNow, lifetime.Neither}
}

// Picture draws lifetime value of the date, the latest for an empty one, for the customers within reach. Faults: those of
// scoring.Scorer.On, and lifetime.not_scored for a date scored before there was lifetime value.
func (q *Questions) Picture(ctx context.Context, reach access.Reach, asOf date.Date) (Picture, error) {
	currency, err := q.currency.Base(ctx)
	if err != nil {
		return Picture{}, fmt.Errorf("draw lifetime value: %w", err)
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return Picture{}, err
	}
	var p Picture
	err = q.versions.On(ctx, asOf, func(v scoring.Version) error {
		p, err = q.known.Of(ctx, v, reach.All(), func() (Picture, error) { return q.picture(ctx, v, within, currency) }, within, currency)
		return err
	})
	return p, err
}

func (q *Questions) picture(ctx context.Context, v scoring.Version, within filter.Clause, currency string) (Picture, error) {
	p := Picture{AsOf: v.AsOf, ComputedAt: v.ComputedAt, Currency: currency, WindowMonths: v.WindowMonths, Tenths: []Class{}, Danger: []Class{}, Groups: []GroupFigures{}}
	if v.Cuts[stepName] == nil {
		return p, fault.New(fault.NotFound, "lifetime.not_scored", "The customers were scored as of %s before there was lifetime value. Score that date again.", v.AsOf)
	}
	if err := json.Unmarshal(v.Cuts[stepName], &p.Models); err != nil {
		return p, fmt.Errorf("draw lifetime value: %w", err)
	}
	err := q.draw(ctx, v, within, &p)
	return p, err
}

func (q *Questions) draw(ctx context.Context, v scoring.Version, within filter.Clause, p *Picture) error {
	byGroup, err := q.figures(ctx, v, within, filter.Clause{SQL: "s.lifetime_group"}, p.Currency)
	if err != nil {
		return err
	}
	for _, f := range byGroup {
		p.All.add(f)
	}
	if p.Models.TooFew != "" {
		return nil
	}
	for _, g := range groups() {
		p.Groups = append(p.Groups, GroupFigures{g, byGroup[string(g)]})
	}
	var bounds []float64
	err = q.each(ctx, boundsSQL, engine.Args{"version": v.Version}, nil, func(rows *sql.Rows) error {
		var bound int64
		err := rows.Scan(&bound)
		bounds = append(bounds, float64(bound))
		return err
	})
	if err != nil {
		return err
	}
	if p.Tenths, err = q.classes(ctx, v, within, "value_to_come", bounds, p.Currency); err != nil {
		return err
	}
	p.Danger, err = q.classes(ctx, v, within, "danger", dangerBounds(), p.Currency)
	return err
}

// classes are the figures between the bounds, the highest first. column is a name of this package, never user text.
func (q *Questions) classes(ctx context.Context, v scoring.Version, within filter.Clause, column string, bounds []float64, currency string) ([]Class, error) {
	var b strings.Builder
	var args []any
	b.WriteString("CASE WHEN s." + column + " IS NULL THEN NULL")
	for i := len(bounds) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, " WHEN s.%s >= ? THEN '%d'", column, i+1)
		args = append(args, bounds[i])
	}
	b.WriteString(" ELSE '0' END")
	found, err := q.figures(ctx, v, within, filter.Clause{SQL: b.String(), Args: args}, currency)
	all := []Class{}
	for i := len(bounds); i >= 0; i-- {
		c := Class{Figures: found[fmt.Sprint(i)]}
		if i > 0 {
			c.From = &bounds[i-1]
		}
		if i < len(bounds) {
			c.Below = &bounds[i]
		}
		all = append(all, c)
	}
	return all, err
}

// figures asks by class; customers without one stand under "".
func (q *Questions) figures(ctx context.Context, v scoring.Version, within, class filter.Clause, currency string) (map[string]Figures, error) {
	all := map[string]Figures{}
	err := q.each(ctx, figuresSQL, engine.Args{"version": v.Version}, []engine.Hole{{Name: "class", Clause: class}, {Name: "reach", Clause: within}}, func(rows *sql.Rows) error {
		var name sql.NullString
		var f Figures
		if err := rows.Scan(&name, &f.Customers, &f.Revenue, &f.ValueSoFar, &f.ValueToCome, &f.Residual); err != nil {
			return err
		}
		f.Revenue = money.Minor(f.Revenue, currency)
		all[name.String] = f
		return nil
	})
	return all, err
}

func (q *Questions) each(ctx context.Context, text string, args engine.Args, holes []engine.Hole, read func(rows *sql.Rows) error) error {
	rows, err := q.warehouse.Query(ctx, text, args, holes...)
	if err != nil {
		return fmt.Errorf("draw lifetime value: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return fmt.Errorf("draw lifetime value: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("draw lifetime value: %w", err)
	}
	return nil
}
