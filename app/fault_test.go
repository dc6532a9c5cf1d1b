package app

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/job"
)

// truth is what the warehouse must hold: the matrix of the last date, and the sums of the facts.
func (h *house) truth() string {
	h.t.Helper()
	picture := h.admin.must(http.MethodGet, "/matrix?as_of=2026-10-31", nil, http.StatusOK, nil)
	body := string(picture.body)
	from, to := strings.Index(body, `"cells"`), strings.Index(body, `"row_totals"`)
	if from < 0 || to < from {
		h.t.Fatalf("no cells in %s", body)
	}
	return fmt.Sprint(h.sums()) + body[from:to]
}

func (h *house) sums() (sums [3]int64) {
	h.t.Helper()
	rows, err := h.app.warehouse.Query(h.t.Context(), "SELECT count(*), coalesce(cast(sum(revenue) as bigint), 0), coalesce(cast(sum(cost) as bigint), 0) FROM purchase", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&sums[0], &sums[1], &sums[2]); err != nil {
			h.t.Fatal(err)
		}
	}
	return sums
}

// F07: a warehouse file that is damaged in any way is set aside and built anew, and the figures are the same as before.
// The server starts and answers what needs no warehouse meanwhile.
func TestF07DamagedWarehouse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h := found(t, Config{Data: dir})
	h.town()
	h.admin.score("2025-10-31")
	h.admin.score("2026-10-31")
	want := h.truth()
	h.close()
	path := filepath.Join(dir, "warehouse.duckdb")
	for _, damage := range []struct {
		name string
		do   func() error
	}{
		{"cut in half", func() error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			return os.Truncate(path, info.Size()/2)
		}},
		{"emptied", func() error { return os.Truncate(path, 0) }},
		{"bits flipped in its header", func() error { return flip(path, 4096+100) }},
		{"gone", func() error { return os.Remove(path) }},
		{"something else", func() error {
			return os.WriteFile(path, []byte("this is no database, but it is long enough to be read as one"), 0o600)
		}},
	} {
		t.Run(damage.name, func(t *testing.T) {
			if err := damage.do(); err != nil {
				t.Fatal(err)
			}
			h := open(t, Config{Data: dir})
			h.admin = h.signIn("admin@example.com", password)
			if got := h.truth(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			var versions struct{ Items []struct{} }
			h.admin.must(http.MethodGet, "/matrix/versions", nil, http.StatusOK, &versions)
			if len(versions.Items) != 2 {
				t.Errorf("%d scored dates are left of 2", len(versions.Items))
			}
			h.close()
		})
	}
	aside, err := filepath.Glob(path + ".broken.*")
	if err != nil || len(aside) == 0 {
		t.Errorf("no damaged file was kept: %v, %v", aside, err)
	}
}

func flip(path string, at int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	b := make([]byte, 64)
	if _, err := f.ReadAt(b, at); err != nil {
		return err
	}
	for i := range b {
		b[i] ^= 0xff
	}
	_, err = f.WriteAt(b, at)
	return err
}

// importForever is the child of TestF06: it imports one small file after the other and says so.
const importForever = "KVADRANT_TEST_IMPORT_FOREVER"

