package intake

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/know/reject"
)

// door lets one principal in, as the policy decides.
type door struct{ who access.Principal }

func (d door) Authenticate(r *http.Request) (context.Context, string, error) {
	return access.With(r.Context(), d.who), d.who.Name, nil
}

func (d door) Allow(ctx context.Context, action string) (context.Context, error) {
	_, err := access.Decide(access.From(ctx), access.Action(action))
	return ctx, err
}

// server serves the routes of the intake with its jobs running.
func server(t *testing.T, d *db.DB, who access.Principal) (*httptest.Server, *job.Runner) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	w, err := engine.Open(t.Context(), engine.Config{Path: filepath.Join(t.TempDir(), "w.duckdb"), Schema: []string{saleTable, WarehouseSchema}, ImportDir: dir})
	must(t, err)
	log := slog.New(slog.DiscardHandler)
	jobs := job.New(d, log)
	in, err := New(Config{DB: d, Warehouse: w, Jobs: jobs, Dir: dir, Kinds: []Kind{sale()}, Log: log})
	must(t, err)
	must(t, jobs.Migrate(t.Context()))
	must(t, jobs.Start(t.Context()))
	api := web.New(door{who}, log, "test")
	in.Routes(api)
	in.Rejects.Routes(api, log)
	s := httptest.NewServer(api.Handler(d, fstest.MapFS{"index.html": {Data: []byte("x")}}))
	t.Cleanup(func() {
		s.Close()
		must(t, jobs.Stop(context.Background()))
		must(t, w.Close())
	})
	return s, jobs
}

func call(t *testing.T, s *httptest.Server, method, path, body string, into any) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+web.Prefix+path, strings.NewReader(body))
	must(t, err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := s.Client().Do(r)
	must(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	switch into := into.(type) {
	case nil:
	case *string:
		*into = string(text)
	default:
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s %s: %d %s", method, path, answer.StatusCode, text)
		}
	}
	return answer.StatusCode
}

func TestImportOverHTTP(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		s, jobs := server(t, d, access.Operator())
		var f File
		if status := call(t, s, "POST", "/files?name="+url.QueryEscape("our sales.csv"), "Doc,Order date,Customer,Qty,Revenue\n"+strings.Repeat("A1,2026-10-01,C1,2,10.5\n", 30)+"=A2,soon,C1,1,1\n", &f); status != 201 || f.Name != "our sales.csv" {
			t.Fatal(status, f)
		}
		var kinds []struct {
			Key    string
			Fields []struct{ Name, Type string }
		}
		if call(t, s, "GET", "/import-kinds", "", &kinds); len(kinds) != 1 || kinds[0].Key != "sales" || len(kinds[0].Fields) != 9 {
			t.Errorf("kinds: %+v", kinds)
		}
		var p Preview
		if status := call(t, s, "POST", "/imports/preview", `{"file_id": "`+f.ID+`"}`, &p); status != 200 || p.Kind != "sales" || p.Mapping.Columns["date"].Column != "Order date" || len(p.Rows) != 20 {
			t.Errorf("preview: %d %+v", status, p)
		}
		chosen, err := json.Marshal(p.Mapping)
		must(t, err)
		var begun Begun
		if status := call(t, s, "POST", "/imports", `{"kind": "sales", "file_ids": ["`+f.ID+`"], "mapping": `+string(chosen)+`}`, &begun); status != 202 {
			t.Fatal(status, begun)
		}
		ended, err := jobs.Wait(t.Context(), begun.Job.ID)
		if err != nil || ended.State != job.Done {
			t.Fatal(ended, err)
		}
		var im Import
		call(t, s, "GET", "/imports/"+string(begun.Import.ID), "", &im)
		if im.State != Accepted || im.Read != 31 || im.Created != 30 || im.Rejected != 1 || im.JobID != begun.Job.ID || im.Files[0].Name != "our sales.csv" {
			t.Errorf("import: %+v", im)
		}
		var page reject.Rows
		call(t, s, "GET", "/imports/"+string(im.ID)+"/rejects", "", &page)
		if len(page.Items) != 1 || page.Items[0].Line != 32 || page.Items[0].Column != "Order date" || page.Items[0].Value != "soon" {
			t.Errorf("rejects: %+v", page)
		}
		var export string
		call(t, s, "GET", "/imports/"+string(im.ID)+"/rejects/export", "", &export)
		if !strings.Contains(export, `"""soon"" is not a date; write it as yyyy-mm-dd or 2026-10-31.",'=A2,soon,C1,1,1`) {
			t.Errorf("export: %s", export)
		}
		var list web.Page[Import]
		if call(t, s, "GET", "/imports?limit=1", "", &list); len(list.Items) != 1 || list.Next != "" {
			t.Errorf("list: %+v", list)
		}
	})
}

// TestHTTPRefusals holds who and what is turned away.
func TestHTTPRefusals(t *testing.T) {
	t.Parallel()
	clerk := access.Principal{Name: "clerk", Role: access.Salesperson, Scope: access.ScopeOwn, Via: access.ViaSession}
	tests := []struct {
		who                access.Principal
		method, path, body string
		status             int
		part               string
	}{
		{clerk, "POST", "/files?name=a.csv", "a,b\n1,2\n", 403, "access.forbidden"},
		{clerk, "GET", "/imports", "", 403, "access.forbidden"},
		{access.Principal{}, "GET", "/imports", "", 401, "access.sign_in_needed"},
		{access.Operator(), "POST", "/files", "a,b\n1,2\n", 422, "name"},
		{access.Operator(), "POST", "/files?name=a.csv", "", 422, "file.empty"},
		{access.Operator(), "POST", "/imports/preview", `{"file_id": "no"}`, 404, "file.not_found"},
		{access.Operator(), "POST", "/imports", `{"kind": "sales", "file_ids": []}`, 422, "file_ids"},
		{access.Operator(), "GET", "/imports/0197a000-0000-7000-8000-000000000000", "", 404, "import.not_found"},
		{access.Operator(), "GET", "/imports/0197a000-0000-7000-8000-000000000000/rejects", "", 404, "import.not_found"},
		{access.Operator(), "GET", "/imports?cursor=zzz", "", 400, "filter.bad_cursor"},
	}
	servers := map[string]*httptest.Server{}
	for _, tt := range tests {
		s := servers[tt.who.Name]
		if s == nil {
			s, _ = server(t, testkit.DB(t), tt.who)
			servers[tt.who.Name] = s
		}
		var answer string
		if status := call(t, s, tt.method, tt.path, tt.body, &answer); status != tt.status || !strings.Contains(answer, tt.part) {
			t.Errorf("%s %s %s: %d %s", tt.who.Name, tt.method, tt.path, status, answer)
		}
	}
}
