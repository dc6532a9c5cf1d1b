package engine_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
)

// What is not the file's fault must not cost the file.
func TestSoundFilesAreNotSetAside(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	right := engine.Check{Name: "rows", Text: "SELECT count(*), sum(revenue) FROM purchase", Want: [][]string{{"1", "<nil>"}}}
	for _, tt := range []struct {
		name   string
		before func(t *testing.T, cfg engine.Config)
		check  engine.Check
		fails  string // "" when it opens
	}{
		{name: "nothing is wrong", check: right},
		{name: "another process has it", check: right, fails: "lock", before: func(t *testing.T, cfg engine.Config) { open(t, cfg) }},
		{name: "the check is no SQL", check: engine.Check{Name: "rows", Text: "SELECT FROM WHERE"}, fails: "the check itself is wrong"},
		{name: "the check names what is not there", check: engine.Check{Name: "rows", Text: "SELECT x FROM purchase"}, fails: "the check itself is wrong"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := engine.Config{Path: filepath.Join(t.TempDir(), "warehouse.duckdb"), Schema: []string{schema}}
			w := open(t, cfg)
			if _, err := w.Exec(ctx, "INSERT INTO purchase(row_no) VALUES (1)", nil); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if tt.before != nil {
				tt.before(t, cfg)
			}
			w, err := engine.OpenOrSetAside(ctx, cfg, tt.check)
			if err == nil {
				defer w.Close()
			}
			if tt.fails == "" && (err != nil || w.Opening() != (engine.Opening{})) {
				t.Errorf("got %v", err)
			}
			if tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)) {
				t.Errorf("got %v, want an error with %q", err, tt.fails)
			}
			if aside, _ := filepath.Glob(cfg.Path + ".broken*"); len(aside) > 0 {
				t.Errorf("it was set aside: %v", aside)
			}
		})
	}
}

func TestWrongTotalsSetTheFileAside(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	cfg := engine.Config{Path: filepath.Join(t.TempDir(), "warehouse.duckdb"), Schema: []string{schema}}
	w := open(t, cfg)
	if _, err := w.Exec(ctx, "INSERT INTO purchase(import_no, revenue) VALUES (1, 100)", nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	check := engine.Check{Name: "revenue of each import", Text: "SELECT import_no, sum(revenue) FROM purchase GROUP BY import_no ORDER BY import_no",
		Want: [][]string{{"1", "100"}, {"2", "50"}}}
	w, err := engine.OpenOrSetAside(ctx, cfg, check)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	const want = "The warehouse file was damaged: revenue of each import: row 2 should be (2, 50) but is absent"
	if got := w.Opening(); got.SetAside == "" || got.Why != want || !got.Empty {
		t.Errorf("got %+v", got)
	}
	if s := w.State(); s.Phase != engine.Rebuilding || s.Message != want {
		t.Errorf("got %+v", s)
	}
}

// A rebuild ends what is being read, rather than waiting for it or mixing two files.
func TestRebuildWhileSomebodyReads(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t, engine.Config{})
	if _, err := w.Exec(ctx, "INSERT INTO purchase(row_no) SELECT range FROM range(100000)", nil); err != nil {
		t.Fatal(err)
	}
	rows, err := w.Query(ctx, "SELECT row_no FROM purchase", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	rows.Next()
	err = w.Rebuild(ctx, func(ctx context.Context, _ func(done, total int64)) error {
		_, err := w.Exec(ctx, "INSERT INTO purchase(row_no) VALUES (-1)", nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
	}
	if rows.Err() == nil {
		t.Error("the reader believes that it saw everything")
	}
	if got := mustAsk(t, w, "SELECT row_no FROM purchase", nil); got != "-1" {
		t.Errorf("got %q", got)
	}
}

// F35, in part: the log stays small although somebody holds rows open.
func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	cfg := engine.Config{Path: filepath.Join(t.TempDir(), "warehouse.duckdb")}
	w := open(t, cfg)
	if _, err := w.Exec(ctx, "INSERT INTO purchase(row_no) SELECT range FROM range(10000)", nil); err != nil {
		t.Fatal(err)
	}
	rows, err := w.Query(ctx, "SELECT row_no FROM purchase", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	rows.Next()
	for range 30 {
		_, err := w.Exec(ctx, "INSERT INTO purchase(row_no, channel) SELECT range, cast(md5(cast(range AS VARCHAR)) AS VARCHAR) FROM range(40000)", nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	const most = 32 << 20
	if got := size(t, cfg.Path+".wal"); got > most {
		t.Errorf("the log has %d MB", got>>20)
	}
}

func TestAfterClose(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t, engine.Config{})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, asked := w.Query(ctx, "SELECT 1", nil)
	_, wrote := w.Exec(ctx, "INSERT INTO purchase(row_no) VALUES (1)", nil)
	for _, err := range []error{asked, wrote, w.Checkpoint(ctx), w.Verify(ctx)} {
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("got %v", err)
		}
	}
}
