package profit

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// stepName is also the name under which a version keeps what counted for it.
const stepName = "profit"

var (
	//go:embed customers.sql
	customersSQL string
	//go:embed profit.sql
	profitSQL string
	//go:embed judged.sql
	judgedSQL string
	//go:embed at_customer.sql
	atCustomerSQL string
	//go:embed at_profit.sql
	atProfitSQL string
	//go:embed products.sql
	productsSQL string
	//go:embed shared.sql
	sharedSQL string
)

// Acquisition says what it costs to win a customer, in minor units; learn/clv keeps it among its settings.
type Acquisition func(ctx context.Context) (int64, error)

// kept is what a version keeps: the settings that counted and what is known of all customers together. Amounts but those of
// the settings are fine units.
type kept struct {
	Definition  Definition `json:"definition"`
	Acquisition int64      `json:"acquisition_cost"` // minor units
	Before      date.Date  `json:"before"`           // the last day before the window before
	Judged      int64      `json:"judged"`           // customers who have a class
	High        int64      `json:"high"`
	Medium      int64      `json:"medium"`
	Ledger      ledger     `json:"ledger"`
}

// Step gives the scoring the margin, the cost to serve and the profit of each customer.
func Step(definitions *Definitions, acquisition Acquisition) scoring.Step {
	return scoring.Step{Name: stepName, SQL: profitSQL, Columns: columns(), Explain: explain,
		Resolve: func(ctx context.Context, s *scoring.Snapshot) (scoring.Resolved, error) {
			def, _, err := definitions.Get(ctx)
			if err != nil {
				return scoring.Resolved{}, err
			}
			k := kept{Definition: def, Before: s.From.AddMonths(-s.WindowMonths)}
			if k.Acquisition, err = acquisition(ctx); err != nil {
				return scoring.Resolved{}, err
			}
			if err := k.compute(ctx, s); err != nil {
				return scoring.Resolved{}, err
			}
			return scoring.Resolved{Args: engine.Args{"high": k.High, "medium": k.Medium}, Keep: k}, nil
		}}
}

func (k *kept) compute(ctx context.Context, s *scoring.Snapshot) error {
	fine := func(minor int64) int64 { return minor * s.FinePerMinor }
	costs := k.Definition.Costs
	args := engine.Args{"before": k.Before, "minute": fine(costs.Minute), "order": fine(costs.Order), "line": fine(costs.Line),
		"return": fine(costs.Return), "acquisition": fine(k.Acquisition)}
	if err := s.Make(ctx, customersSQL, args, engine.Hole{Name: "contact", Clause: contact(costs, fine)}); err != nil {
		return fmt.Errorf("add up customers: %w", err)
	}
	if err := k.cut(ctx, s); err != nil {
		return fmt.Errorf("find the classes: %w", err)
	}
	l, err := readLedger(ctx, s)
	if err != nil {
		return fmt.Errorf("add up products: %w", err)
	}
	k.Ledger = l
	return nil
}

// contact is the unit cost of an interaction i, fine units.
func contact(costs Costs, fine func(int64) int64) filter.Clause {
	if len(costs.Contacts) == 0 {
		return filter.Clause{SQL: "cast(? AS bigint)", Args: []any{fine(costs.Other)}}
	}
	var b strings.Builder
	var args []any
	b.WriteString("CASE i.kind")
	for _, c := range costs.Contacts {
		b.WriteString(" WHEN ? THEN cast(? AS bigint)")
		args = append(args, c.Kind, fine(c.Cost))
	}
	b.WriteString(" ELSE cast(? AS bigint) END")
	return filter.Clause{SQL: b.String(), Args: append(args, fine(costs.Other))}
}

