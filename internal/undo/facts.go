package undo

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Use is how many facts of an import use records that another import created.
type Use struct {
	Label    string
	ImportNo int64
	Rows     int64
}

// UsedBy lists the imports of facts that use what an import created. keeps tells which tables the warehouse has.
func (r Records) UsedBy(ctx context.Context, w *engine.Warehouse, idb bun.IDB, importID id.ID, keeps func(table string) bool) (uses []Use, err error) {
	err = r.withCreated(ctx, w, idb, importID, keeps, func(tx *engine.Tx, ref Reference) error {
		rows, err := tx.Query(ctx, "SELECT import_no, count(*) FROM "+ref.Table+" WHERE "+ref.Column+" IN (SELECT id FROM created) AND import_no > 0 GROUP BY import_no ORDER BY import_no", nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			u := Use{Label: ref.Label}
			if err := rows.Scan(&u.ImportNo, &u.Rows); err != nil {
				return err
			}
			uses = append(uses, u)
		}
		return rows.Err()
	})
	return uses, err
}

// UsedInFacts tells which of the records that an import created stand in facts.
func (r Records) UsedInFacts(ctx context.Context, w *engine.Warehouse, idb bun.IDB, importID id.ID, keeps func(table string) bool) (map[id.ID]bool, error) {
	used := map[id.ID]bool{}
	err := r.withCreated(ctx, w, idb, importID, keeps, func(tx *engine.Tx, ref Reference) error {
		rows, err := tx.Query(ctx, "SELECT DISTINCT "+ref.Column+" FROM "+ref.Table+" WHERE "+ref.Column+" IN (SELECT id FROM created)", nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one id.ID
			if err := rows.Scan(&one); err != nil {
				return err
			}
			used[one] = true
		}
		return rows.Err()
	})
	return used, err
}

// withCreated asks each table of the warehouse that refers to records about those that an import created, which stand in
// the temporary table created then.
func (r Records) withCreated(ctx context.Context, w *engine.Warehouse, idb bun.IDB, importID id.ID, keeps func(string) bool, ask func(*engine.Tx, Reference) error) error {
	if len(r.Facts) == 0 {
		return nil
	}
	ids, err := r.Created(ctx, idb, importID)
	if err != nil || len(ids) == 0 {
		return err
	}
	return w.Write(ctx, func(tx *engine.Tx) error {
		if _, err := tx.Temp(ctx, "CREATE OR REPLACE TEMP TABLE created(id UUID)", nil); err != nil {
			return err
		}
		at := 0
		_, err := tx.Fill(ctx, "created", []string{"id"}, func() ([]any, bool, error) {
			at++
			if at > len(ids) {
				return nil, false, nil
			}
			return []any{ids[at-1]}, true, nil
		})
		if err != nil {
			return err
		}
		for _, ref := range r.Facts {
			if !keeps(ref.Table) {
				continue
			}
			if err := ask(tx, ref); err != nil {
				return fmt.Errorf("ask %s: %w", ref.Table, err)
			}
		}
		return nil
	})
}
