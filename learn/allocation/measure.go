package allocation

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strconv"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/clv"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

var (
	//go:embed segments.sql
	segmentsSQL string
	//go:embed retained.sql
	retainedSQL string
)

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	On(ctx context.Context, asOf date.Date, ask func(v scoring.Version) error) error
	Find(ctx context.Context, asOf date.Date) (scoring.Version, error)
}

// Lifetime keeps the settings of lifetime value; *clv.Definitions does.
type Lifetime interface {
	Get(ctx context.Context) (clv.Definition, int64, error)
}

// Questions answers what the scored versions know of segments.
type Questions struct {
	warehouse *engine.Warehouse
	versions  Versions
	currency  scoring.Currency
	measures  *measure.Registry
	lifetime  Lifetime
}

// NewQuestions returns the answerer.
func NewQuestions(w *engine.Warehouse, versions Versions, currency scoring.Currency, measures *measure.Registry, lifetime Lifetime) *Questions {
	return &Questions{warehouse: w, versions: versions, currency: currency, measures: measures, lifetime: lifetime}
}

// Figures are what the newest version knows of a segment. Money is in minor units.
type Figures struct {
	Key         string `json:"key" doc:"The value of the measure; empty for customers without one."`
	Customers   int64  `json:"customers"`
	Revenue     int64  `json:"revenue" doc:"Of the window."`
	ValueToCome *int64 `json:"value_to_come" doc:"Null where the version does not have it."`
	CostToServe *int64 `json:"cost_to_serve" doc:"What they cost to serve in the window; null where the version does not have it."`
	Contacts    *int64 `json:"contacts" doc:"Null where the version does not have them."`
}

// Segments is the customers by a measure.
type Segments struct {
	AsOf     date.Date `json:"as_of"`
	By       string    `json:"by"`
	Label    string    `json:"label"`
	Choices  []Choice  `json:"choices" nullable:"false" doc:"The measures that segments can be made of."`
	Currency string    `json:"currency"`
	Items    []Figures `json:"items" nullable:"false" doc:"The largest first."`
}

// Choice is a measure that segments can be made of.
type Choice struct {
	Key   string `json:"key"`
	Label string `json:"label"`
}

// bands are numbers of few values, which make segments as words do.
func bands() []string { return []string{"rfm_r", "rfm_f", "rfm_m"} }

func choices(set measure.Set) []Choice {
	all := []Choice{}
	for _, m := range set {
		if m.Unit == scoring.Word && m.Key != "judged_by" && m.Key != "potential_source" || slices.Contains(bands(), m.Key) {
			all = append(all, Choice{m.Key, m.Label})
		}
	}
	return all
}

func segmenting(set measure.Set, by string, asOf date.Date) (measure.Measure, error) {
	if slices.ContainsFunc(choices(set), func(c Choice) bool { return c.Key == by }) {
		m, _ := set.Find(by)
		return m, nil
	}
	return measure.Measure{}, fault.New(fault.Malformed, "allocation.unknown_segments", "The measure %.60q makes no segments as of %s. Choose one of the list.", by, asOf).
		At("by", "Choose a measure in words, such as cell, or a band.")
}

func segment(m measure.Measure) filter.Clause {
	return filter.Clause{SQL: "coalesce(cast(s." + m.Column() + " AS varchar), '')"}
}

