package db_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

func TestWriteIsAllOrNothing(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		stop := errors.New("stop")
		err := d.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := setting(ctx, tx, "a"); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) || count(t, d) != 0 {
			t.Errorf("got %v, %d rows", err, count(t, d))
		}
	})
}

func TestHookRunsInTheTransaction(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		stop := errors.New("stop")
		for _, hookError := range []error{nil, stop} {
			ctx := db.WithHook(context.Background(), func(ctx context.Context, tx bun.Tx) error {
				return errors.Join(setting(ctx, tx, "hook"), hookError)
			})
			err := d.Write(ctx, func(ctx context.Context, tx bun.Tx) error { return setting(ctx, tx, "main") })
			if hookError == nil && (err != nil || count(t, d) != 2) {
				t.Errorf("got %v, %d rows", err, count(t, d))
			}
			if hookError != nil && err == nil {
				t.Error("the hook's error was lost")
			}
		}
	})
}

// F35: many writers queue instead of failing, while a reader is held open.
func TestF35WritersQueueBesideALongReader(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		reader, err := d.Read().NewSelect().TableExpr("(SELECT 1 AS x UNION ALL SELECT 2) AS t").Rows(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		reader.Next()
		var wg sync.WaitGroup
		failures := make(chan error, 200)
		for i := range 200 {
			wg.Go(func() {
				failures <- d.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
					return setting(ctx, tx, strings.Repeat("x", i+1))
				})
			})
		}
		wg.Wait()
		close(failures)
		for err := range failures {
			if err != nil {
				t.Fatal(err)
			}
		}
		if n := count(t, d); n != 200 {
			t.Errorf("got %d rows", n)
		}
	})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		if _, err := d.WriteSQL().ExecContext(ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999999, true)"); err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(ctx); err == nil || !strings.Contains(err.Error(), "newer Kvadrant") {
			t.Errorf("got %v", err)
		}
	})
}

func TestMigrateAgainChangesNothing(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		if err := d.Migrate(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestSQLiteReadHandleCannotWrite(t *testing.T) {
	d := testkit.DB(t)
	if _, err := d.Read().NewDelete().Table("setting").Where("true").Exec(context.Background()); err == nil {
		t.Error("a delete went through the reading handle")
	}
}

func TestPathWithOddCharacters(t *testing.T) {
	d, err := db.Open(context.Background(), db.Config{Path: filepath.Join(t.TempDir(), "a b?c#d%20", "k.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Migrate(context.Background()); err != nil {
		t.Error(err)
	}
}

func setting(ctx context.Context, tx bun.Tx, name string) error {
	_, err := tx.NewRaw("INSERT INTO setting (name, value, updated_at) VALUES (?, ?, ?)", name, "1", time.Now().UTC()).Exec(ctx)
	return err
}

func count(t *testing.T, d *db.DB) int64 {
	t.Helper()
	n, err := d.Read().NewSelect().Table("setting").Count(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return n
}
