package grid

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/learn/measure"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Kind is that of the matrices in the audit log.
const Kind = "matrix"

// Offered is a matrix as people find it.
type Offered struct {
	Definition
	Preset  bool  `json:"preset" doc:"Whether the program brings it; it cannot be changed, but copied."`
	Version int64 `json:"version"`
	Usable  bool  `json:"usable" doc:"Whether the latest scored date has both its measures."`
}

// Versions finds the scored dates; *scoring.Scorer does.
type Versions interface {
	Find(ctx context.Context, asOf date.Date) (scoring.Version, error)
}

// Store keeps the matrices that the company made, and knows those of the program.
type Store struct {
	db       *db.DB
	now      func() time.Time
	measures *measure.Registry
	versions Versions
}

// NewStore returns the store; now is the clock.
func NewStore(d *db.DB, now func() time.Time, measures *measure.Registry, versions Versions) *Store {
	return &Store{db: d, now: now, measures: measures, versions: versions}
}

type row struct {
	bun.BaseModel `bun:"table:matrix"`

	ID         id.ID           `bun:"id,pk"`
	Key        string          `bun:"key"`
	Definition json.RawMessage `bun:"definition"`
	Version    int64           `bun:"version"`
	CreatedAt  time.Time       `bun:"created_at"`
	UpdatedAt  time.Time       `bun:"updated_at"`
}

func (r row) definition() (Definition, error) {
	var d Definition
	if err := json.Unmarshal(r.Definition, &d); err != nil {
		return d, fmt.Errorf("read the matrix %s: %w", r.Key, err)
	}
	return d, nil
}

// known are the measures of the latest version; before anything was scored, those of the program.
func (s *Store) known(ctx context.Context) (measure.Set, error) {
	v, err := s.versions.Find(ctx, "")
	if f := fault.Of(err); f != nil && f.Code == "scoring.empty" {
		return s.measures.Standing(), nil
	}
	if err != nil {
		return nil, err
	}
	return s.measures.In(v)
}

// List returns all matrices: those of the program whose measures there are, then the company's own by name.
func (s *Store) List(ctx context.Context) ([]Offered, error) {
	all, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	set, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	for i, o := range all {
		all[i].Usable = o.Validate(set) == nil
	}
	return all, nil
}

// all returns all matrices, without looking whether they are usable.
func (s *Store) all(ctx context.Context) ([]Offered, error) {
	var all []Offered
	for _, d := range Presets(s.measures.Standing()) {
		all = append(all, Offered{Definition: d, Preset: true})
	}
	var rows []row
	if err := s.db.Read().NewSelect().Model(&rows).Order("key").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list the matrices: %w", err)
	}
	for _, r := range rows {
		d, err := r.definition()
		if err != nil {
			return nil, err
		}
		all = append(all, Offered{Definition: d, Version: r.Version})
	}
	return all, nil
}

// Definitions returns every matrix that List does, usable or not.
func (s *Store) Definitions(ctx context.Context) ([]Definition, error) {
	offered, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Definition, len(offered))
	for i, o := range offered {
		all[i] = o.Definition
	}
	return all, nil
}

// Get returns the matrix of a key, the customer matrix for an empty one. Fault: matrix.not_found.
func (s *Store) Get(ctx context.Context, key string) (Offered, error) {
	if key == "" {
		key = CustomerKey
	}
	for _, d := range Presets(s.measures.Standing()) {
		if d.Key == key {
			return Offered{Definition: d, Preset: true, Usable: true}, nil
		}
	}
	r, err := s.read(ctx, s.db.Read(), key)
	if err != nil {
		return Offered{}, err
	}
	d, err := r.definition()
	return Offered{Definition: d, Version: r.Version, Usable: true}, err
}

// Definition returns the definition of a key, as Get does.
func (s *Store) Definition(ctx context.Context, key string) (Definition, error) {
	o, err := s.Get(ctx, key)
	return o.Definition, err
}

func (s *Store) read(ctx context.Context, idb bun.IDB, key string) (row, error) {
	var r row
	err := idb.NewSelect().Model(&r).Where("? = ?", bun.Ident("key"), key).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.New(fault.NotFound, "matrix.not_found", "There is no such matrix. It may have been removed; choose another.")
	}
	if err != nil {
		return r, fmt.Errorf("read the matrix %s: %w", key, err)
	}
	return r, nil
}

