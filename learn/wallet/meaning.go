package wallet

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

const (
	papers = "potential from look-alikes (V1); quantile wallet estimate of Rosset et al. 2005 and Merugu, Rosset, Perlich 2006; quantiles given covariates: Koenker, Bassett 1978"
	white  = "share of customer (D2); potential with its source (V1)"
)

// Kept is what a version keeps of how potentials came about.
type Kept struct {
	Definition Definition `json:"definition"`
	Groups     int        `json:"groups" doc:"Groups of look-alikes that judge anybody."`
	Trial      Trial      `json:"trial" doc:"How well potentials that were stated would have been estimated."`
}

func bought() []scoring.Rows {
	return []scoring.Rows{{Kind: scoring.Purchases, Months: scoring.OverWindow}}
}

func columns() []scoring.Column {
	return append(append(purchaseColumns(), potentialColumns()...), alikeColumns()...)
}

func purchaseColumns() []scoring.Column {
	return []scoring.Column{
		{Name: "revenue", Type: scoring.Whole, Rank: "revenue", Sum: true, History: true,
			Doc: "What the customer bought in the window, returns taken off.",
			Meaning: scoring.Meaning{Label: "Revenue", Unit: scoring.FineMoney, Direction: scoring.More, Source: "statistics of the matrix (K3)",
				Formula: "sum of the purchase lines of the window, rounded once", Rows: bought()}},
		{Name: "cost", Type: scoring.Whole, Sum: true,
			Doc: "What the purchases of the window cost us, as far as the lines say.",
			Meaning: scoring.Meaning{Label: "Product cost", Unit: scoring.FineMoney, Direction: scoring.Less, Source: "the good customer (K10)",
				Formula: "sum of the cost of the purchase lines of the window", Rows: bought()}},
		{Name: "lines", Type: scoring.Whole, Sum: true,
			Doc: "Purchase lines in the window, returns included.",
			Meaning: scoring.Meaning{Label: "Purchase lines", Unit: scoring.Count, Direction: scoring.More, Source: "statistics of the matrix (K3)",
				Formula: "number of the purchase lines of the window", Rows: bought()}},
		{Name: "last_purchase", Type: scoring.Day, Rank: "last_purchase",
			Doc: "The latest date in the window on which the customer bought something; a return is no purchase.",
			Meaning: scoring.Meaning{Label: "Last purchase", Unit: scoring.Date, Direction: scoring.More, Source: "RFM (P4)",
				Formula: "latest date of a line of the window that is no return", Rows: bought(), Inputs: []string{"lines"},
				Floors: []scoring.Floor{{Column: "lines", Least: 1, Why: "The customer bought nothing in the window."}}}},
	}
}

func potentialColumns() []scoring.Column {
	stated := []scoring.Rows{{Kind: scoring.Potentials}}
	known := scoring.Floor{Column: "potential", Why: "Nobody has stated what this customer could buy in a year, and there is no estimate."}
	return []scoring.Column{
		{Name: "potential", Type: scoring.Whole, Rank: "potential", Sum: true, History: true,
			Doc: "What the customer could buy in a year from anybody in our category: by the statement in force on the date, or, where there is none, as look-alikes show.",
			Meaning: scoring.Meaning{Label: "Potential", Unit: scoring.Money, Direction: scoring.More, Source: "customer matrix (K1)", Rows: stated,
				Formula: "of the fresh statements on or before the date the most trusted, then the latest; the latest where none is fresh; the estimate from look-alikes where there is none",
				Inputs:  []string{"potential_source", "potential_since", "potential_estimate"}, Floors: []scoring.Floor{known}}},
		{Name: "potential_source", Type: scoring.Text,
			Doc: "Where the potential comes from: declared by the customer, surveyed by us, imported from another system, or estimated.",
			Meaning: scoring.Meaning{Label: "Source of the potential", Unit: scoring.Word, Direction: scoring.Neutral, Source: "potential with its source (V1)",
				Formula: "the source of the statement in force; estimated where there is none", Rows: stated, Floors: []scoring.Floor{known}}},
		{Name: "potential_since", Type: scoring.Day,
			Doc: "From when the statement of the potential is. An estimate from look-alikes has no such date: it is made anew each time.",
			Meaning: scoring.Meaning{Label: "Potential stated on", Unit: scoring.Date, Direction: scoring.Neutral, Source: "potential with its date (V1)",
				Formula: "the date of the statement in force", Rows: stated,
				Floors: []scoring.Floor{{Column: "potential_since", Why: "Nobody has stated what this customer could buy in a year."}}}},
		{Name: "share", Type: scoring.Real, Rank: "share", History: true,
			Doc: "How much of what the customer could buy it buys from us.",
			Meaning: scoring.Meaning{Label: "Customer share", Unit: scoring.Share, Direction: scoring.More, Source: "customer matrix (K1)",
				Formula: "revenue ÷ potential", Inputs: []string{"revenue", "potential"}, Rows: append(bought(), stated...),
				Floors: []scoring.Floor{known, {Column: "potential", Least: 1, Why: "The potential is stated as nothing, and there is no share of nothing."}}}},
		{Name: "unused", Type: scoring.Whole, Rank: "unused", Sum: true, History: true,
			Doc: "What there is still to win: potential less revenue, never below nothing.",
			Meaning: scoring.Meaning{Label: "Unused potential", Unit: scoring.Money, Direction: scoring.More, Source: "statistics of the matrix (K3)",
				Formula: "potential − revenue, at least 0", Inputs: []string{"potential", "revenue"}, Rows: append(bought(), stated...),
				Floors: []scoring.Floor{known}}},
	}
}