func runImportForever(dir string) error {
	ctx := context.Background()
	for n := 0; ; n++ {
		path := filepath.Join(dir, fmt.Sprintf("p%d-%d.csv", os.Getpid(), n))
		text := "document,line,date,customer,revenue\n"
		for line := range 10 {
			text += fmt.Sprintf("D%d-%d,%d,2026-05-0%d,C00,%d\n", os.Getpid(), n, line, 1+line%9, 100+line)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
		cfg := Config{Data: filepath.Join(dir, "data"), Log: quiet()}
		o, err := Operate(ctx, cfg)
		if err != nil {
			return err
		}
		for range 5 {
			if err := importOne(ctx, o, path); err != nil {
				return err
			}
			fmt.Println("ack")
		}
		if err := o.Close(); err != nil {
			return err
		}
	}
}

func importOne(ctx context.Context, o *Operator, path string) error {
	fileID, err := o.Upload(ctx, path)
	if err != nil {
		return err
	}
	var begun started
	if err := o.Call(ctx, http.MethodPost, "/imports", map[string]any{"kind": "purchases", "file_ids": []string{fileID}, "source": strconv.Itoa(int(time.Now().UnixNano()))}, &begun); err != nil {
		return err
	}
	_, err = o.Await(ctx, begun.Job.ID, func(job.Job) {})
	return err
}

// F06: a server killed at any moment of its imports has, when it is back, exactly the lines of the imports on record, and
// every import that was acknowledged.
func TestF06KilledWhileImporting(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills a server again and again")
	}
	dir := t.TempDir()
	h := found(t, Config{Data: filepath.Join(dir, "data")})
	h.town()
	base := h.sums()[0]
	h.close()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	acknowledged := int64(0)
	for range 5 {
		child := exec.Command(os.Args[0], "-test.run=^$")
		child.Env = append(os.Environ(), importForever+"="+dir)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		acks := bufio.NewScanner(out)
		for n := 1 + random.IntN(12); n > 0 && acks.Scan(); n-- {
			acknowledged++
		}
		killAt := time.NewTimer(time.Duration(random.IntN(60)) * time.Millisecond)
		<-killAt.C
		_ = child.Process.Kill()
		for acks.Scan() {
			acknowledged++
		}
		_ = child.Wait()

		h := open(t, Config{Data: filepath.Join(dir, "data")})
		h.eventually("all imports ended", func() bool {
			running, err := h.app.db.Read().NewSelect().Table("import").Where("state IN ('queued', 'running')").Count(t.Context())
			return err == nil && running == 0
		})
		var accepted int64
		if err := h.app.db.Read().NewSelect().Table("import").ColumnExpr("coalesce(sum(created), 0)").
			Where("kind = 'purchases' AND state = 'accepted' AND source <> ''").Scan(t.Context(), &accepted); err != nil {
			t.Fatal(err)
		}
		if lines := h.sums()[0] - base; lines != accepted || lines < 10*acknowledged {
			t.Errorf("the warehouse holds %d lines, the record says %d, acknowledged were %d", lines, accepted, 10*acknowledged)
		}
		h.close()
	}
	t.Logf("%d imports were acknowledged", acknowledged)
}

// A server whose warehouse is being rebuilt says so, and everything else works.
func TestServerSaysThatTheWarehouseIsRebuilt(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	h.town()
	h.admin.score("2026-10-31")
	inside, leave := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- h.app.warehouse.Rebuild(context.Background(), func(ctx context.Context, progress func(done, total int64)) error {
			progress(43, 100)
			close(inside)
			<-leave
			return h.app.projection.CatchUp(ctx)
		})
	}()
	<-inside
	if r := h.admin.do(http.MethodGet, "/matrix", nil); r.status != http.StatusServiceUnavailable || !strings.Contains(string(r.body), "being rebuilt (43 %)") || r.header.Get("Retry-After") == "" {
		t.Errorf("matrix: got %d %s", r.status, r.body)
	}
	h.admin.must(http.MethodGet, "/customers", nil, http.StatusOK, nil)
	var state struct {
		State       string
		Done, Total int64
	}
	h.admin.must(http.MethodGet, "/warehouse", nil, http.StatusOK, &state)
	if state.State != "rebuilding" || state.Done != 43 {
		t.Errorf("got %+v", state)
	}
	close(leave)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// Who asks for a rebuild is told at once that the warehouse is being rebuilt, however soon the work begins, and it ends.
func TestRebuildIsToldAtOnce(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	h.town()
	want := h.sums()
	<-h.app.upkeep // so that the work cannot begin yet
	for range 2 {  // a second wish is the same wish
		var state struct{ State string }
		h.admin.must(http.MethodPost, "/warehouse/rebuild", nil, http.StatusAccepted, &state)
		if state.State != "rebuilding" {
			t.Errorf("asked: %s", state.State)
		}
		h.admin.must(http.MethodGet, "/warehouse", nil, http.StatusOK, &state)
		if state.State != "rebuilding" {
			t.Errorf("a moment later: %s", state.State)
		}
	}
	if got := h.sums(); got != want {
		t.Errorf("until it begins the warehouse answers: got %v, want %v", got, want)
	}
	h.app.upkeep <- struct{}{}
	h.ready()
	if got := h.sums(); got != want {
		t.Errorf("after the rebuild: got %v, want %v", got, want)
	}
}
