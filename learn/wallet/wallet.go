// Package wallet computes what each customer bought, what it could buy (its potential), and our share of that: the share
// of wallet (FIELD.md K1).
package wallet

import (
	_ "embed"

	"github.com/kvadrant/kvadrant/learn/scoring"
)

//go:embed wallet.sql
var walletSQL string

// Step gives the scoring the columns of the wallet. Revenue and cost are fine units, potential and unused minor units of
// the base currency.
func Step() scoring.Step {
	bought := []scoring.Rows{{Kind: scoring.Purchases, Months: scoring.OverWindow}}
	stated := []scoring.Rows{{Kind: scoring.Potentials}}
	known := scoring.Floor{Column: "potential", Why: "Nobody has stated what this customer could buy in a year."}
	return scoring.Step{Name: "wallet", SQL: walletSQL, Columns: []scoring.Column{
		{Name: "revenue", Type: scoring.Whole, Rank: "revenue", Sum: true, History: true,
			Doc: "What the customer bought in the window, returns taken off.",
			Meaning: scoring.Meaning{Label: "Revenue", Unit: scoring.FineMoney, Direction: scoring.More, Source: "statistics of the matrix (K3)",
				Formula: "sum of the purchase lines of the window, rounded once", Rows: bought}},
		{Name: "cost", Type: scoring.Whole, Sum: true,
			Doc: "What the purchases of the window cost us, as far as the lines say.",
			Meaning: scoring.Meaning{Label: "Product cost", Unit: scoring.FineMoney, Direction: scoring.Less, Source: "the good customer (K10)",
				Formula: "sum of the cost of the purchase lines of the window", Rows: bought}},
		{Name: "lines", Type: scoring.Whole, Sum: true,
			Doc: "Purchase lines in the window, returns included.",
			Meaning: scoring.Meaning{Label: "Purchase lines", Unit: scoring.Count, Direction: scoring.More, Source: "statistics of the matrix (K3)",
				Formula: "number of the purchase lines of the window", Rows: bought}},
		{Name: "last_purchase", Type: scoring.Day, Rank: "last_purchase",
			Doc: "The latest date in the window on which the customer bought something; a return is no purchase.",
			Meaning: scoring.Meaning{Label: "Last purchase", Unit: scoring.Date, Direction: scoring.More, Source: "RFM (P4)",
				Formula: "latest date of a line of the window that is no return", Rows: bought, Inputs: []string{"lines"},
				Floors: []scoring.Floor{{Column: "lines", Least: 1, Why: "The customer bought nothing in the window."}}}},
		{Name: "potential", Type: scoring.Whole, Rank: "potential", Sum: true, History: true,
			Doc: "What the customer could buy in a year from anybody in our category, by the statement in force on the date.",
			Meaning: scoring.Meaning{Label: "Potential", Unit: scoring.Money, Direction: scoring.More, Source: "customer matrix (K1)", Rows: stated,
				Formula: "the latest statement on or before the date; of several from one day the most trusted", Inputs: []string{"potential_source"},
				Floors: []scoring.Floor{known}}},
		{Name: "potential_source", Type: scoring.Text,
			Doc: "Where the potential comes from: declared by the customer, surveyed by us, imported from another system, or estimated.",
			Meaning: scoring.Meaning{Label: "Source of the potential", Unit: scoring.Word, Direction: scoring.Neutral, Source: "potential with its source (V1)",
				Formula: "the source of the statement in force", Rows: stated, Floors: []scoring.Floor{known}}},
		{Name: "share", Type: scoring.Real, Rank: "share", History: true,
			Doc: "How much of what the customer could buy it buys from us.",
			Meaning: scoring.Meaning{Label: "Customer share", Unit: scoring.Share, Direction: scoring.More, Source: "customer matrix (K1)",
				Formula: "revenue ÷ potential", Inputs: []string{"revenue", "potential"}, Rows: append(bought, stated...),
				Floors: []scoring.Floor{known, {Column: "potential", Least: 1, Why: "The potential is stated as nothing, and there is no share of nothing."}}}},
		{Name: "unused", Type: scoring.Whole, Rank: "unused", Sum: true, History: true,
			Doc: "What there is still to win: potential less revenue, never below nothing.",
			Meaning: scoring.Meaning{Label: "Unused potential", Unit: scoring.Money, Direction: scoring.More, Source: "statistics of the matrix (K3)",
				Formula: "potential − revenue, at least 0", Inputs: []string{"potential", "revenue"}, Rows: append(bought, stated...),
				Floors: []scoring.Floor{known}}},
	}}
}
