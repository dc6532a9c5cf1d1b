// Package bench measures the speed budgets of the design on a large demo company, through a server as its users meet it.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kvadrant/kvadrant/app"
	"github.com/kvadrant/kvadrant/internal/demo"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/know/intake"
)

// Config says how large the company is that is measured, and where.
type Config struct {
	Customers int
	Dir       string // where files and data go; a temporary folder when empty
	Out, Err  io.Writer
}

// Clients and requests of the measurement of pages.
const (
	benchClients  = 8
	benchRequests = 200 // of each client and page
)

// bench measures a server as its users meet it: a process of its own, asked over a socket.
type bench struct {
	out    io.Writer
	err    io.Writer
	dir    string
	files  []demo.File   // the purchases last
	raw    time.Duration // of the bare engine's load of the purchases
	server *exec.Cmd
	op     *app.Operator
}

// Run makes a large demo company and measures the budgets of the design on it: import against the engine's own load of
// the same file in the same run, scoring, pages, start-up and memory. Nothing is asserted: the reader judges.
func Run(ctx context.Context, cfg Config) (err error) {
	dir := cfg.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "kvadrant-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	m := &bench{out: cfg.Out, err: cfg.Err, dir: dir}
	defer func() { err = errors.Join(err, m.stop()) }()

	m.say("%d processors, %s, %d customers", runtime.NumCPU(), runtime.Version(), cfg.Customers)
	generate := func(ctx context.Context) error { return m.generate(ctx, cfg.Customers) }
	for _, measure := range []func(context.Context) error{generate, m.rawLoad, m.start, m.load, m.score, m.pages, func(context.Context) error { return m.stop() }, m.restart} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (m *bench) say(format string, args ...any) { fmt.Fprintf(m.out, format+"\n", args...) }

func (m *bench) generate(ctx context.Context, customers int) (err error) {
	begun := time.Now()
	if m.files, err = demo.Generate(ctx, demo.Config{Customers: customers, Seed: 1, Dir: filepath.Join(m.dir, "files")}); err != nil {
		return err
	}
	m.say("generated in %s; %d purchase lines", time.Since(begun).Round(10*time.Millisecond), m.files[len(m.files)-1].Rows)
	return nil
}

// rawLoad lets the bare engine load the file of purchases, twice, and keeps the better time.
func (m *bench) rawLoad(ctx context.Context) error {
	path := m.files[len(m.files)-1].Path
	m.raw = time.Hour
	for range 2 {
		file := filepath.Join(m.dir, "raw.duckdb")
		w, err := engine.Open(ctx, engine.Config{Path: file, ImportDir: filepath.Dir(path), Timeout: time.Hour})
		if err != nil {
			return err
		}
		begun := time.Now()
		err = w.Write(ctx, func(tx *engine.Tx) error {
			_, err := tx.Exec(ctx, "CREATE TABLE raw AS SELECT * FROM read_csv('"+strings.ReplaceAll(path, "'", "''")+"')", nil)
			return err
		})
		m.raw = min(m.raw, time.Since(begun))
		if err := errors.Join(err, w.Close(), os.Remove(file)); err != nil {
			return fmt.Errorf("load with the bare engine: %w", err)
		}
	}
	m.say("%-44s %8.2f s", "DuckDB's own load of the purchases file", m.raw.Seconds())
	return nil
}

// start runs a server of this program on an empty folder, or on the one that is there.
func (m *bench) start(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	data := filepath.Join(m.dir, "data")
	m.server = exec.CommandContext(ctx, self, "--data", data, "serve", "--addr", "127.0.0.1:0")
	m.server.Stderr = m.err
	m.server.Cancel = func() error { return m.server.Process.Signal(os.Interrupt) }
	if err := m.server.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	for deadline := time.Now().Add(time.Minute); ; {
		op, err := app.Dial(data)
		if err == nil {
			m.op = op
			if err = m.op.Call(ctx, http.MethodGet, "/healthz", nil, nil); err == nil {
				return nil
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the server does not answer: %w", err)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (m *bench) stop() error {
	if m.server == nil {
		return nil
	}
	server := m.server
	m.server = nil
	if err := server.Process.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	return server.Wait()
}

// load names the company, since without its currency every line in another one is rejected, and imports the files.
func (m *bench) load(ctx context.Context) error {
	if err := app.SetCompany(ctx, app.Config{Data: filepath.Join(m.dir, "data")}, demo.Company, demo.BaseCurrency); err != nil {
		return err
	}
	for _, f := range m.files {
		if err := m.quiet(ctx); err != nil {
			return err
		}
		begun := time.Now()
		fileID, err := m.op.Upload(ctx, f.Path)
		if err != nil {
			return err
		}
		uploaded := time.Since(begun)
		var reply intake.Begun
		request := map[string]any{"kind": f.Kind, "file_ids": []string{fileID}, "mapping": identity(f), "source": "bench"}
		if err := m.op.Call(ctx, http.MethodPost, "/imports", request, &reply); err != nil {
			return err
		}
		if _, err := m.op.Await(ctx, reply.Job.ID, func(job.Job) {}); err != nil {
			return err
		}
		all := time.Since(begun)
		var done intake.Import
		if err := m.op.Call(ctx, http.MethodGet, "/imports/"+string(reply.Import.ID), nil, &done); err != nil {
			return err
		}
		if done.Rejected > 0 {
			return fmt.Errorf("import %s: %d of %d rows were rejected, so its time says nothing", f.Kind, done.Rejected, done.Read)
		}
		note := fmt.Sprintf("%d rows, %.2f s of it upload", f.Rows, uploaded.Seconds())
		if f.Kind == "purchases" {
			note += fmt.Sprintf("; %.2f × DuckDB's own load (goal ≤ 2)", all.Seconds()/m.raw.Seconds())
		}
		m.say("%-44s %8.2f s  %s", "import "+f.Kind, all.Seconds(), note)
	}
	return nil
}

// quiet waits until the server does nothing by itself, such as checking the data after an import: it is asked for that every
// few seconds, and what is measured would share the processors with it.
func (m *bench) quiet(ctx context.Context) error {
	for calm := 0; calm < int(app.CheckEvery/time.Second)+2; calm++ {
		time.Sleep(time.Second)
		for _, state := range []job.State{job.Queued, job.Running} {
			var found struct{ Items []job.Job }
			if err := m.op.Call(ctx, http.MethodGet, "/jobs?state="+string(state), nil, &found); err != nil {
				return err
			}
			if len(found.Items) > 0 {
				calm = 0
			}
		}
	}
	return nil
}

// identity maps every column of a file of the generator onto the field of its name.
func identity(f demo.File) map[string]any {
	columns := map[string]string{}
	for _, c := range f.Columns {
		columns[c] = c
	}
	return map[string]any{"kind": f.Kind, "columns": columns}
}

func (m *bench) score(ctx context.Context) error {
	for _, asOf := range []string{"2025-10-31", demo.LastDay} {
		if err := m.quiet(ctx); err != nil {
			return err
		}
		begun := time.Now()
		var reply struct{ Job job.Job }
		if err := m.op.Call(ctx, http.MethodPost, "/scorings", map[string]string{"as_of": asOf}, &reply); err != nil {
			return err
		}
		if _, err := m.op.Await(ctx, reply.Job.ID, func(job.Job) {}); err != nil {
			return err
		}
		m.say("%-44s %8.2f s  (goal < 20)", "score all customers as of "+asOf, time.Since(begun).Seconds())
	}
	return nil
}

func (m *bench) pages(ctx context.Context) error {
	ids, next, err := m.sample(ctx)
	if err != nil {
		return err
	}
	m.say("pages, %d clients, %d requests each:", benchClients, benchRequests)
	one := func(path string) func(n int) []string { return func(int) []string { return []string{path} } }
	for _, page := range []struct {
		name  string
		paths func(n int) []string
		goal  string
	}{
		{"matrix", one("/matrix"), "100"},
		{"matrix of one country", one("/matrix?country=PL"), "100"},
		{"list of a cell by revenue", one("/matrix/customers?cell=gold_bubble"), "100"},
		{"list of all by name", one("/matrix/customers?sort=name"), "100"},
		{"list of all by unused potential, a deep page", one("/matrix/customers?sort=-unused&cursor=" + url.QueryEscape(next)), "100"},
		{"customers by part of the name", one("/customers?q=marine"), "100"},
		{"customer card, its five requests at once", func(n int) []string {
			c := "/customers/" + ids[n%len(ids)]
			return []string{c, c + "/potentials", c + "/purchases", c + "/revenue?months=24", "/matrix/places/" + ids[n%len(ids)]}
		}, "50"},
	} {
		times, err := m.measure(ctx, page.paths)
		if err != nil {
			return fmt.Errorf("%s: %w", page.name, err)
		}
		m.say("  %-46s p50 %6.1f ms   p95 %6.1f ms   (goal p95 ≤ %s)", page.name, millis(times, 50), millis(times, 95), page.goal)
	}
	return nil
}

// sample returns the ids of customers from all over the book, and the cursor of a page far down in it.
func (m *bench) sample(ctx context.Context) (ids []string, cursor string, err error) {
	for range 40 {
		var page struct {
			Items []struct{ ID string }
			Next  string
		}
		path := "/matrix/customers?limit=500&sort=-unused&cursor=" + url.QueryEscape(cursor)
		if err := m.op.Call(ctx, http.MethodGet, path, nil, &page); err != nil {
			return nil, "", err
		}
		for i := 0; i < len(page.Items); i += 10 {
			ids = append(ids, page.Items[i].ID)
		}
		if page.Next == "" {
			break
		}
		cursor = page.Next
	}
	return ids, cursor, nil
}

func (m *bench) measure(ctx context.Context, paths func(n int) []string) ([]time.Duration, error) {
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var clients sync.WaitGroup
	for client := range benchClients {
		clients.Go(func() {
			for n := range benchRequests {
				begun := time.Now()
				err := m.together(ctx, paths(client*benchRequests+n))
				mu.Lock()
				all, failed = append(all, time.Since(begun)), errors.Join(failed, err)
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	clients.Wait()
	slices.Sort(all)
	return all, failed
}

// together asks for all paths at once and waits for the last answer, as a browser does.
func (m *bench) together(ctx context.Context, paths []string) error {
	errs := make([]error, len(paths))
	var wg sync.WaitGroup
	for i, path := range paths {
		wg.Go(func() { errs[i] = m.op.Call(ctx, http.MethodGet, path, nil, nil) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func millis(sorted []time.Duration, percent int) float64 {
	return float64(sorted[(len(sorted)-1)*percent/100].Microseconds()) / 1000
}

// restart measures a start on the full data, and the memory of a server that nobody asks anything.
func (m *bench) restart(ctx context.Context) error {
	begun := time.Now()
	if err := m.start(ctx); err != nil {
		return err
	}
	m.say("%-44s %8.2f s  (goal < 1)", "start until the first answer", time.Since(begun).Seconds())
	if err := m.op.Call(ctx, http.MethodGet, "/matrix", nil, nil); err != nil {
		return err
	}
	m.say("%-44s %8.2f s", "start until the matrix", time.Since(begun).Seconds())
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(5 * time.Second):
	}
	status, err := os.ReadFile("/proc/" + strconv.Itoa(m.server.Process.Pid) + "/status")
	if err != nil {
		m.say("idle memory: not measured here (%v)", err)
		return nil
	}
	for line := range strings.Lines(string(status)) {
		if name, value, _ := strings.Cut(line, ":"); name == "VmRSS" {
			kb, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			m.say("%-44s %8d MB  (goal < 400)", "memory when idle", kb/1024)
		}
	}
	return nil
}
