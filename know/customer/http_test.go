package customer

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/internal/web"
)

// door lets in whom the header X-As names, without a password; what they may do the real gate decides.
type door struct {
	*access.Gate
	people map[string]access.Principal
}

func (d door) Authenticate(r *http.Request) (context.Context, string, error) {
	as := r.Header.Get("X-As")
	return access.With(r.Context(), d.people[as]), as, nil
}

// counter is the whole interface of a shop: a director, Anna who manages Denmark, Bo who sells in Copenhagen, and Bo's token
// that may only read.
type counter struct {
	*shop
	handler http.Handler
}

func newCounter(t *testing.T, d *db.DB) *counter {
	t.Helper()
	s := newShop(t, d)
	units := []id.ID{s.ids["DK"], s.ids["CPH"]}
	people := map[string]access.Principal{
		"director": {Role: access.Director, Scope: access.ScopeAll},
		"anna":     {Role: access.Manager, Scope: access.ScopeUnit, PersonID: s.ids["anna"], Units: units},
		"bo":       {Role: access.Salesperson, Scope: access.ScopeOwn, PersonID: s.ids["bo"]},
		"reader":   {Role: access.Salesperson, Scope: access.ScopeOwn, PersonID: s.ids["bo"], ReadOnly: true},
	}
	for name, p := range people {
		p.UserID, p.Name, p.Via = id.New(), name, access.ViaSession
		people[name] = p
	}
	log := slog.New(slog.DiscardHandler)
	api := web.New(door{access.New(access.Config{DB: d, Log: log, Now: s.now}), people}, log, "test")
	s.Routes(api)
	return &counter{shop: s, handler: api.Handler(d, fstest.MapFS{})}
}

