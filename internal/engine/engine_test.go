package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/internal/id"
)

func TestValuesOfTheHouse(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t, engine.Config{})
	anna, bert := id.New(), id.New()
	err := w.Write(ctx, func(tx *engine.Tx) error {
		n, err := tx.Append(ctx, "purchase", []string{"import_no", "row_no", "purchase_date", "customer_id", "revenue", "channel"}, slice([][]any{
			{1, int64(1), date.Date("2026-01-31"), anna, int64(125_0000), "web"},
			{1, int64(2), date.Date("2026-02-28"), bert, int64(-5_0000), nil},
			{2, int64(1), date.Date(""), id.ID(""), 7, "shop"},
		}))
		if n != 3 {
			t.Errorf("appended %d rows", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, text string
		args       engine.Args
		holes      []engine.Hole
		want       string
	}{
		{name: "id", text: "SELECT revenue FROM purchase WHERE customer_id = :c", args: engine.Args{"c": anna}, want: "1250000"},
		{name: "no id", text: "SELECT revenue FROM purchase WHERE customer_id = :c", args: engine.Args{"c": id.ID("")}, want: ""},
		{name: "ids", text: "SELECT revenue FROM purchase WHERE customer_id IN (SELECT unnest(cast(:cs AS UUID[]))) ORDER BY 1",
			args: engine.Args{"cs": []id.ID{anna, bert}}, want: "-50000\n1250000"},
		{name: "date", text: "SELECT row_no FROM purchase WHERE purchase_date > :d", args: engine.Args{"d": date.Date("2026-01-31")}, want: "2"},
		{name: "date arithmetic", text: "SELECT cast(cast(:d AS DATE) + INTERVAL '1' MONTH AS DATE) AS d", args: engine.Args{"d": date.Date("2026-01-31")},
			want: "2026-02-28 00:00:00 +0000 UTC"},
		{name: "clause", text: "SELECT row_no FROM purchase WHERE {{reach}} ORDER BY row_no",
			holes: []engine.Hole{{Name: "reach", Clause: filter.Clause{SQL: "customer_id IN (?,?)", Args: []any{anna, bert}}}}, want: "1\n2"},
		{name: "integer division", text: "SELECT 7 / 2, cast(7 AS DOUBLE) / 2", want: "3|3.5"},
		{name: "every connection divides alike", text: "SELECT cast(sum(row_no) AS BIGINT) / 3 FROM purchase", want: "1"},
		{name: "zone", text: "SELECT cast(cast(TIMESTAMP WITH TIME ZONE '2026-01-01 00:00:00+00' AS DATE) AS VARCHAR)", want: "2026-01-01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := mustAsk(t, w, tt.text, tt.args, tt.holes...); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	var read id.ID
	rows, err := w.Query(ctx, "SELECT customer_id FROM purchase WHERE row_no = 2", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&read); err != nil {
			t.Fatal(err)
		}
	}
	if read != bert {
		t.Errorf("read id %q, want %q", read, bert)
	}
}

func TestPrelude(t *testing.T) {
	t.Parallel()
	w := open(t, engine.Config{})
	for _, tt := range []struct{ text, want string }{
		{"SELECT approx_percentile(x, 0.5) FROM (VALUES (1), (2), (3)) AS t(x)", "2"},
		{"SELECT approx_distinct(x) FROM (VALUES (1), (2), (2)) AS t(x)", "2"},
		{"SELECT day_of_week(DATE '2026-11-22'), day_of_year(DATE '2026-02-01'), week_of_year(DATE '2026-01-01'), year_of_week(DATE '2027-01-01')", "7|32|1|2026"},
		{"SELECT cast(last_day_of_month(DATE '2028-02-03') AS VARCHAR)", "2028-02-29"},
		{"SELECT regexp_like('Hansen', '^H.n'), levenshtein_distance('rope', 'ropes')", "true|1"},
		{`SELECT json_extract_scalar('{"a":"b"}', '$.a')`, "b"},
		{"SELECT array_join(array_agg(x ORDER BY x), '+'), cardinality(array_agg(x)), element_at(array_agg(x ORDER BY x), 2) FROM (VALUES ('a'), ('b')) AS t(x)", "a+b|2|b"},
		{"SELECT truncate(-1.7), is_nan(cast('nan' AS DOUBLE))", "-1|true"},
		{"SELECT width_bucket(x, 0, 10, 5) FROM (VALUES (-1), (0), (3), (10)) AS t(x)", "0\n1\n2\n6"},
		{"SELECT date_diff('day', DATE '2026-01-01', DATE '2026-03-01'), count_if(x > 1), max_by(x, y) FROM (VALUES (1, 2), (2, 1)) AS t(x, y)", "59|1|1"},
	} {
		if got := mustAsk(t, w, tt.text, nil); got != tt.want {
			t.Errorf("%s = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestWriteIsAllOrNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	boom := errors.New("boom")
	add := func(ctx context.Context, tx *engine.Tx, n int64) error {
		_, err := tx.Exec(ctx, "INSERT INTO purchase(row_no) VALUES (:n)", engine.Args{"n": n})
		return err
	}
	for _, tt := range []struct {
		name string
		fn   func(ctx context.Context, tx *engine.Tx) error
		err  string
	}{
		{"error after writing", func(ctx context.Context, tx *engine.Tx) error { return errors.Join(add(ctx, tx, 1), boom) }, "boom"},
		{"failed append, error swallowed", func(ctx context.Context, tx *engine.Tx) error {
			n := 0
			_, _ = tx.Append(ctx, "purchase", []string{"row_no"}, func() ([]any, bool, error) {
				if n++; n > 5000 {
					return nil, false, boom
				}
				return []any{int64(n)}, true, nil
			})
			return nil
		}, "boom"},
		{"row of the wrong width", func(ctx context.Context, tx *engine.Tx) error {
			_, err := tx.Append(ctx, "purchase", []string{"row_no"}, slice([][]any{{1}, {1, 2}}))
			return err
		}, "row 2 has 2 values for 1 columns"},
		{"value of the wrong type", func(ctx context.Context, tx *engine.Tx) error {
			_, err := tx.Append(ctx, "purchase", []string{"row_no"}, slice([][]any{{"x"}}))
			return err
		}, "row 1"},
		{"unknown table", func(ctx context.Context, tx *engine.Tx) error {
			_, err := tx.Append(ctx, "nothing", []string{"row_no"}, slice(nil))
			return err
		}, "nothing"},
		{"cancelled", func(ctx context.Context, tx *engine.Tx) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			if err := add(ctx, tx, 1); err != nil {
				return err
			}
			cancel()
			return add(ctx, tx, 2)
		}, "canceled"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t, engine.Config{})
			err := w.Write(ctx, func(tx *engine.Tx) error { return tt.fn(ctx, tx) })
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got error %v, want one with %q", err, tt.err)
			}
			if got := mustAsk(t, w, "SELECT count(*) FROM purchase", nil); got != "0" {
				t.Errorf("%s rows stayed", got)
			}
			if err := w.Write(ctx, func(tx *engine.Tx) error { return add(ctx, tx, 3) }); err != nil {
				t.Errorf("the next write: %v", err)
			}
		})
	}
}

func TestWritePanicRollsBack(t *testing.T) {
	t.Parallel()
	w := open(t, engine.Config{})
	func() {
		defer func() { _ = recover() }()
		_ = w.Write(context.Background(), func(tx *engine.Tx) error {
			if _, err := tx.Exec(context.Background(), "INSERT INTO purchase(row_no) VALUES (1)", nil); err != nil {
				t.Error(err)
			}
			panic("a bug")
		})
	}()
	if _, err := w.Exec(context.Background(), "INSERT INTO purchase(row_no) VALUES (2)", nil); err != nil {
		t.Fatal(err)
	}
	if got := mustAsk(t, w, "SELECT row_no FROM purchase", nil); got != "2" {
		t.Errorf("rows %s, want 2 alone", got)
	}
}

func TestTemporaryTablesEndWithTheWrite(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t, engine.Config{})
	for range 2 {
		err := w.Write(ctx, func(tx *engine.Tx) error {
			if _, err := tx.Exec(ctx, "CREATE TEMP TABLE staged(n BIGINT)", nil); err != nil {
				return err
			}
			if _, err := tx.Append(ctx, "staged", []string{"n"}, slice([][]any{{1}, {2}})); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "INSERT INTO purchase(row_no) SELECT n FROM staged", nil)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := mustAsk(t, w, "SELECT count(*) FROM purchase", nil); got != "4" {
		t.Errorf("got %s rows", got)
	}
	if _, err := w.Query(ctx, "SELECT * FROM staged", nil); err == nil {
		t.Error("a temporary table is still there")
	}
}

// F35, in part: readers never see half of a write, and a reader that is held open does not stop the writers.
func TestReadersSeeOldOrNew(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t, engine.Config{})
	const size = 5000
	version := func(v int) func(tx *engine.Tx) error {
		return func(tx *engine.Tx) error {
			if _, err := tx.Exec(ctx, "DELETE FROM purchase", nil); err != nil {
				return err
			}
			n := 0
			_, err := tx.Append(ctx, "purchase", []string{"import_no", "row_no"}, func() ([]any, bool, error) {
				n++
				return []any{v, n}, n <= size, nil
			})
			return err
		}
	}
	if err := w.Write(ctx, version(1)); err != nil {
		t.Fatal(err)
	}
	held, err := w.Query(ctx, "SELECT row_no FROM purchase", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for reads := 0; ; reads++ {
				select {
				case <-stop:
					if reads == 0 {
						t.Error("a reader never got through")
					}
					return
				default:
				}
				got, err := ask(ctx, w, "SELECT count(DISTINCT import_no), count(*) FROM purchase", nil)
				if err != nil || got != fmt.Sprintf("1|%d", size) {
					t.Errorf("a reader saw %q, %v", got, err)
					return
				}
			}
		})
	}
	for v := 2; v <= 15; v++ {
		if err := w.Write(ctx, version(v)); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	readers.Wait()
}

func TestTimeLimitAndCancel(t *testing.T) {
	w := open(t, engine.Config{Timeout: 200 * time.Millisecond})
	const bomb = "SELECT count(*) FROM range(1000000) a, range(1000000) b, range(1000000) c WHERE a.range + b.range + c.range = 7"
	started := time.Now()
	_, err := ask(context.Background(), w, bomb, nil)
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "took longer than 200ms") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := ask(ctx, w, bomb, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a cancelled context", err)
	}
	if got := mustAsk(t, w, "SELECT 1", nil); got != "1" {
		t.Errorf("afterwards %q", got)
	}
}

