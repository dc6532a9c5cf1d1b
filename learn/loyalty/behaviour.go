package loyalty

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Type is one of the ten types of behaviour (P12), or unknown.
type Type string

// The types. Consistency is what customers do, tie what they feel.
const (
	TrulyLoyal    Type = "truly_loyal"    // buys consistently and is tied to us
	BoughtLoyalty Type = "bought_loyalty" // buys consistently, for the price
	BadHabit      Type = "bad_habit"      // buys consistently because it always has
	Hostage       Type = "hostage"        // buys consistently for want of another supplier
	Vampire       Type = "vampire"        // buys, and we earn next to nothing
	Terrorist     Type = "terrorist"      // dissatisfied, and tells others
	Fan           Type = "fan"            // tied to us, and seldom buys
	WaitsForOffer Type = "waits_for_offer"
	OccasionBuyer Type = "occasion_buyer"
	Indifferent   Type = "indifferent"
	Unknown       Type = "unknown" // never asked, or too short a past
)

// Types lists the ten, then unknown.
func Types() []Type {
	return []Type{TrulyLoyal, BoughtLoyalty, BadHabit, Hostage, Vampire, Terrorist, Fan, WaitsForOffer, OccasionBuyer, Indifferent, Unknown}
}

// inputs are the measures that rules may look at.
func inputs() []string {
	return []string{"consistency", "tie", "satisfaction", "intention", "recommendation", "relation", "complaints", "references_given", "second_chance",
		"share", "revenue_trend", "regularity", "price_level"}
}

// Condition holds of a customer whose input is known and lies on the right side of the value.
type Condition struct {
	Input string  `json:"input" enum:"consistency,tie,satisfaction,intention,recommendation,relation,complaints,references_given,second_chance,share,revenue_trend,regularity,price_level"`
	Sign  string  `json:"sign" enum:">=,<"`
	Value float64 `json:"value" minimum:"-1000000" maximum:"1000000"`
}

// Rule gives a type to the customers of whom all its conditions hold.
type Rule struct {
	Type Type        `json:"type" enum:"truly_loyal,bought_loyalty,bad_habit,hostage,vampire,terrorist,fan,waits_for_offer,occasion_buyer,indifferent"`
	When []Condition `json:"when" nullable:"false" maxItems:"8" doc:"All of them; without any the rule holds of everybody."`
}

// DefaultRules hold until somebody changes them. Low, middle and high are below 0.4, from there, and from 0.7.
func DefaultRules() []Rule {
	least := func(input string, value float64) Condition { return Condition{input, ">=", value} }
	below := func(input string, value float64) Condition { return Condition{input, "<", value} }
	return []Rule{
		{Terrorist, []Condition{below("tie", 0.4), below("recommendation", 4), least("complaints", 1)}},
		{Vampire, []Condition{least("consistency", 0.4), below("price_level", 0.25)}},
		{Hostage, []Condition{least("consistency", 0.7), below("tie", 0.4), least("share", 0.7)}},
		{TrulyLoyal, []Condition{least("consistency", 0.7), least("tie", 0.7)}},
		{BoughtLoyalty, []Condition{least("consistency", 0.7), below("price_level", 0.8)}},
		{BadHabit, []Condition{least("consistency", 0.7)}},
		{Fan, []Condition{least("tie", 0.7)}},
		{WaitsForOffer, []Condition{below("consistency", 0.4), least("tie", 0.4)}},
		{OccasionBuyer, []Condition{least("consistency", 0.4)}},
		{OccasionBuyer, []Condition{below("price_level", 0.8)}},
		{Indifferent, []Condition{}},
	}
}

// maxRules is more than anybody can oversee.
const maxRules = 40

func validateRules(rules []Rule) error {
	check := fault.Check("loyalty.invalid_definition").That(len(rules) >= 1 && len(rules) <= maxRules, "rules", "Give 1 to %d rules.", maxRules)
	for i, r := range rules {
		at := fmt.Sprintf("rules[%d]", i)
		check.That(r.Type != Unknown && slices.Contains(Types(), r.Type), at+".type", "Choose one of the ten types.")
		for j, c := range r.When {
			check.That(slices.Contains(inputs(), c.Input), fmt.Sprintf("%s.when[%d].input", at, j), "Choose one of: %s.", strings.Join(inputs(), ", ")).
				That(c.Sign == ">=" || c.Sign == "<", fmt.Sprintf("%s.when[%d].sign", at, j), "Use >= or <.").
				That(c.Value >= -1e6 && c.Value <= 1e6, fmt.Sprintf("%s.when[%d].value", at, j), "Give a number.")
		}
	}
	return check.Err()
}

// classify returns the type of a customer and the number of the rule that gave it, -1 for none.
func classify(rules []Rule, values scoring.Values) (Type, int) {
	if values["tie"] == nil || values["consistency"] == nil {
		return Unknown, -1
	}
	for i, r := range rules {
		if !slices.ContainsFunc(r.When, func(c Condition) bool { return !c.holds(values) }) {
			return r.Type, i
		}
	}
	return Unknown, -1
}

func (c Condition) holds(values scoring.Values) bool {
	var x float64
	switch v := values[c.Input].(type) {
	case float64:
		x = v
	case int64:
		x = float64(v)
	default:
		return false
	}
	return (c.Sign == "<") == (x < c.Value)
}

// clause is classify as an expression of SQL over the columns of table, which holds the inputs by their names.
func clause(rules []Rule, table string) filter.Clause {
	var b strings.Builder
	var args []any
	fmt.Fprintf(&b, "CASE WHEN %[1]s.tie IS NULL OR %[1]s.consistency IS NULL THEN 'unknown'", table)
	for _, r := range rules {
		b.WriteString(" WHEN true")
		for _, c := range r.When {
			fmt.Fprintf(&b, " AND %s.%s %s cast(? AS double)", table, c.Input, c.Sign)
			args = append(args, c.Value)
		}
		b.WriteString(" THEN ?")
		args = append(args, string(r.Type))
	}
	b.WriteString(" ELSE 'unknown' END")
	return filter.Clause{SQL: b.String(), Args: args}
}
