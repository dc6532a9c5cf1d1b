package audit

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/id"
)

// Ref is what the feed tells of a change: which record, not what of it.
type Ref struct {
	Seq  int64  `bun:"seq"`
	Kind string `bun:"kind"`
	ID   id.ID  `bun:"record_id"`
}

// Since returns up to limit changes after seq, in order.
func Since(ctx context.Context, idb bun.IDB, seq int64, limit int) ([]Ref, error) {
	var refs []Ref
	err := idb.NewSelect().Table("change_log").Column("seq", "kind", "record_id").
		Where("seq > ?", seq).Order("seq").Limit(int64(limit)).Scan(ctx, &refs)
	if err != nil {
		return nil, fmt.Errorf("read the change log: %w", err)
	}
	return refs, nil
}

// Changed tells whether records of these kinds changed after seq.
func Changed(ctx context.Context, idb bun.IDB, seq int64, kinds ...string) (bool, error) {
	changed, err := idb.NewSelect().Table("change_log").Where("seq > ?", seq).Where("kind IN (?)", bun.List(kinds)).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("read the change log: %w", err)
	}
	return changed, nil
}

// Last returns the highest seq, 0 when nothing was ever changed.
func Last(ctx context.Context, idb bun.IDB) (int64, error) {
	var seq int64
	err := idb.NewSelect().Table("change_log").ColumnExpr("coalesce(max(seq), 0)").Scan(ctx, &seq)
	if err != nil {
		return 0, fmt.Errorf("read the change log: %w", err)
	}
	return seq, nil
}

// Query narrows a listing of the log; empty fields do not narrow.
type Query struct {
	Kind     string
	RecordID id.ID
	Before   int64 // entries with a lower seq; 0 starts at the newest
	Limit    int
}

// List returns entries, newest first.
func List(ctx context.Context, idb bun.IDB, q Query) ([]Entry, error) {
	var entries []Entry
	sel := idb.NewSelect().Model(&entries).Order("seq DESC").Limit(int64(q.Limit))
	if q.Kind != "" {
		sel.Where("kind = ?", q.Kind)
	}
	if q.RecordID != "" {
		sel.Where("record_id = ?", q.RecordID)
	}
	if q.Before > 0 {
		sel.Where("seq < ?", q.Before)
	}
	if err := sel.Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the change log: %w", err)
	}
	return entries, nil
}
