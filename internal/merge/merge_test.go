package merge_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/merge"
)

// visits are recognised by document; those without one by who and when.
func visits() merge.Table {
	return merge.Table{
		Name:    "visit",
		Columns: []string{"document", "who", "day", "result"},
		Key:     "CASE WHEN document IS NOT NULL THEN hash(document) ELSE hash(who, day) END",
		Same:    "fresh.document IS NOT DISTINCT FROM stored.document AND (fresh.document IS NOT NULL OR fresh.who = stored.who AND fresh.day = stored.day)",
		Order:   "who, day",
	}
}

const visitTable = "CREATE TABLE visit (import_no INTEGER, row_no BIGINT, document VARCHAR, who VARCHAR, day DATE, result VARCHAR)"

func TestLoad(t *testing.T) {
	type step struct {
		rows string // of VALUES: row_no, document, who, day, result
		want merge.Counts
	}
	tests := map[string]struct {
		table  merge.Table
		steps  []step
		stored []string // import_no, document, who, day, result; in stored order
	}{
		"first load stores in order": {
			table:  visits(),
			steps:  []step{{"(0, 'D1', 'bea', '2026-01-02', 'ok'), (1, 'D2', 'adam', '2026-01-03', 'ok'), (2, NULL, 'adam', '2026-01-01', 'ok')", merge.Counts{Created: 3}}},
			stored: []string{"1 - adam 2026-01-01 ok", "1 D2 adam 2026-01-03 ok", "1 D1 bea 2026-01-02 ok"},
		},
		"the same again changes nothing": {
			table: visits(),
			steps: []step{
				{"(0, 'D1', 'bea', '2026-01-02', 'ok'), (1, NULL, 'adam', '2026-01-01', NULL)", merge.Counts{Created: 2}},
				{"(0, 'D1', 'bea', '2026-01-02', 'ok'), (1, NULL, 'adam', '2026-01-01', NULL)", merge.Counts{Unchanged: 2}},
			},
			stored: []string{"1 - adam 2026-01-01 -", "1 D1 bea 2026-01-02 ok"},
		},
		"altered facts are replaced, new ones added, the rest kept": {
			table: visits(),
			steps: []step{
				{"(0, 'D1', 'bea', '2026-01-02', 'ok'), (1, 'D2', 'adam', '2026-01-03', 'ok'), (2, NULL, 'cleo', '2026-01-04', NULL)", merge.Counts{Created: 3}},
				{"(0, 'D2', 'adam', '2026-01-03', 'ok'), (1, 'D1', 'bea', '2026-01-09', 'ok'), (2, NULL, 'cleo', '2026-01-04', 'late'), (3, NULL, 'cleo', '2026-01-05', NULL)",
					merge.Counts{Created: 1, Updated: 2, Unchanged: 1}},
			},
			stored: []string{"1 D2 adam 2026-01-03 ok", "2 D1 bea 2026-01-09 ok", "2 - cleo 2026-01-04 late", "2 - cleo 2026-01-05 -"},
		},
		"equal hashes are no proof": {
			table: func() merge.Table { v := visits(); v.Key = "hash(1)"; return v }(),
			steps: []step{
				{"(0, 'D1', 'bea', '2026-01-02', 'ok'), (1, 'D2', 'adam', '2026-01-03', 'ok')", merge.Counts{Created: 2}},
				{"(0, 'D3', 'bea', '2026-01-02', 'ok'), (1, 'D2', 'adam', '2026-01-03', 'no')", merge.Counts{Created: 1, Updated: 1}},
			},
			stored: []string{"1 D1 bea 2026-01-02 ok", "2 D2 adam 2026-01-03 no", "2 D3 bea 2026-01-02 ok"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			w, err := engine.Open(ctx, engine.Config{Path: filepath.Join(t.TempDir(), "w.duckdb"), Schema: []string{visitTable}})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			for i, step := range tt.steps {
				source := fmt.Sprintf("SELECT cast(:no AS integer) AS import_no, row_no, document, who, cast(day AS date) AS day, result FROM (VALUES %s) AS v(row_no, document, who, day, result)", step.rows)
				var got merge.Counts
				err := w.Write(ctx, func(tx *engine.Tx) (err error) {
					got, err = tt.table.Load(ctx, tx, source, engine.Args{"no": i + 1})
					return err
				})
				if err != nil || got != step.want {
					t.Fatalf("load %d: %+v, %v; want %+v", i+1, got, err, step.want)
				}
			}
			if got := stored(t, w); !slices.Equal(got, tt.stored) {
				t.Errorf("stored:\n%q\nwant:\n%q", got, tt.stored)
			}
		})
	}
}

func stored(t *testing.T, w *engine.Warehouse) (facts []string) {
	t.Helper()
	rows, err := w.Query(context.Background(), "SELECT concat_ws(' ', import_no, coalesce(document, '-'), who, day, coalesce(result, '-')) FROM visit ORDER BY rowid", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var fact string
		if err := rows.Scan(&fact); err != nil {
			t.Fatal(err)
		}
		facts = append(facts, fact)
	}
	return facts
}
