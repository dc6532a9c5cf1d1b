package undo

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/id"
)

// Records says where records stand that imports create and change. A row's import_id names the import that created it.
type Records struct {
	Table    Table
	Sets     []Table     // what is kept and goes with a record, such as the places of a person
	Referred []Reference // what points to a record, so that it cannot go
	Facts    []Reference // the same in the warehouse
}

// Reference is a column that holds ids of records.
type Reference struct {
	Table, Column string
	Label         string // what the rows are, in the plural: "potentials"
	Nobody        bool   // the table does not tell which import brought a row
}

// Blocker is what keeps an import from being undone.
type Blocker struct {
	What string // the records in question, such as "customer"; or what refers to them, such as "potentials"
	Uses bool   // they refer to what the import created; else they changed what the import brought
	Touch
}

// Blockers lists what keeps the import's records from being put back and deleted, within the operational store.
func (r Records) Blockers(ctx context.Context, idb bun.IDB, importID id.ID) ([]Blocker, error) {
	touched, err := r.Table.Touched(ctx, idb, importID)
	if err != nil {
		return nil, err
	}
	var all []Blocker
	for _, t := range touched {
		all = append(all, Blocker{What: r.Table.Name, Touch: t})
	}
	for _, ref := range r.Referred {
		var users []Touch
		by := "ref.import_id"
		if ref.Nobody {
			by = "NULL"
		}
		err := idb.NewRaw("SELECT "+by+" AS import_id, count(*) AS records FROM "+ref.Table+" AS ref WHERE ref."+ref.Column+
			" IN (SELECT made.id FROM "+r.Table.Name+" AS made WHERE made.import_id = ?)"+r.others(ref)+" GROUP BY 1", importID, importID).Scan(ctx, &users)
		if err != nil {
			return nil, fmt.Errorf("look for what refers to %s: %w", r.Table.Name, err)
		}
		for _, t := range users {
			all = append(all, Blocker{What: ref.Label, Uses: true, Touch: t})
		}
	}
	return all, nil
}

// others narrows a reference to rows that the import did not bring itself; it takes the import's id.
func (r Records) others(ref Reference) string {
	if ref.Nobody {
		return " AND ? IS NOT NULL"
	}
	return " AND (ref.import_id IS NULL OR ref.import_id <> ?)"
}

// Created lists the ids of the records that the import created.
func (r Records) Created(ctx context.Context, idb bun.IDB, importID id.ID) ([]id.ID, error) {
	var ids []id.ID
	if err := idb.NewSelect().Table(r.Table.Name).Column("id").Where("import_id = ?", importID).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("read what the import created: %w", err)
	}
	return ids, nil
}

// PutBack puts back what the import changed.
func (r Records) PutBack(ctx context.Context, tx bun.Tx, importID id.ID) (int64, error) {
	n, err := r.Table.PutBack(ctx, tx, importID)
	if err != nil {
		return 0, err
	}
	for _, set := range r.Sets {
		if _, err := set.PutBack(ctx, tx, importID); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// Delete deletes what the import created.
func (r Records) Delete(ctx context.Context, tx bun.Tx, importID id.ID) (int64, error) {
	res, err := tx.NewDelete().Table(r.Table.Name).Where("import_id = ?", importID).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("delete %s: %w", r.Table.Name, err)
	}
	return res.RowsAffected()
}

// deleteAtOnce is how many ids one statement names.
const deleteAtOnce = 1_000

// maxLevels bounds the rounds of DeleteLoose: a tree is freed level by level.
const maxLevels = 12

// DeleteLoose deletes those of the records that the import created which nobody else uses or has changed: the records that
// an import makes along with what it is about. keep names those that the facts use.
func (r Records) DeleteLoose(ctx context.Context, tx bun.Tx, importID id.ID, keep map[id.ID]bool) (gone, left int64, err error) {
	ids, err := r.Created(ctx, tx, importID)
	if err != nil || len(ids) == 0 {
		return 0, 0, err
	}
	total := int64(len(ids))
	ids = slices.DeleteFunc(ids, func(one id.ID) bool { return keep[one] })
	for range maxLevels {
		n, err := r.deleteUnused(ctx, tx, importID, ids)
		if err != nil {
			return 0, 0, err
		}
		gone += n
		if n == 0 {
			break
		}
	}
	return gone, total - gone, nil
}

func (r Records) deleteUnused(ctx context.Context, tx bun.Tx, importID id.ID, ids []id.ID) (gone int64, err error) {
	for chunk := range slices.Chunk(ids, deleteAtOnce) {
		q := tx.NewDelete().Table(r.Table.Name).Where("import_id = ?", importID).Where("id IN (?)", bun.List(chunk)).
			Where("NOT EXISTS (SELECT 1 FROM import_before AS later WHERE later.place = ? AND later.import_id <> ? AND later.record = "+r.Table.key(tx)+")", r.Table.Name, importID).
			Where("NOT EXISTS (SELECT 1 FROM change_log AS log WHERE log.kind = ? AND log.import_id IS NULL AND log.record_id = "+r.Table.Name+".id)", r.Table.Name)
		for _, ref := range r.Referred {
			q.Where("NOT EXISTS (SELECT 1 FROM " + ref.Table + " AS ref WHERE ref." + ref.Column + " = " + r.Table.Name + ".id)")
		}
		res, err := q.Exec(ctx)
		if err != nil {
			return 0, fmt.Errorf("delete %s: %w", r.Table.Name, err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return 0, err
		}
		gone += n
	}
	return gone, nil
}
