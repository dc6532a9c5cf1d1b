// Package testkit gives tests the real stores: fresh, migrated, and gone when the test ends.
package testkit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/id"
)

// PostgresVariable names the environment variable with the URL of a PostgreSQL server on which tests may make databases.
const PostgresVariable = "KVADRANT_TEST_POSTGRES"

// EachDB runs test on a fresh SQLite file and, where a server is named, on a fresh PostgreSQL database, side by side with
// the other tests of the package: a test mostly waits for its store. It is the last thing that its caller does.
func EachDB(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, DB(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, Postgres(t)) })
}

// DB returns a fresh, migrated SQLite store.
func DB(t testing.TB) *db.DB {
	t.Helper()
	return open(t, db.Config{Path: filepath.Join(t.TempDir(), "kvadrant.db")})
}

// Postgres returns a fresh, migrated PostgreSQL store, or skips where no server is named.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	migrated := migratedPostgres(t)
	return open(t, db.Config{URL: postgres(t, "TEMPLATE "+migrated)})
}

// PostgresURL makes an empty database and returns its URL, or skips where no server is named.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return postgres(t, "")
}

// postgres makes a database that goes with the test.
func postgres(t testing.TB, from string) string {
	t.Helper()
	admin := postgresServer(t)
	name := "t_" + strings.ReplaceAll(string(id.New()), "-", "")
	if _, err := admin.Exec("CREATE DATABASE " + name + " " + from); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)); err != nil {
			t.Error(err)
		}
	})
	return postgresAddress(t, name)
}

// postgresServer connects to the server that makes and drops databases, or skips where none is named.
func postgresServer(t testing.TB) *sql.DB {
	t.Helper()
	server := os.Getenv(PostgresVariable)
	if server == "" {
		t.Skip(PostgresVariable + " is not set: make test starts a server")
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	return admin
}

func postgresAddress(t testing.TB, name string) string {
	t.Helper()
	address, err := url.Parse(os.Getenv(PostgresVariable))
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + name
	return address.String()
}

// migratedPostgres returns the name of a database that has the schema and nothing else, for copies: a copy takes a tenth of
// the time of the migrations. It stays on the server under a name that changes with the migrations; the first test of any
// package to ask makes it, under a name of its own until it is whole, while the others wait.
func migratedPostgres(t testing.TB) string {
	t.Helper()
	admin := postgresServer(t)
	name := "migrated_" + migrationsMark(t)
	one, err := admin.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = one.Close() }()
	if _, err := one.ExecContext(t.Context(), "SELECT pg_advisory_lock(7461)"); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = one.ExecContext(context.WithoutCancel(t.Context()), "SELECT pg_advisory_unlock(7461)") }()
	var there bool
	if err := one.QueryRowContext(t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if there {
		return name
	}
	raw := name + "_raw"
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + raw, "CREATE DATABASE " + raw} {
		if _, err := one.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	d, err := db.Open(t.Context(), db.Config{URL: postgresAddress(t, raw)})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Migrate(t.Context()), d.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := one.ExecContext(t.Context(), fmt.Sprintf("ALTER DATABASE %s RENAME TO %s", raw, name)); err != nil {
		t.Fatal(err)
	}
	return name
}

// migrationsMark changes when a migration does.
func migrationsMark(t testing.TB) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	mark := fnv.New64a()
	add := func(path string) error {
		text, err := os.ReadFile(path)
		_, _ = mark.Write(text)
		return err
	}
	err := filepath.WalkDir(filepath.Join(filepath.Dir(here), "../db/migrations"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return add(path)
	})
	if err := errors.Join(err, add(filepath.Join(filepath.Dir(here), "../db/migrate.go"))); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%016x", mark.Sum64())
}

func open(t testing.TB, cfg db.Config) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := d.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return d
}
