package rfm

import (
	"cmp"
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
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed cells.sql
	cellsSQL string
	//go:embed points.sql
	pointsSQL string
)

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	On(ctx context.Context, asOf date.Date, ask func(v scoring.Version) error) error
}

// Questions answers what the scored versions know of RFM.
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

// CellFigures are the figures of one cell. Cells without a customer are left out.
type CellFigures struct {
	R         int64 `json:"r"`
	F         int64 `json:"f"`
	M         int64 `json:"m"`
	Customers int64 `json:"customers"`
	Revenue   int64 `json:"revenue" doc:"Of the window, in minor units."`
}

// StepFigures are the figures of the customers whose points lie in one step.
type StepFigures struct {
	From      float64  `json:"from"`
	Below     *float64 `json:"below" doc:"Where the next step begins; null in the last, which holds all above."`
	Customers int64    `json:"customers"`
	Revenue   int64    `json:"revenue" doc:"Of the window, in minor units."`
}

// Picture is RFM of a date.
type Picture struct {
	AsOf         date.Date     `json:"as_of"`
	ComputedAt   time.Time     `json:"computed_at"`
	Currency     string        `json:"currency"`
	WindowMonths int           `json:"window_months" doc:"Over which the revenue of the figures is summed."`
	Definition   Definition    `json:"definition" doc:"The settings that counted when the date was scored."`
	Customers    int64         `json:"customers" doc:"Within the asker's reach."`
	NeverBought  int64         `json:"never_bought" doc:"Of those: without any purchase up to the date."`
	Undivided    int64         `json:"undivided" doc:"Of those: bought, but in a company with too few buyers to divide them."`
	Cells        []CellFigures `json:"cells" nullable:"false" doc:"By recency, frequency and money, the best first."`
	Points       []StepFigures `json:"points" nullable:"false" doc:"Of those who ever bought, from few points to many."`
}

// stepOf is the width of the steps of points, a power of ten times 1, 2 or 5, so that the highest points a customer with
// twelve capped purchases can have fall into about ten steps.
func stepOf(r Rules) float64 {
	most := 12 * (r.Factor + r.Cap)
	if len(r.Bands) > 0 {
		most += r.Bands[0].Points
	}
	for unit := 1.0; ; unit *= 10 {
		for _, of := range []float64{1, 2, 5} {
			if most/(of*unit) <= lastStep {
				return of * unit
			}
		}
	}
}

// lastStep is the number of the last step of points, from 0.
const lastStep = 11

// Picture draws RFM of the date, the latest for an empty one, for the customers within reach. Faults: those of
// scoring.Scorer.On, and rfm.not_scored for a date scored before there was RFM.
func (q *Questions) Picture(ctx context.Context, reach access.Reach, asOf date.Date) (Picture, error) {
	currency, err := q.currency.Base(ctx)
	if err != nil {
		return Picture{}, fmt.Errorf("draw RFM: %w", err)
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return Picture{}, err
	}
	var p Picture
	err = q.versions.On(ctx, asOf, func(v scoring.Version) error {
		p, err = q.known.Of(ctx, v, reach.All(), func() (Picture, error) { return q.draw(ctx, v, within, currency) }, within, currency)
		return err
	})
	return p, err
}

func (q *Questions) draw(ctx context.Context, v scoring.Version, within filter.Clause, currency string) (Picture, error) {
	var k kept
	if v.Cuts[stepName] == nil {
		return Picture{}, fault.New(fault.NotFound, "rfm.not_scored", "The customers were scored as of %s before there was RFM. Score that date again.", v.AsOf)
	}
	if err := json.Unmarshal(v.Cuts[stepName], &k); err != nil {
		return Picture{}, fmt.Errorf("draw RFM: %w", err)
	}
	p := Picture{AsOf: v.AsOf, ComputedAt: v.ComputedAt, Currency: currency, WindowMonths: v.WindowMonths, Definition: k.Definition, Cells: []CellFigures{}}
	if err := q.cells(ctx, v, within, &p); err != nil {
		return p, err
	}
	err := q.points(ctx, v, within, &p)
	return p, err
}

func (q *Questions) cells(ctx context.Context, v scoring.Version, within filter.Clause, p *Picture) error {
	err := q.each(ctx, cellsSQL, engine.Args{"version": v.Version}, within, func(rows *sql.Rows) error {
		var r, f, m *int64
		var c CellFigures
		if err := rows.Scan(&r, &f, &m, &c.Customers, &c.Revenue); err != nil {
			return err
		}
		p.Customers += c.Customers
		if r == nil {
			p.NeverBought = c.Customers // until the points tell who of them bought
			return nil
		}
		c.R, c.F, c.M, c.Revenue = *r, *f, *m, money.Minor(c.Revenue, p.Currency)
		p.Cells = append(p.Cells, c)
		return nil
	})
	slices.SortFunc(p.Cells, func(a, b CellFigures) int {
		return -cmp.Or(cmp.Compare(a.R, b.R), cmp.Compare(a.F, b.F), cmp.Compare(a.M, b.M))
	})
	return err
}

func (q *Questions) points(ctx context.Context, v scoring.Version, within filter.Clause, p *Picture) error {
	step := stepOf(p.Definition.Points)
	p.Points = make([]StepFigures, lastStep+1)
	for i := range p.Points {
		p.Points[i].From = float64(i) * step
		if i < lastStep {
			below := float64(i+1) * step
			p.Points[i].Below = &below
		}
	}
	var bought int64
	err := q.each(ctx, pointsSQL, engine.Args{"version": v.Version, "step": step, "last": lastStep}, within, func(rows *sql.Rows) error {
		var at, customers, revenue int64
		if err := rows.Scan(&at, &customers, &revenue); err != nil {
			return err
		}
		p.Points[at].Customers, p.Points[at].Revenue = customers, money.Minor(revenue, p.Currency)
		bought += customers
		return nil
	})
	if len(p.Cells) == 0 {
		p.Undivided = bought
		p.NeverBought -= bought
	}
	return err
}

func (q *Questions) each(ctx context.Context, text string, args engine.Args, within filter.Clause, read func(rows *sql.Rows) error) error {
	rows, err := q.warehouse.Query(ctx, text, args, engine.Hole{Name: "reach", Clause: within})
	if err != nil {
		return fmt.Errorf("draw RFM: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return fmt.Errorf("draw RFM: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("draw RFM: %w", err)
	}
	return nil
}
