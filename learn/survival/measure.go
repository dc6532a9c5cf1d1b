package survival

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"math"
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
	//go:embed tenure.sql
	tenureSQL string
	//go:embed renewals.sql
	renewalsSQL string
	//go:embed gaps.sql
	gapsSQL string
)

// usual is the share of the customers whose usual pause between purchases the settings are held against.
const usual = 0.95

// By says which customers are told apart.
type By string

// The groupings.
const (
	Together   By = "all"
	ByIndustry By = "industry"
	ByCountry  By = "country"
)

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	On(ctx context.Context, asOf date.Date, ask func(v scoring.Version) error) error
}

// Questions answers how long customers stay.
type Questions struct {
	warehouse   *engine.Warehouse
	versions    Versions
	currency    scoring.Currency
	definitions *Definitions
	interest    func(ctx context.Context) (float64, error)
}

// NewQuestions returns the answerer; interest is that of a year, as a share.
func NewQuestions(w *engine.Warehouse, versions Versions, currency scoring.Currency, definitions *Definitions, interest func(ctx context.Context) (float64, error)) *Questions {
	return &Questions{w, versions, currency, definitions, interest}
}

// Picture is how long customers stay, as of a date.
type Picture struct {
	AsOf         date.Date  `json:"as_of"`
	ComputedAt   time.Time  `json:"computed_at"`
	Known        date.Date  `json:"known" doc:"Up to this day it is known who stayed; who bought last after it may yet be lost."`
	Currency     string     `json:"currency"`
	WindowMonths int        `json:"window_months" doc:"Over which the margin is summed."`
	Definition   Definition `json:"definition"`
	Interest     float64    `json:"interest" doc:"Per year, as a share."`
	SilentDays   int        `json:"silent_days" doc:"The months without a purchase, in days."`
	PeriodDays   int        `json:"period_days" doc:"The months of a period, in days."`
	By           By         `json:"by" enum:"all,industry,country"`
	Customers    int64      `json:"customers" doc:"Within the asker's reach, who ever bought."`
	TooNew       int64      `json:"too_new" doc:"Of those: who first bought too lately to tell."`
	UsualMonths  *int64     `json:"usual_months" doc:"Nineteen of twenty customers who bought again bought on average within so many months; null where there are too few."`
	Survival     Survival   `json:"survival"`
	Renewal      Renewal    `json:"renewal"`
}

// asking is one question on its way.
type asking struct {
	q       *Questions
	version scoring.Version
	reach   engine.Hole
	picture *Picture
}

// Picture draws how long customers within reach stay as of the date, the latest for an empty one. Faults: those of
// scoring.Scorer.On, and lifetime.not_scored for a date scored before there was lifetime value.
func (q *Questions) Picture(ctx context.Context, reach access.Reach, asOf date.Date, by By) (Picture, error) {
	currency, err := q.currency.Base(ctx)
	if err != nil {
		return Picture{}, fmt.Errorf("draw survival: %w", err)
	}
	def, _, err := q.definitions.Get(ctx)
	if err != nil {
		return Picture{}, err
	}
	interest, err := q.interest(ctx)
	if err != nil {
		return Picture{}, err
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return Picture{}, err
	}
	var p Picture
	err = q.versions.On(ctx, asOf, func(v scoring.Version) error {
		if v.Cuts["lifetime"] == nil {
			return fault.New(fault.NotFound, "lifetime.not_scored", "The customers were scored as of %s before there was lifetime value. Score that date again.", v.AsOf)
		}
		p = Picture{AsOf: v.AsOf, ComputedAt: v.ComputedAt, Known: v.AsOf.AddDays(-def.silentDays()), Currency: currency, WindowMonths: v.WindowMonths,
			Definition: def, Interest: interest, SilentDays: def.silentDays(), PeriodDays: def.periodDays(), By: by}
		a := asking{q, v, engine.Hole{Name: "reach", Clause: within}, &p}
		for _, part := range []func(context.Context) error{a.gaps, a.survival, a.renewal} {
			if err := part(ctx); err != nil {
				return fmt.Errorf("draw survival: %w", err)
			}
		}
		return nil
	})
	return p, err
}

func (a asking) each(ctx context.Context, text string, args engine.Args, read func(rows *sql.Rows) error, holes ...engine.Hole) error {
	args["version"], args["silent"] = a.version.Version, a.picture.SilentDays
	rows, err := a.q.warehouse.Query(ctx, text, args, append(holes, a.reach)...)
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

// gaps counts the customers and finds within how many months nearly all of them buy again.
func (a asking) gaps(ctx context.Context) error {
	byMonths := map[int64]int64{}
	again, longest := int64(0), int64(0)
	err := a.each(ctx, gapsSQL, engine.Args{"month": daysPerMonth}, func(rows *sql.Rows) error {
		var months sql.NullInt64
		var tooNew, n int64
		if err := rows.Scan(&months, &tooNew, &n); err != nil {
			return err
		}
		a.picture.Customers += n
		a.picture.TooNew += tooNew * n
		if months.Valid {
			byMonths[months.Int64] += n
			again, longest = again+n, max(longest, months.Int64)
		}
		return nil
	})
	if err != nil || again < int64(a.picture.Definition.Minimum) {
		return err
	}
	passed := int64(0)
	for months := int64(0); months <= longest; months++ {
		if passed += byMonths[months]; float64(passed) >= usual*float64(again) {
			within := months + 1
			a.picture.UsualMonths = &within
			break
		}
	}
	return nil
}

func (a asking) survival(ctx context.Context) error {
	by := map[By]string{Together: "''", ByIndustry: "coalesce(s.industry, '')", ByCountry: "coalesce(s.country, '')"}[a.picture.By]
	var rows []Row
	err := a.each(ctx, tenureSQL, engine.Args{"month": daysPerMonth}, func(found *sql.Rows) error {
		var r Row
		var lost int64
		if err := found.Scan(&r.Group, &r.Months, &lost, &r.Customers); err != nil {
			return err
		}
		r.Lost = lost == 1
		rows = append(rows, r)
		return nil
	}, engine.Hole{Name: "by", Clause: filter.Clause{SQL: by}})
	if err != nil {
		return err
	}
	a.picture.Survival, err = Survive(rows, a.picture.By != Together, int64(a.picture.Definition.Minimum))
	return err
}

func (a asking) renewal(ctx context.Context) error {
	d := a.picture.Definition
	var rows []Renewed
	err := a.each(ctx, renewalsSQL, engine.Args{"period": a.picture.PeriodDays, "early": d.Early}, func(found *sql.Rows) error {
		var r Renewed
		err := found.Scan(&r.Periods, &r.Renewals, &r.Customers, &r.Margin)
		rows = append(rows, r)
		return err
	})
	if err != nil {
		return err
	}
	a.picture.Renewal = Renew(rows, Terms{Rate: math.Pow(1+a.picture.Interest, float64(d.Period)/12) - 1, Minimum: int64(d.Minimum), Known: a.picture.Known,
		PeriodDays: a.picture.PeriodDays, PerPeriod: float64(d.Period) / float64(a.picture.WindowMonths), FinePerMinor: money.FinePerMinor(a.picture.Currency)})
	return nil
}
