package scoring

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
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
func replace(ctx context.Context, tx *engine.Tx, v Version) error {
	cuts, err := json.Marshal(v.Cuts)
	if err != nil {
		return err
	}
	args := engine.Args{"version": v.Version, "as_of": v.AsOf, "window_months": v.WindowMonths, "scenario": v.Scenario,
		"customers": v.Customers, "computed_at": v.ComputedAt, "cuts": string(cuts)}
	for _, table := range []string{"score", "score_sum", "score_history", "score_version"} {
		_, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE version IN (SELECT version FROM score_version WHERE as_of = :as_of AND scenario = :scenario)", args)
		if err != nil {
			return fmt.Errorf("remove the former version from %s: %w", table, err)
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO score_version (version, as_of, window_months, scenario, customers, computed_at, cuts)
		VALUES (:version, :as_of, :window_months, :scenario, :customers, :computed_at, :cuts)`, args)
	if err != nil {
		return fmt.Errorf("record the version: %w", err)
	}
	return nil
}

// List returns every version, the latest date first.
func (s *Scorer) List(ctx context.Context) ([]Version, error) {
	rows, err := s.cfg.Warehouse.Query(ctx, versionsSQL, engine.Args{"scenario": Actual})
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

// Latest returns the version of the latest date, or ErrEmpty.
func (s *Scorer) Latest(ctx context.Context) (Version, error) {
	all, err := s.List(ctx)
	if err != nil {
		return Version{}, err
	}
	if len(all) == 0 {
		return Version{}, ErrEmpty
	}
	return all[0], nil
}

// At returns the version of the date. It returns ErrEmpty when there is none at all, else ErrNotScored.
func (s *Scorer) At(ctx context.Context, asOf date.Date) (Version, error) {
	all, err := s.List(ctx)
	if err != nil {
		return Version{}, err
	}
	for _, v := range all {
		if v.AsOf == asOf {
			return v, nil
		}
	}
	if len(all) == 0 {
		return Version{}, ErrEmpty
	}
	return Version{}, ErrNotScored
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
