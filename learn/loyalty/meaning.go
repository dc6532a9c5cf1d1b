package loyalty

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/learn/scoring"
)

// quartersColumn holds in which quarters back from the date a customer bought, a bit for each: the indices of any period
// and any customers are counted from it.
const quartersColumn = "bought_quarters"

// measures are the same in every version.
func measures(json.RawMessage) ([]scoring.Column, error) { return columns(), nil }

// describe is a column that people are told.
func describe(name string, typ scoring.Type, doc string, m scoring.Meaning) scoring.Column {
	return scoring.Column{Name: name, Type: typ, Doc: doc, Meaning: m}
}

func columns() []scoring.Column {
	all := []scoring.Column{{Name: quartersColumn, Type: scoring.Whole, Spare: true}}
	return slices.Concat(all, behaviour(), answered(), warned())
}

func behaviour() []scoring.Column {
	ever := []scoring.Rows{{Kind: scoring.Purchases}}
	long := []scoring.Floor{{Column: "regularity", Why: "The customer first bought less than four quarters ago, too short to say how consistent it is."}}
	asked := []scoring.Floor{{Column: "tie", Why: "The customer was never asked about its tie to us, or not lately."}}
	return []scoring.Column{
		describe("regularity", scoring.Real, "In how much of its time the customer buys: quarters with a purchase among the last eight since it first bought.", scoring.Meaning{Label: "Regularity", Unit: scoring.Share,
			Direction: scoring.More, Source: "types of behaviour (P12)", Formula: "quarters with a purchase ÷ quarters, at most the last 8", Rows: []scoring.Rows{{Kind: scoring.Purchases, Months: 24}}, Floors: long}),
		describe("revenue_trend", scoring.Real, "How much the customer bought in the last year for each unit of the year before; days of returns are left out.", scoring.Meaning{Label: "Revenue against the year before", Unit: scoring.Share,
			Direction: scoring.More, Source: "types of behaviour (P12)", Formula: "purchases of 12 months ÷ purchases of the 12 before", Rows: []scoring.Rows{{Kind: scoring.Purchases, Months: 24}}}),
		describe("price_level", scoring.Real, "The customer's margin against the company's: below 1 it buys at offers and low prices. Stands for its reaction to offers.", scoring.Meaning{Label: "Margin against the company's", Unit: scoring.Share,
			Direction: scoring.More, Source: "types of behaviour (P12)", Formula: "(1 − cost ÷ revenue) ÷ the same of all customers", Inputs: []string{"revenue", "cost"}, Rows: []scoring.Rows{{Kind: scoring.Purchases, Months: scoring.OverWindow}},
			Floors: []scoring.Floor{{Column: "cost", Least: 1, Why: "The lines do not say what these purchases cost us."}}}),
		describe("consistency", scoring.Real, "How consistently the customer buys from us, from 0 to 1: what it does, whatever it feels.", scoring.Meaning{Label: "Consistency", Unit: scoring.Share,
			Direction: scoring.More, Source: "types of behaviour (P12)", Formula: "mean of regularity, revenue against the year before, customer share and margin against the company's, each at most 1, by their weights; over those that are known",
			Inputs: []string{"regularity", "revenue_trend", "share", "price_level"}, Rows: ever, Floors: long}),
		describe("tie", scoring.Real, "How closely the customer is tied to us, from 0 to 1: what it said, whatever it does.", scoring.Meaning{Label: "Tie", Unit: scoring.Share,
			Direction: scoring.More, Source: "types of behaviour (P12)", Formula: "mean of intention ÷ 2, (satisfaction − 1) ÷ 9, recommendation ÷ 10, a reference as 1, second chance and (five Bs − 1) ÷ 9, by their weights, over those that were asked; less what each complaint takes off",
			Inputs: []string{"intention", "satisfaction", "recommendation", "references_given", "second_chance", "relation", "complaints"}, Floors: asked}),
		describe("loyalty", scoring.Real, "Consistency and tie in one figure from 0 to 100.", scoring.Meaning{Label: "Loyalty", Unit: scoring.Points,
			Direction: scoring.More, Source: "loyalty matrix (P11)", Formula: "100 × mean of consistency and tie by their weights", Inputs: []string{"consistency", "tie"}, Floors: append(long, asked...)}),
		describe("behaviour_type", scoring.Text, "One of ten types, by what the customer does and what it feels; unknown where it was never asked or its past is too short.", scoring.Meaning{Label: "Type of behaviour", Unit: scoring.Word,
			Direction: scoring.Neutral, Source: "types of behaviour (P12)", Formula: "the first of the company's rules that holds", Inputs: inputs()}),
	}
}