// cut finds from which profit on customers are high and medium.
func (k *kept) cut(ctx context.Context, s *scoring.Snapshot) error {
	cuts := k.Definition.Cuts
	var made int64
	if err := s.Ask(ctx, judgedSQL, nil, &k.Judged, &made); err != nil {
		return err
	}
	if cuts.By == ByAmount {
		k.High, k.Medium = cuts.HighAmount*s.FinePerMinor, cuts.MediumAmount*s.FinePerMinor
		return nil
	}
	if k.Judged == 0 {
		return nil
	}
	at := func(share float64) (int64, error) {
		var profit sql.NullInt64
		if cuts.By == ByCustomers {
			err := s.Ask(ctx, atCustomerSQL, engine.Args{"place": max(int64(math.Ceil(share*float64(k.Judged))), 1) - 1}, &profit)
			return profit.Int64, err
		}
		err := s.Ask(ctx, atProfitSQL, engine.Args{"amount": share * float64(made)}, &profit)
		if !profit.Valid {
			return 1, err // nobody makes any profit, so nobody is above low
		}
		return profit.Int64, err
	}
	var err error
	if k.High, err = at(cuts.HighShare); err != nil {
		return err
	}
	k.Medium, err = at(cuts.MediumShare)
	return err
}

func columns() []scoring.Column {
	bought := scoring.Rows{Kind: scoring.Purchases, Months: scoring.OverWindow}
	touched := scoring.Rows{Kind: scoring.Interactions, Months: scoring.OverWindow}
	ever := scoring.Rows{Kind: scoring.Purchases}
	known := scoring.Floor{Column: "margin", Why: "None of the purchases in the window says what the product cost us."}
	knownBefore := scoring.Floor{Column: "profit_before", Why: "None of the purchases in the window before says what the product cost us."}
	measure := func(name string, typ scoring.Type, label string, unit scoring.Unit, way scoring.Direction, doc, formula, source string, rows []scoring.Rows, inputs ...string) scoring.Column {
		return scoring.Column{Name: name, Type: typ, Doc: doc, Meaning: scoring.Meaning{Label: label, Unit: unit, Direction: way, Source: source, Formula: formula, Inputs: inputs, Rows: rows}}
	}
	floored := func(c scoring.Column, floors ...scoring.Floor) scoring.Column {
		c.Floors = floors
		return c
	}
	contacts, purchases, both := []scoring.Rows{touched}, []scoring.Rows{bought}, []scoring.Rows{bought, touched}
	return []scoring.Column{
		measure("costed_lines", scoring.Whole, "Lines with a cost", scoring.Count, scoring.More,
			"Purchase lines of the window that say what the product cost us.", "number of the lines of the window with a cost", "contribution margin (K10)", purchases, "lines"),
		floored(measure("margin", scoring.Whole, "Contribution margin", scoring.FineMoney, scoring.More,
			"What the purchases of the window leave after the cost of the products. Lines that say no cost are left out, not taken as free.",
			"revenue − product cost, of the lines whose cost is known", "contribution margin (K10)", purchases, "revenue", "cost", "costed_lines"), known),
		measure("visits", scoring.Whole, "Visits", scoring.Count, scoring.Neutral,
			"Visits to the customer in the window.", "interactions of the kind visit in the window", "visits (K7)", contacts),
		measure("contacts", scoring.Whole, "Contacts", scoring.Count, scoring.Neutral,
			"Interactions with the customer of any kind in the window.", "interactions in the window", "contacts (K7)", contacts),
		measure("contact_minutes", scoring.Whole, "Minutes of contact", scoring.Number, scoring.Neutral,
			"How long the interactions of the window took, as far as they say.", "sum of the minutes of the interactions of the window", "contacts (K7)", contacts),
		measure("orders", scoring.Whole, "Orders", scoring.Count, scoring.More,
			"Orders in the window. Lines without a document number are one order a day; a document of returns only is none.", "documents of the window with a line that is no return", "transaction cost (D2)", purchases),
		measure("returns", scoring.Whole, "Returned lines", scoring.Count, scoring.Less,
			"Lines of the window by which the customer gave something back.", "lines of the window with revenue below nothing", "easy to serve (K10)", purchases),
		measure("cost_to_serve", scoring.Whole, "Cost to serve", scoring.FineMoney, scoring.Less,
			"What serving the customer cost us in the window, by the unit costs that the company set.",
			"Σ contacts × cost of their kind + minutes × cost of a minute + orders × cost of an order + lines that are no returns × cost of a line + returns × cost of a return + cost of winning, in the window of the first purchase",
			"transaction cost, acquisition cost (D2)", both, "contacts", "contact_minutes", "orders", "lines", "returns", "customer_state"),
		floored(measure("profit", scoring.Whole, "Profit", scoring.FineMoney, scoring.More,
			"What the customer leaves: contribution margin less cost to serve.", "contribution margin − cost to serve", "customer profitability (K10, D2)", both, "margin", "cost_to_serve"), known),
		floored(measure("profit_rate", scoring.Real, "Profit of revenue", scoring.Share, scoring.More,
			"How much of what the customer pays is left as profit.", "profit ÷ revenue of the lines whose cost is known", "customer × product profitability (P9)", both, "profit", "revenue", "costed_lines"),
			known, scoring.Floor{Column: "profit_rate", Why: "The customer brought no revenue in the window whose cost is known, and there is no share of nothing."}),
		floored(measure("profit_before", scoring.Whole, "Profit of the window before", scoring.FineMoney, scoring.More,
			"What the customer left in the window before this one, by the same unit costs.", "contribution margin − cost to serve, of the window before", "profit cycle (P7)", nil), knownBefore),
		measure("customer_state", scoring.Text, "New or lost", scoring.Word, scoring.Neutral,
			"Where the customer stands between this window and the one before it: new, retained, won back, lost, prospect (never bought) or none (bought only longer ago). Returns and free lines are no purchase.",
			"new: bought in the window and never before; retained: in both; lost: in the one before and not in this; won back: in this, and before the one before, but not in that", "profit cycle (P7)", []scoring.Rows{ever}),
		floored(measure("opportunity_class", scoring.Text, "Class of profitability", scoring.Word, scoring.Neutral,
			"High, medium or low, by the profit of the window before where the customer bought in it, else by that of this window.", "high and medium begin at the cut points of the company", "profit opportunity matrix (P8)", []scoring.Rows{ever},
			"profit_before", "profit", "customer_state"),
			scoring.Floor{Column: "opportunity_class", Why: "The customer bought in neither window, or its purchases say no cost."}),
	}
}

