package rfm

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/know/purchase"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// stepName is also the name under which a version keeps the definition it was computed by.
const stepName = "rfm"

//go:embed rfm.sql
var rfmSQL string

// kept is what a version keeps: the settings that counted, and the first day whose purchases gave points for frequency
// and money.
type kept struct {
	Definition Definition `json:"definition"`
	From       date.Date  `json:"from"`
}

// scale turns points into whole numbers: hundred-millionths.
const scale = 1e8

func whole(points float64) int64 { return int64(math.Round(points * scale)) }

// Step gives the scoring the points and the cell of each customer.
func Step(definitions *Definitions) scoring.Step {
	return scoring.Step{Name: stepName, SQL: rfmSQL, Columns: columns(), Explain: explain,
		Resolve: func(ctx context.Context, s *scoring.Snapshot) (scoring.Resolved, error) {
			def, _, err := definitions.Get(ctx)
			if err != nil {
				return scoring.Resolved{}, err
			}
			if err := s.Share(ctx, "purchase_day", purchase.DaysSQL); err != nil {
				return scoring.Resolved{}, fmt.Errorf("find the days of purchase: %w", err)
			}
			return resolve(def, s.AsOf), nil
		}}
}

func resolve(def Definition, asOf date.Date) scoring.Resolved {
	from := asOf.AddMonths(-def.Points.Window)
	c := def.Cells
	fWithin, mWithin, dot := "1", "1", "''"
	if c.Method == Nested {
		fWithin, mWithin = "r", "r, f"
	}
	if max(c.R, c.F, c.M) > 9 {
		dot = "'.'"
	}
	fixed := func(name, text string) engine.Hole {
		return engine.Hole{Name: name, Clause: filter.Clause{SQL: text}}
	}
	return scoring.Resolved{
		Args: engine.Args{"points_from": from, "factor": whole(def.Points.Factor), "cap": float64(whole(def.Points.Cap)),
			// Points for a fine unit, 1/10,000 of a major unit, in hundred-millionths.
			"rate": math.Round(def.Points.Rate * 1e4), "r": c.R, "f": c.F, "m": c.M, "least": max(c.R, c.F, c.M)},
		Holes: []engine.Hole{{Name: "bands", Clause: bands(def.Points.Bands, asOf)}, fixed("f_within", fWithin), fixed("m_within", mWithin),
			fixed("dot", dot)},
		Keep: kept{Definition: def, From: from.AddDays(1)},
	}
}

// bands is the points of the last purchase: those of the first band that reaches back to it.
func bands(all []Band, asOf date.Date) filter.Clause {
	var b strings.Builder
	var args []any
	b.WriteString("CASE")
	for _, band := range all {
		b.WriteString(" WHEN b.last > ? THEN cast(? AS bigint)")
		args = append(args, asOf.AddMonths(-band.Months), whole(band.Points))
	}
	b.WriteString(" END")
	return filter.Clause{SQL: b.String(), Args: args}
}

