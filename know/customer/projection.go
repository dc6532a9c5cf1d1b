package customer

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/projection"
)

// WarehouseSchema makes the warehouse's tables of customers.
//
//go:embed warehouse.sql
var WarehouseSchema string

// Convert turns minor units of a currency into minor units of the base currency by the rate in force on a date; false
// when there is no rate.
type Convert func(amount int64, currency string, on date.Date) (int64, bool)

// Projections returns what of customers stands in the warehouse. converter is asked once per run.
func (s *Store) Projections(converter func(ctx context.Context) (Convert, error)) []projection.Source {
	return []projection.Source{
		{Kind: auditKind, Tables: []projection.Table{
			{Name: "customer", Key: "id", Rows: s.projectCustomers, Columns: projected()},
			{Name: "ownership", Key: "customer_id", Rows: s.projectOwnership,
				Columns: []string{"customer_id", "valid_from", "owner_id", "unit_id"}},
		}},
		{Kind: auditPotentialKind, Tables: []projection.Table{
			{Name: "potential", Key: "id", Columns: []string{"id", "customer_id", "amount", "source", "valid_from"},
				Rows: func(ctx context.Context, ids []id.ID, yield func([]any) error) error {
					convert, err := converter(ctx)
					if err != nil {
						return err
					}
					return s.projectPotentials(ctx, ids, convert, yield)
				}},
		}},
	}
}

// projected are the columns of a customer that stand in the warehouse. Street, phone and the like are there for the data
// check alone: questions read columns, so they cost the others nothing.
func projected() []string {
	return []string{"id", "code", "name", "kind", "industry", "size_employees", "street", "postal_code", "city", "country",
		"phone", "email", "website", "parent_id", "owner_id", "unit_id", "lifecycle"}
}

func (s *Store) projectCustomers(ctx context.Context, ids []id.ID, yield func([]any) error) error {
	q := s.db.Read().NewSelect().TableExpr("customer").
		Column(projected()...).Order("id")
	return walk(ctx, narrowed(q, "id", ids), func(rows *sql.Rows) error {
		var customerID, parent, owner, unit id.ID
		var code, name, kind, industry, street, postalCode, city, country, phone, email, website, lifecycle string
		var size *int64
		if err := rows.Scan(&customerID, &code, &name, &kind, &industry, &size, &street, &postalCode, &city, &country, &phone, &email, &website,
			&parent, &owner, &unit, &lifecycle); err != nil {
			return err
		}
		return yield([]any{customerID, code, name, kind, industry, size32(size), street, postalCode, city, country, phone, email, website, parent, owner, unit, lifecycle})
	})
}

func size32(n *int64) any {
	if n == nil {
		return nil
	}
	return int32(min(*n, 1<<31-1))
}

func (s *Store) projectOwnership(ctx context.Context, ids []id.ID, yield func([]any) error) error {
	q := s.db.Read().NewSelect().TableExpr("ownership").Column("customer_id", "valid_from", "owner_id", "unit_id").Order("customer_id", "valid_from")
	return walk(ctx, narrowed(q, "customer_id", ids), func(rows *sql.Rows) error {
		var customerID, owner, unit id.ID
		var from date.Date
		if err := rows.Scan(&customerID, &from, &owner, &unit); err != nil {
			return err
		}
		return yield([]any{customerID, from, owner, unit})
	})
}

// projectPotentials leaves out a statement whose currency has no rate: a wrong amount would be worse than "unknown".
func (s *Store) projectPotentials(ctx context.Context, ids []id.ID, convert Convert, yield func([]any) error) error {
	q := s.db.Read().NewSelect().TableExpr("potential").Column("id", "customer_id", "amount", "currency", "source", "valid_from").Order("customer_id", "id")
	return walk(ctx, narrowed(q, "id", ids), func(rows *sql.Rows) error {
		var potentialID, customerID id.ID
		var amount int64
		var currency, source string
		var from date.Date
		if err := rows.Scan(&potentialID, &customerID, &amount, &currency, &source, &from); err != nil {
			return err
		}
		base, ok := convert(amount, currency, from)
		if !ok {
			return nil
		}
		return yield([]any{potentialID, customerID, base, source, from})
	})
}

func narrowed(q *bun.SelectQuery, column string, ids []id.ID) *bun.SelectQuery {
	if ids != nil {
		q.Where("? IN (?)", bun.Ident(column), bun.In(ids))
	}
	return q
}

func walk(ctx context.Context, q *bun.SelectQuery, each func(*sql.Rows) error) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return fmt.Errorf("read for the warehouse: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return fmt.Errorf("read for the warehouse: %w", err)
		}
	}
	return rows.Err()
}