// Check returns what cannot stand of a definition, with its names tidied.
func (s *Store) Check(ctx context.Context, d *Definition) error {
	d.Name, d.Description = strings.TrimSpace(d.Name), strings.TrimSpace(d.Description)
	if d.Cells == nil {
		d.Cells = []Cell{}
	}
	set, err := s.known(ctx)
	if err != nil {
		return err
	}
	return d.Validate(set)
}

func taken() error {
	const detail = "Another matrix has this key; choose another one."
	return fault.New(fault.Conflict, "matrix.key_taken", detail).At("key", detail)
}

func preset(key string) bool {
	for _, d := range presets() {
		if d.Key == key {
			return true
		}
	}
	return false
}

// Create keeps a new matrix. Faults: matrix.invalid, matrix.key_taken, matrix.too_many.
func (s *Store) Create(ctx context.Context, d Definition) (Offered, error) {
	if err := s.Check(ctx, &d); err != nil {
		return Offered{}, err
	}
	if preset(d.Key) {
		return Offered{}, taken()
	}
	text, err := json.Marshal(d)
	if err != nil {
		return Offered{}, fmt.Errorf("keep a matrix: %w", err)
	}
	at := s.now().UTC().Truncate(time.Microsecond)
	r := row{ID: id.New(), Key: d.Key, Definition: text, Version: 1, CreatedAt: at, UpdatedAt: at}
	err = s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*row)(nil)).Count(ctx)
		if err != nil {
			return fmt.Errorf("keep a matrix: %w", err)
		}
		if n >= maxMatrices {
			return fault.New(fault.Invalid, "matrix.too_many", "There can be at most %d matrices; remove one that nobody uses.", maxMatrices)
		}
		if _, err := tx.NewInsert().Model(&r).Returning("NULL").Exec(ctx); db.IsUnique(err) {
			return taken()
		} else if err != nil {
			return fmt.Errorf("keep a matrix: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: Kind, ID: r.ID, Action: audit.Create, After: d})
	})
	return Offered{Definition: d, Version: 1, Usable: true}, err
}

// fixed is the fault of changing a matrix of the program.
func fixed() error {
	return fault.New(fault.Conflict, "matrix.preset", "This matrix comes with the program and stays as it is. Copy it, and change the copy.")
}

// Update replaces the matrix when its version is still the one that was read; its key stays.
func (s *Store) Update(ctx context.Context, key string, version int64, d Definition) (Offered, error) {
	d.Key = key
	if preset(key) {
		return Offered{}, fixed()
	}
	if err := s.Check(ctx, &d); err != nil {
		return Offered{}, err
	}
	text, err := json.Marshal(d)
	if err != nil {
		return Offered{}, fmt.Errorf("change a matrix: %w", err)
	}
	err = s.change(ctx, key, version, func(ctx context.Context, tx bun.Tx, r row, before Definition) error {
		r.Definition, r.Version, r.UpdatedAt = text, version+1, s.now().UTC().Truncate(time.Microsecond)
		if _, err := tx.NewUpdate().Model(&r).ExcludeColumn("created_at").WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("change a matrix: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: Kind, ID: r.ID, Action: audit.Update, Before: before, After: d})
	})
	return Offered{Definition: d, Version: version + 1, Usable: true}, err
}

// Remove forgets the matrix when its version is still the one that was read.
func (s *Store) Remove(ctx context.Context, key string, version int64) error {
	if preset(key) {
		return fixed()
	}
	return s.change(ctx, key, version, func(ctx context.Context, tx bun.Tx, r row, before Definition) error {
		if _, err := tx.NewDelete().Model(&r).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("remove a matrix: %w", err)
		}
		return audit.Record(ctx, tx, audit.Change{Kind: Kind, ID: r.ID, Action: audit.Delete, Before: before})
	})
}

func (s *Store) change(ctx context.Context, key string, version int64, do func(ctx context.Context, tx bun.Tx, r row, before Definition) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		r, err := s.read(ctx, tx, key)
		if err != nil {
			return err
		}
		if r.Version != version {
			return web.Stale()
		}
		before, err := r.definition()
		if err != nil {
			return err
		}
		return do(ctx, tx, r, before)
	})
}
