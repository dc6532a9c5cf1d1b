package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/engine"
)

func TestMain(m *testing.M) {
	engine.RunCheckIfAsked()
	runWriterIfAsked()
	os.Exit(m.Run())
}

const schema = `
CREATE TABLE purchase(import_no INTEGER, row_no BIGINT, purchase_date DATE, customer_id UUID, revenue BIGINT, channel VARCHAR);
CREATE TABLE customer(id UUID, code VARCHAR, name VARCHAR);`

// open opens a warehouse in a folder of its own that closes with the test.
func open(t testing.TB, cfg engine.Config) *engine.Warehouse {
	t.Helper()
	if cfg.Path == "" {
		cfg.Path = filepath.Join(t.TempDir(), "warehouse.duckdb")
	}
	if cfg.Schema == nil {
		cfg.Schema = []string{schema}
	}
	w, err := engine.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

type asker interface {
	Query(ctx context.Context, text string, args engine.Args, holes ...engine.Hole) (*sql.Rows, error)
}

// ask returns the answer as lines of values joined by "|".
func ask(ctx context.Context, w asker, text string, args engine.Args, holes ...engine.Hole) (string, error) {
	rows, err := w.Query(ctx, text, args, holes...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	values, cells := make([]any, len(columns)), make([]any, len(columns))
	for i := range cells {
		cells[i] = &values[i]
	}
	var lines []string
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return "", err
		}
		line := make([]string, len(values))
		for i, v := range values {
			line[i] = fmt.Sprint(v)
		}
		lines = append(lines, strings.Join(line, "|"))
	}
	return strings.Join(lines, "\n"), rows.Err()
}

func mustAsk(t testing.TB, w asker, text string, args engine.Args, holes ...engine.Hole) string {
	t.Helper()
	got, err := ask(context.Background(), w, text, args, holes...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// slice gives the rows of a slice to Append.
func slice(rows [][]any) func() ([]any, bool, error) {
	return func() ([]any, bool, error) {
		if len(rows) == 0 {
			return nil, false, nil
		}
		row := rows[0]
		rows = rows[1:]
		return row, true, nil
	}
}
