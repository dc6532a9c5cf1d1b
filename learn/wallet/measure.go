package wallet

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

var (
	//go:embed sources.sql
	sourcesSQL string
	//go:embed levels.sql
	levelsSQL string
	//go:embed estimated.sql
	estimatedSQL string
	//go:embed white.sql
	whiteSQL string
)

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	On(ctx context.Context, asOf date.Date, ask func(v scoring.Version) error) error
}

// Customers says who may see a customer, and what customers are called; *customer.Store does.
type Customers interface {
	Within(ctx context.Context, reach access.Reach, customerID id.ID) error
	Named(ctx context.Context, reach access.Reach, ids []id.ID) (map[id.ID]*customer.Customer, error)
}

// Questions answers what the scored versions know of potential.
type Questions struct {
	warehouse *engine.Warehouse
	versions  Versions
	customers Customers
	currency  scoring.Currency
	known     *scoring.Answers[Picture]
	counted   *scoring.Answers[Estimated]
}

// pictures is how many pictures are remembered.
const pictures = 50

// NewQuestions returns the answerer.
func NewQuestions(w *engine.Warehouse, versions Versions, customers Customers, currency scoring.Currency) *Questions {
	return &Questions{warehouse: w, versions: versions, customers: customers, currency: currency,
		known: scoring.NewAnswers[Picture](w, pictures), counted: scoring.NewAnswers[Estimated](w, pictures)}
}

// State is what stands behind a potential.
type State string

// The states.
const (
	Fresh      State = "fresh"       // a statement that is not out of date
	OutOfDate  State = "out_of_date" // a statement that counts because there is no fresh one
	LookAlikes State = "look_alikes" // nobody stated it
	unknown    State = "unknown"
)

// Figures are sums over some customers, in minor units.
type Figures struct {
	Customers int64 `json:"customers"`
	Potential int64 `json:"potential"`
	Revenue   int64 `json:"revenue" doc:"Of the window."`
	Unused    int64 `json:"unused"`
}

func (f *Figures) add(g Figures) {
	f.Customers, f.Potential, f.Revenue, f.Unused = f.Customers+g.Customers, f.Potential+g.Potential, f.Revenue+g.Revenue, f.Unused+g.Unused
}

// SourceFigures are the potentials of one source.
type SourceFigures struct {
	Source string `json:"source" enum:"declared,surveyed,imported,estimated"`
	State  State  `json:"state" enum:"fresh,out_of_date,look_alikes"`
	Figures
	Oldest    date.Date `json:"oldest,omitempty" doc:"Date of the oldest statement; absent for estimates from look-alikes."`
	Newest    date.Date `json:"newest,omitempty"`
	FreshFrom date.Date `json:"fresh_from" doc:"Statements of the source from this day on are fresh."`
}

// WhiteSpace is what customers leave to others in a category.
type WhiteSpace struct {
	Category  string `json:"category"`
	Customers int64  `json:"customers" doc:"Those whose largest white space it is: each counts once."`
	Amount    int64  `json:"amount" doc:"Of these customers, in this category, a year."`
}

// LevelFigures is how many customers are compared at a level.
type LevelFigures struct {
	Level     Level `json:"level" enum:"industry_size_country_category,industry_size_country,industry_size,size,industry,all"`
	Customers int64 `json:"customers"`
}

// Picture is the potentials of a date.
type Picture struct {
	AsOf         date.Date       `json:"as_of"`
	ComputedAt   time.Time       `json:"computed_at"`
	Currency     string          `json:"currency"`
	WindowMonths int             `json:"window_months"`
	All          Figures         `json:"all" doc:"Customers within the asker's reach."`
	Known        Figures         `json:"known" doc:"Those of them whose potential is known or estimated."`
	Estimated    Figures         `json:"estimated" doc:"Those of the known whose potential nobody stated: it is estimated from look-alikes."`
	Unknown      Figures         `json:"unknown"`
	Sources      []SourceFigures `json:"sources" nullable:"false" doc:"The most trusted first."`
	Levels       []LevelFigures  `json:"levels" nullable:"false" doc:"The closest first."`
	White        []WhiteSpace    `json:"white_space" nullable:"false" doc:"The largest amount first."`
	Basis        Kept            `json:"basis" doc:"Settings and test of the estimates; of the whole company."`
}

// Picture draws the potentials of the date, the latest for an empty one, for the customers within reach. Faults: those of
// scoring.Scorer.On, and wallet.not_scored for a date scored before there were estimates.
func (q *Questions) Picture(ctx context.Context, reach access.Reach, asOf date.Date) (Picture, error) {
	var p Picture
	currency, err := q.currency.Base(ctx)
	if err != nil {
		return p, fmt.Errorf("draw the potentials: %w", err)
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return p, err
	}
	err = q.versions.On(ctx, asOf, func(v scoring.Version) error {
		p, err = q.known.Of(ctx, v, reach.All(), func() (Picture, error) { return q.draw(ctx, v, within, currency) }, within, currency)
		return err
	})
	return p, err
}

func (q *Questions) draw(ctx context.Context, v scoring.Version, within filter.Clause, currency string) (p Picture, err error) {
	p = Picture{AsOf: v.AsOf, ComputedAt: v.ComputedAt, Currency: currency, WindowMonths: v.WindowMonths,
		Sources: []SourceFigures{}, Levels: []LevelFigures{}, White: []WhiteSpace{}}
	if p.Basis, err = keptOf(v); err != nil {
		return p, err
	}
	if err := q.sources(ctx, v, within, &p); err != nil {
		return p, err
	}
	if err := q.compared(ctx, v, within, &p); err != nil {
		return p, err
	}
	err = q.each(ctx, whiteSQL, engine.Args{"version": v.Version}, func(rows *sql.Rows) error {
		var w WhiteSpace
		err := rows.Scan(&w.Category, &w.Customers, &w.Amount)
		p.White = append(p.White, w)
		return err
	}, engine.Hole{Name: "reach", Clause: within})
	return p, err
}

