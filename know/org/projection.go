package org

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/projection"
)

// WarehouseSchema makes the warehouse's tables of units and people.
//
//go:embed warehouse.sql
var WarehouseSchema string

// Projections returns what of the organisation stands in the warehouse.
func (s *Store) Projections() []projection.Source {
	return []projection.Source{
		{Kind: UnitKind, Tables: []projection.Table{
			{Name: "unit", Key: "id", Columns: []string{"id", "code", "name", "kind", "parent_id"}, Rows: s.projectUnits},
		}},
		{Kind: PersonKind, Tables: []projection.Table{
			{Name: "person", Key: "id", Columns: []string{"id", "code", "name", "unit_id"}, Rows: s.projectPeople},
		}},
	}
}

func (s *Store) projectUnits(ctx context.Context, ids []id.ID, yield func([]any) error) error {
	q := s.db.Read().NewSelect().Table("unit").Column("id", "code", "name", "kind", "parent_id")
	return walk(ctx, q, ids, func(rows *sql.Rows) error {
		var unit, parent id.ID
		var code, name, kind string
		if err := rows.Scan(&unit, &code, &name, &kind, &parent); err != nil {
			return err
		}
		return yield([]any{unit, code, name, kind, parent})
	})
}

func (s *Store) projectPeople(ctx context.Context, ids []id.ID, yield func([]any) error) error {
	q := s.db.Read().NewSelect().Table("person").Column("id", "code", "name", "unit_id")
	return walk(ctx, q, ids, func(rows *sql.Rows) error {
		var person, unit id.ID
		var code, name string
		if err := rows.Scan(&person, &code, &name, &unit); err != nil {
			return err
		}
		return yield([]any{person, code, name, unit})
	})
}

// walk reads the records with these ids, all with nil, in the order of ids.
func walk(ctx context.Context, q *bun.SelectQuery, ids []id.ID, each func(*sql.Rows) error) error {
	if ids != nil {
		q.Where("id IN (?)", bun.List(ids))
	}
	rows, err := q.Order("id").Rows(ctx)
	if err != nil {
		return fmt.Errorf("read the organisation for the warehouse: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return fmt.Errorf("read the organisation for the warehouse: %w", err)
		}
	}
	return rows.Err()
}
