package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/web"
)

func TestMain(m *testing.M) {
	Prepare()
	if dir := os.Getenv(importForever); dir != "" {
		fmt.Fprintln(os.Stderr, runImportForever(dir))
		os.Exit(1)
	}
	if dir := os.Getenv(serveSmall); dir != "" {
		if err := runSmall(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if order := os.Getenv(importOnce); order != "" {
		if err := runImportOnce(order); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// house is a whole program on a folder of its own, with people in it.
type house struct {
	t      *testing.T
	app    *App
	server *httptest.Server
	admin  *visitor
}

// password of everybody in the tests.
const password = "correct horse battery"

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// open opens the program on a folder; the test closes it.
func open(t *testing.T, cfg Config) *house {
	t.Helper()
	if cfg.Log == nil {
		cfg.Log = quiet()
	}
	a, err := Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, app: a, server: httptest.NewServer(a.Handler())}
	t.Cleanup(h.close)
	h.ready()
	return h
}

// found opens the program on a new folder, sets the administrator up and waits for the warehouse.
func found(t *testing.T, cfg Config) *house {
	t.Helper()
	if cfg.Data == "" {
		cfg.Data = t.TempDir()
	}
	h := open(t, cfg)
	code, err := h.app.gate.SetupCode(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	h.admin = h.visitor("")
	h.admin.must(http.MethodPost, "/setup", map[string]any{"code": code, "email": "admin@example.com", "name": "Ada", "password": password,
		"company": "Test", "base_currency": "DKK"}, http.StatusCreated, nil)
	h.ready()
	return h
}

func (h *house) close() {
	if h.app == nil {
		return
	}
	h.server.Close()
	if err := h.app.Close(); err != nil {
		h.t.Error(err)
	}
	h.app = nil
}

// ready waits until the warehouse answers.
func (h *house) ready() {
	h.t.Helper()
	h.eventually("the warehouse is ready", func() bool { return h.app.warehouse.State().Phase == "ready" })
}

func (h *house) eventually(what string, holds func() bool) {
	h.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			h.t.Fatal("it never came about that " + what)
		}
	}
}

// visitor asks the program as a browser or a program with a token does.
type visitor struct {
	t      *testing.T
	base   string
	client *http.Client
	token  string
}

func (h *house) visitor(token string) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &visitor{t: h.t, base: h.server.URL, client: &http.Client{Jar: jar}, token: token}
}

// operator asks as the person who has the data folder.
func (h *house) operator() *visitor {
	server := httptest.NewServer(h.app.operatorHandler())
	h.t.Cleanup(server.Close)
	return &visitor{t: h.t, base: server.URL, client: server.Client()}
}

// user adds a user and signs them in.
func (h *house) user(email, role string, more map[string]any) *visitor {
	h.t.Helper()
	request := map[string]any{"email": email, "name": email, "role": role}
	for k, v := range more {
		request[k] = v
	}
	var made struct {
		InitialPassword string `json:"initial_password"`
	}
	h.admin.must(http.MethodPost, "/users", request, http.StatusCreated, &made)
	return h.signIn(email, made.InitialPassword)
}

func (h *house) signIn(email, password string) *visitor {
	h.t.Helper()
	v := h.visitor("")
	v.must(http.MethodPost, "/session", map[string]any{"email": email, "password": password}, http.StatusOK, nil)
	return v
}

// reply is an answer as it came.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (v *visitor) do(method, path string, in any, headers ...string) reply {
	v.t.Helper()
	var body io.Reader
	contentType := "application/json"
	switch in := in.(type) {
	case nil:
	case string:
		body, contentType = strings.NewReader(in), "application/octet-stream"
	default:
		raw, err := json.Marshal(in)
		if err != nil {
			v.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, v.base+web.Prefix+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	if v.token != "" {
		req.Header.Set("Authorization", "Bearer "+v.token)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, text}
}

// must asks and fails the test unless the status is the one wanted.
func (v *visitor) must(method, path string, in any, status int, out any, headers ...string) reply {
	v.t.Helper()
	r := v.do(method, path, in, headers...)
	if r.status != status {
		v.t.Fatalf("%s %s: got %d %s, want %d", method, path, r.status, r.body, status)
	}
	if out != nil {
		if err := json.Unmarshal(r.body, out); err != nil {
			v.t.Fatalf("%s %s: %v in %s", method, path, err, r.body)
		}
	}
	return r
}

// record is what the tests read of any record.
type record struct {
	ID      id.ID  `json:"id"`
	Code    string `json:"code"`
	Version int64  `json:"version"`
}

// add posts a record and returns it.
func (v *visitor) add(path string, in map[string]any) record {
	v.t.Helper()
	var made record
	v.must(http.MethodPost, path, in, http.StatusCreated, &made)
	return made
}

// await waits for the end of the job that a request started, and fails the test unless it is done.
func (v *visitor) await(r reply) job.Job {
	v.t.Helper()
	var begun struct{ Job job.Job }
	if err := json.Unmarshal(r.body, &begun); err != nil {
		v.t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute)
	for {
		var j job.Job
		v.must(http.MethodGet, "/jobs/"+string(begun.Job.ID), nil, http.StatusOK, &j)
		if j.State == job.Done {
			return j
		}
		if j.State.Ended() {
			v.t.Fatalf("%s: %s %s", j.Title, j.State, j.Error)
		}
		select {
		case <-tick.C:
		case <-deadline:
			v.t.Fatalf("%s: still %s", j.Title, j.State)
		}
	}
}

// imported is what the tests read of an import.
type imported struct {
	ID                                          id.ID
	Read, Created, Updated, Unchanged, Rejected int64
	Note                                        string
}

// bring imports a text as a file of a kind, its columns named as the fields.
func (v *visitor) bring(kind, text string) imported {
	v.t.Helper()
	columns := map[string]string{}
	header, _, _ := strings.Cut(text, "\n")
	for _, c := range strings.Split(header, ",") {
		columns[c] = c
	}
	return v.bringMapped(kind, kind+".csv", text, map[string]any{"kind": kind, "columns": columns})
}

func (v *visitor) bringMapped(kind, name, text string, mapping map[string]any) imported {
	v.t.Helper()
	var file struct{ ID string }
	v.must(http.MethodPost, "/files?name="+name, text, http.StatusCreated, &file)
	return v.importKept(kind, file.ID, mapping)
}

// importKept imports a file that was uploaded.
func (v *visitor) importKept(kind, fileID string, mapping any) imported {
	v.t.Helper()
	r := v.must(http.MethodPost, "/imports", map[string]any{"kind": kind, "file_ids": []string{fileID}, "mapping": mapping}, http.StatusAccepted, nil)
	v.await(r)
	var begun struct{ Import imported }
	if err := json.Unmarshal(r.body, &begun); err != nil {
		v.t.Fatal(err)
	}
	var done imported
	v.must(http.MethodGet, "/imports/"+string(begun.Import.ID), nil, http.StatusOK, &done)
	if done.Created+done.Updated+done.Unchanged+done.Rejected != done.Read {
		v.t.Errorf("import of %s does not add up: %+v", kind, done)
	}
	return done
}

func (v *visitor) score(asOf string) {
	v.t.Helper()
	v.await(v.must(http.MethodPost, "/scorings", map[string]any{"as_of": asOf}, http.StatusAccepted, nil))
}

// town is a small company with two salespeople, each with customers, and what they bought.
type town struct {
	north, south record // units
	nora, sven   record // people
}

func (h *house) town() town {
	h.t.Helper()
	a := h.admin
	top := a.add("/units", map[string]any{"code": "T", "name": "Town", "kind": "company"})
	tw := town{
		north: a.add("/units", map[string]any{"code": "N", "name": "North", "kind": "team", "parent_id": top.ID}),
		south: a.add("/units", map[string]any{"code": "S", "name": "South", "kind": "team", "parent_id": top.ID}),
	}
	tw.nora = a.add("/people", map[string]any{"code": "nora", "name": "Nora", "unit_id": tw.north.ID})
	tw.sven = a.add("/people", map[string]any{"code": "sven", "name": "Sven", "unit_id": tw.south.ID})
	var customers, purchases, potentials strings.Builder
	customers.WriteString("code,name,owner,unit,country\n")
	purchases.WriteString("document,line,date,customer,revenue,cost\n")
	potentials.WriteString("customer,amount,source,valid_from\n")
	for i := range 20 {
		owner, unit := "nora", "N"
		if i >= 10 {
			owner, unit = "sven", "S"
		}
		fmt.Fprintf(&customers, "C%02d,Customer %d,%s,%s,DK\n", i, i, owner, unit)
		if i%4 != 3 {
			fmt.Fprintf(&purchases, "D%d,1,2026-0%d-15,C%02d,%d,%d\n", i, 1+i%9, i, 100*(i+1), 60*(i+1))
		}
		if i%5 != 4 {
			fmt.Fprintf(&potentials, "C%02d,%d,declared,2025-01-01\n", i, 1000*(20-i))
		}
	}
	for _, kind := range []struct{ key, text string }{{"customers", customers.String()}, {"purchases", purchases.String()}, {"potentials", potentials.String()}} {
		if got := a.bring(kind.key, kind.text); got.Rejected != 0 || got.Created == 0 {
			h.t.Fatalf("%s: %+v", kind.key, got)
		}
	}
	return tw
}
