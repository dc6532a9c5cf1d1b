package purchase

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
)

// RateKind is what the change log calls an exchange rate.
const RateKind = "rate"

// ratePerUnit is how a rate is counted: in 1/10^10 of a unit of the base currency, so that converting is exact whole
// arithmetic and a currency of small units still has six digits.
const ratePerUnit = 1e10

// maxRate keeps a rate within int64 with room to spare.
const maxRate = 1e8

// Rate is what one unit of a currency is worth in the base currency from a date on, until a later rate of it.
type Rate struct {
	bun.BaseModel `bun:"table:rate"`

	Currency  string    `bun:"currency,pk"` // ISO code
	ValidFrom date.Date `bun:"valid_from,pk"`
	Rate      int64     `bun:"rate"` // in 1/10^10 of a unit of the base currency
	ImportID  id.ID     `bun:"import_id"`
	UpdatedAt time.Time `bun:"updated_at"`
}

// NewRate makes a rate of its plain number: 1 EUR = 7.4604 DKK is 7.4604 where DKK is the base.
func NewRate(currency string, validFrom date.Date, rate float64) (Rate, error) {
	checks := fault.Check("rate.invalid")
	checks.Because(money.ValidCurrency(currency) == nil, "currency", func() fault.Reason { return fault.NoCurrency(currency) }).
		Because(validFrom.Valid(), "valid_from", func() fault.Reason {
			return fault.Why("rate_day", "A rate needs the date from which it holds, such as 2026-10-31.")
		}).
		Because(rate*ratePerUnit >= 1 && rate <= maxRate, "rate",
			func() fault.Reason {
				return fault.Why("rate_range", "A rate must be more than 0 and at most {most}: what one unit of the currency is worth in the base currency.",
					"most", strconv.FormatFloat(maxRate, 'f', 0, 64))
			})
	if err := checks.Err(); err != nil {
		return Rate{}, err
	}
	return Rate{Currency: currency, ValidFrom: validFrom, Rate: int64(math.Round(rate * ratePerUnit))}, nil
}

// Book is all rates, to convert single amounts by. Bulk loads convert in the warehouse.
type Book struct {
	base  string
	rates map[string][]Rate // of each currency by date
}

// NewBook makes a book of the rates into the base currency.
func NewBook(base string, rates []Rate) Book {
	b := Book{base: base, rates: map[string][]Rate{}}
	for _, r := range rates {
		b.rates[r.Currency] = append(b.rates[r.Currency], r)
	}
	for _, of := range b.rates {
		slices.SortFunc(of, func(x, y Rate) int { return cmp.Compare(x.ValidFrom, y.ValidFrom) })
	}
	return b
}

// Convert turns minor units of a currency into minor units of the base currency by the rate in force on the date, rounding
// half away from zero; false when there is no such rate or the result does not fit.
func (b Book) Convert(amount int64, currency string, on date.Date) (int64, bool) {
	if currency == b.base || currency == "" {
		return amount, true
	}
	of := b.rates[currency]
	later := slices.IndexFunc(of, func(r Rate) bool { return r.ValidFrom > on })
	if later < 0 {
		later = len(of)
	}
	if later == 0 {
		return 0, false
	}
	// amount minor units of currency = amount × finePerMinor(currency) fine units; the same back in the base currency.
	rate := uint64(of[later-1].Rate) //nolint:gosec // rates are positive
	return scale(amount, rate, uint64(money.FinePerMinor(currency)), uint64(money.FinePerMinor(b.base)))
}

// scale returns amount × rate × from ÷ (ratePerUnit × into) without losing a bit on the way.
func scale(amount int64, rate, from, into uint64) (int64, bool) {
	size := uint64(amount)
	if amount < 0 {
		size = -size
	}
	high, fine := bits.Mul64(size, from)
	if high != 0 {
		return 0, false
	}
	by := uint64(ratePerUnit) * into
	high, low := bits.Mul64(fine, rate)
	low, carry := bits.Add64(low, by/2, 0)
	high += carry
	if high >= by {
		return 0, false
	}
	quotient, _ := bits.Div64(high, low, by)
	if quotient > math.MaxInt64 {
		return 0, false
	}
	if amount < 0 {
		return -int64(quotient), true
	}
	return int64(quotient), true
}