// Segments returns the customers within reach by a measure of the date, the latest for an empty one. Faults: those of
// scoring.Scorer.On, allocation.unknown_segments, and allocation.too_many_segments.
func (q *Questions) Segments(ctx context.Context, reach access.Reach, asOf date.Date, by string) (Segments, error) {
	out := Segments{By: by}
	within, err := scoring.Within(reach)
	if err != nil {
		return out, err
	}
	if out.Currency, err = q.currency.Base(ctx); err != nil {
		return out, err
	}
	err = q.versions.On(ctx, asOf, func(v scoring.Version) error {
		set, err := q.measures.In(v)
		if err != nil {
			return err
		}
		m, err := segmenting(set, by, v.AsOf)
		if err != nil {
			return err
		}
		out.AsOf, out.Label, out.Items, out.Choices = v.AsOf, m.Label, []Figures{}, choices(set)
		extras, scales := "", make([]float64, 0, 3)
		for i, key := range []string{"value_to_come", "cost_to_serve", "contacts"} {
			column, scale := summed(set, key, out.Currency)
			scales = append(scales, scale)
			if i > 0 {
				extras += ", "
			}
			extras += column
		}
		return q.each(ctx, segmentsSQL, engine.Args{"version": v.Version}, func(rows *sql.Rows) error {
			var f Figures
			var value, cost, contacts *float64
			if err := rows.Scan(&f.Key, &f.Customers, &f.Revenue, &value, &cost, &contacts); err != nil {
				return err
			}
			f.Revenue = money.Minor(f.Revenue, out.Currency)
			f.ValueToCome, f.CostToServe, f.Contacts = scaled(value, scales[0]), scaled(cost, scales[1]), scaled(contacts, scales[2])
			out.Items = append(out.Items, f)
			return nil
		}, engine.Hole{Name: "segment", Clause: segment(m)}, engine.Hole{Name: "extras", Clause: filter.Clause{SQL: extras}}, engine.Hole{Name: "reach", Clause: within})
	})
	if err == nil && len(out.Items) > maxSegments {
		return out, tooMany(out.Label)
	}
	return out, err
}

func tooMany(label string) error {
	return fault.New(fault.Invalid, "allocation.too_many_segments", "%s makes more than %d segments, which nobody could plan for. Choose another measure.", label, maxSegments)
}

// summed is the sum of a measure that a version may lack, and what its units must be divided by for people.
func summed(set measure.Set, key, currency string) (column string, scale float64) {
	m, ok := set.Find(key)
	if !ok || !m.Numeric() {
		return "cast(NULL AS double)", 1
	}
	scale = 1
	if m.Fine() {
		scale = float64(money.FinePerMinor(currency))
	}
	return "cast(sum(s." + m.Column() + ") AS double)", scale
}

func scaled(x *float64, scale float64) *int64 {
	if x == nil {
		return nil
	}
	n := whole(*x / scale)
	return &n
}

