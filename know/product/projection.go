package product

import (
	"context"
	_ "embed" // the warehouse's tables
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/projection"
)

// Schema is the text of this word's warehouse tables.
//
//go:embed warehouse.sql
var Schema string

// Projections says what of products stands in the warehouse.
func (s *Store) Projections() []projection.Source {
	return []projection.Source{
		{Kind: Kind, Tables: []projection.Table{{Name: "product", Key: "id",
			Columns: []string{"id", "code", "name", "category_id", "cost", "currency"}, Rows: s.projectProducts}}},
		{Kind: CategoryKind, Tables: []projection.Table{{Name: "product_category", Key: "id",
			Columns: []string{"id", "code", "name", "parent_id"}, Rows: s.projectCategories}}},
	}
}

func (s *Store) projectProducts(ctx context.Context, ids []id.ID, yield func(row []any) error) error {
	query := narrowed(s.db.Read().NewSelect().Model((*Product)(nil)).Order("id"), ids)
	rows, err := query.Column("id", "code", "name", "category_id", "cost", "currency").Rows(ctx)
	if err != nil {
		return fmt.Errorf("project products: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var p Product
		if err := rows.Scan(&p.ID, &p.Code, &p.Name, &p.CategoryID, &p.Cost, &p.Currency); err != nil {
			return fmt.Errorf("project products: %w", err)
		}
		if err := yield([]any{p.ID, p.Code, p.Name, p.CategoryID, p.Cost, p.Currency}); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *Store) projectCategories(ctx context.Context, ids []id.ID, yield func(row []any) error) error {
	query := narrowed(s.db.Read().NewSelect().Model((*Category)(nil)).Order("id"), ids)
	rows, err := query.Column("id", "code", "name", "parent_id").Rows(ctx)
	if err != nil {
		return fmt.Errorf("project product categories: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Category
		if err := rows.Scan(&c.ID, &c.Code, &c.Name, &c.ParentID); err != nil {
			return fmt.Errorf("project product categories: %w", err)
		}
		if err := yield([]any{c.ID, c.Code, c.Name, c.ParentID}); err != nil {
			return err
		}
	}
	return rows.Err()
}

// narrowed keeps the records of ids; nil keeps all.
func narrowed(q *bun.SelectQuery, ids []id.ID) *bun.SelectQuery {
	if ids == nil {
		return q
	}
	return q.Where("id IN (?)", bun.List(ids))
}
