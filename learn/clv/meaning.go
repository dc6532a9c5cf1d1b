package clv

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/learn/scoring"
)

// allCustomers is what stands in judged_by where the fit of all customers counts.
const allCustomers = "all customers"

const (
	models  = "buy till you die: the one of NBD, Pareto/NBD, BG/NBD, MBG/NBD and MBG/CNBD-k that foretold the company's own past best"
	papers  = "lifetime value (P5); Fader, Hardie, Lee 2005"
	dateFit = "next purchase (C9); Fader, Hardie, Lee 2005"
)

func columns() []scoring.Column {
	ever := []scoring.Rows{{Kind: scoring.Purchases}}
	bought := scoring.Floor{Column: "repeat_purchases", Why: "The customer never bought anything up to this date."}
	column := func(name string, of scoring.Type, doc string, m scoring.Meaning) scoring.Column {
		m.Rows, m.Floors = ever, append([]scoring.Floor{bought}, m.Floors...)
		return scoring.Column{Name: name, Type: of, Doc: doc, Meaning: m}
	}
	past := func(name, label, doc, formula string, unit scoring.Unit) scoring.Column {
		return column(name, scoring.Whole, doc, scoring.Meaning{Label: label, Unit: unit, Direction: scoring.More, Source: papers, Formula: formula})
	}
	history := []string{"repeat_purchases", "days_first_to_last", "days_since_first", "judged_by"}
	next := func(name, label, doc, formula string) scoring.Column {
		return column(name, scoring.Day, doc, scoring.Meaning{Label: label, Unit: scoring.Date, Direction: scoring.Neutral, Source: dateFit, Model: models,
			Formula: formula, Inputs: history})
	}
	size := func(name, label, doc, which string) scoring.Column {
		return column(name, scoring.Whole, doc, scoring.Meaning{Label: label, Unit: scoring.Money, Direction: scoring.More, Source: "next purchase (C9); Fader, Hardie 2013", Model: "Gamma-Gamma",
			Formula: which + " of (v + x m) · B ÷ (1 − B), B a beta variable with parameters p and p x + q", Inputs: []string{"repeat_purchases", "mean_spend", "judged_by"}})
	}
	worth := append([]string{"purchases_ahead", "next_purchase_size", "margin_share"}, history...)
	again := scoring.Floor{Column: "repeat_purchases", Least: 1, Why: "The customer bought on one day only."}
	spent := past("mean_spend", "Spend per repeat purchase", "What the customer spent on average on a purchase after the first.", "sum of the repeat purchases ÷ their number", scoring.Money)
	spent.Floors, spent.Mean = append(spent.Floors, again), true
	danger := column("danger", scoring.Real, "The chance that the customer buys nothing in the months ahead that are looked at, twelve unless set otherwise. It is what can be seen and checked later, whatever the model; a customer that buys seldom is silent for long without having left, and P(alive) tells the two apart.",
		scoring.Meaning{Label: "Danger of leaving", Unit: scoring.Chance, Direction: scoring.Less, Source: "danger of leaving (P2); " + papers, Model: models,
			Formula: "1 − chance of at least one purchase in the months ahead, given the customer's history", Inputs: append([]string{"alive"}, history...)})
	danger.Rank, danger.History = "danger", true
	value := column("value_to_come", scoring.Whole, "The margin to be expected from the customer until the horizon, thirty-six months ahead unless set otherwise, worth less the later it comes.",
		scoring.Meaning{Label: "Value to come", Unit: scoring.Money, Direction: scoring.More, Source: "lifetime value (P2, P5); Fader, Hardie, Lee 2005 (RFM and CLV)", Model: models + "; Gamma-Gamma for the spend",
			Formula: "expected purchases until the horizon, in twelve steps each discounted from its end × expected spend per purchase × margin share", Inputs: worth})
	value.Rank, value.History = "value_to_come", true
	group := column("lifetime_group", scoring.Text, "Whether the customer is profitable now, and will be later: now_and_later, now, later_only, not_now (nothing earned now, and it is open whether anything will be: the chance of a purchase lies between 10 and 50 %, or is unknown) or neither.",
		scoring.Meaning{Label: "Lifetime group", Unit: scoring.Word, Direction: scoring.Neutral, Source: "five groups of lifetime value (P5)", Model: models,
			Formula: "profitable now: margin of the window less the cost to serve, where that is worked out, above 0; later: value to come above 0 and a chance of a purchase of at least 50 %, unlikely below 10 %", Inputs: []string{"revenue", "value_to_come", "danger"}})
	return []scoring.Column{
		past("repeat_purchases", "Repeat purchases", "On how many days the customer bought after the first. A day on which returns outweigh purchases is none.", "x: days whose lines together are not less than nothing, less one", scoring.Count),
		past("days_first_to_last", "From the first purchase to the last", "How long the customer has been seen buying.", "t.x: last day with a purchase − first", scoring.Days),
		past("days_since_first", "Since the first purchase", "How long the customer has been known.", "T: as-of date − first day with a purchase", scoring.Days),
		spent,
		column("judged_by", scoring.Text, "Whose fit speaks of the customer: those of its industry or country where they are enough, else all customers.",
			scoring.Meaning{Label: "Judged by", Unit: scoring.Word, Direction: scoring.Neutral, Source: "new customers from similar ones (P5)", Formula: "the customer's group, when enough of it bought a second time"}),
		column("alive", scoring.Real, "The chance that the customer has not left for good.",
			scoring.Meaning{Label: "Still a customer", Unit: scoring.Chance, Direction: scoring.More, Source: papers, Model: models, Formula: "P(alive) given x, t.x and T; in BG/NBD 1 for who bought once only, by construction", Inputs: history}),
		column("purchases_ahead", scoring.Real, "How many purchases are to be expected of the customer in the months ahead that are looked at, twelve unless set otherwise.",
			scoring.Meaning{Label: "Expected purchases", Unit: scoring.Number, Direction: scoring.More, Source: papers, Model: models, Formula: "mean number of purchases in the months ahead given x, t.x and T", Inputs: history}),
		danger,
		next("next_purchase", "Next purchase", "When the next purchase is due: it comes as likely before as after. Only where there is more likely than not another one.", "median of the time to the next purchase, if it comes"),
		next("next_purchase_from", "Next purchase, from", "Where the time begins that holds the next purchase with a chance of 80 %, if it comes.", "10 % quantile of the time to the next purchase"),
		next("next_purchase_to", "Next purchase, to", "Where the time ends that holds the next purchase with a chance of 80 %, if it comes.", "90 % quantile of the time to the next purchase"),
		column("next_purchase_size", scoring.Whole, "What the next purchase is expected to bring: between the customer's own mean and that of all who are like it, the nearer to its own the more it bought.",
			scoring.Meaning{Label: "Size of the next purchase", Unit: scoring.Money, Mean: true, Direction: scoring.More, Source: "spend per purchase (P5, C9); Fader, Hardie 2013", Model: "Gamma-Gamma",
				Formula: "p (v + x m) ÷ (p x + q − 1), m the mean of the repeat purchases; the group's mean for who bought once", Inputs: []string{"repeat_purchases", "mean_spend", "judged_by"}}),
		size("next_purchase_size_low", "Size of the next purchase, from", "Below this the next purchase stays with a chance of 10 %, if it comes: single purchases differ more than their mean.", "10 % quantile"),
		size("next_purchase_size_high", "Size of the next purchase, to", "Above this the next purchase lies with a chance of 10 %, if it comes.", "90 % quantile"),
		column("margin_share", scoring.Real, "What is left of the customer's revenue after product cost.",
			scoring.Meaning{Label: "Margin share", Unit: scoring.Share, Direction: scoring.More, Source: "lifetime value (P5)", Formula: "(revenue − cost) ÷ revenue of its lines whose cost is known, from −100 to 100 %; the company's average where none is known"}),
		past("value_so_far", "Value so far", "The margin the customer has brought in its whole past.", "revenue − product cost; lines without a cost at the company's average margin", scoring.Money),
		value,
		column("residual_value", scoring.Whole, "The margin to be expected from the customer without any horizon, worth less the later it comes: its remaining lifetime value.",
			scoring.Meaning{Label: "Remaining lifetime value", Unit: scoring.Money, Direction: scoring.More, Source: papers, Model: models + "; Gamma-Gamma for the spend",
				Formula: "discounted expected residual transactions (DERT) × expected spend per purchase × margin share", Inputs: worth}),
		group,
	}
}

