package profit

import (
	"context"
	"database/sql"

	"github.com/kvadrant/kvadrant/learn/scoring"
)

// readLedger adds the window up by product.
func readLedger(ctx context.Context, s *scoring.Snapshot) (ledger, error) {
	var shared, unshared int64
	if err := s.Ask(ctx, sharedSQL, nil, &shared, &unshared); err != nil {
		return ledger{}, err
	}
	products := []entry{}
	err := s.Each(ctx, productsSQL, nil, func(rows *sql.Rows) error {
		var p entry
		err := rows.Scan(&p.ID, &p.Code, &p.Name, &p.CategoryID, &p.Category, &p.Lines, &p.Revenue, &p.Known, &p.Cost, &p.Costed, &p.CostToServe)
		products = append(products, p)
		return err
	})
	l := byProduct(products, shared)
	l.Unshared = unshared
	return l, err
}
