package engine_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Environment of the child that writes until it is killed.
const (
	writerPath   = "KVADRANT_TEST_WRITER"
	writerSchema = "KVADRANT_TEST_WRITER_SCHEMA"
)

// crashSchema is schema number n: each number is another migration.
func crashSchema(n int) []string {
	return []string{schema, fmt.Sprintf("CREATE TABLE migration_%d(n BIGINT)", n)}
}

// runWriterIfAsked is the child: it opens the warehouse as a server does, rebuilds it if it must, and then brings in one
// import after the other. It prints a line for each import that was acknowledged.
func runWriterIfAsked() {
	path := os.Getenv(writerPath)
	if path == "" {
		return
	}
	n, err := strconv.Atoi(os.Getenv(writerSchema))
	if err == nil {
		err = write(context.Background(), path, crashSchema(n))
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func write(ctx context.Context, path string, schema []string) error {
	w, err := engine.OpenOrSetAside(ctx, engine.Config{Path: path, Schema: schema, Threads: 1, MemoryMB: 256})
	if err != nil {
		return err
	}
	first := 1
	if w.Opening().Empty {
		fmt.Println("rebuild")
		err = w.Rebuild(ctx, func(ctx context.Context, _ func(done, total int64)) error { return nil })
	} else {
		first, err = lastImport(ctx, w)
		first++
	}
	for no := first; err == nil; no++ {
		if err = w.Write(ctx, func(tx *engine.Tx) error { return bringIn(ctx, tx, no) }); err == nil {
			fmt.Println("import", no)
		}
		if err == nil && no%7 == 0 {
			err = w.Checkpoint(ctx)
		}
	}
	return err
}

func lastImport(ctx context.Context, w *engine.Warehouse) (int, error) {
	got, err := ask(ctx, w, "SELECT coalesce(max(import_no), 0) FROM purchase", nil)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(got)
}

// importSize is how many rows import no has; some are large enough to go into the file and not the log.
func importSize(no int) int { return 50 + no%5*3000 }

// bringIn writes import no as a refresh does: a part is deleted and written anew.
func bringIn(ctx context.Context, tx *engine.Tx, no int) error {
	columns := []string{"import_no", "row_no", "customer_id", "revenue", "channel"}
	append := func(from, to int) error {
		row := from
		_, err := tx.Append(ctx, "purchase", columns, func() ([]any, bool, error) {
			if row++; row > to {
				return nil, false, nil
			}
			return []any{no, row, id.New(), int64(no * row), strings.Repeat("x", row%20)}, true, nil
		})
		return err
	}
	if err := append(0, importSize(no)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM purchase WHERE import_no = :no AND row_no <= 20", engine.Args{"no": no}); err != nil {
		return err
	}
	return append(0, 20)
}

// totals is the check that imports 1 to last are there with all rows and all revenue.
func totals(last int) engine.Check {
	c := engine.Check{Name: "lines and revenue of each import", Text: fmt.Sprintf(`SELECT import_no, count(*), cast(sum(revenue) AS BIGINT)
		FROM purchase WHERE import_no <= %d GROUP BY import_no ORDER BY import_no`, last)}
	for no := 1; no <= last; no++ {
		n := importSize(no)
		c.Want = append(c.Want, []string{fmt.Sprint(no), fmt.Sprint(n), fmt.Sprint(no * n * (n + 1) / 2)})
	}
	return c
}

// killWriter lets the child write, kills it after pause, and returns the last acknowledged import, 0 when a rebuild was
// not yet followed by any, and whether it rebuilt.
func killWriter(t *testing.T, path string, schema, last int, pause time.Duration) (int, bool) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), writerPath+"="+path, fmt.Sprintf("%s=%d", writerSchema, schema))
	var errs strings.Builder
	child.Stderr = &errs
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(pause, func() { _ = child.Process.Kill() })
	defer timer.Stop()
	rebuilt := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		switch word, no, _ := strings.Cut(lines.Text(), " "); word {
		case "rebuild":
			last, rebuilt = 0, true
		case "import":
			if last, err = strconv.Atoi(no); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = child.Wait()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.Exited() {
		t.Fatalf("the child was not killed but ended: %v %s", err, errs.String())
	}
	return last, rebuilt
}

func rounds(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("KVADRANT_TEST_ROUNDS")); err == nil {
		return n
	}
	return usual
}

