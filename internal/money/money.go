// Package money holds the two units in which amounts are counted.
//
// People and the operational store count int64 minor units (cents, øre) beside an ISO currency. Facts from an ERP carry
// up to four decimals, and the sum of rounded lines is not the rounded sum: those are counted in fine units, and rounded
// to minor units once, after summing.
package money

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/text/currency"
)

// FinePerMajor is how many fine units one major unit (1.00) of any currency has.
const FinePerMajor = 10_000

// Digits returns how many decimals a currency is written with: 2 for DKK, 0 for JPY. Unknown currencies have 2.
func Digits(code string) int {
	u, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	scale, _ := currency.Standard.Rounding(u)
	return scale
}

// ValidCurrency returns an error that names the cure unless code is an ISO 4217 currency in capitals.
func ValidCurrency(code string) error {
	u, err := currency.ParseISO(code)
	if err != nil || u.String() != code || notMoney(code) {
		return fmt.Errorf("%q is not a currency; use the ISO code, such as EUR or DKK", code)
	}
	return nil
}

// notMoney tells of the codes of ISO 4217 that no amount is in: none, testing, metals, bond market units and drawing rights.
func notMoney(code string) bool {
	switch code {
	case "XXX", "XTS", "XAU", "XAG", "XPT", "XPD", "XBA", "XBB", "XBC", "XBD", "XDR", "XSU", "XUA":
		return true
	}
	return false
}

// FinePerMinor returns how many fine units one minor unit of the currency has: 100 where it has two decimals.
func FinePerMinor(code string) int64 {
	per := int64(FinePerMajor)
	for range Digits(code) {
		per /= 10
	}
	return max(per, 1)
}

// Minor converts a sum of fine units into minor units, rounding half away from zero.
func Minor(fine int64, code string) int64 { return divRound(fine, FinePerMinor(code)) }

// Fine converts minor units into fine units, exactly.
func Fine(minor int64, code string) int64 { return minor * FinePerMinor(code) }

func divRound(n, by int64) int64 {
	q, r := n/by, n%by
	if 2*r >= by {
		return q + 1
	}
	if 2*r <= -by {
		return q - 1
	}
	return q
}

// Major writes minor units as a decimal number of major units, exactly and without grouping, as programs read it.
func Major(minor int64, code string) string {
	digits := Digits(code)
	if digits == 0 {
		return strconv.FormatInt(minor, 10)
	}
	abs := uint64(minor)
	if minor < 0 {
		abs = -abs
	}
	text := strconv.AppendUint(make([]byte, 0, 24), abs, 10)
	if short := digits + 1 - len(text); short > 0 {
		text = append(bytes.Repeat([]byte{'0'}, short), text...)
	}
	text = slices.Insert(text, len(text)-digits, '.')
	if minor < 0 {
		text = slices.Insert(text, 0, '-')
	}
	return string(text)
}
