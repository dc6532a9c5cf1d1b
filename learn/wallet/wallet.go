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
	return scoring.Step{Name: "wallet", SQL: walletSQL, Columns: []scoring.Column{
		{Name: "revenue", Type: scoring.Whole, Rank: "revenue", Sum: true, History: true,
			Doc: "What the customer bought in the window, returns taken off; fine units (1/10,000) of the base currency."},
		{Name: "cost", Type: scoring.Whole, Sum: true,
			Doc: "What that cost us, as far as the lines say; fine units of the base currency."},
		{Name: "lines", Type: scoring.Whole, Sum: true,
			Doc: "Purchase lines in the window, returns included."},
		{Name: "last_purchase", Type: scoring.Day, Rank: "last_purchase",
			Doc: "The latest date in the window on which the customer bought something; a return is no purchase."},
		{Name: "potential", Type: scoring.Whole, Rank: "potential", Sum: true, History: true,
			Doc: "What the customer could buy in a year from anybody, by the statement in force on the date; minor units of the base currency, NULL when nobody stated it."},
		{Name: "potential_source", Type: scoring.Text,
			Doc: "Where that potential comes from: declared, surveyed, imported or estimated."},
		{Name: "share", Type: scoring.Real, Rank: "share", History: true,
			Doc: "Revenue divided by potential, both in the same unit; NULL when the potential is unknown or zero."},
		{Name: "unused", Type: scoring.Whole, Rank: "unused", Sum: true, History: true,
			Doc: "Potential less revenue, never below zero; minor units of the base currency, NULL when the potential is unknown."},
	}}
}
