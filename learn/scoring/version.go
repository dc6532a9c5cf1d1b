package scoring

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
)

var (
	//go:embed warehouse.sql
	versionTable string
	//go:embed versions.sql
	versionsSQL string
)

// nextVersionSQL runs before the former version of the date is removed, so that a number is never used twice in a row.
const nextVersionSQL = "SELECT coalesce(max(version), 0) + 1 FROM score_version"

// replace removes the former version of the date and records the new one.
func (l layout) replace(ctx context.Context, tx *engine.Tx, v Version) error {
	cuts, err := json.Marshal(v.Cuts)
	if err != nil {
		return err
	}
	if err := l.remove(ctx, tx, v.AsOf, v.Scenario); err != nil {
		return err
	}
	args := engine.Args{"version": v.Version, "as_of": v.AsOf, "window_months": v.WindowMonths, "scenario": v.Scenario,
		"customers": v.Customers, "computed_at": v.ComputedAt, "cuts": string(cuts)}
	_, err = tx.Exec(ctx, `INSERT INTO score_version (version, as_of, window_months, scenario, customers, computed_at, cuts)
		VALUES (:version, :as_of, :window_months, :scenario, :customers, :computed_at, :cuts)`, args)
	if err != nil {
		return fmt.Errorf("record the version: %w", err)
	}
	return nil
}

// remove takes the version of a date out of every table.
func (l layout) remove(ctx context.Context, tx *engine.Tx, asOf date.Date, scenario string) error {
	args := engine.Args{"as_of": asOf, "scenario": scenario}
	for _, table := range l.tables() {
		_, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE version IN (SELECT version FROM score_version WHERE as_of = :as_of AND scenario = :scenario)", args)
		if err != nil {
			return fmt.Errorf("remove the version of %s from %s: %w", asOf, table, err)
		}
	}
	return nil
}

// Remove takes the version of a date out of the warehouse; a date without one is no error.
func (s *Scorer) Remove(ctx context.Context, asOf date.Date) error {
	return s.cfg.Warehouse.Write(ctx, func(tx *engine.Tx) error { return s.layout.remove(ctx, tx, asOf, Actual) })
}

// List returns every version, the latest date first, without what its steps kept.
func (s *Scorer) List(ctx context.Context) ([]Version, error) {
	mark := s.cfg.Warehouse.Mark(ctx)
	if all, ok := s.remembered.list(mark); ok {
		return all, nil
	}
	all, err := s.versions(ctx, "'{}'", filter.Clause{SQL: "true"})
	if err != nil {
		return nil, err
	}
	s.remembered.keepList(mark, all)
	return slices.Clone(all), nil
}

// Latest returns the version of the latest date, or ErrEmpty.
func (s *Scorer) Latest(ctx context.Context) (Version, error) {
	all, err := s.List(ctx)
	switch {
	case err != nil:
		return Version{}, err
	case len(all) == 0:
		return Version{}, ErrEmpty
	}
	return s.whole(ctx, all[0])
}

// At returns the version of the date. It returns ErrEmpty when there is none at all, else ErrNotScored.
func (s *Scorer) At(ctx context.Context, asOf date.Date) (Version, error) {
	all, err := s.List(ctx)
	if err != nil {
		return Version{}, err
	}
	i := slices.IndexFunc(all, func(v Version) bool { return v.AsOf == asOf })
	switch {
	case len(all) == 0:
		return Version{}, ErrEmpty
	case i < 0:
		return Version{}, ErrNotScored
	}
	return s.whole(ctx, all[i])
}

// whole returns the listed version with what its steps kept; ErrNotScored when it was replaced or removed since.
func (s *Scorer) whole(ctx context.Context, listed Version) (Version, error) {
	mark := s.cfg.Warehouse.Mark(ctx)
	if v, ok := s.remembered.version(mark, listed.Version); ok {
		return v, nil
	}
	found, err := s.versions(ctx, "cuts", filter.Clause{SQL: "version = ?", Args: []any{listed.Version}})
	if err != nil {
		return Version{}, err
	}
	if len(found) == 0 {
		return Version{}, ErrNotScored
	}
	s.remembered.keepVersion(mark, found[0])
	return found[0], nil
}

// remembered keeps what is in score_version for as long as nothing is written to the warehouse: every page asks for it, and
// what the steps kept is long.
type remembered struct {
	mu     sync.Mutex
	mark   engine.Mark
	all    []Version
	listed bool
	whole  map[int64]Version
}

// under makes the memory that of the mark, forgetting what was known under another.
func (r *remembered) under(mark engine.Mark) bool {
	if !mark.Counts() {
		return false
	}
	if r.mark != mark {
		r.mark, r.all, r.listed, r.whole = mark, nil, false, map[int64]Version{}
	}
	return true
}

func (r *remembered) list(mark engine.Mark) ([]Version, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.under(mark) || !r.listed {
		return nil, false
	}
	return slices.Clone(r.all), true
}

func (r *remembered) keepList(mark engine.Mark, all []Version) {
	r.mu.Lock()
	defer r.mu.Unlock()
	// What was asked for under a mark that has passed is not known to be of the present.
	if r.mark == mark && mark.Counts() {
		r.all, r.listed = all, true
	}
}

func (r *remembered) version(mark engine.Mark, number int64) (Version, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.under(mark) {
		return Version{}, false
	}
	v, ok := r.whole[number]
	return v, ok
}

func (r *remembered) keepVersion(mark engine.Mark, v Version) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mark == mark && mark.Counts() {
		r.whole[v.Version] = v
	}
}

func (s *Scorer) versions(ctx context.Context, cuts string, which filter.Clause) ([]Version, error) {
	rows, err := s.cfg.Warehouse.Query(ctx, versionsSQL, engine.Args{"scenario": Actual},
		engine.Hole{Name: "cuts", Clause: filter.Clause{SQL: cuts}}, engine.Hole{Name: "which", Clause: which})
	if err != nil {
		return nil, fmt.Errorf("list the scored dates: %w", err)
	}
	defer rows.Close()
	var all []Version
	for rows.Next() {
		v, err := scanVersion(rows)
		if err != nil {
			return nil, fmt.Errorf("list the scored dates: %w", err)
		}
		all = append(all, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list the scored dates: %w", err)
	}
	return all, nil
}

func scanVersion(rows *sql.Rows) (Version, error) {
	var v Version
	var cuts string
	if err := rows.Scan(&v.Version, &v.AsOf, &v.WindowMonths, &v.Scenario, &v.Customers, &v.ComputedAt, &cuts); err != nil {
		return Version{}, err
	}
	v.ComputedAt = v.ComputedAt.UTC()
	if err := json.Unmarshal([]byte(cuts), &v.Cuts); err != nil {
		return Version{}, fmt.Errorf("the cuts of version %d: %w", v.Version, err)
	}
	return v, nil
}