func alikeColumns() []scoring.Column {
	enough := scoring.Floor{Column: "potential_estimate", Why: "Too few customers who buy are like this one."}
	alike := []string{"size_band", "main_category", "alike_by", "alike"}
	estimate := func(name, label, doc, formula string) scoring.Column {
		return scoring.Column{Name: name, Type: scoring.Whole, Doc: doc, Meaning: scoring.Meaning{Label: label, Unit: scoring.Money, Direction: scoring.More, Source: papers,
			Model: "conditional quantile of the revenue of look-alikes", Formula: formula, Inputs: append([]string{"revenue"}, alike...), Rows: bought(), Floors: []scoring.Floor{enough}}}
	}
	word := func(name, label, doc, source, formula, why string) scoring.Column {
		return scoring.Column{Name: name, Type: scoring.Text, Doc: doc, Meaning: scoring.Meaning{Label: label, Unit: scoring.Word, Direction: scoring.Neutral, Source: source,
			Formula: formula, Rows: bought(), Floors: []scoring.Floor{{Column: name, Why: why}}}}
	}
	gap := word("white_category", "Largest white space", "The category of product in which the customer leaves most to others, measured by what look-alikes buy.", white,
		"of the categories that look-alikes usually buy and of which the customer buys less than expected, the one with the largest gap",
		"No category that look-alikes usually buy is missing from what this customer buys, as far as can be said.")
	gap.Inputs = []string{"potential", "alike_by", "white_space"}
	return []scoring.Column{
		word("size_band", "Size", "The band of the customer's number of employees.", "attributes of the company (C1)", "the band of the settings in which its number of employees lies",
			"The customer's number of employees is not known."),
		word("main_category", "Buys most of", "The category of product on which the customer spends most in the window.", "preferences (C1)",
			"the category with the largest revenue of the window, at the highest level of the catalogue that has several",
			"The customer bought nothing in the window, or nothing whose product has a category."),
		word("alike_by", "Compared by", "In what the customers are alike with whom this one is compared.", papers,
			"the closest of: industry, size, country and what they buy most; industry, size and country; industry and size; size; industry; everybody; that holds enough customers who buy",
			"Too few customers who buy are like this one."),
		{Name: "alike", Type: scoring.Whole, Doc: "With how many customers who buy this one is compared; itself among them if it buys.",
			Meaning: scoring.Meaning{Label: "Look-alikes", Unit: scoring.Count, Direction: scoring.Neutral, Source: papers, Formula: "number of the customers with revenue in the window that are alike",
				Inputs: []string{"alike_by"}, Floors: []scoring.Floor{enough}}},
		estimate("potential_estimate", "Estimated potential", "What the customer could buy in a year, to judge by what those buy who are like it. It is worked out for every customer, and counts where nobody stated the potential.",
			"the quantile of the settings (80 % unless changed) of the look-alikes' yearly revenue; the customer's own yearly revenue where that is more"),
		estimate("potential_low", "Estimated potential, from", "Where the interval of the estimate begins.",
			"estimate × the part below which few statements lay, from the test on statements; without a test, the lower end of the binomial interval of the quantile; at least the customer's own yearly revenue"),
		estimate("potential_high", "Estimated potential, to", "Where the interval of the estimate ends.",
			"estimate × the part above which few statements lay, from the test on statements; without a test, the upper end of the binomial interval of the quantile"),
		{Name: "white_space", Type: scoring.Whole, Doc: "What the customer leaves to others in the category with its largest gap.",
			Meaning: scoring.Meaning{Label: "White space", Unit: scoring.Money, Direction: scoring.More, Source: white, Inputs: []string{"potential", "alike_by", "white_category"}, Rows: bought(),
				Formula: "potential × the average share that look-alikes spend on the category − what the customer buys of it in a year",
				Floors:  gap.Floors}},
		gap,
	}
}

