package purchase_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/web"
	"github.com/kvadrant/kvadrant/know/purchase"
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
	w.load(t, "rates", "currency,valid_from,rate\nEUR,2020-01-01,7.5")
	w.load(t, "purchases", `document,line,date,customer,product,quantity,revenue,cost,currency,channel,seller
F1,1,2026-10-30,C1,P1,2,100.0049,,EUR,web,S1
F1,2,2026-11-22,C1,P2,1,10.0050,5.0049,,,
F1,3,2026-11-22,C1,,,-1,,,,
F2,1,2026-11-22,C2,P1,1,99,,,,`)
	w.load(t, "budgets", "customer,month,revenue\nC1,2026-11-01,12.345")

	api := web.New(door{}, slog.New(slog.DiscardHandler), "test")
	purchase.Routes(api, w.ledger, owners{w.customers["C1"]: sara, w.customers["C2"]: id.New()}, danish, clock)
	handler := api.Handler(w.DB, fstest.MapFS{})
	mine, other := "/customers/"+string(w.customers["C1"]), "/customers/"+string(w.customers["C2"])
	ask := func(role access.Role, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, web.Prefix+path, nil)
		r.Header.Set("X-Role", string(role))
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		return answer
	}
	for _, c := range []struct {
		role   access.Role
		path   string
		status int
		holds  string
	}{
		{access.Salesperson, mine + "/purchases", 200, `"document":"F1","line":"2","product_id":"`},
		{access.Salesperson, mine + "/purchases", 200, `"quantity":1,"revenue":1001,"cost":500,"currency":"DKK","amount":1001,"amount_currency":"DKK"`},
		{access.Salesperson, mine + "/purchases", 200, `"quantity":2,"revenue":75004,"cost":null,"currency":"DKK","amount":10000,"amount_currency":"EUR","channel":"web","seller_name":"Sara"`},
		{access.Salesperson, other + "/purchases", 404, `customer.not_found`},
		{access.Director, other + "/purchases", 200, `"document":"F2"`},
		{access.Director, "/customers/" + string(id.New()) + "/purchases", 404, `customer.not_found`},
		{access.Director, "/customers/1+OR+1/purchases", 422, `id`},
		{access.Director, mine + "/purchases?cursor=x", 400, `filter.bad_cursor`},
		{access.Director, mine + "/purchases?cursor=WyIxIE9SIDEiLDEsMV0", 400, `filter.bad_cursor`},         // ["1 OR 1",1,1]
		{access.Director, mine + "/purchases?cursor=WyIyMDI2LTExLTIyIiwiYSIsMV0", 400, `filter.bad_cursor`}, // ["2026-11-22","a",1]
		{access.Director, mine + "/purchases?limit=501", 422, `limit`},
		{access.Salesperson, mine + "/revenue?months=2", 200,
			`"as_of":"2026-11-22","months":[{"month":"2026-10-01","revenue":75004,"cost":0,"budget":null},{"month":"2026-11-01","revenue":901,"cost":500,"budget":1235}]`},
		{access.Salesperson, mine + "/revenue?as_of=2026-11-21&months=1", 200, `"months":[{"month":"2026-11-01","revenue":0,"cost":0,"budget":1235}]`},
		{access.Salesperson, mine + "/revenue?as_of=22.11.2026", 422, `as_of`},
		{access.Salesperson, mine + "/revenue?months=0", 422, `months`},
		{access.Salesperson, other + "/revenue", 404, `customer.not_found`},
		{"", mine + "/revenue", 403, ``},
	} {
		if answer := ask(c.role, c.path); answer.Code != c.status || !strings.Contains(answer.Body.String(), c.holds) {
			t.Errorf("%s %s: %d %.400s, want %d %s", c.role, c.path, answer.Code, answer.Body, c.status, c.holds)
		}
	}

	// Page by page, each line once.
	var lines []string
	next := regexp.MustCompile(`"next":"([^"]+)"`)
	for path := mine + "/purchases?limit=1"; path != ""; {
		body := ask(access.Director, path).Body.String()
		lines = append(lines, regexp.MustCompile(`"line":"(\d)"`).FindStringSubmatch(body)[1])
		path = ""
		if found := next.FindStringSubmatch(body); found != nil {
			path = mine + "/purchases?limit=1&cursor=" + found[1]
		}
	}
	if got := strings.Join(lines, " "); got != "3 2 1" {
		t.Errorf("paged through lines %s, want 3 2 1", got)
	}
}
