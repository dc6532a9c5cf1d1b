package db_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

func TestBulkPutsEveryIndexBack(t *testing.T) {
	stopped := errors.New("stopped")
	for name, end := range map[string]error{"done": nil, "failed": stopped} {
		t.Run(name, func(t *testing.T) {
			testkit.EachDB(t, func(t *testing.T, d *db.DB) {
				ctx, cancel := context.WithCancel(t.Context())
				before := indexes(t, d)
				err := d.Bulk(ctx, []string{"customer", "ownership"}, func(ctx context.Context) error {
					if during := indexes(t, d); len(during) >= len(before) {
						t.Errorf("nothing rests: %v", during)
					}
					addCustomer(t, d, "K1", "nordic shipping")
					if end != nil {
						cancel()
					}
					return end
				})
				if !errors.Is(err, end) {
					t.Fatalf("got %v, want %v", err, end)
				}
				cancel()
				if after := indexes(t, d); !slices.Equal(after, before) {
					t.Errorf("indexes and triggers\nbefore %v\nafter  %v", before, after)
				}
				if found := search(t, d, "ordic"); found != 1 {
					t.Errorf("the search finds %d customers that were added meanwhile, want 1", found)
				}
				addCustomer(t, d, "K2", "nordic yards")
				if found := search(t, d, "ordic"); found != 2 {
					t.Errorf("the search finds %d customers after one was added, want 2", found)
				}
			})
		})
	}
}

// A process that dies leaves the indexes off; the next one puts them back before anybody asks.
func TestMigratePutsIndexesBack(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		before := indexes(t, d)
		died := make(chan struct{})
		func() {
			defer func() { _ = recover(); close(died) }()
			_ = d.Bulk(t.Context(), []string{"customer"}, func(context.Context) error { panic("killed") })
		}()
		<-died
		if left := indexes(t, d); len(left) >= len(before) {
			t.Fatalf("nothing was off: %v", left)
		}
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if after := indexes(t, d); !slices.Equal(after, before) {
			t.Errorf("indexes and triggers\nbefore %v\nafter  %v", before, after)
		}
	})
}

func indexes(t *testing.T, d *db.DB) (names []string) {
	t.Helper()
	text := "SELECT type || ' ' || name FROM sqlite_master WHERE type IN ('index', 'trigger') ORDER BY 1"
	if d.Dialect() == db.Postgres {
		text = "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1"
	}
	if err := d.Read().NewRaw(text).Scan(t.Context(), &names); err != nil {
		t.Fatal(err)
	}
	return names
}

func addCustomer(t *testing.T, d *db.DB, code, name string) {
	t.Helper()
	err := d.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(`INSERT INTO customer (id, code, name, kind, industry, street, postal_code, city, country, phone, email, website, lifecycle, version, created_at, updated_at, sort_name, search_text)
			VALUES (?, ?, ?, 'organisation', '', '', '', '', '', '', '', '', 'customer', 1, ?, ?, ?, ?)`,
			id.New(), code, name, time.Unix(0, 0).UTC(), time.Unix(0, 0).UTC(), name, name).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func search(t *testing.T, d *db.DB, text string) (n int) {
	t.Helper()
	q := "SELECT count(*) FROM customer_search WHERE customer_search MATCH ?"
	if d.Dialect() == db.Postgres {
		q, text = "SELECT count(*) FROM customer WHERE search_text LIKE ?", "%"+text+"%"
	}
	if err := d.Read().NewRaw(q, text).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
