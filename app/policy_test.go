package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/know/source"
)

// operation is a route as the OpenAPI text has it.
type operation struct{ method, path, name, action string }

func (h *house) operations() []operation {
	h.t.Helper()
	text, err := h.app.api.OpenAPI()
	if err != nil {
		h.t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		h.t.Fatal(err)
	}
	actions := h.app.api.Actions()
	var all []operation
	for path, methods := range doc.Paths {
		for method, op := range methods {
			all = append(all, operation{strings.ToUpper(method), strings.TrimPrefix(path, web.Prefix), op.OperationID, actions[op.OperationID]})
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.name, b.name) })
	return all
}

// somewhere fills the path's parameters with ids that exist nowhere.
func (o operation) somewhere() string {
	path := o.path
	for strings.Contains(path, "{") {
		from, to := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:from] + string(id.New()) + path[to+1:]
	}
	return path
}

// harmless keeps an allowed request from doing anything: a body that does not fit.
func (o operation) harmless() any {
	if o.method == http.MethodGet || o.method == http.MethodDelete || o.name == "warehouse_rebuild" || o.name == "job_cancel" {
		return nil
	}
	return []int{}
}

// A02: every route × every role × every way in gives the decision of the one policy function.
func TestA02EveryRouteAndRole(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	unit := h.admin.add("/units", map[string]any{"code": "T", "name": "Town", "kind": "company"})
	person := h.admin.add("/people", map[string]any{"code": "p", "name": "P", "unit_id": unit.ID})
	more := map[string]any{"unit_id": unit.ID, "person_id": person.ID}

	type way struct {
		name string
		v    func() *visitor
		p    access.Principal
	}
	ways := []way{{"nobody", func() *visitor { return h.visitor("") }, access.Principal{}}}
	for _, role := range access.Roles() {
		email := string(role) + "@example.com"
		var made struct {
			InitialPassword string `json:"initial_password"`
		}
		request := map[string]any{"email": email, "name": email, "role": role}
		for k, v := range more {
			request[k] = v
		}
		h.admin.must(http.MethodPost, "/users", request, http.StatusCreated, &made)
		p := access.Principal{UserID: "x", PersonID: person.ID, Role: role, Scope: role.DefaultScope(), Units: []id.ID{unit.ID}, Via: access.ViaSession}
		ways = append(ways, way{string(role) + " by session", func() *visitor { return h.signIn(email, made.InitialPassword) }, p})
		for _, readOnly := range []bool{false, true} {
			var token struct{ Secret string }
			h.signIn(email, made.InitialPassword).must(http.MethodPost, "/tokens", map[string]any{"name": "t", "read_only": readOnly}, http.StatusCreated, &token)
			p.Via, p.ReadOnly = access.ViaToken, readOnly
			ways = append(ways, way{fmt.Sprintf("%s by token (read only %v)", role, readOnly), func() *visitor { return h.visitor(token.Secret) }, p})
		}
	}
	ways = append(ways, way{"a revoked token", func() *visitor { return h.visitor("kv_revoked") }, access.Principal{}})

	operations := h.operations()
	if len(operations) < 40 {
		t.Fatalf("only %d operations in the OpenAPI text", len(operations))
	}
	for _, w := range ways {
		v := w.v()
		for _, o := range operations {
			if !access.Action(o.action).Known() {
				t.Errorf("%s: its action %q is not in the policy", o.name, o.action)
			}
			if o.action == "public" || o.method == http.MethodDelete && (o.path == "/session" || o.path == "/demo") {
				continue
			}
			_, err := access.Decide(w.p, access.Action(o.action))
			got := v.do(o.method, o.somewhere(), o.harmless()).status
			switch {
			case !w.p.SignedIn() && got != http.StatusUnauthorized:
				t.Errorf("%s: %s %s: got %d, want 401", w.name, o.method, o.path, got)
			case w.p.SignedIn() && err != nil && got != http.StatusForbidden:
				t.Errorf("%s: %s %s: got %d, want 403", w.name, o.method, o.path, got)
			case err == nil && (got == http.StatusForbidden || got == http.StatusUnauthorized || got >= 500 && got != http.StatusServiceUnavailable):
				t.Errorf("%s: %s %s: got %d, though the policy allows it", w.name, o.method, o.path, got)
			}
		}
	}
}

