package money_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/internal/money"
)

func TestMinorRoundsHalfAwayFromZero(t *testing.T) {
	for _, tc := range []struct {
		fine     int64
		currency string
		want     int64
	}{
		{804505969823, "USD", 8045059698}, // the bicycle maker's revenue, 80,450,596.9823
		{799801143790, "USD", 7998011438},
		{150, "DKK", 2}, {149, "DKK", 1}, {-150, "DKK", -2}, {-149, "DKK", -1},
		{15_000, "JPY", 2}, {-15_000, "JPY", -2},
	} {
		if got := money.Minor(tc.fine, tc.currency); got != tc.want {
			t.Errorf("%d %s: got %d, want %d", tc.fine, tc.currency, got, tc.want)
		}
	}
}

func TestFineThenMinorIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64Range(-1e14, 1e14).Draw(t, "minor")
		currency := rapid.SampledFrom([]string{"DKK", "EUR", "JPY", "TWD"}).Draw(t, "currency")
		if got := money.Minor(money.Fine(minor, currency), currency); got != minor {
			t.Fatalf("got %d", got)
		}
	})
}

func TestValidCurrency(t *testing.T) {
	for code, want := range map[string]bool{"DKK": true, "TWD": true, "dkk": false, "": false, "ABCD": false, "XXX": false, "XAU": false, "XOF": true} {
		if got := money.ValidCurrency(code) == nil; got != want {
			t.Errorf("%q: got %v", code, got)
		}
	}
}