func (c *counter) ask(who, method, path, body, match string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(c.t.Context(), method, web.Prefix+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("X-As", who)
	if match != "" {
		r.Header.Set("If-Match", match)
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w
}

// rows counts what is stored and logged.
func (c *counter) rows() string {
	c.t.Helper()
	var counts []string
	for _, table := range []string{"customer", "ownership", "potential", "change_log"} {
		n, err := c.db.Read().NewSelect().Table(table).Count(c.t.Context())
		if err != nil {
			c.t.Fatal(err)
		}
		counts = append(counts, fmt.Sprint(n))
	}
	return strings.Join(counts, " ")
}

func TestRoutes(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		c := newCounter(t, d)
		for _, x := range []struct{ code, unit, owner string }{{"A", "DK", "anna"}, {"B", "CPH", "bo"}, {"U", "DE", "uwe"}} {
			c.add(x.code, "Customer "+x.code, x.unit, x.owner)
			p := &Potential{CustomerID: c.ids[x.code], Amount: 100, Currency: "EUR", Source: Declared, ValidFrom: "2026-01-01"}
			if err := c.AddPotential(c.ctx(), access.Everything(), p); err != nil {
				t.Fatal(err)
			}
			c.ids["p"+x.code] = p.ID
		}
		path := func(code string) string { return "/customers/" + string(c.ids[code]) }
		potential := func(code string) string { return "/potentials/" + string(c.ids["p"+code]) }
		nowhere := string(id.New())

		// rows: how the counts of customers, ownerships, potentials and log entries change.
		for i, tc := range []struct {
			who, method, path, body, match string
			status                         int
			has                            string
			rows                           [4]int
		}{
			{"", "GET", "/customers", "", "", 401, "access.sign_in_needed", [4]int{}},
			{"", "POST", "/customers", `{"code":"X","name":"X"}`, "", 401, "access.sign_in_needed", [4]int{}},
			{"director", "GET", "/customers", "", "", 200, `"code":"U"`, [4]int{}},
			{"anna", "GET", "/customers?q=customer", "", "", 200, `"code":"B"`, [4]int{}},
			{"bo", "GET", "/customers?unit=" + string(c.ids["DE"]), "", "", 200, `{"items":[]}`, [4]int{}},
			{"bo", "GET", path("B"), "", "", 200, `"owner_name":"Person bo"`, [4]int{}},
			{"bo", "GET", path("A"), "", "", 404, "customer.not_found", [4]int{}},
			{"anna", "GET", path("U"), "", "", 404, "customer.not_found", [4]int{}},
			{"anna", "GET", "/customers/" + nowhere, "", "", 404, "customer.not_found", [4]int{}},
			{"anna", "GET", "/customers/7", "", "", 422, "path.id", [4]int{}},
			{"anna", "GET", path("A") + "/owners", "", "", 200, `"valid_from":"1900-01-01"`, [4]int{}},
			{"bo", "GET", path("A") + "/owners", "", "", 404, "customer.not_found", [4]int{}},
			{"bo", "GET", "/customers/facets", "", "", 200, `{"industries":[],"countries":[],"lifecycles":["suspect"`, [4]int{}},

			{"director", "POST", "/customers", `{"code":"N1","name":"Ny","size_employees":5,"country":"dk"}`, "", 201, `"country":"DK"`, [4]int{1, 1, 0, 1}},
			{"director", "POST", "/customers", `{"code":"N1","name":"Ny"}`, "", 409, "customer.code_taken", [4]int{}},
			{"director", "POST", "/customers", `{"name":"Ny"}`, "", 422, `"location":"code"`, [4]int{}},
			{"director", "POST", "/customers", `{"code":"N2","name":"Ny","country":"XX","email":"x","size_employees":-1}`, "", 422, "3 fields need correcting", [4]int{}},
			{"director", "POST", "/customers", `{"code":"N2","name":"Ny","owner_id":"` + nowhere + `"}`, "", 422, `"location":"owner_id"`, [4]int{}},
			{"director", "POST", "/customers", `{"code":"N2","name":"Ny","parent_id":"../x"}`, "", 422, "parent_id", [4]int{}},
			{"director", "POST", "/customers", `{"code":"N2","name":`, "", 400, "", [4]int{}},
			{"director", "POST", "/customers", "", "", 400, "", [4]int{}},
			{"director", "POST", "/customers", `{"code":"N2","name":"zero \u0000 byte"}`, "", 201, "zero   byte", [4]int{1, 1, 0, 1}},
			{"bo", "POST", "/customers", `{"code":"N3","name":"Bo's new"}`, "", 201, `"owner_name":"Person bo"`, [4]int{1, 1, 0, 1}},
			{"bo", "POST", "/customers", `{"code":"N4","name":"For Anna","owner_id":"` + string(c.ids["anna"]) + `"}`, "", 422, "customer.out_of_reach", [4]int{}},
			{"anna", "POST", "/customers", `{"code":"N5","name":"In Denmark","unit_id":"` + string(c.ids["DK"]) + `"}`, "", 201, `"unit_name":"Unit DK"`, [4]int{1, 1, 0, 1}},
			{"reader", "POST", "/customers", `{"code":"N6","name":"X"}`, "", 403, "access.read_only", [4]int{}},

			{"bo", "PATCH", path("B"), `{"phone":"1"}`, "", 428, "record.version_missing", [4]int{}},
			{"bo", "PATCH", path("B"), `{"phone":"1"}`, `"2"`, 412, "record.changed", [4]int{}},
			{"bo", "PATCH", path("B"), `{"phone":"1"}`, `"x"`, 400, "record.version_malformed", [4]int{}},
			{"bo", "PATCH", path("B"), `{"phone":"1","size_employees":7}`, `"1"`, 200, `"size_employees":7`, [4]int{0, 0, 0, 1}},
			{"bo", "PATCH", path("B"), `{"phone":"2"}`, `"1"`, 412, "record.changed", [4]int{}},
			{"bo", "PATCH", path("B"), `{"size_employees":null,"unit_id":""}`, `W/"2"`, 200, `"version":3`, [4]int{0, 1, 0, 1}},
			{"bo", "PATCH", path("B"), `{"name":""}`, `"3"`, 422, `"location":"name"`, [4]int{}},
			{"bo", "PATCH", path("B"), `{"parent_id":"` + string(c.ids["B"]) + `"}`, `"3"`, 422, "its own group", [4]int{}},
			{"bo", "PATCH", path("A"), `{"phone":"1"}`, `"1"`, 404, "customer.not_found", [4]int{}},
			{"bo", "PATCH", path("A"), `{"phone":"1"}`, `"9"`, 404, "customer.not_found", [4]int{}},
			{"anna", "PATCH", path("U"), `{"name":""}`, `"1"`, 404, "customer.not_found", [4]int{}},
			{"reader", "PATCH", path("B"), `{"phone":"1"}`, `"3"`, 403, "access.read_only", [4]int{}},
			{"director", "DELETE", path("A"), "", `"1"`, 404, "route.unknown", [4]int{}},

			{"bo", "GET", path("B") + "/potentials", "", "", 200, `"amount":100`, [4]int{}},
			{"bo", "GET", path("A") + "/potentials", "", "", 404, "customer.not_found", [4]int{}},
			{"bo", "POST", path("B") + "/potentials", `{"amount":500,"currency":"DKK","source":"surveyed","valid_from":"2026-02-01"}`, "", 201, `"created_by_name":"bo"`, [4]int{0, 0, 1, 1}},
			{"bo", "POST", path("B") + "/potentials", `{"amount":500,"currency":"DKK"}`, "", 201, `"source":"declared","valid_from":"2026-11-22"`, [4]int{0, 0, 1, 1}},
			{"bo", "POST", path("B") + "/potentials", `{"amount":700,"currency":"DKK"}`, "", 409, "potential.same_date", [4]int{}},
			{"bo", "POST", path("B") + "/potentials", `{"valid_from":"2026-03-01"}`, "", 422, "2 fields need correcting", [4]int{}},
			{"bo", "POST", path("B") + "/potentials", `{"amount":-1,"currency":"DKK"}`, "", 422, "amount", [4]int{}},
			{"bo", "POST", path("B") + "/potentials", `{"amount":9223372036854775807,"currency":"DKK"}`, "", 422, "amount", [4]int{}},
			{"bo", "POST", path("B") + "/potentials", `{"amount":1.5,"currency":"DKK"}`, "", 422, "amount", [4]int{}},
			{"bo", "POST", path("B") + "/potentials", `{"amount":1,"currency":"XXZ"}`, "", 422, "currency", [4]int{}},
			{"bo", "POST", path("B") + "/potentials", `{"amount":1,"currency":"EUR","valid_from":"0000-01-01"}`, "", 422, "valid_from", [4]int{}},
			{"bo", "POST", path("A") + "/potentials", `{"amount":1,"currency":"EUR"}`, "", 404, "customer.not_found", [4]int{}},
			{"reader", "POST", path("B") + "/potentials", `{"amount":1,"currency":"EUR"}`, "", 403, "access.read_only", [4]int{}},
			{"bo", "PATCH", potential("B"), `{"amount":200}`, "", 428, "record.version_missing", [4]int{}},
			{"bo", "PATCH", potential("B"), `{"amount":200}`, `"1"`, 200, `"amount":200`, [4]int{0, 0, 0, 1}},
			{"bo", "PATCH", potential("B"), `{"amount":300}`, `"1"`, 412, "record.changed", [4]int{}},
			{"bo", "PATCH", potential("A"), `{"amount":300}`, `"1"`, 404, "potential.not_found", [4]int{}},
			{"anna", "DELETE", potential("U"), "", `"1"`, 404, "potential.not_found", [4]int{}},
			{"bo", "DELETE", potential("B"), "", "", 428, "record.version_missing", [4]int{}},
			{"bo", "DELETE", potential("B"), "", `"1"`, 412, "record.changed", [4]int{}},
			{"bo", "DELETE", potential("B"), "", `"2"`, 204, "", [4]int{0, 0, -1, 1}},
			{"bo", "DELETE", potential("B"), "", `"2"`, 404, "potential.not_found", [4]int{}},
		} {
			before := c.rows()
			w := c.ask(tc.who, tc.method, tc.path, tc.body, tc.match)
			if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.has) || tc.status == 204 && w.Body.Len() > 0 {
				t.Errorf("%d %s %s %s %s: %d %s", i, tc.who, tc.method, tc.path, tc.body, w.Code, w.Body)
			}
			if changed := changed(t, before, c.rows()); changed != tc.rows {
				t.Errorf("%d %s %s %s %s: rows changed by %v, want %v", i, tc.who, tc.method, tc.path, tc.body, changed, tc.rows)
			}
		}
		if w := c.ask("bo", "GET", path("B"), "", ""); w.Header().Get("ETag") != `"3"` {
			t.Errorf("ETag %s", w.Header().Get("ETag"))
		}
	})
}

