package pyramid

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// stepName is also the name under which a version keeps its tiers.
const stepName = "pyramid"

var (
	//go:embed tier.sql
	tierSQL string
	//go:embed steps.sql
	stepsSQL string
	//go:embed finer.sql
	finerSQL string
	//go:embed kept.sql
	keptSQL string
)

// standing is one tier of a version.
type standing struct {
	Name      string  `json:"name"`
	From      float64 `json:"from"` // in units of the column; 0 in the last
	Customers int64   `json:"customers"`
	Value     float64 `json:"value"` // in units of the column
}

// kept is what a version keeps: the settings that counted, and its tiers with what stood in them.
type kept struct {
	Definition Definition   `json:"definition"`
	Unit       scoring.Unit `json:"unit"`
	Tiers      []standing   `json:"tiers"`
	Below      []standing   `json:"below"` // none, negative and unknown
}

// Step gives the scoring the tier of each customer by the measure of the settings; steps are those before it, whose measures can
// be chosen.
func Step(definitions *Definitions, steps []scoring.Step) scoring.Step {
	return scoring.Step{Name: stepName, SQL: tierSQL, Columns: columns(), Explain: explain,
		Resolve: func(ctx context.Context, s *scoring.Snapshot) (scoring.Resolved, error) {
			def, _, err := definitions.Get(ctx)
			if err != nil {
				return scoring.Resolved{}, err
			}
			return resolve(ctx, def, steps, s)
		}}
}

func columns() []scoring.Column {
	return []scoring.Column{{Name: "tier", Type: scoring.Text, Few: true,
		Doc: "Where the customer stands in the pyramid of all customers by the measure of the settings, revenue unless set otherwise: its tier, or none for nothing, negative for less than nothing, unknown for no value.",
		Meaning: scoring.Meaning{Label: "Tier", Unit: scoring.Word, Direction: scoring.Neutral, Source: "customer pyramid (D1)", Inputs: []string{"revenue"},
			Formula: "customers above nothing from the highest value down; the first 1 %, the next 4 %, the next 15 %, the rest, unless set otherwise; equal values are of one tier"}}}
}

// place finds a column that tiers can be made of, and the step that has it. Values of chance and the like have no total.
func place(steps []scoring.Step, key string) (scoring.Column, string, bool) {
	for _, s := range steps {
		for _, c := range s.Columns {
			if c.Named() == key && !c.Spare && c.Type == scoring.Whole && adds(c.Unit) {
				return c, s.Table(), true
			}
		}
	}
	return scoring.Column{}, "", false
}

// settable are the measures that place finds.
func settable(steps []scoring.Step) []Choice {
	all := []Choice{}
	for _, s := range steps {
		for _, c := range s.Columns {
			if _, _, ok := place(steps, c.Named()); ok && c.Direction != scoring.Less {
				unit := c.Unit
				if unit == scoring.FineMoney {
					unit = scoring.Money // what people are shown
				}
				all = append(all, Choice{c.Named(), c.Label, unit})
			}
		}
	}
	return all
}

// adds tells whether values of a unit make a total.
func adds(u scoring.Unit) bool {
	return u == scoring.Money || u == scoring.FineMoney || u == scoring.Count || u == scoring.Points
}

func resolve(ctx context.Context, def Definition, steps []scoring.Step, s *scoring.Snapshot) (scoring.Resolved, error) {
	column, table, ok := place(steps, def.Measure)
	if !ok { // a measure that the program no longer has
		def.Measure = DefaultDefinition().Measure
		column, table, ok = place(steps, def.Measure)
	}
	if !ok {
		return scoring.Resolved{}, fmt.Errorf("pyramid: there is no measure %q to make tiers of", def.Measure)
	}
	k := kept{Definition: def, Unit: column.Unit}
	unit := 1.0
	if column.Unit == scoring.FineMoney {
		unit = float64(s.FinePerMinor)
	}
	from := source{ask: func(ctx context.Context, text string, holes []engine.Hole, read func(*sql.Rows) error) error {
		return s.Each(ctx, text, nil, read, holes...)
	}, table: table, version: filter.Clause{SQL: "true"}, where: filter.Clause{SQL: "true"}, reach: filter.Clause{SQL: "true"}, value: "s." + column.Name}
	counted, err := from.steps(ctx)
	if err != nil {
		return scoring.Resolved{}, err
	}
	begins, _, err := from.thresholds(ctx, counted, ByCustomers, def.Tiers, unit)
	if err != nil {
		return scoring.Resolved{}, err
	}
	number := tierNumber(from.value, begins)
	sums := map[int64]standing{}
	err = s.Each(ctx, keptSQL, nil, func(rows *sql.Rows) error {
		var tier int64
		var st standing
		if err := rows.Scan(&tier, &st.Customers, &st.Value); err != nil {
			return err
		}
		sums[tier] = st
		return nil
	}, engine.Hole{Name: "tier", Clause: number}, engine.Hole{Name: "value", Clause: filter.Clause{SQL: from.value}}, engine.Hole{Name: "table", Clause: filter.Clause{SQL: table}})
	if err != nil {
		return scoring.Resolved{}, err
	}
	for i, t := range def.Tiers {
		st := sums[int64(i)]
		if st.Name = t.Name; i < len(begins) {
			st.From = begins[i]
		}
		k.Tiers = append(k.Tiers, st)
	}
	for i, name := range below()[:3] {
		st := sums[int64(-1-i)]
		st.Name = name
		k.Below = append(k.Below, st)
	}
	return scoring.Resolved{Keep: k, Holes: []engine.Hole{{Name: "tier", Clause: tierName(from.value, begins, def.Tiers)}, {Name: "table", Clause: filter.Clause{SQL: table}}}}, nil
}

