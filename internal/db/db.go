// Package db opens the operational store: customers, users, settings and all else that people edit one record at a time.
//
// It is a SQLite file by default and PostgreSQL when a URL is given; the same Go text runs on both and every store test
// runs on both. Queries go through bun, whose only placeholder is "?".
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the PostgreSQL driver
	"github.com/mattn/go-sqlite3"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Dialect names the engine behind a DB, for the few texts that cannot be the same.
type Dialect string

// The two engines.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// busyTimeout is how long SQLite waits for another process's write before it gives up.
const busyTimeout = 10 * time.Second

// Config says where the store is: a PostgreSQL URL, or else the path of a SQLite file.
type Config struct {
	URL  string
	Path string
}

// DB is the operational store.
type DB struct {
	dialect Dialect
	write   *bun.DB
	read    *bun.DB
}

// Open connects to the store without changing it; call Migrate before use.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.URL != "" {
		return openPostgres(ctx, cfg.URL)
	}
	return openSQLite(ctx, cfg.Path)
}

func openPostgres(ctx context.Context, rawURL string) (*DB, error) {
	pool, err := sql.Open("pgx", rawURL)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	pool.SetMaxOpenConns(20)
	pool.SetMaxIdleConns(10)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("PostgreSQL does not answer; check KVADRANT_DATABASE_URL: %w", err), pool.Close())
	}
	handle := bun.NewDB(pool, pgdialect.New())
	return &DB{dialect: Postgres, write: handle, read: handle}, nil
}

// openSQLite uses two handles: one connection that writes, so that writers queue in the program instead of failing with
// "database is locked", and several that only read. FULL makes an acknowledged write survive a power cut.
func openSQLite(ctx context.Context, path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database file: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("open the database file: %w", err)
	}
	common := url.Values{
		"_busy_timeout": {fmt.Sprint(busyTimeout.Milliseconds())},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_foreign_keys": {"on"},
	}
	open := func(extra url.Values, conns int) (*bun.DB, error) {
		for k, v := range common {
			extra[k] = v
		}
		pool, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+extra.Encode())
		if err != nil {
			return nil, fmt.Errorf("open SQLite: %w", err)
		}
		pool.SetMaxOpenConns(conns)
		pool.SetMaxIdleConns(conns)
		if err := pool.PingContext(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("open SQLite %s: %w", path, err), pool.Close())
		}
		return bun.NewDB(pool, sqlitedialect.New()), nil
	}
	// 64 MiB of pages: an import touches many places of many indexes, and each page that does not fit is written twice.
	write, err := open(url.Values{"_txlock": {"immediate"}, "_cache_size": {"-65536"}}, 1)
	if err != nil {
		return nil, err
	}
	if _, err := write.ExecContext(ctx, "SELECT fts5_source_id()"); err != nil {
		return nil, errors.Join(errors.New("this binary was built without full-text search; build it with -tags sqlite_fts5"), write.Close())
	}
	// A second thread helps to sort when an index is made.
	if _, err := write.ExecContext(ctx, "PRAGMA threads = 1"); err != nil {
		return nil, errors.Join(fmt.Errorf("open SQLite: %w", err), write.Close())
	}
	read, err := open(url.Values{"_query_only": {"on"}}, 8)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return &DB{dialect: SQLite, write: write, read: read}, nil
}

// Close ends all connections.
func (d *DB) Close() error {
	if d.read == d.write {
		return d.write.Close()
	}
	return errors.Join(d.read.Close(), d.write.Close())
}

// Dialect names the engine.
func (d *DB) Dialect() Dialect { return d.dialect }

// Read returns the handle for questions. Writing through it fails on SQLite.
func (d *DB) Read() bun.IDB { return d.read }

// WriteSQL returns the writing connection pool for libraries that bring their own SQL. On SQLite it is one connection:
// whoever holds it keeps all other writers waiting.
func (d *DB) WriteSQL() *sql.DB { return d.write.DB }

// Write runs fn in one transaction and commits it when fn returns nil. Hooks of the context run last, in the same
// transaction. Do not call Write inside fn: on SQLite it would wait for itself.
func (d *DB) Write(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	err := d.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		if hook, ok := ctx.Value(hookKey{}).(func(context.Context, bun.Tx) error); ok {
			if err := hook(ctx, tx); err != nil {
				return err
			}
		}
		if Rehearsed(ctx) {
			return errRehearsed
		}
		return nil
	})
	if errors.Is(err, errRehearsed) {
		return nil
	}
	return Understood(err)
}

type rehearsalKey struct{}

// errRehearsed rolls a transaction back that went well.
var errRehearsed = errors.New("only rehearsed")

// Rehearse returns a context under which every Write does all of its work and then undoes it, so that what it would have
// done is known and nothing is kept. One Write does not see what another has rehearsed.
func Rehearse(ctx context.Context) context.Context {
	return context.WithValue(ctx, rehearsalKey{}, true)
}

// Rehearsed tells whether writes under this context are only rehearsed.
func Rehearsed(ctx context.Context) bool { return ctx.Value(rehearsalKey{}) != nil }

type hookKey struct{}

// WithHook returns a context under which every Write also runs hook in its transaction.
func WithHook(ctx context.Context, hook func(context.Context, bun.Tx) error) context.Context {
	return context.WithValue(ctx, hookKey{}, hook)
}

// Understood turns the engine's "busy" and "full" into faults that people can act on.
func Understood(err error) error {
	if err == nil || fault.Of(err) != nil {
		return err
	}
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		switch lite.Code {
		case sqlite3.ErrBusy, sqlite3.ErrLocked:
			return fault.New(fault.Unavailable, "db.busy", "The database is busy with a long write; try again in a moment.").Because(err)
		case sqlite3.ErrFull, sqlite3.ErrIoErr:
			return fault.New(fault.Full, "db.full", "The disk of the data folder is full; nothing was changed. Free some space and try again.").Because(err)
		}
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case pg.Code == "53100":
			return fault.New(fault.Full, "db.full", "The disk of the database is full; nothing was changed. Free some space and try again.").Because(err)
		case strings.HasPrefix(pg.Code, "57P"), pg.Code == "40001", pg.Code == "40P01":
			return fault.New(fault.Unavailable, "db.busy", "The database is busy or restarting; try again in a moment.").Because(err)
		}
	}
	return err
}

// IsUnique tells whether err is a breach of a unique index.
func IsUnique(err error) bool {
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		return lite.ExtendedCode == sqlite3.ErrConstraintUnique || lite.ExtendedCode == sqlite3.ErrConstraintPrimaryKey
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505"
}