func columns() []scoring.Column {
	ever := []scoring.Rows{{Kind: scoring.Purchases}}
	bought := []scoring.Floor{{Column: "purchase_days", Least: 1, Why: "The customer never bought anything up to this date."}}
	points := func(name, label, doc, formula string, inputs ...string) scoring.Column {
		return scoring.Column{Name: name, Type: scoring.Real, Doc: doc, Meaning: scoring.Meaning{Label: label, Unit: scoring.Points, Direction: scoring.More,
			Source: "RFM points (P4)", Formula: formula, Inputs: inputs, Rows: ever}}
	}
	band := func(name, label, doc, input string) scoring.Column {
		return scoring.Column{Name: name, Type: scoring.Whole, Doc: doc, Meaning: scoring.Meaning{Label: label, Unit: scoring.Number, Direction: scoring.More,
			Source: "RFM cells (C7; Hughes)", Formula: "customers who ever bought, sorted from worst to best and cut into parts of equal size; ties go by the other two",
			Inputs: []string{input}, Rows: ever, Floors: bought}}
	}
	return []scoring.Column{
		{Name: "days_since_purchase", Type: scoring.Whole, Doc: "How long ago the customer bought last. A day on which returns outweigh purchases is no purchase.",
			Meaning: scoring.Meaning{Label: "Days since the last purchase", Unit: scoring.Days, Direction: scoring.Less, Source: "RFM (P4, C7)",
				Formula: "as-of date − last day whose lines together are more than nothing", Rows: ever, Floors: bought}},
		{Name: "purchase_days", Type: scoring.Whole, Doc: "On how many days the customer bought, in its whole past up to the date.",
			Meaning: scoring.Meaning{Label: "Purchases ever", Unit: scoring.Count, Direction: scoring.More, Source: "RFM (C7)",
				Formula: "days whose lines together are more than nothing", Rows: ever}},
		{Name: "revenue_ever", Type: scoring.Whole, Doc: "What the customer bought in its whole past up to the date, returns taken off.",
			Meaning: scoring.Meaning{Label: "Revenue ever", Unit: scoring.FineMoney, Direction: scoring.More, Source: "RFM (C7)",
				Formula: "sum of all purchase lines up to the date, rounded once", Rows: ever}},
		points("rfm_recency_points", "Recency points", "Points for how recently the customer bought.",
			"points of the shortest band that reaches back to the last purchase", "days_since_purchase"),
		points("rfm_frequency_points", "Frequency points", "Points for how often the customer bought in the months that count.",
			"purchases of those months × factor"),
		points("rfm_money_points", "Money points", "Points for how much the customer bought in the months that count, each purchase capped so that one odd purchase does not distort.",
			"sum over those purchases of rate × amount in whole units of the base currency, each at most the cap"),
		points("rfm_points", "RFM points", "Recency, frequency and money in one figure.",
			"recency points + frequency points + money points", "rfm_recency_points", "rfm_frequency_points", "rfm_money_points"),
		band("rfm_r", "Recency band", "Where the customer stands among all who ever bought by how recently it did; the highest band are the most recent.", "days_since_purchase"),
		band("rfm_f", "Frequency band", "Where the customer stands among all who ever bought by how often it did; the highest band are the most frequent.", "purchase_days"),
		band("rfm_m", "Money band", "Where the customer stands among all who ever bought by how much it bought; the highest band are the best spenders.", "revenue_ever"),
		{Name: "rfm_cell", Type: scoring.Text, Doc: "The bands of recency, frequency and money in one word; 555 are the most recent, most frequent and best spenders of quintiles.",
			Meaning: scoring.Meaning{Label: "RFM cell", Unit: scoring.Word, Direction: scoring.Neutral, Source: "RFM cells (C7; Hughes)",
				Formula: "recency, frequency and money band, one after the other", Inputs: []string{"rfm_r", "rfm_f", "rfm_m"}, Rows: ever, Floors: bought}},
	}
}

// explain says which settings counted in the version.
func explain(raw json.RawMessage, key string, values scoring.Values) (scoring.Explanation, error) {
	var k kept
	if err := json.Unmarshal(raw, &k); err != nil {
		return scoring.Explanation{}, fmt.Errorf("the definition of RFM: %w", err)
	}
	p, c := k.Definition.Points, k.Definition.Cells
	text := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	var told scoring.Explanation
	fact := func(label string, value float64, unit scoring.Unit) {
		told.Facts = append(told.Facts, scoring.Fact{Label: label, Value: text(value), Unit: unit})
	}
	recency := func() {
		for _, b := range p.Bands {
			fact(fmt.Sprintf("Bought in the last %d months", b.Months), b.Points, scoring.Points)
		}
	}
	frequency := func() { fact(fmt.Sprintf("Each purchase of the last %d months", p.Window), p.Factor, scoring.Points) }
	amounts := func() {
		fact("Of the amount of each purchase", p.Rate, scoring.Share)
		fact("At most, for one purchase", p.Cap, scoring.Points)
	}
	switch key {
	case "rfm_recency_points":
		recency()
	case "rfm_frequency_points":
		frequency()
		told.From = k.From
	case "rfm_money_points":
		amounts()
		told.From = k.From
	case "rfm_points":
		recency()
		frequency()
		amounts()
	case "rfm_r", "rfm_f", "rfm_m", "rfm_cell":
		fact("Bands of recency", float64(c.R), scoring.Number)
		fact("Bands of frequency", float64(c.F), scoring.Number)
		fact("Bands of money", float64(c.M), scoring.Number)
		way := "each of the three over all customers"
		if c.Method == Nested {
			way = "frequency within recency, money within both"
		}
		told.Facts = append(told.Facts, scoring.Fact{Label: "Divided", Value: way})
		if days, ok := values["purchase_days"].(int64); ok && days > 0 && values["rfm_r"] == nil {
			told.TooFew = fmt.Sprintf("Fewer than %d customers ever bought, too few to divide into so many bands.", max(c.R, c.F, c.M))
		}
	}
	return told, nil
}
