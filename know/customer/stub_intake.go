package customer

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/know/intake"
)

// stubs creates customers of codes that are not known, with nothing but the code, and returns the ids of all. Later imports
// of customers fill them.
func (s *Store) stubs(ctx context.Context, importID id.ID, wanted []string) (map[string]id.ID, error) {
	ids := make(map[string]id.ID, len(wanted))
	for chunk := range slices.Chunk(wanted, removeRows) {
		err := s.db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			known, err := codes(ctx, tx, "customer", chunk)
			if err != nil {
				return err
			}
			var made []*Customer
			var owned []Ownership
			var changes []audit.Change
			now := s.instant()
			for _, code := range chunk {
				if known[code] != "" {
					ids[code] = known[code]
					continue
				}
				c := &Customer{ID: id.New(), Code: code, Name: code, ImportID: importID, Version: 1, CreatedAt: now, UpdatedAt: now}
				c.Normalise()
				if c.Code != code || c.Validate() != nil {
					continue // its rows are rejected, as of a customer that is not known
				}
				ids[code] = c.ID
				made, owned = append(made, c), append(owned, Ownership{CustomerID: c.ID, ValidFrom: Beginning})
				changes = append(changes, audit.Change{Kind: auditKind, ID: c.ID, Action: audit.Create, After: c, ImportID: importID})
			}
			if len(made) == 0 {
				return nil
			}
			if _, err := tx.NewInsert().Model(&made).Returning("NULL").Exec(ctx); err != nil {
				return fmt.Errorf("create customers of their codes: %w", err)
			}
			if err := putOwnerships(ctx, tx, owned...); err != nil {
				return err
			}
			if len(wanted) > namedAudit {
				changes = []audit.Change{{Kind: auditKind, Action: audit.Import, ImportID: importID}}
			}
			return audit.Record(ctx, tx, changes...)
		})
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// show tells a trial how a row changes its customer.
func (k *chunk) show(row int64, before, after *Customer, known bool) {
	if !k.batch.Trial() {
		return
	}
	fields := func(c *Customer) map[string]any {
		also := map[string]any{"owner": codeOf(k.people, c.OwnerID), "unit": codeOf(k.units, c.UnitID)}
		for code, other := range k.known {
			if other.ID == c.ParentID {
				also["parent"] = code
			}
		}
		return intake.Said(c, also)
	}
	var was map[string]any
	if known {
		was = fields(before)
	}
	k.batch.Shows(row, was, fields(after))
}

func codeOf(known map[string]id.ID, record id.ID) string {
	for code, one := range known {
		if one == record && record != "" {
			return code
		}
	}
	return ""
}
