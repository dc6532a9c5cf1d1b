package access_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/uptrace/bun"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
)

// TestMain does once what the program does at its start.
func TestMain(m *testing.M) {
	web.UseProblems()
	m.Run()
}

// The organisation of these tests: Denmark with the market Jutland under it.
const (
	denmark id.ID = "00000000-0000-7000-8000-000000000001"
	jutland id.ID = "00000000-0000-7000-8000-000000000002"
	anna    id.ID = "00000000-0000-7000-8000-00000000000a"
)

type fixedOrg struct{}

func (fixedOrg) Below(_ context.Context, unit id.ID) ([]id.ID, error) {
	return map[id.ID][]id.ID{denmark: {denmark, jutland}, jutland: {jutland}}[unit], nil
}

func (fixedOrg) HasPerson(_ context.Context, person id.ID) (bool, error) { return person == anna, nil }

// company is the settings' side of the house, kept in memory.
type company struct {
	mu  sync.Mutex
	now access.Company
}

func (c *company) Company(context.Context) (access.Company, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now, nil
}

func (c *company) SetCompany(_ context.Context, _ bun.Tx, name, currency string) error {
	if currency == "XXX" {
		return fault.New(fault.Invalid, "settings.currency", "There is no such currency.")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = access.Company{Name: name, BaseCurrency: currency}
	return nil
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// house is a started server on one store.
type house struct {
	t      *testing.T
	db     *db.DB
	gate   *access.Gate
	clock  *clock
	server *httptest.Server
	log    *bytes.Buffer
}

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{t: t, db: d, clock: &clock{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}, log: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(h.log, nil))
	h.gate = access.New(access.Config{DB: d, Org: fixedOrg{}, Log: log, Now: h.clock.read})
	t.Cleanup(h.gate.Wait)
	api := web.New(h.gate, log, "test")
	h.gate.Routes(api, &company{now: access.Company{Name: "Nordlys", BaseCurrency: "DKK"}})
	h.server = httptest.NewServer(api.Handler(d, fstest.MapFS{}))
	t.Cleanup(h.server.Close)
	return h
}

func (h *house) operator() context.Context { return access.With(h.t.Context(), access.Operator()) }

const goodPassword = "three masts and a lantern"

func (h *house) user(email string, role access.Role, change ...func(*access.NewUser)) access.User {
	h.t.Helper()
	n := access.NewUser{Email: email, Name: email, Role: role, Password: goodPassword}
	if role == access.Manager {
		n.UnitID = denmark
	}
	for _, c := range change {
		c(&n)
	}
	u, _, err := h.gate.CreateUser(h.operator(), n)
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// browser is one visitor: a cookie, or a token, or nothing.
type browser struct {
	h      *house
	cookie *http.Cookie
	token  string
	header http.Header
}

type answer struct {
	*http.Response
	body []byte
}

func (a answer) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%s: %v in %s", a.Request.URL, err, a.body)
	}
}

func (a answer) code() string {
	var p web.Problem
	_ = json.Unmarshal(a.body, &p)
	return p.Code
}

func (b *browser) send(method, path string, body any, headers ...string) answer {
	b.h.t.Helper()
	var text io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			b.h.t.Fatal(err)
		}
		text = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(b.h.t.Context(), method, b.h.server.URL+web.Prefix+path, text)
	if err != nil {
		b.h.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	if b.token != "" {
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	if i := slices.IndexFunc(res.Cookies(), func(c *http.Cookie) bool { return c.Name == "kvadrant_session" }); i >= 0 {
		b.cookie = res.Cookies()[i]
	}
	return answer{res, raw}
}

// want sends and fails the test unless the answer has the status.
func (b *browser) want(status int, method, path string, body any, headers ...string) answer {
	b.h.t.Helper()
	a := b.send(method, path, body, headers...)
	if a.StatusCode != status {
		b.h.t.Fatalf("%s %s: %d %s, want %d", method, path, a.StatusCode, a.body, status)
	}
	return a
}

type object = map[string]any

func (h *house) signIn(email, password string) *browser {
	h.t.Helper()
	b := &browser{h: h}
	b.want(http.StatusOK, "POST", "/session", object{"email": email, "password": password})
	return b
}

// alive reports whether the visitor's session or token opens the door.
func (b *browser) alive() bool {
	b.h.t.Helper()
	switch a := b.send("GET", "/session", nil); a.StatusCode {
	case http.StatusOK:
		return true
	case http.StatusUnauthorized:
		return false
	default:
		b.h.t.Fatalf("GET /session: %d %s", a.StatusCode, a.body)
		return false
	}
}

// stored is all text of the tables of this package and of the log, for the
// search for secrets.
func (h *house) stored() string {
	h.t.Helper()
	var all bytes.Buffer
	for _, table := range []string{"user_account", "session", "api_token", "login_attempt", "setup_code", "change_log", "idempotency"} {
		var rows []map[string]any
		if err := h.db.Read().NewSelect().Table(table).Scan(h.t.Context(), &rows); err != nil {
			h.t.Fatal(err)
		}
		fmt.Fprintf(&all, "%s\n", rows)
	}
	return all.String() + h.log.String()
}