// explain says which model spoke, how it was fitted and tested, and the settings that counted.
func explain(raw json.RawMessage, key string, values scoring.Values) (scoring.Explanation, error) {
	var k Kept
	if err := json.Unmarshal(raw, &k); err != nil {
		return scoring.Explanation{}, fmt.Errorf("the models of lifetime value: %w", err)
	}
	t := teller{kept: k}
	d := k.Definition
	switch key {
	case "repeat_purchases", "days_first_to_last", "days_since_first", "mean_spend":
		return t.told, nil
	case "margin_share", "value_so_far":
		t.margin()
		return t.told, nil
	}
	if values["repeat_purchases"] == nil {
		return t.told, nil
	}
	if t.told.TooFew = k.TooFew; k.TooFew != "" {
		return t.told, nil
	}
	g := k.group(values["judged_by"])
	switch key {
	case "judged_by":
		t.number("Customers of the group", float64(g.Customers), scoring.Count)
		t.number("Of those bought again", float64(g.Repeaters), scoring.Count)
		return t.told, nil
	case "next_purchase_size":
		t.fit(g.Spend)
	case "next_purchase_size_low", "next_purchase_size_high":
		t.fit(g.Spend)
		if g.Spend.Model == "" {
			t.told.TooFew = "There is no model of spend to take an interval from."
		}
	case "next_purchase", "next_purchase_from", "next_purchase_to":
		t.fit(g.Buying)
		t.tested()
		if values[key] == nil {
			t.told.TooFew = "More likely than not there is no further purchase, so no date is given."
			if values["next_purchase"] != nil || key == "next_purchase" && likelyAgain(values) {
				t.told.TooFew = "It lies more than a hundred years ahead, further than the model can tell."
			}
		}
	case "value_to_come", "residual_value", "lifetime_group":
		t.fit(g.Buying)
		t.fit(g.Spend)
		t.told.Model, t.told.Sample = g.Buying.Model+" and "+orOwn(g.Spend.Model), g.Buying.Customers
		t.tested()
		if key != "residual_value" {
			t.number("Months ahead", float64(d.Horizon), scoring.Number)
		}
		t.number("Interest per year", d.Interest, scoring.Share)
		t.margin()
		if key == "lifetime_group" && k.Served {
			t.words("Profitable now", "the margin of the window less the cost to serve, the cost of winning a new customer included")
		}
	default:
		t.fit(g.Buying)
		t.tested()
		if key != "alive" {
			t.number("Months ahead", float64(d.Ahead), scoring.Number)
		}
	}
	return t.told, nil
}

