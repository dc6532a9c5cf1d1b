// Package bench measures the speed budgets of the design on a large demo company, through a server as its users meet it.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kvadrant/kvadrant/app"
	"github.com/kvadrant/kvadrant/internal/demo"
	"github.com/kvadrant/kvadrant/internal/job"
)

// Config says how large the company is that is measured, and where.
type Config struct {
	Customers int
	Dir       string   // where files and data go; a temporary folder when empty
	Only      []string // which of Parts, on what an earlier run left in Dir; all when empty
	Out, Err  io.Writer
}

// Clients and requests of the measurement of pages.
const (
	benchClients  = 8
	benchRequests = 200              // of each client and page
	benchPatience = 30 * time.Second // after which a page is asked for no more
)

// Parts are the names of what is measured, in their order.
func Parts() []string {
	var names []string
	for _, p := range (&bench{}).parts(Config{}) {
		names = append(names, p.name)
	}
	return names
}

type part struct {
	name    string
	measure func(context.Context) error
}

func (m *bench) parts(cfg Config) []part {
	return []part{
		{"first", m.firstCustomers}, {"parquet", m.parquet}, {"load", m.everything}, {"score", m.score}, {"pages", m.pages},
		{"export", m.export}, {"segments", m.segments}, {"restart", m.restart},
		{"models", func(ctx context.Context) error { return m.models(ctx, cfg.Customers) }},
	}
}

// bench measures a server as its users meet it: a process of its own, asked over a socket.
type bench struct {
	out    io.Writer
	err    io.Writer
	dir    string
	data   string      // the folder of the server that is measured
	files  []demo.File // the purchases last
	server *exec.Cmd
	op     *app.Operator
}

// Run makes a large demo company and measures the budgets of the design on it: import against the engine's own load of
// the same file in the same run, scoring, pages, export, segments, start-up, memory and the fits of the models. Nothing is asserted: the reader judges.
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
	m.data = filepath.Join(dir, "data")
	for _, p := range m.parts(cfg) {
		if len(cfg.Only) > 0 && !slices.Contains(cfg.Only, p.name) {
			continue
		}
		switch p.name {
		case "first", "parquet", "load":
			err = m.generate(ctx, cfg.Customers)
		case "score", "pages", "export", "segments":
			err = m.running(ctx)
		}
		if err != nil {
			return err
		}
		if err := p.measure(ctx); err != nil {
			return err
		}
	}
	return m.stop()
}

func (m *bench) say(format string, args ...any) { fmt.Fprintf(m.out, format+"\n", args...) }

// generate makes the files of the company, once.
func (m *bench) generate(ctx context.Context, customers int) (err error) {
	if m.files != nil {
		return nil
	}
	begun := time.Now()
	if m.files, err = demo.Generate(ctx, demo.Config{Customers: customers, Seed: 1, Dir: filepath.Join(m.dir, "files")}); err != nil {
		return err
	}
	m.say("generated in %s; %d purchase lines", time.Since(begun).Round(10*time.Millisecond), m.files[len(m.files)-1].Rows)
	return nil
}

// running starts the server on what an earlier run loaded, where this one did not load it.
func (m *bench) running(ctx context.Context) error {
	if m.server != nil {
		return nil
	}
	return m.start(ctx)
}

// fresh runs a server on an empty folder of its own. It names the company, since without its currency every line in another
// one is rejected.
func (m *bench) fresh(ctx context.Context, name string) error {
	if err := m.stop(); err != nil {
		return err
	}
	m.data = filepath.Join(m.dir, name)
	if err := m.start(ctx); err != nil {
		return err
	}
	return app.SetCompany(ctx, app.Config{Data: m.data}, demo.Company, demo.BaseCurrency)
}

// start runs a server of this program on its folder.
func (m *bench) start(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	m.server = exec.CommandContext(ctx, self, "--data", m.data, "serve", "--addr", "127.0.0.1:0")
	m.server.Stderr = m.err
	m.server.Cancel = func() error { return m.server.Process.Signal(os.Interrupt) }
	if err := m.server.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	for deadline := time.Now().Add(time.Minute); ; {
		op, err := app.Dial(m.data)
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

// quiet waits until the server does nothing by itself, such as checking the data after an import: it is asked for that every
// few seconds, and what is measured would share the processors with it.
func (m *bench) quiet(ctx context.Context) error {
	for calm := 0; calm < int(app.CheckEvery/time.Second)+2; calm++ {
		time.Sleep(time.Second)
		busy, err := m.busy(ctx)
		if err != nil {
			return err
		}
		if busy {
			calm = 0
		}
	}
	return nil
}

// busy tells whether a job waits or runs.
func (m *bench) busy(ctx context.Context) (bool, error) {
	for _, state := range []job.State{job.Queued, job.Running} {
		var found struct{ Items []job.Job }
		if err := m.op.Call(ctx, http.MethodGet, "/jobs?state="+string(state), nil, &found); err != nil || len(found.Items) > 0 {
			return true, err
		}
	}
	return false, nil
}

func (m *bench) score(ctx context.Context) error {
	for _, asOf := range []string{"2025-10-31", demo.LastDay} {
		took, err := m.scoreOf(ctx, asOf)
		if err != nil {
			return err
		}
		m.say("%-44s %8.2f s  (goal < 20)", "score all customers as of "+asOf, took.Seconds())
	}
	return nil
}

func (m *bench) scoreOf(ctx context.Context, asOf string) (time.Duration, error) {
	if err := m.quiet(ctx); err != nil {
		return 0, err
	}
	begun := time.Now()
	var reply struct{ Job job.Job }
	if err := m.op.Call(ctx, http.MethodPost, "/scorings", map[string]string{"as_of": asOf}, &reply); err != nil {
		return 0, err
	}
	_, err := m.op.Await(ctx, reply.Job.ID, func(job.Job) {})
	return time.Since(begun), err
}

// restart measures a start on the full data, and the memory of a server that nobody asks anything.
func (m *bench) restart(ctx context.Context) error {
	if err := m.stop(); err != nil {
		return err
	}
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
