package purchase

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/merge"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/know/intake"
)

// conversion is the SQL that brings amounts of the staged rows into the base currency. Only the pairs of currency and date
// that occur are looked up, so that ten million lines cost one small join, and none at all where all is in base currency.
type conversion struct {
	base string
	join string // to add to FROM staged; "" when every row is in the base currency
}

// ofBase returns the expression for a column of staged, converted exactly and rounded half away from zero.
//
// A rate is high × 100,000 + low in units of 1/10^10. Amounts up to 10 million by rates up to 100 are multiplied in two
// parts, which 64 bits can hold and which costs a tenth of the 128-bit arithmetic that the others get.
func (c conversion) ofBase(column string) string {
	if c.join == "" {
		return column
	}
	return strings.ReplaceAll(`CASE WHEN rate_at.units IS NULL THEN amount
		WHEN abs(amount) <= 100000000000 AND rate_at.high <= 10000000 THEN sign(amount) * (abs(amount) * rate_at.high // 100000
			+ (abs(amount) * rate_at.high % 100000 * 100000 + abs(amount) * rate_at.low + 5000000000) // 10000000000)
		ELSE cast(sign(amount) * ((cast(abs(amount) AS hugeint) * rate_at.units + 5000000000) // 10000000000) AS bigint) END`, "amount", column)
}

// currency is the expression for the ISO code of a staged row.
func (c conversion) currency() string {
	if c.join == "" {
		return "cast(:base AS varchar)"
	}
	return "coalesce(rate_at.currency, :base)"
}

// convert prepares the conversion of the batch by the rates in force on the dates in the given column, and rejects the rows
// for which there is no rate.
func (l *Loader) convert(ctx context.Context, b *intake.Batch, dateColumn string) (conversion, error) {
	base, err := l.base(ctx)
	if err != nil {
		return conversion{}, err
	}
	c := conversion{base: base}
	if !b.Has("currency") {
		return c, nil
	}
	wanted, err := merge.Temp(ctx, b.Tx, "rate_wanted", "SELECT DISTINCT currency AS spelled, "+dateColumn+
		" AS day FROM staged WHERE currency IS NOT NULL AND currency <> :base", engine.Args{"base": base})
	if err != nil || wanted == 0 {
		return c, err
	}
	if err := l.stageRates(ctx, b.Tx); err != nil {
		return c, err
	}
	_, err = merge.Temp(ctx, b.Tx, "rate_at", "SELECT spelled, currency, day, units, units // 100000 AS high, units % 100000 AS low FROM ("+
		"SELECT w.spelled, w.currency, w.day, CASE WHEN w.currency = :base THEN 10000000000 ELSE r.units END AS units"+
		" FROM (SELECT spelled, upper(spelled) AS currency, day FROM rate_wanted) AS w"+
		" ASOF LEFT JOIN rate_known AS r ON w.currency = r.currency AND w.day >= r.valid_from) AS found", engine.Args{"base": base})
	if err != nil {
		return c, err
	}
	if err := rejectUnrated(ctx, b, dateColumn); err != nil {
		return c, err
	}
	c.join = " LEFT JOIN rate_at ON rate_at.spelled = staged.currency AND rate_at.day = staged." + dateColumn
	return c, nil
}

// stageRates copies the exchange rates into the temporary table rate_known.
func (l *Loader) stageRates(ctx context.Context, tx *engine.Tx) error {
	rates, err := l.rates.List(ctx)
	if err != nil {
		return err
	}
	_, err = tx.Temp(ctx, "CREATE OR REPLACE TEMP TABLE rate_known (currency VARCHAR, valid_from DATE, units BIGINT)", nil)
	if err != nil {
		return err
	}
	_, err = tx.Fill(ctx, "rate_known", []string{"currency", "valid_from", "units"}, func() ([]any, bool, error) {
		if len(rates) == 0 {
			return nil, false, nil
		}
		r := rates[0]
		rates = rates[1:]
		return []any{r.Currency, r.ValidFrom, r.Rate}, true, nil
	})
	return err
}

// rejectUnrated refuses the rows of currencies that have no rate yet on the row's date.
func rejectUnrated(ctx context.Context, b *intake.Batch, dateColumn string) error {
	type gap struct {
		currency    string
		need, first date.Date
	}
	var gaps []gap
	err := eachRow(ctx, b.Tx, "SELECT a.currency, min(a.day), (SELECT min(valid_from) FROM rate_known AS k WHERE k.currency = a.currency)"+
		" FROM rate_at AS a WHERE a.units IS NULL GROUP BY a.currency ORDER BY a.currency", func(rows *sql.Rows) error {
		var g gap
		err := rows.Scan(&g.currency, &g.need, &g.first)
		gaps = append(gaps, g)
		return err
	})
	if err != nil {
		return fmt.Errorf("look for missing exchange rates: %w", err)
	}
	for _, g := range gaps {
		if money.ValidCurrency(g.currency) != nil {
			if _, err := b.RejectWhere(ctx, "currency", fault.NoCurrency(g.currency), "upper(currency) = :currency", engine.Args{"currency": g.currency}); err != nil {
				return err
			}
			continue
		}
		condition := "upper(currency) = :currency"
		why := fault.Why("rate_none", "There is no exchange rate of {currency}; import rates with one that is valid from {day} or before.",
			"currency", g.currency, "day", string(g.need))
		if g.first != "" {
			condition += " AND " + dateColumn + " < :first"
			why = fault.Why("rate_late", "The first exchange rate of {currency} is valid from {first}; import rates with one that is valid from {day} or before.",
				"currency", g.currency, "first", string(g.first), "day", string(g.need))
		}
		if _, err := b.RejectWhere(ctx, "currency", why, condition, engine.Args{"currency": g.currency, "first": g.first}); err != nil {
			return err
		}
	}
	return nil
}

func eachRow(ctx context.Context, tx *engine.Tx, text string, fn func(rows *sql.Rows) error) error {
	rows, err := tx.Query(ctx, text, nil)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