// explain says what the version counted with.
func explain(raw json.RawMessage, key string, values scoring.Values) (scoring.Explanation, error) {
	var k kept
	if err := json.Unmarshal(raw, &k); err != nil {
		return scoring.Explanation{}, fmt.Errorf("the definition of profit: %w", err)
	}
	var told scoring.Explanation
	amount := func(label string, minor int64) {
		told.Facts = append(told.Facts, scoring.Fact{Label: label, Value: strconv.FormatInt(minor, 10), Unit: scoring.Money})
	}
	known := func() {
		costed, _ := values["costed_lines"].(int64)
		lines, _ := values["lines"].(int64)
		told.Facts = append(told.Facts, scoring.Fact{Label: "Cost known", Value: fmt.Sprintf("for %d of %d lines", costed, lines)})
	}
	c := k.Definition.Costs
	switch key {
	case "margin", "profit", "profit_rate":
		known()
	case "cost_to_serve":
		for _, kind := range c.Contacts {
			amount("A contact: "+kind.Kind, kind.Cost)
		}
		amount("Any other contact", c.Other)
		amount("A minute of contact", c.Minute)
		amount("An order", c.Order)
		amount("A line", c.Line)
		amount("A return", c.Return)
		amount("Winning a customer", k.Acquisition)
	}
	return told, nil
}
