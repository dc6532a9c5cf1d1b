package db

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// resting is one thing that keeps up with every row of a table and is cheaper to make anew after many: a plain index, or on
// SQLite a trigger that feeds a full-text index and that index itself. Unique indexes stay, since they guard the data.
type resting struct {
	bun.BaseModel `bun:"table:resting_index"`

	No         int64  `bun:"no,pk,autoincrement"`
	Kind       string `bun:"kind"`
	Name       string `bun:"name"`
	Definition string `bun:"definition"`
}

// drop is the statement that takes it off.
func (r resting) drop() string {
	switch r.Kind {
	case "index":
		return "DROP INDEX ?"
	case "trigger":
		return "DROP TRIGGER ?"
	}
	return "" // a full-text index only goes stale
}

// Bulk runs fn, which writes very many rows to the tables in transactions of its own, while their indexes rest: a million
// rows by a dozen indexes are a dozen million scattered page writes, and one sort each afterwards. Questions meanwhile are
// answered, more slowly; searches miss the new rows until the end. Each index comes back in a transaction of its own, so
// that other writers get their turn. Whatever was not put back, because the process died, comes back with Migrate.
//
// One Bulk runs at a time: the caller sees to that.
func (d *DB) Bulk(ctx context.Context, tables []string, fn func(ctx context.Context) error) error {
	err := d.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		all, err := d.restable(ctx, tx, tables)
		if err != nil || len(all) == 0 {
			return err
		}
		if _, err := tx.NewInsert().Model(&all).ExcludeColumn("no").Returning("NULL").Exec(ctx); err != nil {
			return err
		}
		for _, r := range all {
			if r.drop() == "" {
				continue
			}
			if _, err := tx.ExecContext(ctx, r.drop(), bun.Ident(r.Name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("let the indexes of %v rest: %w", tables, err)
	}
	failed := fn(ctx)
	// Without its indexes the store is of no use to anybody, whoever cancelled.
	if err := d.wake(context.WithoutCancel(ctx)); err != nil && failed == nil {
		failed = err
	}
	return failed
}

// restable finds what can rest. A full-text index is rebuilt in parts of 64 MiB instead of the usual one, of which it makes
// hundreds to merge.
func (d *DB) restable(ctx context.Context, tx bun.Tx, tables []string) ([]resting, error) {
	text := `SELECT type AS kind, name, sql AS definition FROM sqlite_master
		WHERE tbl_name IN (?0) AND type IN ('index', 'trigger') AND sql IS NOT NULL AND sql NOT LIKE 'CREATE UNIQUE%'
		UNION ALL
		SELECT 'search', name, replace('INSERT INTO "s"("s", rank) VALUES (''hashsize'', 67108864); INSERT INTO "s"("s") VALUES (''rebuild'');
			INSERT INTO "s"("s", rank) VALUES (''hashsize'', 1048576)', '"s"', '"' || name || '"') FROM sqlite_master
		WHERE sql LIKE '%USING fts5(%' AND EXISTS (SELECT 1 FROM sqlite_master t WHERE t.name IN (?0) AND sqlite_master.sql LIKE '%content=''' || t.name || '''%')`
	if d.dialect == Postgres {
		text = `SELECT 'index' AS kind, i.relname AS name, pg_get_indexdef(x.indexrelid) AS definition
			FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
			WHERE t.relname IN (?0) AND t.relnamespace = current_schema()::regnamespace AND NOT x.indisunique ORDER BY i.relname`
	}
	var all []resting
	err := tx.NewRaw(text, bun.List(tables)).Scan(ctx, &all)
	return all, err
}

// wake puts back whatever rests.
func (d *DB) wake(ctx context.Context) error {
	for {
		var left []resting
		err := d.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := tx.NewSelect().Model(&left).Order("no").Limit(1).Scan(ctx); err != nil || len(left) == 0 {
				return err
			}
			// The definition is the engine's own, read from its catalogue.
			if _, err := tx.Tx.ExecContext(ctx, left[0].Definition); err != nil {
				return err
			}
			_, err := tx.NewDelete().Model(&left[0]).WherePK().Exec(ctx)
			return err
		})
		if err != nil {
			return fmt.Errorf("put the indexes back: %w", err)
		}
		if len(left) == 0 {
			return nil
		}
	}
}