// tierNumber is the number of a row's tier: 0 is the top, −1, −2 and −3 stand below all tiers.
func tierNumber(value string, begins []float64) filter.Clause {
	return tierCase(value, begins, func(i int) (string, []any) { return strconv.Itoa(i), nil })
}

// tierName is the name of it.
func tierName(value string, begins []float64, tiers []Tier) filter.Clause {
	return tierCase(value, begins, func(i int) (string, []any) {
		if i < 0 {
			return "'" + below()[-1-i] + "'", nil
		}
		return "cast(? AS varchar)", []any{tiers[i].Name}
	})
}

func tierCase(value string, begins []float64, write func(i int) (string, []any)) filter.Clause {
	var c filter.Clause
	var b strings.Builder
	branch := func(when string, i int, args ...any) {
		text, more := write(i)
		b.WriteString(when + text)
		c.Args = append(append(c.Args, args...), more...)
	}
	b.WriteString("CASE")
	branch(" WHEN "+value+" IS NULL THEN ", -3)
	branch(" WHEN "+value+" < 0 THEN ", -2)
	branch(" WHEN "+value+" = 0 THEN ", -1)
	for i, from := range begins {
		branch(" WHEN "+value+" >= cast(? AS double) THEN ", i, from)
	}
	branch(" ELSE ", len(begins))
	b.WriteString(" END")
	c.SQL = b.String()
	return c
}

// source is where values are counted: the rows of a version, or of a step while it is made.
type source struct {
	ask                   func(ctx context.Context, text string, holes []engine.Hole, read func(*sql.Rows) error) error
	table, value          string
	version, where, reach filter.Clause
}

func (s source) holes(more ...engine.Hole) []engine.Hole {
	return append(more, engine.Hole{Name: "table", Clause: filter.Clause{SQL: s.table}}, engine.Hole{Name: "value", Clause: filter.Clause{SQL: s.value}},
		engine.Hole{Name: "version", Clause: s.version}, engine.Hole{Name: "where", Clause: s.where}, engine.Hole{Name: "reach", Clause: s.reach})
}

// counts is the values of a source: those above nothing in steps, the highest first, and how many have nothing, less, or none.
type counts struct {
	steps                   []step
	none, negative, unknown int64
	lost                    float64 // sum of what is less than nothing
}

// few is up to how many customers every value is counted by itself: then the curve is exact, too.
const few = 20_000

func (s source) steps(ctx context.Context) (counts, error) {
	var c counts
	var n int64
	err := s.ask(ctx, stepsSQL, s.holes(), func(rows *sql.Rows) error {
		var at int64
		var st step
		var low, high *float64
		if err := rows.Scan(&at, &st.customers, &st.sum, &low, &high); err != nil {
			return err
		}
		switch at {
		case -3:
			c.unknown = st.customers
		case -2:
			c.negative, c.lost = st.customers, st.sum
		case -1:
			c.none = st.customers
		default:
			st.low, st.high = *low, *high
			c.steps, n = append(c.steps, st), n+st.customers
		}
		return nil
	})
	if err != nil {
		return c, fmt.Errorf("count values: %w", err)
	}
	c.steps = refined(c.steps, nil, nil)
	if n <= few && len(c.steps) > 0 {
		finer, err := s.finer(ctx, filter.Clause{SQL: "x > 0"})
		if err != nil {
			return c, err
		}
		c.steps = refined(nil, nil, finer)
	}
	return c, nil
}

func (s source) finer(ctx context.Context, ranges filter.Clause) ([]step, error) {
	var finer []step
	err := s.ask(ctx, finerSQL, s.holes(engine.Hole{Name: "ranges", Clause: ranges}), func(rows *sql.Rows) error {
		var st step
		if err := rows.Scan(&st.low, &st.customers, &st.sum); err != nil {
			return err
		}
		st.high = st.low
		finer = append(finer, st)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count values one by one: %w", err)
	}
	return finer, nil
}

// thresholds finds where tiers begin, exactly: the steps in which they do are counted value by value. It returns the finer steps too.
func (s source) thresholds(ctx context.Context, c counts, by Cut, tiers []Tier, unit float64) ([]float64, []step, error) {
	steps := c.steps
	if len(steps) > 0 {
		if wide := coarse(steps, by, tiers); len(wide) > 0 {
			var ranges filter.Clause
			for i, w := range wide {
				if i > 0 {
					ranges.SQL += " OR "
				}
				ranges.SQL += "x BETWEEN cast(? AS double) AND cast(? AS double)"
				ranges.Args = append(ranges.Args, w.low, w.high)
			}
			finer, err := s.finer(ctx, ranges)
			if err != nil {
				return nil, nil, err
			}
			steps = refined(steps, wide, finer)
		}
	}
	return thresholds(steps, by, tiers, unit), steps, nil
}

// explain says by what the tiers were cut and where they began.
func explain(raw json.RawMessage, _ string, _ scoring.Values) (scoring.Explanation, error) {
	var k kept
	if err := json.Unmarshal(raw, &k); err != nil {
		return scoring.Explanation{}, fmt.Errorf("the tiers of the pyramid: %w", err)
	}
	told := scoring.Explanation{Facts: []scoring.Fact{{Label: "By", Value: k.Definition.Measure}}}
	for i, t := range k.Tiers {
		label := fmt.Sprintf("%s: up to %s %% of the customers", t.Name, strconv.FormatFloat(k.Definition.Tiers[i].UpTo*100, 'g', 4, 64))
		value := strconv.FormatInt(t.Customers, 10) + " customers"
		told.Facts = append(told.Facts, scoring.Fact{Label: label, Value: value})
	}
	return told, nil
}