func random(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("KVADRANT_TEST_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("KVADRANT_TEST_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// F06: the server is killed again and again while it refreshes, checkpoints, migrates and rebuilds. It starts each time,
// and no acknowledged import is lost.
func TestF06KilledWhileWriting(t *testing.T) {
	t.Parallel()
	rnd := random(t)
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	last, schema, acknowledged, rebuilds := 0, 0, 0, 0
	migrating := true // a rebuild is due: what was there before may go
	for range rounds(8) {
		if rnd.IntN(4) == 0 {
			schema++
			migrating = true
		}
		now, rebuilt := killWriter(t, path, schema, last, time.Duration(20+rnd.IntN(900))*time.Millisecond)
		acknowledged += now
		if rebuilt {
			rebuilds++
			migrating = false
		} else {
			acknowledged -= last
		}
		last = now
		if rnd.IntN(2) == 0 {
			continue // sometimes the next child finds what this one left
		}
		w, err := engine.OpenOrSetAside(context.Background(), engine.Config{Path: path, Schema: crashSchema(schema)}, totals(last))
		if err != nil {
			t.Fatal(err)
		}
		if opening := w.Opening(); opening.Empty && last > 0 {
			if !migrating {
				t.Errorf("%d acknowledged imports are lost: %+v", last, opening)
			}
			last = 0
		}
		if w.State().Phase == engine.Ready {
			if err := w.Verify(context.Background(), totals(last)); err != nil {
				t.Error(err)
			}
			if last, err = lastImport(context.Background(), w); err != nil {
				t.Error(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d imports acknowledged, %d rebuilds", acknowledged, rebuilds)
}

// F07: whatever happens to the files while the server is down, opening neither crashes nor shows wrong totals: it is
// sound, or it is set aside and can be rebuilt. Damage in a block that the check does not read shows when it is read.
func TestF07DamagedFiles(t *testing.T) {
	t.Parallel()
	rnd := random(t)
	sound := filepath.Join(t.TempDir(), "warehouse.duckdb")
	last := 0
	for last < 10 { // leave a log behind
		last, _ = killWriter(t, sound, 0, last, 900*time.Millisecond)
	}
	type damage struct {
		name string
		do   func(path string) error
	}
	damages := []damage{
		{"no file", os.Remove},
		{"empty file", func(path string) error { return os.Truncate(path, 0) }},
		{"cut", func(path string) error { return os.Truncate(path, rnd.Int64N(size(t, path))) }},
		{"cut at a block", func(path string) error { return os.Truncate(path, rnd.Int64N(size(t, path)/4096+1)*4096) }},
		{"turned bit", func(path string) error { return overwrite(path, rnd.Int64N(size(t, path)), 1<<rnd.IntN(8), 1) }},
		{"turned bit near the start", func(path string) error {
			return overwrite(path, rnd.Int64N(min(size(t, path), 3*4096)), 1<<rnd.IntN(8), 1)
		}},
		{"garbled stretch", func(path string) error { return overwrite(path, rnd.Int64N(size(t, path)), 0xa5, 1+rnd.IntN(70000)) }},
		{"text instead", func(path string) error { return os.WriteFile(path, []byte("I am no warehouse"), 0o600) }},
	}
	untouched := filepath.Join(t.TempDir(), "warehouse.duckdb")
	copyWarehouse(t, sound, untouched)
	if got := openDamaged(t, "untouched", untouched, last, false); got != "sound" {
		t.Fatalf("an untouched copy is %s", got)
	}
	outcome := map[string]int{}
	for round := range rounds(32) {
		harm := damages[round%len(damages)]
		suffix := []string{"", ".wal"}[round/len(damages)%2]
		path := filepath.Join(t.TempDir(), "warehouse.duckdb")
		copyWarehouse(t, sound, path)
		if size(t, path+suffix) == 0 {
			continue
		}
		if err := harm.do(path + suffix); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("round %d: %s of the %s", round, harm.name, "warehouse.duckdb"+suffix)
		got := openDamaged(t, name, path, last, round < len(damages))
		outcome[got]++
		if got == "sound" && (harm.name == "empty file" || harm.name == "no file" || harm.name == "text instead") && suffix == "" {
			t.Errorf("%s: nobody noticed", name)
		}
	}
	t.Log(outcome)
}

func openDamaged(t *testing.T, name, path string, last int, rebuild bool) string {
	t.Helper()
	ctx := context.Background()
	w, err := engine.OpenOrSetAside(ctx, engine.Config{Path: path, Schema: crashSchema(0), Threads: 1}, totals(last))
	if err != nil {
		t.Errorf("%s: it does not open: %v", name, err)
		return "closed"
	}
	defer func() {
		if err := w.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}()
	if w.Opening().Empty {
		if w.Opening().SetAside == "" || w.State().Phase == engine.Ready {
			t.Errorf("%s: emptied without a word: %+v", name, w.Opening())
		}
		if rebuild {
			rebuildAll(t, name, w, last)
		}
		return "set aside"
	}
	if err := w.Verify(ctx, totals(last)); err != nil {
		t.Errorf("%s: it opened with wrong totals: %v", name, err)
	}
	const all = "SELECT count(*), count(DISTINCT customer_id), cast(sum(length(channel)) AS BIGINT) FROM purchase"
	if _, err := ask(ctx, w, all, nil); err != nil {
		select {
		case <-w.Broken():
		default:
			t.Errorf("%s: no alarm was raised for: %v", name, err)
		}
		if _, err := ask(ctx, w, "SELECT 1", nil); err == nil {
			t.Errorf("%s: a broken warehouse answers", name)
		}
		rebuildAll(t, name, w, last)
		return "found on reading"
	}
	return "sound"
}

func rebuildAll(t *testing.T, name string, w *engine.Warehouse, last int) {
	t.Helper()
	ctx := context.Background()
	err := w.Rebuild(ctx, func(ctx context.Context, progress func(done, total int64)) error {
		for no := 1; no <= last; no++ {
			if err := w.Write(ctx, func(tx *engine.Tx) error { return bringIn(ctx, tx, no) }); err != nil {
				return err
			}
			progress(int64(no), int64(last))
		}
		return nil
	})
	if err != nil {
		t.Errorf("%s: rebuild: %v", name, err)
		return
	}
	if err := w.Verify(ctx, totals(last)); err != nil {
		t.Errorf("%s: after the rebuild: %v", name, err)
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func copyWarehouse(t *testing.T, from, to string) {
	t.Helper()
	for _, suffix := range []string{"", ".wal", ".ack"} {
		text, err := os.ReadFile(from + suffix)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(to+suffix, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// overwrite turns the bits of mask in length bytes from offset.
func overwrite(path string, offset int64, mask byte, length int) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	bytes := make([]byte, length)
	n, err := file.ReadAt(bytes, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for i := range bytes[:n] {
		bytes[i] ^= mask
	}
	_, err = file.WriteAt(bytes[:n], offset)
	return err
}
