package interaction_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/know/interaction"
)

// sara owns customer C1 and nothing else.
const sara = id.ID("01940000-0000-7000-8000-000000000001")

// door lets everybody in as the role that the header names, and decides by the real policy.
type door struct{ *access.Gate }

func (door) Authenticate(r *http.Request) (context.Context, string, error) {
	role := access.Role(r.Header.Get("X-Role"))
	return access.With(r.Context(), access.Principal{PersonID: sara, Role: role, Scope: role.DefaultScope(), Via: access.ViaSession}), "", nil
}

// owners is who owns which customer.
type owners map[id.ID]id.ID

func (o owners) Within(_ context.Context, reach access.Reach, customer id.ID) error {
	if owner, ok := o[customer]; ok && reach.Covers("", owner) {
		return nil
	}
	return fault.New(fault.NotFound, "customer.not_found", "There is no such customer.")
}

func TestRoutes(t *testing.T) {
	w := newWorld(t)
	w.load(t, "", "customer,kind,date,person,minutes,result,note\nC1,visit,2026-03-01,S1,60,order,spring\nC1,call,2026-03-02,,,,\nC2,call,2026-03-03,,,,")
	api := web.New(door{}, slog.New(slog.DiscardHandler), "test")
	interaction.Routes(api, w.diary, owners{w.customers["C1"]: sara, w.customers["C2"]: id.New()})
	handler := api.Handler(w.DB, fstest.MapFS{})
	mine, other := "/customers/"+string(w.customers["C1"])+"/interactions", "/customers/"+string(w.customers["C2"])+"/interactions"
	for _, c := range []struct {
		role   access.Role
		path   string
		status int
		holds  string
	}{
		{access.Salesperson, mine, 200, `{"items":[{"date":"2026-03-02","kind":"call","person_name":"","minutes":null,"result":"","note":""},{"date":"2026-03-01","kind":"visit","person_name":"Sara","minutes":60,"result":"order","note":"spring"}]}`},
		{access.Salesperson, mine + "?limit=1", 200, `"note":""}],"next":"`},
		{access.Salesperson, other, 404, `customer.not_found`},
		{access.Director, other, 200, `"date":"2026-03-03"`},
		{access.Director, mine + "?cursor=WyIxIE9SIDEiLDEsMV0", 400, `filter.bad_cursor`},         // ["1 OR 1",1,1]
		{access.Director, mine + "?cursor=WyIyMDI2LTExLTIyIiwiYSIsMV0", 400, `filter.bad_cursor`}, // ["2026-11-22","a",1]
		{access.Director, "/customers/x/interactions", 422, `id`},
		{"", mine, 403, ``},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, web.Prefix+c.path, nil)
		r.Header.Set("X-Role", string(c.role))
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if answer.Code != c.status || !strings.Contains(answer.Body.String(), c.holds) {
			t.Errorf("%s %s: %d %.400s, want %d %s", c.role, c.path, answer.Code, answer.Body, c.status, c.holds)
		}
	}
}
