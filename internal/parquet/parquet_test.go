package parquet

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
)

// dies makes the child end like a reader that a file has broken, and forgets what a program that knows no children does.
const dies, forgets = "KVADRANT_TEST_CHILD_DIES", "KVADRANT_TEST_CHILD_FORGETS"

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(childVariable) != "" && os.Getenv(dies) != "":
		fmt.Println(childGreeting)
		var nothing *int
		*nothing = 1 // as near to a fault of the engine as Go comes
	case os.Getenv(childVariable) != "" && os.Getenv(forgets) != "":
		os.Exit(0)
	}
	ReadIfAsked()
	os.Exit(m.Run())
}

// write makes a file of the answer to a question.
func write(t testing.TB, query string) string {
	t.Helper()
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		t.Fatal(err)
	}
	pool := sql.OpenDB(connector)
	defer pool.Close()
	path := filepath.Join(t.TempDir(), "it's a.parquet")
	if _, err := pool.Exec("COPY (" + query + ") TO " + literal(path) + " (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLook(t *testing.T) {
	path := write(t, `SELECT i AS n, 'x' || i AS "a ""b""", DATE '2026-10-31' AS d, [i] AS l, NULL::VARCHAR AS e FROM range(3000) t(i)`)
	temp := t.TempDir()
	found, err := Look(t.Context(), path, temp, 2, true)
	if err != nil {
		t.Fatal(err)
	}
	want := Found{Names: []string{"n", `a "b"`, "d", "l", "e"}, Types: found.Types, Rows: 3000,
		Head: [][]string{{"0", "x0", "2026-10-31", "[0]", ""}, {"1", "x1", "2026-10-31", "[1]", ""}}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
	if found, err := Look(t.Context(), path, temp, 2, false); err != nil || len(found.Head) != 2 || found.Rows != 0 {
		t.Errorf("a glance: %+v, %v", found, err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestAFileThatIsDamaged(t *testing.T) {
	path := write(t, "SELECT i, hash(i) AS h FROM range(100000) t(i)")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut")
	if err := os.WriteFile(cut, data[:len(data)-100], 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := Look(t.Context(), cut, t.TempDir(), 10, true)
	if err != nil || found.Error == "" || found.Rows != 0 {
		t.Errorf("found %+v, %v", found, err)
	}
}

// TestTheChildDies holds that this process outlives what a file does to the one that reads it.
func TestTheChildDies(t *testing.T) {
	path, temp := write(t, "SELECT 1 AS a"), t.TempDir()
	t.Setenv(dies, "1")
	found, err := Look(t.Context(), path, temp, 10, true)
	if err != nil || !strings.Contains(found.Error, "without an answer") {
		t.Errorf("found %+v, %v", found, err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestAProgramThatForgets(t *testing.T) {
	path := write(t, "SELECT 1 AS a")
	t.Setenv(forgets, "1")
	if _, err := Look(t.Context(), path, t.TempDir(), 10, true); !errors.Is(err, errNoChild) {
		t.Errorf("got %v", err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Look(ctx, write(t, "SELECT 1 AS a"), t.TempDir(), 10, true); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestBlind holds that the child sees nothing but the folder of the file.
func TestBlind(t *testing.T) {
	path := write(t, "SELECT 1 AS a")
	outside := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(outside, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := read(t.Context(), childRequest{Path: path + "') UNION ALL SELECT * FROM read_csv('" + outside, Temp: t.TempDir(), Head: 1})
	if err == nil {
		t.Error("a path reached SQL")
	}
}