func changed(t *testing.T, before, after string) (by [4]int) {
	t.Helper()
	for i, text := range []string{before, after} {
		var n [4]int
		if _, err := fmt.Sscan(text, &n[0], &n[1], &n[2], &n[3]); err != nil {
			t.Fatal(err)
		}
		for j := range n {
			by[j] += n[j] * (2*i - 1)
		}
	}
	return by
}

// A04: fields that are not the asker's to set are refused, and nothing is written.
func TestA04MassAssignment(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		c := newCounter(t, d)
		x := c.add("A", "Customer A", "DK", "anna")
		p := &Potential{CustomerID: x.ID, Amount: 100, Currency: "EUR", Source: Declared, ValidFrom: "2026-01-01"}
		if err := c.AddPotential(c.ctx(), access.Everything(), p); err != nil {
			t.Fatal(err)
		}
		before := c.prints()
		someID, now := string(id.New()), "2020-01-01T00:00:00Z"
		for _, target := range []struct {
			method, path, body string
			fields             map[string]any
		}{
			{"POST", "/customers", `"code":"X","name":"X"`, map[string]any{"id": someID, "version": 7, "import_id": someID, "created_at": now, "updated_at": now, "owner_name": "x",
				"unit_name": "x", "parent_name": "x", "sort_name": "x", "search_text": "x", "no": 1, "tenant_id": "x", "role": "administrator", "score": 1}},
			{"PATCH", "/customers/" + string(x.ID), `"phone":"1"`, map[string]any{"id": someID, "version": 7, "import_id": someID, "created_at": now, "owner_name": "x", "ID": someID}},
			{"POST", "/customers/" + string(x.ID) + "/potentials", `"amount":1,"currency":"EUR"`, map[string]any{"id": someID, "customer_id": someID, "version": 7, "import_id": someID,
				"created_at": now, "created_by_name": "x"}},
			{"PATCH", "/potentials/" + string(p.ID), `"amount":1`, map[string]any{"id": someID, "customer_id": someID, "version": 7, "created_by_name": "x"}},
		} {
			for field, value := range target.fields {
				raw, err := json.Marshal(value)
				if err != nil {
					t.Fatal(err)
				}
				w := c.ask("director", target.method, target.path, fmt.Sprintf(`{%s,%q:%s}`, target.body, field, raw), `"1"`)
				if w.Code != http.StatusUnprocessableEntity {
					t.Errorf("%s %s with %s: %d %s", target.method, target.path, field, w.Code, w.Body)
				}
			}
		}
		if c.prints() != before {
			t.Error("a refused field left something behind")
		}
	})
}

