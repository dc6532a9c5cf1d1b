package purchase

import (
	"context"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/undo"
	"github.com/kvadrant/kvadrant/know/intake"
)

// rateChunk is how many rates are saved in one transaction.
const rateChunk = 1000

func (l *Loader) rateImports() intake.Kind {
	return intake.Kind{
		Key: "rates", Label: "Exchange rates", Load: l.loadRates,
		Synonyms: []string{"exchange rates", "currency rates", "valutakurser", "kurser", "wechselkurse", "kurse", "wisselkoersen", "koersen", "kursy walut", "匯率"},
		Fields: []intake.Field{
			{Name: "currency", Label: "Currency", Type: intake.Code, Required: true,
				Help: "The ISO code of the foreign currency.", Synonyms: currencySynonyms()},
			{Name: "valid_from", Label: "Valid from", Type: intake.Date, Required: true,
				Help: "The date from which the rate holds, until a later one.",
				Synonyms: []string{"date", "from", "rate date", "starting date", "effective date", "dato", "gyldig fra", "startdato", "kursdato",
					"datum", "gültig ab", "gültig von", "kursdatum", "geldig vanaf", "ingangsdatum", "koersdatum", "data", "ważny od", "data kursu",
					"日期", "生效日", "生效日期", "匯率日期"}},
			{Name: "rate", Label: "Rate", Type: intake.Number, Required: true,
				Help: "How many units of the base currency one unit of this currency is worth.",
				Synonyms: []string{"exchange rate", "rate to base", "fx rate", "kurs", "valutakurs", "wechselkurs", "umrechnungskurs",
					"koers", "wisselkoers", "kurs waluty", "kurs średni", "匯率", "買入匯率", "折算匯率"}},
		},
		Remove: func(ctx context.Context, imports []intake.Import) error {
			ids := make([]id.ID, len(imports))
			for i, m := range imports {
				ids[i] = m.ID
			}
			return l.rates.RemoveImported(ctx, ids)
		},
		Records: []undo.Records{rateRecords()},
	}
}

func (l *Loader) loadRates(ctx context.Context, b *intake.Batch) (intake.Counts, error) {
	base, err := l.base(ctx)
	if err != nil {
		return intake.Counts{}, err
	}
	first := map[string]int64{} // currency and date → row that had them first
	var counts intake.Counts
	err = b.Chunks(ctx, rateChunk, func(rows []intake.Row) error {
		var rates []Rate
		for _, row := range rows {
			number, _ := row.Number("rate")
			rate, err := NewRate(strings.ToUpper(row.Text("currency")), row.Date("valid_from"), number)
			if err == nil && rate.Currency == base && rate.Rate != ratePerUnit {
				err = fault.Check("rate.base").Because(false, "rate", func() fault.Reason {
					return fault.Why("rate_base", "{currency} is the base currency: its rate is always 1.", "currency", base)
				}).Err()
			}
			if err != nil {
				b.Refuse(row.No, err)
				continue
			}
			key := rate.Currency + string(rate.ValidFrom)
			if earlier, seen := first[key]; seen {
				b.Reject(row.No, "valid_from", fault.Why("rate_row", "Data row {row} has a rate of {currency} from the same date; leave one out.", "row", strconv.FormatInt(earlier+1, 10), "currency", rate.Currency))
				continue
			}
			first[key] = row.No
			rates = append(rates, rate)
		}
		if b.Trial() {
			if err := l.show(ctx, b, rates, first); err != nil {
				return err
			}
		}
		saved, err := l.rates.Save(ctx, rates, b.Import.ID)
		counts.Created += saved.Created
		counts.Updated += saved.Updated
		counts.Unchanged += saved.Unchanged
		return err
	})
	return counts, err
}

// show tells a trial how rates change.
func (l *Loader) show(ctx context.Context, b *intake.Batch, rates []Rate, rows map[string]int64) error {
	stored, err := l.rates.List(ctx)
	if err != nil {
		return err
	}
	known := make(map[string]Rate, len(stored))
	for _, r := range stored {
		known[r.Currency+string(r.ValidFrom)] = r
	}
	fields := func(r Rate) map[string]any {
		return map[string]any{"currency": r.Currency, "valid_from": r.ValidFrom, "rate": float64(r.Rate) / ratePerUnit}
	}
	for _, r := range rates {
		key := r.Currency + string(r.ValidFrom)
		old, there := known[key]
		switch {
		case !there:
			b.Shows(rows[key], nil, fields(r))
		case old.Rate != r.Rate:
			b.Shows(rows[key], fields(old), fields(r))
		}
	}
	return nil
}
