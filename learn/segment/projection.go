package segment

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/projection"
)

// WarehouseSchema makes the warehouse's tables of segments.
//
//go:embed warehouse.sql
var WarehouseSchema string

// Projections returns what of segments stands in the warehouse: who is in the frozen ones.
func (b *Book) Projections() []projection.Source {
	return []projection.Source{{Kind: AuditKind, Tables: []projection.Table{
		{Name: "segment_member", Key: "segment_id", Columns: []string{"segment_id", "customer_id"}, Rows: b.store.project}}}}
}

func (s *store) project(ctx context.Context, ids []id.ID, yield func([]any) error) error {
	q := s.db.Read().NewSelect().Table("segment_member").Column("segment_id", "customer_id").Where("removed_at IS NULL").Order("no")
	if ids != nil {
		q.Where("segment_id IN (?)", bun.List(ids))
	}
	rows, err := q.Rows(ctx)
	if err != nil {
		return fmt.Errorf("read segments for the warehouse: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var segment, customer id.ID
		if err := rows.Scan(&segment, &customer); err != nil {
			return fmt.Errorf("read segments for the warehouse: %w", err)
		}
		if err := yield([]any{segment, customer}); err != nil {
			return err
		}
	}
	return rows.Err()
}
