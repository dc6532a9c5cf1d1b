package job

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/audit"
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

func TestRoutes(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		log := slog.New(slog.DiscardHandler)
		people := map[string]access.Principal{}
		for name, role := range map[string]access.Role{"admin": access.Administrator, "ann": access.Salesperson, "bob": access.Salesperson} {
			people[name] = access.Principal{UserID: id.New(), Name: name, Role: role, Scope: role.DefaultScope(), Via: access.ViaSession}
		}
		b := newBlocking()
		f := runner(t, d, func(r *Runner) { Handle(r, "x", b.handle) })
		gate := door{access.New(access.Config{DB: d, Log: log, Now: time.Now}), people}
		api := web.New(gate, log, "test")
		f.Routes(api)
		server := api.Handler(d, fs.FS(fstest.MapFS{}))

		ctx := audit.WithActor(t.Context(), audit.Actor{ID: people["ann"].UserID, Name: "ann"})
		var anns [2]Job
		for i := range anns {
			var err error
			if anns[i], err = f.Submit(ctx, Spec{Kind: "x", Title: "Ann's"}); err != nil {
				t.Fatal(err)
			}
			<-b.begun
		}
		ask := func(who, method, path string) (int, string) {
			r := httptest.NewRequest(method, "/api/v1"+path, nil)
			r.Header.Set("X-As", who)
			w := httptest.NewRecorder()
			server.ServeHTTP(w, r)
			return w.Code, w.Body.String()
		}
		one, two := "/jobs/"+string(anns[0].ID), "/jobs/"+string(anns[1].ID)
		for _, c := range []struct {
			who, method, path string
			status            int
			has               string
		}{
			{"", "GET", "/jobs", 401, "access.sign_in_needed"},
			{"bob", "GET", "/jobs", 200, `"items":[]`},
			{"bob", "GET", one, 404, "job.not_found"},
			{"bob", "POST", one + "/cancel", 404, "job.not_found"},
			{"ann", "GET", "/jobs?state=running", 200, string(anns[0].ID)},
			{"ann", "GET", "/jobs?state=done", 200, `"items":[]`},
			{"ann", "GET", "/jobs?state=lost", 422, "state"},
			{"ann", "GET", "/jobs?cursor=x", 400, "filter.bad_cursor"},
			{"ann", "GET", "/jobs?cursor=WyJ4Il0", 400, "filter.bad_cursor"},
			{"ann", "GET", "/jobs/" + string(id.New()), 404, "job.not_found"},
			{"ann", "GET", one, 200, `"cancelling":false`},
			{"admin", "GET", one, 200, `"owner_name":"ann"`},
			{"ann", "POST", one + "/cancel", 200, string(anns[0].ID)},
			{"admin", "POST", two + "/cancel", 200, string(anns[1].ID)},
		} {
			if status, body := ask(c.who, c.method, c.path); status != c.status || !strings.Contains(body, c.has) {
				t.Errorf("%s %s %s: %d %s", c.who, c.method, c.path, status, body)
			}
		}
		for _, j := range anns {
			f.ends(t, j.ID, Cancelled)
		}

		status, body := ask("ann", "GET", "/jobs?limit=1")
		var page web.Page[Job]
		if err := json.Unmarshal([]byte(body), &page); err != nil || status != 200 || len(page.Items) != 1 || page.Items[0].ID != anns[1].ID {
			t.Fatalf("page 1: %d %s", status, body)
		}
		if status, body = ask("ann", "GET", "/jobs?limit=1&cursor="+page.Next); status != 200 || !strings.Contains(body, string(anns[0].ID)) || strings.Contains(body, `"next"`) {
			t.Errorf("page 2: %d %s", status, body)
		}
		if status, body = ask("ann", "POST", one+"/cancel"); status != 200 || !strings.Contains(body, `"state":"cancelled"`) {
			t.Errorf("cancelled again: %d %s", status, body)
		}
		gate.Wait()
	})
}