func answered() []scoring.Column {
	floor := func(column string) []scoring.Floor {
		return []scoring.Floor{{Column: column, Why: "The customer was not asked about this, or not lately."}}
	}
	real := func(name, label, doc, formula, source string, direction scoring.Direction) scoring.Column {
		return describe(name, scoring.Real, doc, scoring.Meaning{Label: label, Unit: scoring.Number, Direction: direction, Source: source, Formula: formula, Floors: floor(name)})
	}
	const latest = "mean of the latest answers"
	all := []scoring.Column{
		real("intention", "Intention to buy again", "2 whatever happens, 1 under conditions, 0 not.", latest, "indices (P10)", scoring.More),
		real("satisfaction", "Satisfaction", "From 1 to 10, the categories by their weights.", "sum of score × weight ÷ sum of weights", "indices (P10)", scoring.More),
		real("satisfaction_source", "Satisfaction, form of the source", "The same scores in the form of the source: it falls with each category that is added.", "sum of score × weight ÷ number of categories", "indices (P10)", scoring.More),
		real("recommendation", "Recommendation", "How likely the customer is to recommend us, from 0 to 10.", latest, "types of behaviour (P12)", scoring.More),
	}
	count := func(name, label, doc string, direction scoring.Direction) scoring.Column {
		return describe(name, scoring.Whole, doc, scoring.Meaning{Label: label, Unit: scoring.Count, Direction: direction, Source: "types of behaviour (P12)", Formula: "answers of this kind within the months that count", Floors: floor(name)})
	}
	all = append(all, count("references_given", "References given", "How often the customer stood as a reference.", scoring.More),
		count("complaints", "Complaints", "How often the customer complained.", scoring.Less),
		real("second_chance", "Second chance", "Whether the customer gives us a second chance after a fault: 1 yes, 0 no.", latest, "the good customer (K10)", scoring.More))
	for _, b := range Bs() {
		all = append(all, real(b.Key, b.Label, b.Doc+" From 1 to 10, scored by the people who know the customer.", latest, "the five Bs (D3)", scoring.More))
	}
	return append(all, real("relation", "Quality of the relation", "The mean of the five Bs that were scored.", "mean of willingness, ability, reliability, reachability and involvement", "the five Bs (D3)", scoring.More))
}

// B is one of the five Bs of the relation.
type B struct{ Key, Label, Doc string }

// Bs lists the five (bereidheid, bekwaamheid, betrouwbaarheid, bereikbaarheid, betrokkenheid).
func Bs() []B {
	return []B{{"willingness", "Willingness", "How willing the two are to work together."}, {"ability", "Ability", "How able they are to do what the other needs."},
		{"reliability", "Reliability", "How far the one can rely on the other."}, {"reachability", "Reachability", "How easily the right people are reached."},
		{"involvement", "Involvement", "How much the one cares for the other's affairs."}}
}