func TestFilesAreForTheOwner(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	w := open(t, engine.Config{Path: filepath.Join(folder, "data", "warehouse.duckdb")})
	if _, err := w.Exec(context.Background(), "INSERT INTO purchase(row_no) VALUES (1)", nil); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err := filepath.WalkDir(filepath.Join(folder, "data"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		seen++
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", filepath.Base(path), info.Mode())
		}
		return nil
	})
	if err != nil || seen < 4 {
		t.Errorf("saw %d files, %v", seen, err)
	}
}

func TestAnotherSchemaSetsTheFileAside(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	fill := func(schema string) engine.Opening {
		w, err := engine.Open(ctx, engine.Config{Path: path, Schema: []string{schema}})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		opening := w.Opening()
		if opening.SetAside != "" {
			_, err := w.Query(ctx, "SELECT 1", nil)
			if !fault.Is(err, fault.Unavailable) || w.State().Phase != engine.Rebuilding {
				t.Errorf("before the rebuild: %v, %+v", err, w.State())
			}
			err = w.Rebuild(ctx, func(ctx context.Context, progress func(done, total int64)) error {
				progress(43, 100)
				_, err := w.Query(context.Background(), "SELECT 1", nil)
				if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "(43 %)") {
					t.Errorf("while rebuilding: %v", err)
				}
				if _, err := w.Exec(context.Background(), "INSERT INTO a VALUES (9)", nil); !fault.Is(err, fault.Unavailable) {
					t.Errorf("somebody else wrote while rebuilding: %v", err)
				}
				if err := w.Rebuild(ctx, nil); !fault.Is(err, fault.Conflict) {
					t.Errorf("a second rebuild: %v", err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Exec(ctx, "INSERT INTO a VALUES (1)", nil); err != nil {
			t.Fatal(err)
		}
		return opening
	}
	first, second := "CREATE TABLE a(n BIGINT)", "CREATE TABLE a(n BIGINT);CREATE TABLE b(n BIGINT)"
	if got := fill(first); got != (engine.Opening{Empty: true}) {
		t.Errorf("a new file: %+v", got)
	}
	if got := fill(first); got != (engine.Opening{}) {
		t.Errorf("the same again: %+v", got)
	}
	got := fill(second)
	if !got.Empty || got.SetAside == "" || got.Why == "" {
		t.Errorf("another schema: %+v", got)
	}
	if _, err := os.Stat(got.SetAside); err != nil {
		t.Error(err)
	}
	if got := fill(second); got != (engine.Opening{}) {
		t.Errorf("after the rebuild: %+v", got)
	}
	for range 2 { // only two files set aside are kept
		fill(first)
		fill(second)
	}
	aside, err := filepath.Glob(path + ".stale.*")
	if err != nil || len(aside) > 6 {
		t.Errorf("%d files were kept: %v, %v", len(aside), aside, err)
	}
}

func TestRebuildOfANewFileKeepsIt(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	cfg := engine.Config{Path: filepath.Join(t.TempDir(), "warehouse.duckdb")}
	w := open(t, cfg)
	for _, want := range []int{0, 1} { // the second finds something to set aside
		err := w.Rebuild(ctx, func(ctx context.Context, _ func(done, total int64)) error {
			_, err := w.Exec(ctx, "INSERT INTO purchase(row_no) VALUES (1)", nil)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if aside, err := filepath.Glob(cfg.Path + ".replaced.*[0-9]"); err != nil || len(aside) != want {
			t.Errorf("set aside %v, %v; want %d", aside, err, want)
		}
		if got := mustAsk(t, w, "SELECT count(*) FROM purchase", nil); got != "1" {
			t.Errorf("got %s rows", got)
		}
	}
}

func TestRebuildThatFailsOrIsCutShort(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	cfg := engine.Config{Path: path, Schema: []string{schema}}
	w := open(t, cfg)
	if _, err := w.Exec(ctx, "INSERT INTO purchase(row_no) VALUES (1)", nil); err != nil {
		t.Fatal(err)
	}
	load := func(n int64, then error) func(ctx context.Context, progress func(done, total int64)) error {
		return func(ctx context.Context, _ func(done, total int64)) error {
			_, err := w.Exec(ctx, "INSERT INTO purchase(row_no) VALUES (:n)", engine.Args{"n": n})
			return errors.Join(err, then)
		}
	}
	if err := w.Rebuild(ctx, load(2, errors.New("no more files"))); err == nil {
		t.Error("a rebuild that failed gave no error")
	}
	if s := w.State(); s.Phase != engine.Broken || !strings.Contains(s.Message, "no more files") {
		t.Errorf("after a failed rebuild: %+v", s)
	}
	if err := w.Close(); err != nil { // the program ends before the next try
		t.Fatal(err)
	}
	w = open(t, cfg)
	if got := w.Opening(); !got.Empty || w.State().Phase != engine.Rebuilding {
		t.Errorf("a file cut short: %+v, %+v", got, w.State())
	}
	if err := w.Rebuild(ctx, load(3, nil)); err != nil {
		t.Fatal(err)
	}
	if got := mustAsk(t, w, "SELECT row_no FROM purchase", nil); got != "3" {
		t.Errorf("rows %q, want 3 alone", got)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = open(t, cfg)
	if got := w.Opening(); got != (engine.Opening{}) || mustAsk(t, w, "SELECT row_no FROM purchase", nil) != "3" {
		t.Errorf("after all: %+v", got)
	}
}

// Who reads sees one moment from the first question to the last, changes nothing, and keeps nobody from writing.
func TestReadIsOfOneMoment(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t, engine.Config{})
	const put = "INSERT INTO purchase(import_no, row_no, purchase_date, revenue) VALUES (1, 1, date '2026-01-01', 5)"
	const count = "SELECT count(*) FROM purchase"
	err := w.Read(ctx, func(tx *engine.Tx) error {
		if got := mustAsk(t, tx, count, nil); got != "0" {
			t.Errorf("before: %s", got)
		}
		if _, err := w.Exec(ctx, put, nil); err != nil {
			t.Errorf("writing meanwhile: %v", err)
		}
		if got := mustAsk(t, tx, count, nil); got != "0" {
			t.Errorf("after a write: %s", got)
		}
		if _, err := tx.Exec(ctx, put, nil); err == nil {
			t.Error("a reader wrote")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := mustAsk(t, w, count, nil); got != "1" {
		t.Errorf("in the end: %s", got)
	}
}

// What a Write puts into temporary tables at first stands when it is asked, lasts no longer than the Write, and cannot be
// anything else; all that lasts is there together or not at all.
func TestTemporaryTablesStandBeforeTheRest(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := open(t, engine.Config{})
	const put = "INSERT INTO purchase(import_no, row_no, purchase_date, revenue) SELECT 1, n, date '2026-01-01', 5 FROM note"
	give := func(n int64) func() ([]any, bool, error) {
		return func() ([]any, bool, error) { n--; return []any{n}, n >= 0, nil }
	}
	fail := errors.New("thought better of it")
	for _, end := range []error{fail, nil} {
		err := w.Write(ctx, func(tx *engine.Tx) error {
			if _, err := tx.Temp(ctx, "CREATE TEMP TABLE note(n BIGINT)", nil); err != nil {
				return err
			}
			if _, err := tx.Fill(ctx, "note", []string{"n"}, give(3)); err != nil {
				return err
			}
			if got := mustAsk(t, tx, "SELECT min(rowid) FROM note", nil); got != "0" {
				t.Errorf("the first row is %s: it is not committed", got)
			}
			if got := mustAsk(t, w, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'note' AND temporary", nil); got != "0" {
				t.Errorf("another sees the table")
			}
			if n, err := tx.Exec(ctx, put, nil); n != 3 || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
			if n, err := tx.Temp(ctx, "DELETE FROM note WHERE n = 1", nil); n != 1 || err != nil {
				t.Errorf("deleted %d, %v", n, err)
			}
			if n, err := tx.Fill(ctx, "note", []string{"n"}, give(1)); n != 1 || err != nil {
				t.Errorf("filled %d, %v", n, err)
			}
			if got := mustAsk(t, w, "SELECT count(*) FROM purchase", nil); got != "0" {
				t.Errorf("others see %s rows before the end", got)
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
		want := "0"
		if end == nil {
			want = "3"
		}
		if got := mustAsk(t, w, "SELECT count(*) FROM purchase", nil); got != want {
			t.Errorf("%s rows after %v, want %s", got, end, want)
		}
	}
	for name, wrong := range map[string]func(tx *engine.Tx) error{
		"a statement": func(tx *engine.Tx) error { _, err := tx.Temp(ctx, "DELETE FROM purchase", nil); return err },
		"rows":        func(tx *engine.Tx) error { _, err := tx.Fill(ctx, "purchase", []string{"row_no"}, give(1)); return err },
	} {
		if err := w.Write(ctx, wrong); err == nil {
			t.Errorf("%s for a lasting table went for temporary", name)
		}
	}
	if got := mustAsk(t, w, "SELECT count(*) FROM purchase", nil); got != "3" {
		t.Errorf("%s rows in the end", got)
	}
}