// Estimated is how many potentials nobody stated.
type Estimated struct {
	AsOf      date.Date `json:"as_of"`
	Known     int64     `json:"known" doc:"Customers within the asker's reach whose potential is known or estimated."`
	Estimated int64     `json:"estimated" doc:"Those of them whose potential is an estimate from look-alikes."`
}

// Estimated counts the estimates of the date, the latest for an empty one, within reach: of Picture what stands beside every
// matrix, for one look at two columns. Faults: those of scoring.Scorer.On.
func (q *Questions) Estimated(ctx context.Context, reach access.Reach, asOf date.Date) (Estimated, error) {
	var e Estimated
	within, err := scoring.Within(reach)
	if err != nil {
		return e, err
	}
	err = q.versions.On(ctx, asOf, func(v scoring.Version) error {
		e, err = q.counted.Of(ctx, v, reach.All(), func() (Estimated, error) {
			counted := Estimated{AsOf: v.AsOf}
			err := q.each(ctx, estimatedSQL, engine.Args{"version": v.Version}, func(rows *sql.Rows) error {
				return rows.Scan(&counted.Known, &counted.Estimated)
			}, engine.Hole{Name: "reach", Clause: within})
			return counted, err
		}, within)
		return err
	})
	return e, err
}

func keptOf(v scoring.Version) (k Kept, err error) {
	if v.Cuts[stepName] == nil {
		return k, fault.New(fault.NotFound, "wallet.not_scored", "The customers were scored as of %s before potentials were estimated. Score that date again.", v.AsOf)
	}
	if err := json.Unmarshal(v.Cuts[stepName], &k); err != nil {
		return k, fmt.Errorf("what was kept of potentials: %w", err)
	}
	return k, nil
}

// freshFrom is the first day from which a statement of the source is fresh on a date.
func (t Trust) freshFrom(asOf date.Date) date.Date { return asOf.AddMonths(-12 * t.Years).AddDays(1) }

func (q *Questions) sources(ctx context.Context, v scoring.Version, within filter.Clause, p *Picture) error {
	state := filter.Clause{SQL: "CASE WHEN s.potential IS NULL THEN 'unknown' WHEN s.potential_since IS NULL THEN 'look_alikes'"}
	for _, t := range p.Basis.Definition.Trust {
		state.SQL += " WHEN s.potential_source = ? AND s.potential_since >= ? THEN 'fresh'"
		state.Args = append(state.Args, t.Source, t.freshFrom(v.AsOf))
	}
	state.SQL += " ELSE 'out_of_date' END"
	err := q.each(ctx, sourcesSQL, engine.Args{"version": v.Version}, func(rows *sql.Rows) error {
		var f SourceFigures
		var source sql.NullString
		var oldest, newest sql.NullTime
		if err := rows.Scan(&source, &f.State, &f.Customers, &f.Potential, &f.Revenue, &f.Unused, &oldest, &newest); err != nil {
			return err
		}
		f.Revenue = money.Minor(f.Revenue, p.Currency)
		p.All.add(f.Figures)
		if f.State == unknown {
			p.Unknown.add(f.Figures)
			return nil
		}
		p.Known.add(f.Figures)
		if f.State == LookAlikes {
			p.Estimated.add(f.Figures)
		}
		if f.Source = source.String; oldest.Valid {
			f.Oldest, f.Newest = date.Of(oldest.Time), date.Of(newest.Time)
		}
		p.Sources = append(p.Sources, f)
		return nil
	}, engine.Hole{Name: "state", Clause: state}, engine.Hole{Name: "reach", Clause: within})
	if err != nil {
		return err
	}
	place := func(f SourceFigures) int {
		at := slices.IndexFunc(p.Basis.Definition.Trust, func(t Trust) bool { return t.Source == f.Source })
		return at*3 + slices.Index([]State{Fresh, OutOfDate, LookAlikes}, f.State)
	}
	slices.SortFunc(p.Sources, func(a, b SourceFigures) int { return place(a) - place(b) })
	for i, f := range p.Sources {
		for _, t := range p.Basis.Definition.Trust {
			if t.Source == f.Source {
				p.Sources[i].FreshFrom = t.freshFrom(v.AsOf)
			}
		}
	}
	return nil
}

func (q *Questions) compared(ctx context.Context, v scoring.Version, within filter.Clause, p *Picture) error {
	found := map[Level]int64{}
	err := q.each(ctx, levelsSQL, engine.Args{"version": v.Version}, func(rows *sql.Rows) error {
		var l Level
		var n int64
		err := rows.Scan(&l, &n)
		found[l] = n
		return err
	}, engine.Hole{Name: "reach", Clause: within})
	for _, l := range levels() {
		if found[l] > 0 {
			p.Levels = append(p.Levels, LevelFigures{l, found[l]})
		}
	}
	return err
}

func (q *Questions) each(ctx context.Context, text string, args engine.Args, read func(rows *sql.Rows) error, holes ...engine.Hole) error {
	rows, err := q.warehouse.Query(ctx, text, args, holes...)
	if err != nil {
		return fmt.Errorf("ask for potentials: %w", err)
	}
	if err := engine.Each(rows, func() error { return read(rows) }); err != nil {
		return fmt.Errorf("ask for potentials: %w", err)
	}
	return nil
}
