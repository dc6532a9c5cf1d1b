package setting

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/web"
)

const (
	companyName   = "company"
	firstCurrency = "EUR" // until the company says its own
	auditKind     = "setting"
)

// Store keeps settings in the operational store, each a JSON value under a name.
type Store struct {
	db  *db.DB
	now func() time.Time
}

// NewStore returns the store of settings; now is the clock.
func NewStore(d *db.DB, now func() time.Time) *Store { return &Store{db: d, now: now} }

type row struct {
	bun.BaseModel `bun:"table:setting"`

	Name      string          `bun:"name,pk"`
	Value     json.RawMessage `bun:"value"`
	Version   int64           `bun:"version"`
	UpdatedAt time.Time       `bun:"updated_at"`
}

// Get reads the setting into v and returns its version; 0, leaving v as it is, when it was never set.
func (s *Store) Get(ctx context.Context, name string, v any) (version int64, err error) {
	return read(ctx, s.db.Read(), name, v)
}

func read(ctx context.Context, idb bun.IDB, name string, v any) (int64, error) {
	r := row{}
	err := idb.NewSelect().Model(&r).Where("name = ?", name).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read setting %s: %w", name, err)
	}
	if err := json.Unmarshal(r.Value, v); err != nil {
		return 0, fmt.Errorf("read setting %s: %w", name, err)
	}
	return r.Version, nil
}

// Put writes the setting when its version is still the one that was read (0: never set) and returns the new version.
func (s *Store) Put(ctx context.Context, name string, version int64, v any) (int64, error) {
	err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.put(ctx, tx, name, version, v) })
	return version + 1, err
}

// Forget makes the setting one that was never set.
func (s *Store) Forget(ctx context.Context, name string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*row)(nil)).Where("name = ?", name).Exec(ctx); err != nil {
			return fmt.Errorf("forget setting %s: %w", name, err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: auditKind, Action: audit.Delete, Before: map[string]any{"name": name}})
	})
}

func (s *Store) put(ctx context.Context, tx bun.Tx, name string, version int64, v any) error {
	var before json.RawMessage
	has, err := read(ctx, tx, name, &before)
	if err != nil {
		return err
	}
	if has != version {
		return web.Stale()
	}
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write setting %s: %w", name, err)
	}
	r := &row{Name: name, Value: value, Version: version + 1, UpdatedAt: s.now().UTC()}
	if _, err := tx.NewInsert().Model(r).On("CONFLICT (name) DO UPDATE").
		Set("value = EXCLUDED.value, version = EXCLUDED.version, updated_at = EXCLUDED.updated_at").Exec(ctx); err != nil {
		return fmt.Errorf("write setting %s: %w", name, err)
	}
	change := audit.Change{Kind: auditKind, Action: audit.Update, After: map[string]any{name: v}}
	if version > 0 {
		change.Before = map[string]any{name: before}
	}
	return audit.Record(ctx, tx, change)
}

// Current returns who uses this installation and the version of that; before the set-up no name and EUR.
func (s *Store) Current(ctx context.Context) (General, int64, error) {
	c := General{BaseCurrency: firstCurrency}
	version, err := s.Get(ctx, companyName, &c)
	return c, version, err
}

// Company tells the sign-in who uses this installation ([access.Settings]).
func (s *Store) Company(ctx context.Context) (access.Company, error) {
	c, _, err := s.Current(ctx)
	return access.Company{Name: c.Name, BaseCurrency: c.BaseCurrency, Demo: c.Demo}, err
}

// Base returns the base currency, EUR before the set-up.
func (s *Store) Base(ctx context.Context) (string, error) {
	c, _, err := s.Current(ctx)
	return c.BaseCurrency, err
}

// SetCompany says who uses this installation in the transaction of the set-up ([access.Settings]).
func (s *Store) SetCompany(ctx context.Context, tx bun.Tx, name, baseCurrency string) error {
	c := General{Name: name, BaseCurrency: baseCurrency}
	if err := c.Validate(); err != nil {
		return err
	}
	var before General
	version, err := read(ctx, tx, companyName, &before)
	if err != nil {
		return err
	}
	c.Demo = before.Demo
	return s.put(ctx, tx, companyName, version, c)
}

// Restore puts back what [Store.Current] gave earlier, which may be that nobody has said a name yet.
func (s *Store) Restore(ctx context.Context, version int64, c General) (int64, error) {
	return s.Put(ctx, companyName, version, c)
}

// PutCompany changes who uses this installation when its version is still the one that was read.
func (s *Store) PutCompany(ctx context.Context, version int64, c General) (int64, error) {
	if err := c.Validate(); err != nil {
		return 0, err
	}
	return s.Put(ctx, companyName, version, c)
}
