package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/audit"
	"github.com/kvadrant/kvadrant/internal/demo"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/learn/quality"
)

// The demo company comes by one command and goes by one click, and leaves nothing behind.
func TestDemoComesAndGoes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := t.TempDir()
	var out bytes.Buffer
	if err := Demo(ctx, Config{Data: dir, Out: &out, Log: quiet()}, DemoWish{Customers: 300, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	for _, u := range demo.Users() {
		if !strings.Contains(out.String(), u.Email) {
			t.Errorf("the sign-in of %s was not printed: %s", u.Email, out.String())
		}
	}
	ins, err := readSignIns(dir)
	if err != nil || len(ins) != len(demo.Users())+1 { // and the administrator of an installation without users
		t.Fatalf("got %d sign-ins, %v", len(ins), err)
	}

	h := open(t, Config{Data: dir})
	h.admin = h.signIn(ins[0].Email, ins[0].Password)
	seen := map[string]int64{}
	for _, in := range ins {
		var picture struct{ Total struct{ Customers int64 } }
		h.signIn(in.Email, in.Password).must(http.MethodGet, "/matrix", nil, http.StatusOK, &picture)
		seen[in.Role] = picture.Total.Customers
	}
	if seen["director"] != 300 || seen["manager"] >= seen["director"] || seen["salesperson"] >= seen["manager"] || seen["salesperson"] == 0 {
		t.Errorf("customers seen by role: %v", seen)
	}
	operator := h.operator()
	operator.await(operator.must(http.MethodPost, "/quality", nil, http.StatusAccepted, nil))
	var report quality.Report
	operator.must(http.MethodGet, "/quality", nil, http.StatusOK, &report)
	for _, k := range report.Kinds {
		// Its data is as that of a good company is: some things to mend, nothing unusable.
		if k.Records == 0 || k.Grade == "" || k.Grade == quality.D {
			t.Errorf("the demo's %s: %d records, grade %q", k.Kind, k.Records, k.Grade)
		}
	}
	// The demo is not loaded over data that is there.
	if r := operator.do(http.MethodPost, "/demo", map[string]any{}); r.status != http.StatusConflict {
		t.Errorf("loading it twice: got %d %s", r.status, r.body)
	}

	h.admin.await(h.removeDemoDuringRebuild(t))
	for _, table := range []string{"customer", "potential", "ownership", "unit", "person", "product", "rate"} {
		if n, err := h.app.db.Read().NewSelect().Table(table).Count(ctx); err != nil || n != 0 {
			t.Errorf("%s: %d rows are left, %v", table, n, err)
		}
	}
	if sums := h.sums(); sums[0] != 0 {
		t.Errorf("%d purchase lines are left", sums[0])
	}
	for _, in := range ins {
		if in.Role == "administrator" {
			continue // who removed the demo stays
		}
		if r := h.visitor("").do(http.MethodPost, "/session", map[string]any{"email": in.Email, "password": in.Password}); r.status != http.StatusUnauthorized {
			t.Errorf("%s can still sign in: %d", in.Email, r.status)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "demo-*")); len(left) != 0 {
		t.Errorf("left in the data folder: %v", left)
	}
	var company setting.General
	r := h.admin.must(http.MethodGet, "/settings", nil, http.StatusOK, &company)
	if company != (setting.General{BaseCurrency: "EUR"}) {
		t.Errorf("the settings still speak of the demo: %+v", company)
	}
	h.admin.must(http.MethodPatch, "/settings", map[string]any{"company": "Our own", "base_currency": "PLN"}, http.StatusOK, nil, "If-Match", r.header.Get("ETag"))
	var changes struct{ Items []audit.Entry }
	h.admin.must(http.MethodGet, "/changes?kind=user&limit=5", nil, http.StatusOK, &changes)
	if len(changes.Items) == 0 || changes.Items[0].ActorName != "Anna Berg" {
		t.Errorf("the audit log does not say who removed the demo's users: %+v", changes.Items)
	}
}

// removeDemoDuringRebuild asks for the removal while the warehouse is being rebuilt; nothing may happen until that is done.
func (h *house) removeDemoDuringRebuild(t *testing.T) reply {
	t.Helper()
	inside, leave, built := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		built <- h.app.withUpkeep(t.Context(), func(ctx context.Context) error {
			close(inside)
			<-leave
			return h.app.rebuild(ctx)
		})
	}()
	<-inside
	r := h.admin.must(http.MethodDelete, "/demo", nil, http.StatusAccepted, nil)
	var begun started
	if err := json.Unmarshal(r.body, &begun); err != nil {
		t.Fatal(err)
	}
	h.eventually("the removal waits", func() bool {
		j, err := h.app.jobs.Get(t.Context(), begun.Job.ID)
		return err == nil && j.State == job.Running
	})
	if disabled, err := h.app.db.Read().NewSelect().Table("user_account").Where("disabled").Count(t.Context()); err != nil || disabled != 0 {
		t.Errorf("%d users were disabled before the warehouse could be had, %v", disabled, err)
	}
	close(leave)
	if err := <-built; err != nil {
		t.Fatal(err)
	}
	return r
}

