package app

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/demo"
	"github.com/kvadrant/kvadrant/learn/quality"
)

// The demo company comes by one command and goes by one click, and leaves nothing behind.
func TestDemoComesAndGoes(t *testing.T) {
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

	operator.await(operator.must(http.MethodDelete, "/demo", nil, http.StatusAccepted, nil))
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
	var settings struct{ Demo bool }
	operator.must(http.MethodGet, "/settings", nil, http.StatusOK, &settings)
	if settings.Demo {
		t.Error("the settings still speak of the demo")
	}
}

// Commands work beside a running server and without one, by the same interface.
func TestCommandsBesideAServer(t *testing.T) {
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
	if err := Score(context.Background(), cfg, "2026-10-31"); err != nil {
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
