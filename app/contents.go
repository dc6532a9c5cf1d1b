package app

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/web"
)

//go:embed contents.sql
var contentsSQL string

// holding is how much of one kind of import the warehouse holds.
type holding struct {
	Kind  string    `json:"kind" enum:"units,people,products,customers,purchases,potentials,budgets,interactions,answers"`
	Count int64     `json:"count" doc:"Records; of purchases and budgets: lines."`
	From  date.Date `json:"from,omitempty" doc:"The first date among them; absent for what has no date, and where there is nothing."`
	To    date.Date `json:"to,omitempty"`
}

// warehouseContents answers what is there at all, so that people see what to import next. It counts all customers, not
// only those within reach, and so takes the action of imports.
func (a *App) warehouseContents(ctx context.Context, _ *struct{}) (*web.Body[web.Page[holding]], error) {
	held, err := a.holdings(ctx)
	if err != nil {
		return nil, err
	}
	return web.Answer(web.Page[holding]{Items: held}), nil
}

func (a *App) holdings(ctx context.Context) ([]holding, error) {
	rows, err := a.warehouse.Query(ctx, contentsSQL, nil)
	if err != nil {
		return nil, fmt.Errorf("count what the warehouse holds: %w", err)
	}
	defer rows.Close()
	held := []holding{}
	for rows.Next() {
		var place int64
		var h holding
		if err := rows.Scan(&place, &h.Kind, &h.Count, &h.From, &h.To); err != nil {
			return nil, fmt.Errorf("count what the warehouse holds: %w", err)
		}
		held = append(held, h)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count what the warehouse holds: %w", err)
	}
	return held, nil
}
