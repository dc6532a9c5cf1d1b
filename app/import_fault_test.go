package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
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

	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/know/intake"
)

// full asks for the sizes that the tests of faults are meant for; without it they take smaller ones.
const full = "KVADRANT_TEST_FULL"

// size is the number of rows of a test: large when all is asked for.
func size(normal, large int) int {
	if os.Getenv(full) == "1" {
		return large
	}
	return normal
}

// importOnce gives the child of TestF01 its order.
const importOnce = "KVADRANT_TEST_IMPORT_ONCE"

// order is the import that a child carries out, and where it ends itself: at the step of that name, after it was passed
// so many times.
type order struct {
	Data, File, Kind, Source, EndAt string
	Passes                          int
}

func runImportOnce(text string) error {
	var do order
	if err := json.Unmarshal([]byte(text), &do); err != nil {
		return err
	}
	ctx := context.Background()
	reached := func(step string) {
		if step != do.EndAt {
			return
		}
		if do.Passes--; do.Passes < 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	o, err := Operate(ctx, Config{Data: do.Data, Log: quiet(), reached: reached})
	if err != nil {
		return err
	}
	fileID, err := o.Upload(ctx, do.File)
	if err != nil {
		return err
	}
	reached("uploaded")
	var begun started
	if err := o.Call(ctx, http.MethodPost, "/imports", do.request(fileID), &begun); err != nil {
		return err
	}
	reached("started")
	fmt.Println("started")
	_, err = o.Await(ctx, begun.Job.ID, func(job.Job) {})
	reached("done")
	return errors.Join(err, o.Close())
}

func (o order) request(fileID string) map[string]any {
	return map[string]any{"kind": o.Kind, "file_ids": []string{fileID}, "source": o.Source}
}

// run carries the order out in a child, which is killed that long after its import started unless it ended before. It tells
// whether the child was killed, and how long the import took.
func (o order) run(t *testing.T, killAfter time.Duration) (killed bool, took time.Duration) {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), importOnce+"="+string(text))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan() // "started", or the end
	begun := time.Now()
	timer := time.AfterFunc(killAfter, func() { _ = child.Process.Kill() })
	defer timer.Stop()
	for lines.Scan() {
		continue
	}
	err = child.Wait()
	took = time.Since(begun)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled() {
		return true, took
	}
	if err != nil {
		t.Fatal(err)
	}
	return false, took
}

// never is longer than any import takes.
const never = time.Hour

// F01: an import of facts that is killed at any step or moment is absent or complete when the server is back, and the same
// file again leaves each line once.
func TestF01KilledDuringAnImport(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills a server again and again")
	}
	dir := t.TempDir()
	rows := int64(size(30_000, 1_000_000))
	h := found(t, Config{Data: filepath.Join(dir, "data")})
	h.shelves()
	file := filepath.Join(dir, "purchases.csv")
	if err := os.WriteFile(file, []byte(sales(0, int(rows), 5)), 0o600); err != nil {
		t.Fatal(err)
	}
	h.close()
	do := order{Data: filepath.Join(dir, "data"), File: file, Kind: "purchases"}

	round := int64(0) // each is of a source of its own, so that its lines are others
	next := func(name string, endAt string, killAfter time.Duration) time.Duration {
		do.Source, do.EndAt = name, endAt
		killed, took := do.run(t, killAfter)
		if killed != (endAt != "") && endAt != "" {
			t.Errorf("%s: the child never came there", name)
		}
		before := round * rows
		round++
		h := open(t, Config{Data: do.Data})
		defer h.close()
		h.admin = h.signIn("admin@example.com", password)
		outcome, ended := h.afterKill(do)
		held := h.sums()[0] - before
		switch {
		case ended && (held != rows || outcome.Created != rows || outcome.Read != rows):
			t.Errorf("%s: accepted, and the warehouse holds %d lines of it: %+v", name, held, outcome)
		case !ended && held != 0:
			t.Errorf("%s: not accepted, and the warehouse holds %d lines of it", name, held)
		}
		again := h.admin.bringFile(do)
		if again.Created+again.Unchanged != rows || again.Read != rows || ended && again.Created != 0 || h.sums()[0] != before+rows {
			t.Errorf("%s: the same file again: %+v, and the warehouse holds %d lines more", name, again, h.sums()[0]-before)
		}
		return took
	}
	clean := next("clean", "", never)
	for _, step := range []string{"uploaded", "started", "Loading", "Storing", intake.BeforeCommit, intake.AfterCommit, "done"} {
		next(step, step, never)
	}
	seed := rand.Uint64()
	t.Logf("seed %d; an import takes %s", seed, clean)
	random := rand.New(rand.NewPCG(seed, 0))
	for n := range size(2, 20) {
		next(fmt.Sprint("random ", n), "", time.Duration(random.Int64N(int64(clean))))
	}
}

