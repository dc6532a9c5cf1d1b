package purchase_test

import (
	"math"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/purchase"
)

func rate(t *testing.T, currency string, from date.Date, number float64) purchase.Rate {
	t.Helper()
	r, err := purchase.NewRate(currency, from, number)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNewRate(t *testing.T) {
	for name, c := range map[string]struct {
		currency string
		from     date.Date
		number   float64
		field    string // at fault; "" is none
	}{
		"plain":            {"EUR", "2026-01-01", 7.4604, ""},
		"smallest":         {"IDR", "2026-01-01", 1e-10, ""},
		"largest":          {"KWD", "2026-01-01", 1e8, ""},
		"nothing":          {"EUR", "2026-01-01", 0, "rate"},
		"negative":         {"EUR", "2026-01-01", -1, "rate"},
		"too small":        {"EUR", "2026-01-01", 1e-11, "rate"},
		"too large":        {"EUR", "2026-01-01", 1e8 + 1, "rate"},
		"no number":        {"EUR", "2026-01-01", math.NaN(), "rate"},
		"no date":          {"EUR", "", 1, "valid_from"},
		"no such date":     {"EUR", "2026-02-30", 1, "valid_from"},
		"no such currency": {"QQQ", "2026-01-01", 1, "currency"},
		"small letters":    {"eur", "2026-01-01", 1, "currency"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := purchase.NewRate(c.currency, c.from, c.number)
			got := ""
			if f := fault.Of(err); f != nil {
				got = f.Fields[0].Path
			}
			if got != c.field {
				t.Errorf("got %v, want a fault at %q", err, c.field)
			}
		})
	}
}

func TestBookConvert(t *testing.T) {
	book := purchase.NewBook("DKK", []purchase.Rate{
		rate(t, "EUR", "2026-02-01", 7.5), rate(t, "EUR", "2026-01-01", 7.4604), rate(t, "JPY", "2026-01-01", 0.0435), rate(t, "KWD", "2026-01-01", 1e8),
	})
	for name, c := range map[string]struct {
		amount   int64
		currency string
		on       date.Date
		want     int64
		ok       bool
	}{
		"base":                      {123, "DKK", "2026-01-01", 123, true},
		"nothing said is base":      {123, "", "2026-01-01", 123, true},
		"first day":                 {100_00, "EUR", "2026-01-01", 746_04, true},
		"last day of the old":       {100_00, "EUR", "2026-01-31", 746_04, true},
		"first day of the new":      {100_00, "EUR", "2026-02-01", 750_00, true},
		"half away from zero":       {1, "EUR", "2026-02-01", 8, true},
		"half away from zero below": {-1, "EUR", "2026-02-01", -8, true},
		"no decimals to two":        {1_000, "JPY", "2026-06-01", 43_50, true},
		"before the first":          {1, "EUR", "2025-12-31", 0, false},
		"never":                     {1, "USD", "2026-06-01", 0, false},
		"too much":                  {math.MaxInt64, "EUR", "2026-06-01", 0, false},
		"too much by far":           {math.MaxInt64 / 1000, "KWD", "2026-06-01", 0, false},
		"the most negative":         {math.MinInt64, "EUR", "2026-06-01", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := book.Convert(c.amount, c.currency, c.on)
			if got != c.want || ok != c.ok {
				t.Errorf("got %d, %t; want %d, %t", got, ok, c.want, c.ok)
			}
		})
	}
}

func TestRates(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s, first, second := purchase.NewRates(d, clock), id.New(), id.New()
		save := func(imported id.ID, want purchase.Saved, rates ...purchase.Rate) {
			t.Helper()
			if got, err := s.Save(t.Context(), rates, imported); err != nil || got != want {
				t.Fatalf("Save: %+v, %v; want %+v", got, err, want)
			}
		}
		list := func() string {
			t.Helper()
			rates, err := s.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, r := range rates {
				all = append(all, r.Currency+" "+string(r.ValidFrom))
			}
			return strings.Join(all, ", ")
		}
		jan, feb, pln := rate(t, "EUR", "2026-01-01", 7.46), rate(t, "EUR", "2026-02-01", 7.5), rate(t, "PLN", "2026-01-01", 1.7)
		save(first, purchase.Saved{Created: 3}, feb, pln, jan)
		save(second, purchase.Saved{Unchanged: 3}, feb, pln, jan)
		save(second, purchase.Saved{Updated: 1, Unchanged: 1}, rate(t, "EUR", "2026-02-01", 7.4), jan)
		if got, want := list(), "EUR 2026-01-01, EUR 2026-02-01, PLN 2026-01-01"; got != want {
			t.Errorf("rates %s, want %s", got, want)
		}
		if err := s.RemoveImported(t.Context(), []id.ID{first}); err != nil {
			t.Fatal(err)
		}
		if got, want := list(), "EUR 2026-02-01"; got != want {
			t.Errorf("after removing the first import %s, want %s", got, want)
		}
		book, err := s.Book(t.Context(), "DKK")
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := book.Convert(100, "EUR", "2026-03-01"); got != 740 || !ok {
			t.Errorf("converted to %d, %t", got, ok)
		}
	})
}
