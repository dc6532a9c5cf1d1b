package goal

import (
	"context"
	"math"
	"strconv"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// atOnce is how many goals an export reads at once.
const atOnce = 200

// Table is the goals within reach, or one of them for an id, each followed by its parts, for people's spreadsheets: money in
// major units, shares from 0 to 1. Fault: goal.not_found.
func (b *Book) Table(ctx context.Context, reach access.Reach, goalID id.ID) ([][]any, error) {
	currency, err := b.read.Currency.Base(ctx)
	if err != nil {
		return nil, err
	}
	w := writer{currency: currency}
	v, err := b.read.Versions.Find(ctx, "")
	if f := fault.Of(err); err != nil && (f == nil || f.Code != "scoring.empty") {
		return nil, err
	}
	if err == nil {
		if w.measures, err = b.read.Measures.In(v); err != nil {
			return nil, err
		}
	}
	rows := [][]any{{"goal", "part_of", "unit", "person", "counts", "measure", "start_date", "start", "target", "due", "now", "now_date", "wanted_by_now", "customers", "state", "behind", "currency"}}
	if goalID != "" {
		return b.family(ctx, reach, goalID, w, rows)
	}
	for last := id.ID(""); ; {
		all, err := b.store.top(ctx, reach, last, atOnce)
		if err != nil {
			return nil, err
		}
		for _, g := range all {
			if rows, err = b.family(ctx, reach, g.ID, w, rows); err != nil {
				return nil, err
			}
		}
		if len(all) < atOnce {
			return rows, nil
		}
		last = all[len(all)-1].ID
	}
}

// family adds a goal and, below it, its parts with theirs.
func (b *Book) family(ctx context.Context, reach access.Reach, goalID id.ID, w writer, rows [][]any) ([][]any, error) {
	s, err := b.Get(ctx, reach, goalID)
	if err != nil {
		return nil, err
	}
	return b.below(ctx, reach, s, w, append(rows, w.row(s, "")))
}

func (b *Book) below(ctx context.Context, reach access.Reach, of Shown, w writer, rows [][]any) ([][]any, error) {
	parts, err := b.store.parts(ctx, b.store.db.Read(), of.ID)
	if err != nil || len(parts) == 0 {
		return rows, err
	}
	shown, _, err := b.shown(ctx, reach, parts, true)
	if err != nil {
		return nil, err
	}
	for _, s := range shown {
		if rows, err = b.below(ctx, reach, s, w, append(rows, w.row(s, of.Title))); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// writer turns goals into rows.
type writer struct {
	currency string
	measures measure.Set
}

func (w writer) row(s Shown, above string) []any {
	if s.Above != nil {
		above = s.Above.Title
	}
	now, day, wanted, customers := any(nil), "", any(nil), any(nil)
	if s.Latest != nil {
		now, day, wanted = w.number(s.What, *s.Latest.Value), string(s.Latest.AsOf), w.number(s.What, s.Latest.Wanted)
		customers = tabular.Number(strconv.FormatInt(s.Latest.Customers, 10))
	}
	behind, currency := "no", ""
	if s.Behind {
		behind = "yes"
	}
	if w.money(s.What) {
		currency = w.currency
	}
	return []any{s.Title, above, s.UnitName, s.PersonName, string(s.What.Kind), s.What.Measure, string(s.StartAsOf), w.number(s.What, s.StartValue), w.number(s.What, s.Target), string(s.DueOn),
		now, day, wanted, customers, string(s.State), behind, currency}
}

func (w writer) money(what What) bool {
	m, ok := w.measures.Find(what.Measure)
	return ok && (m.Unit == scoring.Money || m.Unit == scoring.FineMoney)
}

func (w writer) number(what What, x float64) tabular.Number {
	if w.money(what) {
		x /= math.Pow10(money.Digits(w.currency))
		return tabular.Number(strconv.FormatFloat(x, 'f', money.Digits(w.currency), 64))
	}
	return tabular.Number(strconv.FormatFloat(x, 'f', -1, 64))
}