func orOwn(model string) string {
	if model == "" {
		return "own mean spend"
	}
	return model
}

func likelyAgain(values scoring.Values) bool {
	danger, ok := values["danger"].(float64)
	return ok && danger <= 0.5
}

// group is the fit that counts for a customer.
func (k Kept) group(judgedBy any) GroupFit {
	for _, g := range k.Groups {
		if g.Name == judgedBy {
			return g
		}
	}
	if len(k.Groups) == 0 {
		return GroupFit{}
	}
	return k.Groups[0]
}

// teller gathers what is told of a value.
type teller struct {
	kept Kept
	told scoring.Explanation
}

func (t *teller) number(label string, x float64, unit scoring.Unit) {
	t.told.Facts = append(t.told.Facts, scoring.Fact{Label: label, Value: strconv.FormatFloat(x, 'f', -1, 64), Unit: unit})
}

func (t *teller) words(label, text string) {
	if text = strings.TrimSpace(text); text != "" {
		t.told.Facts = append(t.told.Facts, scoring.Fact{Label: label, Value: text})
	}
}

func (t *teller) fit(m ModelFit) {
	t.told.Model, t.told.Sample = m.Model, m.Customers
	for _, p := range m.Parameters {
		text := digits(p.Value)
		if p.StdErr != nil {
			text += " ± " + digits(*p.StdErr)
		}
		t.words(m.Model+", "+p.Name, text)
	}
	if m.LogLikelihood != nil {
		t.words(m.Model+", log-likelihood", strconv.FormatFloat(*m.LogLikelihood, 'f', 1, 64))
	}
	t.words("What the fit says", m.Statement)
}

// tested says how the model did in the time held out.
func (t *teller) tested() {
	test := t.kept.Test
	if test == nil {
		t.words("Test", t.kept.Untested)
		return
	}
	for _, c := range test.Candidates {
		if c.Chosen && c.Errors != nil {
			t.words("Test", fmt.Sprintf("from %s to %s it expected %s purchases of %d customers, and %s came", test.Calibration.AddDays(1), test.Until,
				strconv.FormatFloat(c.Errors.Expected, 'f', 0, 64), test.Customers, strconv.FormatFloat(test.Actual, 'f', 0, 64)))
		}
	}
	if !test.Beats {
		t.words("Test, mind", "the model erred more than the plain rule that everybody goes on buying as often as before")
	}
}

func (t *teller) margin() {
	m := t.kept.Margin
	if m.Known == 0 {
		t.words("Margin", "no purchase line says its cost, so all revenue counts as margin")
		return
	}
	t.number("The company's average margin", math.Round(m.Average*1e4)/1e4, scoring.Share)
	t.number("Revenue whose cost is known", math.Round(m.Known*1e4)/1e4, scoring.Share)
}

// digits writes a number with four digits that count.
func digits(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }
