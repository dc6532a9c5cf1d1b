package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/job"
)

// importOnce is the child of TestF01: it imports one large file and says each step that it comes to.
const importOnce = "KVADRANT_TEST_IMPORT_ONCE"

// faultLines is how many lines the files of TestF01 have.
const faultLines = 30_000

func runImportOnce(dir string) error {
	ctx := context.Background()
	o, err := Operate(ctx, Config{Data: filepath.Join(dir, "data"), Log: quiet()})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	fileID, err := o.Upload(ctx, filepath.Join(dir, "sales.csv"))
	if err != nil {
		return err
	}
	fmt.Println("uploaded")
	var begun started
	if err := o.Call(ctx, http.MethodPost, "/imports", map[string]any{"kind": "purchases", "file_ids": []string{fileID}}, &begun); err != nil {
		return err
	}
	fmt.Println("started")
	last := ""
	_, err = o.Await(ctx, begun.Job.ID, func(j job.Job) {
		if j.Note != last {
			last = j.Note
			fmt.Println("step " + j.Note)
		}
	})
	fmt.Println("done")
	return errors.Join(err, o.Close())
}

// F01: killed at each step of an import and at random moments, it is absent or complete when the server is back, and the
// same file again leaves each line once.
func TestF01KilledDuringAnImport(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a server again and again")
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for _, killAt := range []string{"uploaded", "started", "step 1", "step 2", "step 3", "random", "random", "done"} {
		t.Run(killAt, func(t *testing.T) {
			dir := t.TempDir()
			h := found(t, Config{Data: filepath.Join(dir, "data")})
			h.shelves()
			h.close()
			if err := os.WriteFile(filepath.Join(dir, "sales.csv"), []byte(sales(0, faultLines, 5)), 0o600); err != nil {
				t.Fatal(err)
			}
			saw := killChild(t, dir, killAt, time.Duration(random.IntN(1500))*time.Millisecond)
			h = open(t, Config{Data: filepath.Join(dir, "data")})
			h.admin = h.signIn("admin@example.com", password)
			h.eventually("all imports ended", func() bool {
				running, err := h.app.db.Read().NewSelect().Table("import").Where("state IN ('queued', 'running')").Count(t.Context())
				return err == nil && running == 0
			})
			var page struct {
				Items []struct {
					Kind, State string
					imported
				}
			}
			h.admin.must(http.MethodGet, "/imports", nil, http.StatusOK, &page)
			held := h.sums()[0]
			if newest := page.Items[0]; newest.Kind == "purchases" && newest.State == "accepted" {
				if held != faultLines || newest.Created != faultLines || newest.Read != faultLines {
					t.Errorf("accepted, and the warehouse holds %d lines: %+v", held, newest)
				}
			} else if held != 0 {
				t.Errorf("not accepted, and the warehouse holds %d lines", held)
			}
			again := h.admin.bring("purchases", sales(0, faultLines, 5))
			if again.Created+again.Unchanged != faultLines || h.sums()[0] != faultLines {
				t.Errorf("the same file again: %+v, and the warehouse holds %d lines", again, h.sums()[0])
			}
			t.Logf("killed after %q", saw)
		})
	}
}

// killChild runs the import in a child and kills it at a step, or some time after its start; it returns the last step seen.
func killChild(t *testing.T, dir, killAt string, after time.Duration) (last string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), importOnce+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	steps := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		last = lines.Text()
		if strings.HasPrefix(last, "step ") {
			steps++
		}
		if killAt == "random" && last == "started" {
			timer := time.AfterFunc(after, func() { _ = child.Process.Kill() })
			defer timer.Stop()
		}
		if last == killAt || fmt.Sprintf("step %d", steps) == killAt {
			_ = child.Process.Kill()
		}
	}
	_ = child.Wait()
	return last
}

// F03: the same file twice at once by two callers leaves each line once, and neither is told of a fault.
func TestF03SameFileTwiceAtOnce(t *testing.T) {
	h := found(t, Config{})
	h.shelves()
	var both sync.WaitGroup
	results := make([]imported, 2)
	for i := range results {
		who := h.signIn("admin@example.com", password)
		both.Go(func() { results[i] = who.bring("purchases", sales(0, 3000, 5)) })
	}
	both.Wait()
	if results[0].Created+results[1].Created != 3000 || results[0].Unchanged+results[1].Unchanged != 3000 || h.sums()[0] != 3000 {
		t.Errorf("%+v, %+v, and the warehouse holds %d lines", results[0], results[1], h.sums()[0])
	}
}

// F15: a full disk stops what writes, with words, loses nothing that was acknowledged, and leaves reading alone; when
// there is room again all goes on.
func TestF15FullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("needs the right to mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	h := found(t, Config{Data: filepath.Join(dir, "data")})
	h.town()
	h.admin.score("2026-10-31")
	want, lines := h.truth(), h.sums()
	var kept struct{ ID string }
	h.admin.must(http.MethodPost, "/files?name=later.csv", sales(0, 100, 5), http.StatusCreated, &kept)
	filler := filepath.Join(dir, "filler")
	fillDisk(t, filler)

	if r := h.admin.do(http.MethodPost, "/files?name=big.csv", sales(0, 100_000, 5)); r.status != http.StatusInsufficientStorage || !strings.Contains(string(r.body), "full") {
		t.Errorf("upload: %d %s", r.status, r.body)
	}
	refused := 0
	for i := range 200 { // until the room that the database had set aside is used up
		r := h.admin.do(http.MethodPost, "/customers", map[string]any{"code": fmt.Sprintf("F%d", i), "name": strings.Repeat("x", 400)})
		if r.status == http.StatusInsufficientStorage {
			refused++
			if !strings.Contains(string(r.body), "disk") {
				t.Errorf("no words: %s", r.body)
			}
			break
		}
		if r.status != http.StatusCreated {
			t.Fatalf("customer: %d %s", r.status, r.body)
		}
	}
	if refused == 0 {
		t.Error("the full disk was never noticed")
	}
	if got := h.truth(); got != want {
		t.Errorf("reading: got %s, want %s", got, want)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	h.admin.bring("customers", "code,name\nC90,Late\n")
	if got := h.sums(); got != lines {
		t.Errorf("lines: got %v, want %v", got, lines)
	}
	h.close()
	h = open(t, Config{Data: filepath.Join(dir, "data")})
	h.admin = h.signIn("admin@example.com", password)
	if got := h.truth(); got != want {
		t.Errorf("after a restart: got %s, want %s", got, want)
	}
}

func fillDisk(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			size /= 16
		}
	}
}

// F33: a question that needs more memory than the warehouse may use fails with words, and the warehouse answers the next.
func TestF33TooLittleMemory(t *testing.T) {
	w, err := engine.Open(t.Context(), engine.Config{Path: filepath.Join(t.TempDir(), "w.duckdb"), Schema: []string{"CREATE TABLE thing (n BIGINT)"}, MemoryMB: 32, TempMB: 1, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	ask := func(text string) error {
		rows, err := w.Query(t.Context(), text, nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			continue
		}
		return rows.Err()
	}
	err = ask("SELECT count(*) FROM (SELECT DISTINCT cast(hash(range) AS varchar) || cast(range AS varchar) AS k FROM range(20000000)) AS many")
	if f := fault.Of(err); f == nil || f.Code != "warehouse.memory" || !strings.Contains(f.Detail, "32 MB") {
		t.Errorf("got %v", err)
	}
	if err := ask("SELECT count(*) FROM thing"); err != nil {
		t.Errorf("the next question: %v", err)
	}
}