func (q *Questions) each(ctx context.Context, text string, args engine.Args, read func(rows *sql.Rows) error, holes ...engine.Hole) error {
	holes = append(holes, engine.Hole{Name: "limit", Clause: filter.Clause{SQL: strconv.Itoa(maxSegments + 1)}})
	rows, err := q.warehouse.Query(ctx, text, args, holes...)
	if err != nil {
		return fmt.Errorf("look at segments: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return fmt.Errorf("look at segments: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look at segments: %w", err)
	}
	return nil
}

// LoyaltyQuestion asks what fewer losses are worth.
type LoyaltyQuestion struct {
	AsOf   date.Date // empty is the latest scored date
	By     string    // the measure that makes the segments
	Fewer  float64   // 0.05 is 5 % of the losses, or 5 points
	Points bool
}

// Loyalty works the loyalty arithmetic out for the customers within reach (C11). Faults: those of scoring.Scorer.On,
// allocation.no_earlier where the version a window before the date is missing, and those of the segments.
func (q *Questions) Loyalty(ctx context.Context, reach access.Reach, ask LoyaltyQuestion) (Arithmetic, error) {
	out := Arithmetic{By: ask.By, Fewer: ask.Fewer, Points: ask.Points}
	if !(ask.Fewer > 0 && ask.Fewer <= 1) {
		return out, fault.New(fault.Malformed, "allocation.fewer", "Give more than 0 and at most 100 %% fewer losses.").At("fewer", "Give more than 0 and at most 1.")
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return out, err
	}
	if out.Currency, err = q.currency.Base(ctx); err != nil {
		return out, err
	}
	settings, _, err := q.lifetime.Get(ctx)
	if err != nil {
		return out, err
	}
	out.Interest = settings.Interest
	if settings.Acquisition > 0 {
		out.Acquisition = &settings.Acquisition
	}
	err = q.versions.On(ctx, ask.AsOf, func(v scoring.Version) error {
		out.Segments = []Loyal{}
		return q.retained(ctx, v, within, &out)
	})
	return out, err
}

func (q *Questions) retained(ctx context.Context, v scoring.Version, within filter.Clause, out *Arithmetic) error {
	out.AsOf, out.Then, out.Months = v.AsOf, v.AsOf.AddMonths(-v.WindowMonths), v.WindowMonths
	then, err := q.versions.Find(ctx, out.Then)
	if f := fault.Of(err); f != nil && f.Code == "scoring.not_scored" || err == nil && then.WindowMonths != v.WindowMonths {
		return fault.New(fault.NotFound, "allocation.no_earlier",
			"To tell how many customers stay, the picture of %s is needed beside that of %s, both over %d months. Compute it; then come back.", out.Then, v.AsOf, v.WindowMonths).
			At("then", "%s", out.Then)
	}
	if err != nil {
		return err
	}
	set, err := q.measures.In(v)
	if err != nil {
		return err
	}
	before, err := q.measures.In(then)
	if err != nil {
		return err
	}
	m, err := segmenting(set, out.By, v.AsOf)
	if err != nil {
		return err
	}
	was, err := segmenting(before, out.By, then.AsOf)
	if err != nil {
		return err
	}
	var all counted
	var segments []counted
	var keeping float64
	known := false
	err = q.each(ctx, retainedSQL, engine.Args{"version": v.Version, "then": then.Version}, func(rows *sql.Rows) error {
		var c counted
		var cost *float64
		if err := rows.Scan(&c.key, &c.buyers, &c.kept, &c.buying, &c.margin, &cost); err != nil {
			return err
		}
		if cost != nil {
			keeping, known = keeping+*cost, true
		}
		all.add(c)
		segments = append(segments, c)
		return nil
	}, engine.Hole{Name: "segment_then", Clause: segment(was)}, engine.Hole{Name: "segment_now", Clause: segment(m)}, engine.Hole{Name: "reach", Clause: within},
		engine.Hole{Name: "margin", Clause: filter.Clause{SQL: margin(set, out.Currency)}}, engine.Hole{Name: "keeping", Clause: filter.Clause{SQL: kept(set, out.Currency)}})
	if err != nil {
		return err
	}
	if len(segments) > maxSegments {
		return tooMany(m.Label)
	}
	years := float64(v.WindowMonths) / 12
	out.All = all.reckon(years, out.Interest, out.Fewer, out.Points)
	for _, c := range segments {
		out.Segments = append(out.Segments, c.reckon(years, out.Interest, out.Fewer, out.Points))
	}
	switch {
	case !known:
		out.KeepNote = "What it costs to serve a customer has not been computed as of this date, so winning and keeping cannot be compared."
	case all.kept > 0:
		mean := whole(keeping / years / float64(all.kept))
		out.Keeping = &mean
	}
	return nil
}

// margin is what is left of a customer's revenue of the window, in minor units: by its margin share where lifetime value tells
// it, else revenue less what the lines say it cost.
func margin(set measure.Set, currency string) string {
	per := strconv.FormatInt(money.FinePerMinor(currency), 10)
	if m, ok := set.Find("margin_share"); ok {
		return "cast(s.revenue AS double) * coalesce(s." + m.Column() + ", 0) / " + per
	}
	return "cast(s.revenue - coalesce(s.cost, 0) AS double) / " + per
}

// kept is what it cost to serve a customer, in minor units.
func kept(set measure.Set, currency string) string {
	m, ok := set.Find("cost_to_serve")
	if !ok {
		return "cast(NULL AS double)"
	}
	scale := int64(1)
	if m.Fine() {
		scale = money.FinePerMinor(currency)
	}
	return "cast(s." + m.Column() + " AS double) / " + strconv.FormatInt(scale, 10)
}