// A06: whatever stands in the query, the answer is a page or a refusal, never a fault of the engine.
func TestA06HostileQuery(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		c := newCounter(t, d)
		c.add("A", "Customer A", "DK", "anna")
		before := c.prints()
		texts := []string{"' OR 1=1 --", `"`, `\`, "%", "\x00", "\xff", "a\x00b", "); DROP TABLE customer; --", "(select 1)", "name;", "-", "--name", "name,code", "owner", "sort_name", "c.name", "*", "$1", "?", "😀"}
		for _, name := range []string{"q", "sort", "cursor", "unit", "owner", "industry", "country", "lifecycle", "limit", "no_such_filter"} {
			for _, text := range texts {
				w := c.ask("anna", "GET", "/customers?"+name+"="+url.QueryEscape(text), "", "")
				ok := w.Code == 200 && slices.Contains([]string{"q", "industry", "country", "lifecycle"}, name) || w.Code == 400 || w.Code == 422
				if !ok {
					t.Errorf("%s=%q: %d %s", name, text, w.Code, w.Body)
				}
			}
		}
		for _, cursor := range []string{"WyJ4Il0", "WyJ4IiwieSJd", "WzEsMl0", "W251bGwsbnVsbF0", "WyJ4XHUwMDAwIiwiMDE5MjQ2NTYtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0", "e30", "IiI", "W10"} {
			if w := c.ask("anna", "GET", "/customers?cursor="+cursor, "", ""); w.Code != 400 || !strings.Contains(w.Body.String(), "filter.bad_cursor") {
				t.Errorf("cursor %s: %d %s", cursor, w.Code, w.Body)
			}
		}
		if w := c.ask("anna", "GET", "/customers?sort=owner_id", "", ""); w.Code != 400 || !strings.Contains(w.Body.String(), "city, code, country, industry, name") {
			t.Errorf("an unknown sort should list the known ones: %d %s", w.Code, w.Body)
		}
		if c.prints() != before {
			t.Error("a question changed something")
		}
	})
}

// TestPages walks a list through the interface.
func TestPages(t *testing.T) {
	c := newCounter(t, testkit.DB(t))
	for i := range 7 {
		c.add(fmt.Sprint("C", i), fmt.Sprint("Same name ", i/3), "DK", "anna")
	}
	var found []string
	for cursor := ""; ; {
		w := c.ask("anna", "GET", "/customers?limit=2&sort=-name&cursor="+cursor, "", "")
		var page web.Page[Customer]
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 || len(page.Items) == 0 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		for _, x := range page.Items {
			found = append(found, x.Code)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if got := strings.Join(found, " "); got != "C6 C5 C4 C3 C2 C1 C0" {
		t.Errorf("got %s", got)
	}
}