func warned() []scoring.Column {
	rows := []scoring.Rows{{Kind: scoring.Purchases, Months: 36}}
	rhythm := []scoring.Floor{{Column: "rhythm_chance", Why: "Too few purchases to say what this customer's rhythm is, or it bought nothing for a year."}}
	amounts := []scoring.Floor{{Column: "amount_chance", Why: "Too few purchases, lately or before, to say what this customer usually spends."}}
	shares := []scoring.Floor{{Column: "share_chance", Why: "Nobody has stated this customer's potential, or it buys too seldom to tell a fall from chance."}}
	told := []scoring.Floor{{Column: "warning_chance", Why: "Too few purchases to tell a change from chance, or nothing bought for a year."}}
	warning := func(name string, typ scoring.Type, label, doc, formula string, unit scoring.Unit, direction scoring.Direction, floors []scoring.Floor, inputs ...string) scoring.Column {
		return describe(name, typ, doc, scoring.Meaning{Label: label, Unit: unit, Direction: direction, Source: "falling loyalty seen in time (K11)", Formula: formula, Rows: rows, Floors: floors, Inputs: inputs})
	}
	return []scoring.Column{
		warning("buys_every", scoring.Real, "Buys every", "Days from one purchase to the next, on average of the time before the recent months.", "days ÷ purchases, up to two years before the recent months", scoring.Days, scoring.Less, rhythm),
		warning("purchases_recent", scoring.Whole, "Recent purchases", "Purchases in the recent months that early warning looks at.", "days with a purchase", scoring.Count, scoring.More, rhythm),
		warning("purchases_usual", scoring.Real, "Usual purchases", "As many purchases as the recent months would hold if nothing had changed.", "purchases before ÷ months × recent months; with a season those of the same months a year ago", scoring.Count, scoring.More, rhythm),
		warning("rhythm_chance", scoring.Real, "Chance of this rhythm", "How likely so few purchases, or so long a silence, are of a customer that did not change.",
			"exact binomial tail of recent against earlier purchases, and of the silence, widened by how regularly the customer buys; the smaller of the two, doubled", scoring.Chance, scoring.More, rhythm, "purchases_recent", "purchases_usual", "buys_every", "days_since_purchase"),
		warning("amount_change", scoring.Real, "Change of amounts", "How much larger or smaller a typical purchase of the recent months is than before: −0.2 is 20 % smaller.", "ratio of the geometric means − 1", scoring.Share, scoring.More, amounts),
		warning("amount_chance", scoring.Real, "Chance of these amounts", "How likely so small purchases are of a customer that did not change.", "one-sided t test of the logarithms of the amounts, t divided by 1.2 since these may be lopsided", scoring.Chance, scoring.More, amounts, "amount_change"),
		warning("share_before", scoring.Real, "Share before", "What the customer bought in the months before the recent ones, of what it could have bought by the potentials then in force.", "purchases a year ÷ potential as it was stated, mean of the time", scoring.Share, scoring.More, shares, "potential"),
		warning("share_lately", scoring.Real, "Share lately", "What the customer bought in the recent months, of what it could have bought.", "purchases a year ÷ potential as it was stated, mean of the time", scoring.Share, scoring.More, shares, "potential"),
		warning("potential_change", scoring.Real, "Change of the potential", "How much larger or smaller the potential of the recent months is than that of the months before, as stated by the source of the one in force.", "potential of the recent months ÷ potential before − 1", scoring.Share, scoring.Neutral, shares, "potential"),
		warning("share_chance", scoring.Real, "Chance of this share", "How likely so small a share is of a customer whose share did not fall.",
			"tail of recent against earlier purchases, counted in typical ones, by what it could have bought in each time; widened by how the volumes of its months scatter", scoring.Chance, scoring.More, shares, "share_before", "share_lately", "potential_change"),
		warning("share_fell_by", scoring.Text, "Why the share fell", "Purchases, where they alone fell further than chance explains; potential, where it rose and purchases did not follow; or both.", "the chance of the purchases alone against the false-alarm rate", scoring.Word, scoring.Neutral,
			append(slices.Clone(shares), scoring.Floor{Column: "share_fell_by", Why: "The share did not fall further than chance explains."}), "share_chance", "potential_change"),
		warning("warning", scoring.Text, "Early warning", "What fell further than chance explains: rhythm, amount, share of the potential, several of them, or none.", "chance below the false-alarm rate that the company set", scoring.Word, scoring.Neutral, told, "rhythm_chance", "amount_chance", "share_chance"),
		warning("warning_strength", scoring.Text, "Strength of the warning", "Strong where the chance is below a tenth of the false-alarm rate, clear elsewhere.", "chance against the false-alarm rate", scoring.Word, scoring.Neutral,
			append(told, scoring.Floor{Column: "warning_strength", Why: "There is no warning."}), "warning_chance"),
		warning("warning_chance", scoring.Real, "Chance without a change", "How likely what is seen is of a customer that did not change.", "the smallest of the chances of rhythm, amounts and share, times as many as were asked", scoring.Chance, scoring.More, told, "rhythm_chance", "amount_chance", "share_chance"),
	}
}

