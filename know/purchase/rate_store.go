package purchase

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/undo"
)

// rateRecords is where rates stand: they have no id, currency and date tell them apart.
func rateRecords() undo.Records {
	return undo.Records{Table: undo.Table{Name: "rate", Key: "rate.currency || ' ' || cast(rate.valid_from AS text)"}}
}

// Rates keeps the exchange rates in the operational store.
type Rates struct {
	db  *db.DB
	now func() time.Time
}

// NewRates returns the store of exchange rates; now is the program's clock.
func NewRates(d *db.DB, now func() time.Time) *Rates { return &Rates{db: d, now: now} }

// List returns all rates by currency and date.
func (s *Rates) List(ctx context.Context) ([]Rate, error) {
	var rates []Rate
	if err := s.db.Read().NewSelect().Model(&rates).Order("currency", "valid_from").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list exchange rates: %w", err)
	}
	return rates, nil
}

// Book returns all rates as a book into the base currency.
func (s *Rates) Book(ctx context.Context, base string) (Book, error) {
	rates, err := s.List(ctx)
	if err != nil {
		return Book{}, err
	}
	return NewBook(base, rates), nil
}

// Saved is what a Save did.
type Saved struct{ Created, Updated, Unchanged int64 }

// Save creates or changes rates by currency and date, in one transaction. No two may have the same.
func (s *Rates) Save(ctx context.Context, rates []Rate, imported id.ID) (Saved, error) {
	type key struct{ currency, from string }
	var saved Saved
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		var stored []Rate
		if err := tx.NewSelect().Model(&stored).Scan(ctx); err != nil {
			return err
		}
		known := make(map[key]int64, len(stored))
		for _, r := range stored {
			known[key{r.Currency, string(r.ValidFrom)}] = r.Rate
		}
		saved = Saved{}
		var write []Rate
		var updated []any
		for _, r := range rates {
			old, ok := known[key{r.Currency, string(r.ValidFrom)}]
			switch {
			case ok && old == r.Rate:
				saved.Unchanged++
				continue
			case ok:
				updated = append(updated, r.Currency+" "+string(r.ValidFrom))
				saved.Updated++
			default:
				saved.Created++
			}
			r.ImportID, r.UpdatedAt = imported, s.now().UTC()
			write = append(write, r)
		}
		if len(write) == 0 {
			return nil
		}
		if err := rateRecords().Table.Keep(ctx, tx, imported, updated...); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(&write).On("CONFLICT (currency, valid_from) DO UPDATE").
			Set("rate = EXCLUDED.rate").Set("updated_at = EXCLUDED.updated_at").
			Returning("NULL").Exec(ctx)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Change{Kind: RateKind, Action: audit.Import, ImportID: imported})
	})
	if err != nil {
		return Saved{}, fmt.Errorf("save exchange rates: %w", err)
	}
	return saved, nil
}

// RemoveImported deletes the rates that these imports created and no other changed.
func (s *Rates) RemoveImported(ctx context.Context, imports []id.ID) error {
	if len(imports) == 0 {
		return nil
	}
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		q := tx.NewDelete().Table("rate").Where("import_id IN (?)", bun.List(imports))
		if _, err := rateRecords().Table.Untouched(q, imports).Exec(ctx); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Change{Kind: RateKind, Action: audit.Delete, ImportID: imports[0]})
	})
	if err != nil {
		return fmt.Errorf("remove imported exchange rates: %w", err)
	}
	return nil
}
