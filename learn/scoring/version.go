package scoring

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"

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
	return s.versions(ctx, "'{}'", filter.Clause{SQL: "true"})
}

// Latest returns the version of the latest date, or ErrEmpty.
func (s *Scorer) Latest(ctx context.Context) (Version, error) {
	latest, err := s.versions(ctx, "cuts", filter.Clause{SQL: "as_of = (SELECT max(as_of) FROM score_version WHERE scenario = ?)", Args: []any{Actual}})
	if err != nil {
		return Version{}, err
	}
	if len(latest) == 0 {
		return Version{}, ErrEmpty
	}
	return latest[0], nil
}

// At returns the version of the date. It returns ErrEmpty when there is none at all, else ErrNotScored.
func (s *Scorer) At(ctx context.Context, asOf date.Date) (Version, error) {
	found, err := s.versions(ctx, "cuts", filter.Clause{SQL: "as_of = ?", Args: []any{asOf}})
	if err != nil {
		return Version{}, err
	}
	if len(found) > 0 {
		return found[0], nil
	}
	if _, err := s.Latest(ctx); err != nil {
		return Version{}, err
	}
	return Version{}, ErrNotScored
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