// explain says which settings counted in the version, and which rule held.
func explain(raw json.RawMessage, key string, values scoring.Values) (scoring.Explanation, error) {
	var k kept
	if err := json.Unmarshal(raw, &k); err != nil {
		return scoring.Explanation{}, fmt.Errorf("explain loyalty: %w", err)
	}
	d := k.Definition
	var told scoring.Explanation
	fact := func(label string, value float64, unit scoring.Unit) {
		told.Facts = append(told.Facts, scoring.Fact{Label: label, Value: strconv.FormatFloat(value, 'f', -1, 64), Unit: unit})
	}
	word := func(label, value string) { told.Facts = append(told.Facts, scoring.Fact{Label: label, Value: value}) }
	switch key {
	case "consistency":
		fact("Weight of regularity", d.Consistency.Regularity, scoring.Number)
		fact("Weight of revenue against the year before", d.Consistency.Trend, scoring.Number)
		fact("Weight of the customer share", d.Consistency.Share, scoring.Number)
		fact("Weight of the margin against the company's", d.Consistency.Price, scoring.Number)
	case "price_level":
		fact("The company's margin", k.CompanyMargin, scoring.Share)
	case "tie":
		fact("Weight of intention", d.Tie.Intention, scoring.Number)
		fact("Weight of satisfaction", d.Tie.Satisfaction, scoring.Number)
		fact("Weight of recommendation", d.Tie.Recommendation, scoring.Number)
		fact("Weight of a reference", d.Tie.Reference, scoring.Number)
		fact("Weight of a second chance", d.Tie.SecondChance, scoring.Number)
		fact("Weight of the five Bs", d.Tie.Relation, scoring.Number)
		fact("Each complaint takes off", d.Tie.Complaint, scoring.Number)
		fact("Months whose answers count", float64(d.AnswerMonths), scoring.Number)
	case "loyalty":
		fact("Weight of consistency", d.Index.Consistency, scoring.Number)
		fact("Weight of the tie", d.Index.Tie, scoring.Number)
	case "behaviour_type":
		_, rule := classify(d.Rules, values)
		switch {
		case values["tie"] == nil:
			word("Rule", "none: the tie was never asked about, or not lately")
		case values["consistency"] == nil:
			word("Rule", "none: the past is too short to say how consistent the customer is")
		case rule < 0:
			word("Rule", "none of the rules holds")
		default:
			word(fmt.Sprintf("Rule %d of %d", rule+1, len(d.Rules)), d.Rules[rule].words())
		}
	case "warning", "warning_strength", "warning_chance", "rhythm_chance", "amount_chance", "purchases_recent", "purchases_usual", "buys_every", "amount_change",
		"share_before", "share_lately", "share_chance", "share_fell_by", "potential_change":
		fact("False-alarm rate", d.Warning.Rate, scoring.Share)
		fact("Recent months", float64(d.Warning.Months), scoring.Number)
		fact("Fewest purchases", float64(d.Warning.Minimum), scoring.Number)
		against := "the two years before"
		if d.Warning.Season {
			against = "the same months of the year before"
		}
		word("Held against", against)
	}
	return told, nil
}

// words writes a rule's conditions: "consistency ≥ 0.7 and tie < 0.4".
func (r Rule) words() string {
	if len(r.When) == 0 {
		return "everybody whom no rule before holds of"
	}
	var parts []string
	for _, c := range r.When {
		parts = append(parts, fmt.Sprintf("%s %s %s", strings.ReplaceAll(c.Input, "_", " "), strings.ReplaceAll(c.Sign, ">=", "≥"), strconv.FormatFloat(c.Value, 'f', -1, 64)))
	}
	return strings.Join(parts, " and ")
}