// A demo that is removed leaves the company's name and currency as they were before it came, and a name that was given
// meanwhile.
func TestDemoGivesTheNameBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ renamed, want string }{{"", "Test"}, {"Meanwhile", "Meanwhile"}} {
		h := found(t, Config{})
		h.admin.await(h.admin.must(http.MethodPost, "/demo", map[string]any{"customers": 20}, http.StatusAccepted, nil))
		var company setting.General
		r := h.admin.must(http.MethodGet, "/settings", nil, http.StatusOK, &company)
		if company != (setting.General{Name: demo.Company, BaseCurrency: demo.BaseCurrency, Demo: true}) {
			t.Errorf("with the demo: %+v", company)
		}
		if c.renamed != "" {
			h.admin.must(http.MethodPatch, "/settings", map[string]any{"company": c.renamed}, http.StatusOK, nil, "If-Match", r.header.Get("ETag"))
		}
		h.admin.await(h.admin.must(http.MethodDelete, "/demo", nil, http.StatusAccepted, nil))
		h.admin.must(http.MethodGet, "/settings", nil, http.StatusOK, &company)
		if company != (setting.General{Name: c.want, BaseCurrency: "DKK"}) {
			t.Errorf("without it again: %+v, want %s in DKK", company, c.want)
		}
		h.close()
	}
}

// A demo is not removed by halves when the warehouse does not open: nothing is touched.
func TestDemoStaysWhileTheWarehouseIsBroken(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	h.admin.await(h.admin.must(http.MethodPost, "/demo", map[string]any{"customers": 20}, http.StatusAccepted, nil))
	failed := errors.New("no")
	if err := h.app.warehouse.Rebuild(t.Context(), func(context.Context, func(int64, int64)) error { return failed }); !errors.Is(err, failed) {
		t.Fatal(err)
	}
	before := h.fingerprint()
	var begun started
	h.admin.must(http.MethodDelete, "/demo", nil, http.StatusAccepted, &begun)
	j, err := h.app.jobs.Wait(t.Context(), begun.Job.ID)
	if err != nil || j.State != job.Failed || !strings.Contains(j.Error, "Rebuild the warehouse first") {
		t.Errorf("got %s %q, %v", j.State, j.Error, err)
	}
	if h.fingerprint() != before {
		t.Error("something was changed all the same")
	}
}

// Commands work beside a running server and without one, by the same interface.
func TestCommandsBesideAServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	address := make(chan string, 1)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(ctx, Config{Data: dir, Log: quiet(), Out: lineWriter(func(line string) {
			if _, url, ok := strings.Cut(line, "Kvadrant is at "); ok {
				address <- strings.TrimSpace(url)
			}
		})}, Serving{Addr: "127.0.0.1:0"})
	}()
	<-address
	var out bytes.Buffer
	cfg := Config{Data: dir, Out: &out, Log: quiet()}
	if err := SetCompany(context.Background(), cfg, "Beside", "eur"); err != nil {
		t.Fatal(err)
	}
	if err := AddUser(context.Background(), cfg, NewUser{Email: "d@example.com", Name: "D", Role: "director"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "d@example.com may sign in with the password") {
		t.Errorf("got %q", out.String())
	}
	out.Reset()
	if err := Score(context.Background(), cfg, "", "2026-10-31"); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := Matrix(context.Background(), cfg, "", "json"); err != nil {
		t.Fatal(err)
	}
	var cells []cellOut
	if err := json.Unmarshal(out.Bytes(), &cells); err != nil || len(cells) != 13 {
		t.Errorf("got %d cells, %v", len(cells), err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := Users(context.Background(), cfg); err != nil || !strings.Contains(out.String(), "d@example.com") {
		t.Errorf("without the server: %q, %v", out.String(), err)
	}
}

// lineWriter calls itself for each line.
type lineWriter func(line string)

// Write passes the lines on.
func (w lineWriter) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		w(line)
	}
	return len(b), nil
}
