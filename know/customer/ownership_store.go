package customer

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Owners returns who had the customer since when, the latest first.
func (s *Store) Owners(ctx context.Context, reach access.Reach, customerID id.ID) ([]Ownership, error) {
	if err := s.Within(ctx, reach, customerID); err != nil {
		return nil, err
	}
	rows := []Ownership{}
	err := s.db.Read().NewSelect().Model(&rows).ColumnExpr("h.*, p.name AS owner_name, u.name AS unit_name").
		Join("LEFT JOIN person AS p ON p.id = h.owner_id").Join("LEFT JOIN unit AS u ON u.id = h.unit_id").
		Where("h.customer_id = ?", customerID).Order("h.valid_from DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the owner's history: %w", err)
	}
	return rows, nil
}

// histories returns the ownerships of these customers.
func histories(ctx context.Context, idb bun.IDB, customers []id.ID) (map[id.ID]history, error) {
	found := map[id.ID]history{}
	if len(customers) == 0 {
		return found, nil
	}
	var rows []Ownership
	err := idb.NewSelect().Model(&rows).Where("h.customer_id IN (?)", bun.List(customers)).Order("h.customer_id", "h.valid_from").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the owner's history: %w", err)
	}
	for _, o := range rows {
		found[o.CustomerID] = append(found[o.CustomerID], o)
	}
	return found, nil
}

// putOwnerships writes ownerships, in place of those that begin the same day.
func putOwnerships(ctx context.Context, tx bun.Tx, rows ...Ownership) error {
	return db.InsertAll(ctx, tx, rows, func(q *bun.InsertQuery) {
		q.On("CONFLICT (customer_id, valid_from) DO UPDATE").Set("owner_id = EXCLUDED.owner_id, unit_id = EXCLUDED.unit_id")
	})
}