// A01: a salesperson reaches nothing of another's customers, by any route, and changes nothing of them.
func TestA01RecordsOfOthers(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	h.admin.score("2026-10-31")
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID, "unit_id": tw.south.ID})
	nora := h.user("nora@example.com", "salesperson", map[string]any{"person_id": tw.nora.ID, "unit_id": tw.north.ID})

	var page struct{ Items []record }
	nora.must(http.MethodGet, "/customers", nil, 200, &page)
	if len(page.Items) != 10 {
		t.Fatalf("nora sees %d customers, want her 10", len(page.Items))
	}
	theirs := page.Items[0]
	potential := h.admin.add("/customers/"+string(theirs.ID)+"/potentials", map[string]any{"amount": 1, "currency": "DKK", "source": "surveyed", "valid_from": "2026-01-01"})
	forecast := h.admin.add("/customers/"+string(theirs.ID)+"/forecasts", map[string]any{"as_of": "2026-10-31", "amount": 1, "reason": "they said so"})

	bodies := map[string]any{
		"customer_update":  map[string]any{"name": "stolen", "owner_id": tw.sven.ID, "unit_id": tw.south.ID},
		"potential_create": map[string]any{"amount": 5, "currency": "DKK", "source": "declared", "valid_from": "2026-02-02"},
		"potential_update": map[string]any{"amount": 5},
		"forecast_create":  map[string]any{"as_of": "2026-10-31", "amount": 5, "reason": "stolen"},
		"forecast_put":     map[string]any{"as_of": "2026-10-31", "amount": 5, "reason": "stolen"},
		"response_create":  map[string]any{"survey_id": id.New(), "answers": []any{}},
	}
	before := h.fingerprint()
	tried := 0
	for _, o := range h.operations() {
		if !strings.Contains(o.path, "/customers/{id}") && !strings.Contains(o.path, "/potentials/{id}") && !strings.HasPrefix(o.path, "/forecasts/") && !strings.Contains(o.path, "{customer_id}") {
			continue
		}
		target := theirs
		if strings.HasPrefix(o.path, "/potentials/") {
			target = potential
		}
		if strings.HasPrefix(o.path, "/forecasts/") {
			target = forecast
		}
		path := strings.NewReplacer("{id}", string(target.ID), "{customer_id}", string(target.ID)).Replace(o.path)
		r := sven.do(o.method, path, bodies[o.name], "If-Match", fmt.Sprintf(`"%d"`, target.Version))
		if r.status != http.StatusNotFound {
			t.Errorf("%s %s: got %d %s, want 404", o.method, o.path, r.status, r.body)
		}
		tried++
	}
	if tried < 8 {
		t.Errorf("only %d routes were tried", tried)
	}
	if after := h.fingerprint(); after != before {
		t.Error("something was changed all the same")
	}
	for _, path := range []string{"/customers?limit=500", "/customers?q=Customer&limit=500", "/matrix/customers?limit=500", "/customers?owner=" + string(tw.nora.ID), "/matrix/customers?owner=" + string(tw.nora.ID)} {
		if r := sven.must(http.MethodGet, path, nil, 200, nil); strings.Contains(string(r.body), string(theirs.ID)) || strings.Contains(string(r.body), `"Customer 3"`) {
			t.Errorf("%s shows a customer of somebody else: %s", path, r.body)
		}
	}
	var picture struct{ Total struct{ Customers int64 } }
	sven.must(http.MethodGet, "/matrix", nil, 200, &picture)
	if picture.Total.Customers != 10 {
		t.Errorf("sven's matrix counts %d customers, want 10", picture.Total.Customers)
	}
}

// fingerprint is a hash over everything that is known of customers.
func (h *house) fingerprint() string {
	h.t.Helper()
	return h.fingerprintOf("customer", "potential", "forecast", "ownership", "unit", "person", "user_account", "setting", "response", "invitation")
}

func (h *house) fingerprintOf(tables ...string) string {
	h.t.Helper()
	sum := sha256.New()
	for _, table := range tables {
		var rows []map[string]any
		if err := h.app.db.Read().NewSelect().Table(table).ColumnExpr("*").OrderExpr("1, 2").Scan(h.t.Context(), &rows); err != nil {
			h.t.Fatal(err)
		}
		fmt.Fprintln(sum, table, rows)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// A04: fields that are not the asker's to set are refused, and nothing is written.
func TestA04MassAssignment(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID, "unit_id": tw.south.ID})
	var page struct{ Items []record }
	sven.must(http.MethodGet, "/customers", nil, 200, &page)
	mine := page.Items[0]
	before := h.fingerprint()
	for field, value := range map[string]any{"id": id.New(), "version": 99, "created_at": "2020-01-01T00:00:00Z", "import_id": id.New(), "owner_name": "x", "score": 1, "role": "administrator", "is_admin": true} {
		for _, try := range []struct{ method, path string }{
			{http.MethodPost, "/customers"}, {http.MethodPatch, "/customers/" + string(mine.ID)},
			{http.MethodPost, "/customers/" + string(mine.ID) + "/potentials"},
		} {
			body := map[string]any{field: value}
			if try.method == http.MethodPost && try.path == "/customers" {
				body["code"], body["name"], body["owner_id"] = "NEW", "New", tw.sven.ID
			}
			if r := sven.do(try.method, try.path, body, "If-Match", fmt.Sprintf(`"%d"`, mine.Version)); r.status != http.StatusUnprocessableEntity && r.status != http.StatusBadRequest {
				t.Errorf("%s %s with %s: got %d %s", try.method, try.path, field, r.status, r.body)
			}
		}
	}
	// A salesperson can neither give a customer away nor take one.
	if r := sven.do(http.MethodPatch, "/customers/"+string(mine.ID), map[string]any{"owner_id": tw.nora.ID}, "If-Match", fmt.Sprintf(`"%d"`, mine.Version)); r.status != http.StatusUnprocessableEntity {
		t.Errorf("giving away: got %d %s", r.status, r.body)
	}
	if h.fingerprint() != before {
		t.Error("something was changed all the same")
	}
}