// explain says from when the statement is and how an estimate was made.
func explain(kept json.RawMessage, key string, values scoring.Values) (scoring.Explanation, error) {
	if kept == nil { // scored before anything was kept
		return scoring.Explanation{}, nil
	}
	var k Kept
	if err := json.Unmarshal(kept, &k); err != nil {
		return scoring.Explanation{}, fmt.Errorf("what was kept of potentials: %w", err)
	}
	e := teller{kept: k, values: values}
	switch key {
	case "potential", "potential_source", "potential_since", "share", "unused":
		e.statement()
	case "size_band":
		names, _ := k.Definition.bands()
		for i := len(names) - 1; i >= 0; i-- {
			e.fact("Band", names[i], "")
		}
	case "alike", "alike_by", "potential_estimate", "potential_low", "potential_high":
		e.estimate()
	case "white_space", "white_category":
		e.fact("Usual: bought by at least", number(k.Definition.Usual), scoring.Share)
		e.fact("White: less of the expected than", number(k.Definition.Less), scoring.Share)
		e.group()
	}
	return e.Explanation, nil
}

// teller gathers the facts of one value.
type teller struct {
	scoring.Explanation
	kept   Kept
	values scoring.Values
}

func (e *teller) fact(label, value string, unit scoring.Unit) {
	e.Facts = append(e.Facts, scoring.Fact{Label: label, Value: value, Unit: unit})
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

func (e *teller) statement() {
	source, _ := e.values["potential_source"].(string)
	since := day(e.values["potential_since"])
	if since == "" {
		if source != "" {
			e.fact("Statement", "nobody stated it; estimated from look-alikes", "")
			e.estimate()
		}
		return
	}
	e.fact("Statement", source, "")
	e.fact("Stated on", string(since), scoring.Date)
	if until := e.kept.Definition.until(source, since); until != "" {
		e.fact("Fresh until", string(until), scoring.Date)
	}
}

// day reads a date as the engine gives it.
func day(v any) date.Date {
	switch v := v.(type) {
	case time.Time:
		return date.Of(v)
	case date.Date:
		return v
	case string:
		return date.Date(v)
	}
	return ""
}

// until is the last day on which a statement is fresh; "" for a source that is none.
func (d Definition) until(source string, since date.Date) date.Date {
	for _, t := range d.Trust {
		if t.Source == source {
			return since.AddMonths(12 * t.Years).AddDays(-1)
		}
	}
	return ""
}

func (e *teller) group() {
	by, _ := e.values["alike_by"].(string)
	n, _ := e.values["alike"].(int64)
	if by == "" {
		return
	}
	e.Sample = n
	e.fact("Alike in", Level(by).words(), "")
}

func (e *teller) estimate() {
	d, t := e.kept.Definition, e.kept.Trial
	e.group()
	e.fact("Least number of look-alikes", strconv.Itoa(d.Minimum), scoring.Count)
	e.fact("Quantile", number(d.Quantile), scoring.Share)
	if e.Sample > 0 {
		n := int(e.Sample)
		e.fact("Its place, from the smallest", fmt.Sprintf("%d of %d", rank(n, d.Quantile), n), "")
	}
	if t.Above == 0 {
		if e.Sample > 0 {
			low, high := interval(int(e.Sample), d.Quantile, d.Level)
			e.fact("Interval of the quantile alone", fmt.Sprintf("places %d to %d", low, high), "")
		}
		e.fact("Chance of the interval", number(d.Level), scoring.Share)
		return
	}
	e.fact("Interval, times the estimate", fmt.Sprintf("%.2f to %.2f", t.Below, t.Above), "")
	e.fact("Statements it was drawn from", strconv.FormatInt(t.Customers, 10), scoring.Count)
	e.fact("Chance of the interval", number(t.Level), scoring.Share)
	if t.Coverage != nil {
		e.fact("Of others it held, when tested", number(round(*t.Coverage)), scoring.Share)
	}
	if t.Estimate != nil {
		e.fact("Half of the estimates were off by at most", number(round(t.Estimate.MedianError)), scoring.Share)
	}
}

func round(x float64) float64 { return float64(int64(x*1000+0.5)) / 1000 }
