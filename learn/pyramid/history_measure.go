package pyramid

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

//go:embed history.sql
var historySQL string

func round(x float64) float64 { return math.Round(x) }

// Standing is what stood in a tier on a date.
type Standing struct {
	Name      string  `json:"name"`
	Customers int64   `json:"customers"`
	Value     float64 `json:"value" doc:"In the measure's unit, money in minor units."`
}

// Moment is the pyramid of one scored date.
type Moment struct {
	AsOf  date.Date  `json:"as_of"`
	Tiers []Standing `json:"tiers" nullable:"false" doc:"The top first, then none, negative and unknown."`
}

// History is the pyramid over time, by the measure of the settings.
type History struct {
	Measure  string   `json:"measure" doc:"Of the latest date; dates by another measure are left out."`
	Money    bool     `json:"money" doc:"The values are money, in minor units."`
	Currency string   `json:"currency"`
	Items    []Moment `json:"items" nullable:"false" doc:"The earliest first; the latest two years of scored dates at most."`
}

// moments is how many scored dates are looked at.
const moments = 24

// History draws how customers were spread over the tiers on the latest scored dates, for those within reach and filters. What stood
// in the tiers of everybody was kept when each date was scored; for fewer customers the tier of each is counted.
func (q *Questions) History(ctx context.Context, reach access.Reach, n scoring.Narrow) (History, error) {
	h := History{Items: []Moment{}}
	where, err := n.Clause(ctx, q.units)
	if err != nil {
		return h, err
	}
	within, err := scoring.Within(reach)
	if err != nil {
		return h, err
	}
	if h.Currency, err = q.currency.Base(ctx); err != nil {
		return h, err
	}
	versions, err := q.versions.List(ctx)
	if err != nil {
		return h, err
	}
	all := map[int64]*kept{}
	var asked []int64
	for _, v := range versions[:min(len(versions), moments)] {
		full, err := q.versions.Find(ctx, v.AsOf)
		if err != nil {
			return h, err
		}
		raw := full.Cuts[stepName]
		if raw == nil {
			continue
		}
		var k kept
		if err := json.Unmarshal(raw, &k); err != nil {
			return h, fmt.Errorf("the tiers of version %d: %w", v.Version, err)
		}
		if h.Measure == "" {
			h.Measure, h.Money = k.Definition.Measure, k.Unit == scoring.Money || k.Unit == scoring.FineMoney
		}
		if k.Definition.Measure == h.Measure {
			all[full.Version] = &k
			asked = append(asked, full.Version)
			h.Items = append(h.Items, Moment{AsOf: full.AsOf, Tiers: k.standings(h.Currency)})
		}
	}
	if where.SQL != "true" || within.SQL != "true" {
		if err := q.narrowHistory(ctx, &h, all, asked, where, within); err != nil {
			return h, err
		}
	}
	slices.Reverse(h.Items)
	return h, nil
}

func (k kept) perShown(currency string) float64 {
	if k.Unit == scoring.FineMoney {
		return float64(money.FinePerMinor(currency))
	}
	return 1
}

func (k kept) standings(currency string) []Standing {
	var all []Standing
	for _, t := range slices.Concat(k.Tiers, k.Below) {
		all = append(all, Standing{t.Name, t.Customers, round(t.Value / k.perShown(currency))})
	}
	return all
}

// narrowHistory counts the tiers of fewer customers.
func (q *Questions) narrowHistory(ctx context.Context, h *History, all map[int64]*kept, asked []int64, where, within filter.Clause) error {
	if len(asked) == 0 {
		return nil
	}
	set := q.measures.Standing()
	m, ok := set.Find(h.Measure)
	if !ok {
		h.Items = []Moment{}
		return nil
	}
	for _, item := range h.Items { // counted anew below
		for j := range item.Tiers {
			item.Tiers[j].Customers, item.Tiers[j].Value = 0, 0
		}
	}
	these, err := filter.Compile(filter.In("version", asked...), filter.Columns{"version": "s.version"})
	if err != nil {
		return err
	}
	return q.each(ctx, historySQL, nil, func(rows *sql.Rows) error {
		var version, customers int64
		var tier string
		var value float64
		if err := rows.Scan(&version, &tier, &customers, &value); err != nil {
			return err
		}
		of := h.Items[slices.Index(asked, version)].Tiers
		if i := slices.IndexFunc(of, func(s Standing) bool { return s.Name == tier }); i >= 0 {
			of[i].Customers, of[i].Value = customers, round(value/all[version].perShown(h.Currency))
		}
		return nil
	}, engine.Hole{Name: "value", Clause: filter.Clause{SQL: "s." + m.Column()}}, engine.Hole{Name: "versions", Clause: these},
		engine.Hole{Name: "where", Clause: where}, engine.Hole{Name: "reach", Clause: within})
}