// F01 for records, which are stored in steps of their own: the import is carried on when the server is back.
func TestF01KilledDuringAnImportOfRecords(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills a server again and again")
	}
	dir := t.TempDir()
	rows := size(12_000, 100_000)
	found(t, Config{Data: filepath.Join(dir, "data")}).close()
	do := order{Data: filepath.Join(dir, "data"), Kind: "customers"}
	for round, end := range []struct {
		step   string
		passes int
	}{{"Loading", 0}, {"Loading", 1}, {intake.BeforeCommit, 0}, {intake.AfterCommit, 0}} {
		step := end.step
		do.File, do.Source, do.EndAt, do.Passes = filepath.Join(dir, fmt.Sprintf("c%d.csv", round)), fmt.Sprint("round ", round), step, end.passes
		text := "code,name,city\n"
		for i := range rows {
			text += fmt.Sprintf("R%d-%d,Customer %d,Odense\n", round, i, i)
		}
		if err := os.WriteFile(do.File, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if killed, _ := do.run(t, never); !killed {
			t.Fatalf("%s: the child never came there", step)
		}
		h := open(t, Config{Data: do.Data})
		h.admin = h.signIn("admin@example.com", password)
		outcome, ended := h.afterKill(do)
		if !ended || outcome.Created+outcome.Unchanged != int64(rows) || outcome.Read != int64(rows) {
			t.Errorf("%s: it was not carried on: %+v", step, outcome)
		}
		if again := h.admin.bringFile(do); again.Unchanged != int64(rows) {
			t.Errorf("%s: the same file again: %+v", step, again)
		}
		held, err := h.app.db.Read().NewSelect().Table("customer").Count(t.Context())
		if err != nil || int64(held) != int64((round+1)*rows) {
			t.Errorf("%s: there are %d customers, %v", step, held, err)
		}
		h.close()
	}
}

// afterKill waits until the server that is back has carried on what it had begun, and returns the import of an order, if
// it was accepted.
func (h *house) afterKill(do order) (outcome imported, accepted bool) {
	h.t.Helper()
	h.eventually("all imports ended", func() bool {
		running, err := h.app.db.Read().NewSelect().Table("import").Where("state IN ('queued', 'running')").Count(h.t.Context())
		return err == nil && running == 0
	})
	var page struct {
		Items []struct {
			Kind, Source, State string
			imported
		}
	}
	h.admin.must(http.MethodGet, "/imports", nil, http.StatusOK, &page)
	for _, im := range page.Items {
		if im.Source == do.Source {
			if im.Created+im.Updated+im.Unchanged+im.Rejected != im.Read {
				h.t.Errorf("it does not add up: %+v", im)
			}
			return im.imported, im.State == "accepted"
		}
	}
	return imported{}, false
}

// bringFile imports the file of an order.
func (v *visitor) bringFile(do order) (done imported) {
	v.t.Helper()
	text, err := os.ReadFile(do.File)
	if err != nil {
		v.t.Fatal(err)
	}
	var file struct{ ID string }
	v.must(http.MethodPost, "/files?name="+filepath.Base(do.File), string(text), http.StatusCreated, &file)
	r := v.must(http.MethodPost, "/imports", do.request(file.ID), http.StatusAccepted, nil)
	v.await(r)
	var begun struct{ Import imported }
	if err := json.Unmarshal(r.body, &begun); err != nil {
		v.t.Fatal(err)
	}
	v.must(http.MethodGet, "/imports/"+string(begun.Import.ID), nil, http.StatusOK, &done)
	return done
}

// F03: the same file twice at once by two callers leaves each line once, and neither is told of a fault.
func TestF03SameFileTwiceAtOnce(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	dir := smallDisk(t, "64m")
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

// F15 for imports: one that finds the disk full ends with words, nothing of it is there, reading goes on, and the same
// again is complete when there is room.
func TestF15ImportIntoAFullDisk(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, "96m")
	var log watchedLog
	h := found(t, Config{Data: filepath.Join(dir, "data"), Log: slog.New(slog.NewTextHandler(&log, nil))})
	h.shelves()
	h.admin.bring("purchases", sales(0, 100, 5))
	h.admin.score("2026-10-31")
	want, lines := h.truth(), h.sums()
	const rows = 200_000
	var file struct{ ID string }
	h.admin.must(http.MethodPost, "/files?name=large.csv", sales(1000, rows, 5), http.StatusCreated, &file)
	filler := filepath.Join(dir, "filler")
	fillDisk(t, filler)
	if err := os.Truncate(filler, sizeOf(t, filler)-2<<20); err != nil { // room to begin, and not to end
		t.Fatal(err)
	}

	request := map[string]any{"kind": "purchases", "file_ids": []string{file.ID}}
	r := h.admin.must(http.MethodPost, "/imports", request, http.StatusAccepted, nil)
	var begun intake.Begun
	if err := json.Unmarshal(r.body, &begun); err != nil {
		t.Fatal(err)
	}
	var j job.Job
	ended := func() bool {
		h.admin.must(http.MethodGet, "/jobs/"+string(begun.Job.ID), nil, http.StatusOK, &j)
		return j.State.Ended()
	}
	h.eventually("the import found the disk full", func() bool { return ended() || log.has("the end of an import cannot be put on record") })
	if got := h.sums(); got != lines {
		t.Errorf("it left something: got %v, want %v", got, lines)
	}
	if got := h.truth(); got != want {
		t.Errorf("reading: got %s, want %s", got, want)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	h.eventually("the import ended", ended)
	var im struct{ State, Error string }
	h.admin.must(http.MethodGet, "/imports/"+string(begun.Import.ID), nil, http.StatusOK, &im)
	if j.State != job.Failed || !strings.Contains(j.Error, "disk") || im.State != "failed" || !strings.Contains(im.Error, "disk") {
		t.Errorf("the import: %s %q, its job: %s %q", im.State, im.Error, j.State, j.Error)
	}
	h.eventually("the warehouse takes what is written again", func() bool {
		h.admin.await(h.admin.must(http.MethodPost, "/imports", request, http.StatusAccepted, nil))
		return h.sums()[0] == lines[0]+rows
	})
	h.close()
	h = open(t, Config{Data: filepath.Join(dir, "data")})
	if got := h.sums()[0]; got != lines[0]+rows {
		t.Errorf("after a restart %d lines", got)
	}
}

// watchedLog is a log that can be asked what was written to it.
type watchedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write keeps it.
func (l *watchedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *watchedLog) has(part string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), part)
}

func sizeOf(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
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