// A29: secrets are write-only. No answer to a GET holds a password, a token or a hash of one; nor do the answers about a
// database that is read, the log, the audit log or the store itself hold its password.
func TestA29SecretsAreWriteOnly(t *testing.T) {
	t.Parallel()
	var log kept
	h := found(t, Config{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	const ofDatabase = "erp-Pa55word-nobody-reads"
	about := h.dialNowhere(ofDatabase)
	var token struct{ Secret string }
	h.admin.must(http.MethodPost, "/tokens", map[string]any{"name": "t"}, http.StatusCreated, &token)
	var made struct {
		InitialPassword string `json:"initial_password"`
	}
	h.admin.must(http.MethodPost, "/users", map[string]any{"email": "u@example.com", "name": "U", "role": "director"}, http.StatusCreated, &made)
	var hashes []string
	for _, from := range []struct{ table, column string }{{"user_account", "password_hash"}, {"api_token", "hash"}, {"session", "hash"}} {
		var values []string
		if err := h.app.db.Read().NewSelect().Table(from.table).Column(from.column).Scan(t.Context(), &values); err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, values...)
	}
	if len(hashes) < 4 {
		t.Fatalf("only %d hashes found: the test looks in the wrong place", len(hashes))
	}
	secrets := append(hashes, token.Secret, made.InitialPassword, password, ofDatabase)
	for _, o := range h.operations() {
		if o.method != http.MethodGet {
			continue
		}
		about[o.path] = string(h.admin.do(o.method, o.somewhere(), nil).body)
	}
	about["the log"] = log.String()
	for _, name := range []string{"kvadrant.db", "kvadrant.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(h.app.cfg.Data, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), ofDatabase) {
			t.Errorf("%s holds the password of a database in the clear", name)
		}
	}
	for place, text := range about {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells a secret", place)
			}
		}
	}
	if info, err := os.Stat(filepath.Join(h.app.cfg.Data, "secrets.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key of secrets: %v, %v", info, err)
	}
}

// kept is a log that can be read while it is written.
type kept struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (k *kept) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.text.Write(p)
}

func (k *kept) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.text.String()
}

// dialNowhere defines a source of each driver that nothing answers, with this password, does with it all that can be done,
// and returns every answer. The sources stay.
func (h *house) dialNowhere(password string) map[string]string {
	h.t.Helper()
	answers := map[string]string{}
	for _, driver := range []string{source.PostgreSQL, source.MySQL, source.SQLServer} {
		said := func(method, path string, in any, status int, headers ...string) reply {
			r := h.admin.must(method, path, in, status, nil, headers...)
			answers[driver+" "+method+" "+path] = string(r.body)
			return r
		}
		r := said(http.MethodPost, "/sources", map[string]any{"name": driver, "driver": driver, "host": "127.0.0.1", "port": 1, "database": "d", "username": "u", "password": password}, http.StatusCreated)
		var made source.Source
		if err := json.Unmarshal(r.body, &made); err != nil || !made.HasPassword {
			h.t.Fatalf("%v in %s", err, r.body)
		}
		path := "/sources/" + string(made.ID)
		said(http.MethodPost, path+"/test", nil, http.StatusUnprocessableEntity)
		said(http.MethodPost, path+"/preview", map[string]any{"statement": "SELECT 1 AS a"}, http.StatusUnprocessableEntity)
		said(http.MethodPatch, path, map[string]any{"host": "localhost"}, http.StatusUnprocessableEntity, "If-Match", `"1"`)
		said(http.MethodPatch, path, map[string]any{"host": "localhost", "password": password}, http.StatusOK, "If-Match", `"1"`)
		feed := h.feed(made, map[string]any{"name": "f", "kind": "customers", "statement": "SELECT 1 AS a", "mapping": map[string]any{"columns": map[string]any{"code": "a"}}})
		said(http.MethodPost, "/feeds/"+string(feed.ID)+"/runs", nil, http.StatusAccepted)
		if run := h.settled(made)["f"].LastRun; run.State != source.Failed || !strings.Contains(run.Error, "Nothing answers") {
			h.t.Errorf("%s: a run against nothing: %+v", driver, run)
		}
		for _, path := range []string{path, "/sources", "/feeds/" + string(feed.ID), "/source-runs", "/changes?limit=500", "/jobs"} {
			said(http.MethodGet, path, nil, http.StatusOK)
		}
	}
	return answers
}
