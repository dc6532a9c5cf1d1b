package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/job"
)

// serveSmall is the child of TestF33: it serves a folder with little memory until its input ends.
const serveSmall = "KVADRANT_TEST_SERVE_SMALL"

// smallMB is the memory of its warehouse.
const smallMB = 48

func runSmall(dir string) error {
	o, err := Operate(context.Background(), Config{Data: dir, Log: quiet(), memoryMB: smallMB, tempMB: 1})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return o.Close()
}

// F33: a question that needs more memory than the warehouse may use fails with words, and the warehouse answers the next.
func TestF33TooLittleMemory(t *testing.T) {
	t.Parallel()
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

// F33 for the program as a whole: with little memory a large question fails with words while two exports run, each of which
// is complete or says so too, and the server answers what follows.
func TestF33ServerWithLittleMemory(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("imports a large file")
	}
	dir := t.TempDir()
	h := found(t, Config{Data: dir})
	const customers = 20_000
	text := "code,name,city\n"
	for i := range customers {
		text += fmt.Sprintf("C%d,Customer %d,Odense\n", i, i)
	}
	h.admin.bring("customers", text)
	h.admin.bring("products", "code,name\nP0,Rope\nP1,Bell\n")
	var lines strings.Builder
	lines.WriteString("document,line,date,customer,product,revenue\n")
	for i := range size(400_000, 3_000_000) {
		fmt.Fprintf(&lines, "D%d,%d,2026-0%d-1%d,C%d,P%d,%d\n", i/3, i%3, 1+i%9, i%8, i*7%customers, i%2, i%1000)
	}
	h.admin.bring("purchases", lines.String())
	h.admin.score("2026-10-31")
	h.admin.await(h.admin.must(http.MethodPost, "/quality", nil, http.StatusAccepted, nil))
	h.close()

	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), serveSmall+"="+dir, "GOMEMLIMIT=256MiB")
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(in.Close(), child.Wait()); err != nil {
			t.Errorf("the server did not live: %v", err)
		}
	}()
	if _, err := io.ReadFull(out, make([]byte, len("ready"))); err != nil {
		t.Fatal(err)
	}
	o, err := Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	inWords := func(what string, err error) bool {
		f := fault.Of(err)
		if err != nil && (f == nil || f.Code != "warehouse.memory" || !strings.Contains(f.Detail, fmt.Sprint(smallMB, " MB"))) {
			t.Errorf("%s: %v", what, err)
		}
		return err != nil
	}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			var file bytes.Buffer
			err := o.Call(t.Context(), http.MethodGet, "/matrix/customers/export?sort=name", nil, &file)
			if !inWords("an export", err) && bytes.Count(file.Bytes(), []byte("\n")) < customers {
				t.Errorf("an export ended well with %d lines", bytes.Count(file.Bytes(), []byte("\n")))
			}
		})
	}
	var check started
	if err := o.Call(t.Context(), http.MethodPost, "/quality", nil, &check); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	h.eventually("the data check has ended", func() bool {
		if err := o.Call(t.Context(), http.MethodGet, "/jobs/"+string(check.Job.ID), nil, &check.Job); err != nil {
			t.Fatal(err)
		}
		return check.Job.State.Ended()
	})
	if want := fmt.Sprintf("more than the %d MB of memory", smallMB); check.Job.State != job.Failed || !strings.Contains(check.Job.Error, want) {
		t.Errorf("a question of all lines: %s %q, want it to fail with %q", check.Job.State, check.Job.Error, want)
	}
	for _, path := range []string{"/customers", "/matrix", "/matrix/customers?limit=5"} {
		if err := o.Call(t.Context(), http.MethodGet, path, nil, nil); err != nil {
			t.Errorf("afterwards %s: %v", path, err)
		}
	}
}
