package migration

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/projection"
)

// WarehouseSchema makes the warehouse's table of forecasts that people stated.
//
//go:embed warehouse.sql
var WarehouseSchema string

// Projections returns what of the statements stands in the warehouse.
func (s *Statements) Projections() []projection.Source {
	return []projection.Source{{Kind: auditKind, Tables: []projection.Table{
		{Name: "forecast", Key: "id", Columns: []string{"id", "customer_id", "as_of", "amount"}, Rows: s.project}}}}
}

func (s *Statements) project(ctx context.Context, ids []id.ID, yield func([]any) error) error {
	q := s.db.Read().NewSelect().TableExpr("forecast").Column("id", "customer_id", "as_of", "amount").Order("customer_id", "as_of")
	if ids != nil {
		q.Where("id IN (?)", bun.List(ids))
	}
	rows, err := q.Rows(ctx)
	if err != nil {
		return fmt.Errorf("read forecasts for the warehouse: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var statement, customer id.ID
		var asOf date.Date
		var amount int64
		if err := rows.Scan(&statement, &customer, &asOf, &amount); err != nil {
			return fmt.Errorf("read forecasts for the warehouse: %w", err)
		}
		if err := yield([]any{statement, customer, asOf, amount}); err != nil {
			return err
		}
	}
	return rows.Err()
}
