package matrix_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/job"
	"github.com/kvadrant/kvadrant/internal/setting"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// door lets everybody in as the role that the header names, and decides by the real policy.
type door struct {
	*access.Gate
	w *world
}

func (d door) Authenticate(r *http.Request) (context.Context, string, error) {
	role := access.Role(r.Header.Get("X-Role"))
	return access.With(r.Context(), access.Principal{PersonID: d.w.id("ANN"), Role: role, Scope: role.DefaultScope(), Via: access.ViaSession}), "", nil
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	w := crowd(t, 12)
	w.score(t, "2026-05-31")
	runner := job.New(w.db, slog.New(slog.DiscardHandler))
	w.scorer.Jobs(runner, func(context.Context, date.Date) error { return nil })
	if err := runner.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	api := web.New(door{w: w}, slog.New(slog.DiscardHandler), "test")
	matrix.Routes(api, w.questions, w.definitions)
	w.scorer.Routes(api, runner, scoring.NewSchedules(setting.NewStore(w.db, now)))
	handler := api.Handler(w.db, fstest.MapFS{})
	one := string(w.id("C001"))
	for _, c := range []struct {
		role                      access.Role
		method, path, body, match string
		status                    int
		holds, hides              string
	}{
		{access.Director, "GET", "/matrix", "", "", 200, `"as_of":"2026-06-30"`, ``},
		{access.Director, "GET", "/matrix", "", "", 200, `"window":{"from":"2025-07-01","to":"2026-06-30","months":12}`, ``},
		{access.Director, "GET", "/matrix?as_of=2026-05-31&country=DK", "", "", 200, `"as_of":"2026-05-31"`, ``},
		{access.Director, "GET", "/matrix?as_of=2020-01-01", "", "", 404, `"code":"scoring.not_scored"`, ``},
		{access.Director, "GET", "/matrix?as_of=31.12.2020", "", "", 422, `as_of`, ``},
		{access.Director, "GET", "/matrix?cell=gold", "", "", 422, ``, ``}, // no such parameter here
		{access.Director, "GET", "/matrix?unit=1+OR+1", "", "", 422, `unit`, ``},
		{access.Director, "GET", "/matrix/versions", "", "", 200, `"customers":12`, ``},
		{access.Salesperson, "GET", "/matrix/versions", "", "", 200, `"as_of":"2026-06-30"`, `"customers"`}, // who sees some is not told of all
		{access.Director, "GET", "/matrix/customers?limit=1", "", "", 200, `"next":`, ``},
		{access.Director, "GET", "/matrix/customers?sort=password", "", "", 400, `use one of`, ``},
		{access.Director, "GET", "/matrix/customers?limit=501", "", "", 422, `limit`, ``},
		{access.Director, "GET", "/matrix/customers?cell=gold_loyalty", "", "", 400, `gold_loyal`, ``},
		{access.Salesperson, "GET", "/matrix/customers?q=c00", "", "", 200, `"owner_name":"Person ANN"`, ``},
		{access.Director, "GET", "/matrix/customers/export?format=csv&row=bronze", "", "", 200, `"code","name"`, ``},
		{access.Director, "GET", "/matrix/customers/export?format=xlsx", "", "", 200, `PK`, ``},
		{access.Director, "GET", "/matrix/customers/export?sort=x", "", "", 400, `use one of`, ``},
		{access.Salesperson, "GET", "/matrix/customers/export", "", "", 403, ``, ``},
		{access.Director, "GET", "/matrix/places/" + one, "", "", 200, `"history":[{"as_of":"2026-05-31"`, ``},
		{access.Director, "GET", "/matrix/places/" + string(w.id("nobody")), "", "", 404, `customer.not_found`, ``},
		{access.Salesperson, "GET", "/matrix/places/" + string(w.id("C006")), "", "", 404, `customer.not_found`, ``},
		{access.Salesperson, "GET", "/matrix/definition", "", "", 200, `"by":"cumulative_share"`, ``},
		{access.Salesperson, "PUT", "/matrix/definition", `{"window_months":6,"potential":{"by":"value","at":[2,1]},"share":{"by":"value","at":[0.1,0.2]}}`, `"0"`, 403, ``, ``},
		{access.Director, "PUT", "/matrix/definition", `{"window_months":6,"potential":{"by":"value","at":[2,1]},"share":{"by":"value","at":[0.1,0.2]}}`, ``, 428, ``, ``},
		{access.Director, "PUT", "/matrix/definition", `{"window_months":6,"potential":{"by":"value","at":[1,2]},"share":{"by":"value","at":[0.1,0.2]}}`, `"0"`, 422, `potential.at`, ``},
		{access.Director, "PUT", "/matrix/definition", `{"window_months":6,"potential":{"by":"value","at":[2,1]},"share":{"by":"value","at":[0.1,0.2]}}`, `"0"`, 200, `"window_months":6`, ``},
		{access.Director, "PUT", "/matrix/definition", `{"window_months":6,"potential":{"by":"value","at":[2,1]},"share":{"by":"value","at":[0.1,0.2]}}`, `"0"`, 412, ``, ``},
		{access.Director, "POST", "/scorings", `{"as_of":"2026-06-30"}`, ``, 202, `"kind":"score"`, ``},
		{access.Director, "POST", "/scorings", `{"as_of":"2026-06-30"}`, ``, 409, `"code":"job.unfinished"`, ``},
		{access.Director, "POST", "/scorings", `{"as_of":"2027-06-30"}`, ``, 422, `future`, ``},
		{access.Salesperson, "POST", "/scorings", `{"as_of":"2026-06-30"}`, ``, 403, ``, ``},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, web.Prefix+c.path, strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Role", string(c.role))
		if c.match != "" {
			r.Header.Set("If-Match", c.match)
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if answer.Code != c.status || !strings.Contains(answer.Body.String(), c.holds) || c.hides != "" && strings.Contains(answer.Body.String(), c.hides) {
			t.Errorf("%s %s %s: %d %.300s, want %d %s without %q", c.role, c.method, c.path, answer.Code, answer.Body, c.status, c.holds, c.hides)
		}
		if strings.Contains(c.path, "format=") && !strings.HasPrefix(answer.Header().Get("Content-Disposition"), `attachment; filename="customers-2026-06-30.`) {
			t.Errorf("%s: %v", c.path, answer.Header())
		}
	}
}
