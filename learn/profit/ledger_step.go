package profit

import (
	"context"
	"database/sql"
	_ "embed"

	"github.com/kvadrant/kvadrant/learn/scoring"
)

//go:embed categories.sql
var categoriesSQL string

func (t tree) read(rows *sql.Rows) error {
	var id string
	var c category
	err := rows.Scan(&id, &c.name, &c.parent)
	t[id] = c
	return err
}

// readLedger adds the window up by product.
func readLedger(ctx context.Context, s *scoring.Snapshot) (ledger, error) {
	var shared, unshared int64
	if err := s.Ask(ctx, sharedSQL, nil, &shared, &unshared); err != nil {
		return ledger{}, err
	}
	products := []entry{}
	err := s.Each(ctx, productsSQL, nil, func(rows *sql.Rows) error {
		var p entry
		err := rows.Scan(&p.ID, &p.Code, &p.Name, &p.CategoryID, &p.Lines, &p.Revenue, &p.Known, &p.Cost, &p.Costed, &p.CostToServe)
		p.Product = true
		products = append(products, p)
		return err
	})
	if err != nil {
		return ledger{}, err
	}
	categories := tree{}
	if err := s.Each(ctx, categoriesSQL, nil, categories.read); err != nil {
		return ledger{}, err
	}
	l := byProduct(products, categories, shared)
	l.Unshared = unshared
	return l, nil
}
