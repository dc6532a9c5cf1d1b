package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/learn/migration"
)

// Migration through the whole program: who may, what a reach shows, that the list behind a figure has as many customers as the
// figure says, and that what somebody says of a forecast is kept with its version.
func TestMigration(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	h.admin.score("2025-10-31")
	h.admin.score("2026-10-31")
	var p migration.Picture
	h.admin.must(http.MethodGet, "/matrix/migration", nil, 200, &p)
	if p.From.Key != "actual:2025-10-31" || p.To.Key != "actual:2026-10-31" || p.Total.Customers != 20 || len(p.Flows) == 0 {
		t.Errorf("%+v", p)
	}
	for _, f := range p.Flows {
		var page struct{ Items []migration.Mover }
		h.admin.must(http.MethodGet, "/matrix/movers?limit=500&place_from="+f.From+"&place_to="+f.To, nil, 200, &page)
		if int64(len(page.Items)) != f.Customers {
			t.Errorf("%s to %s: %d customers, the list behind has %d", f.From, f.To, f.Customers, len(page.Items))
		}
	}
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID, "unit_id": tw.south.ID})
	sven.must(http.MethodGet, "/matrix/migration?by=row", nil, 200, &p)
	if p.Total.Customers != 10 {
		t.Errorf("sven's migration has %d customers, want his 10", p.Total.Customers)
	}
	if r := sven.do(http.MethodGet, "/matrix/movers/export", nil); r.status != 403 {
		t.Errorf("a salesperson exports: %d", r.status)
	}
	file := string(h.admin.do(http.MethodGet, "/matrix/movers/export", nil).body)
	if lines := strings.Count(strings.TrimSpace(file), "\n"); lines != 20 || !strings.Contains(file, "actual:2026-10-31") {
		t.Errorf("%d lines: %.300s", lines, file)
	}
	for path, status := range map[string]int{"/matrix/scenarios": 200, "/matrix/migration?from=actual:2020-01-01": 404, "/matrix/migration?to=budget:2026": 404, "/matrix/migration?to=plan:2026": 400,
		"/matrix/migration?by=side": 422, "/matrix/migration?matrix=none": 404, "/matrix/migration?unit=x": 422, "/matrix/migration?to=forecast:2026-10-31": 409,
		"/matrix/movers?place_from=none": 400, "/matrix/movers?cursor=x": 400, "/matrix/migration?matrix=rfm": 200} {
		if r := h.admin.do(http.MethodGet, path, nil); r.status != status {
			t.Errorf("GET %s: %d %s, want %d", path, r.status, r.body, status)
		}
	}
	var own struct{ Items []record }
	sven.must(http.MethodGet, "/customers", nil, 200, &own)
	var said migration.Statement
	body := map[string]any{"as_of": "2026-10-31", "amount": 500, "reason": "They sign in January."}
	sven.must(http.MethodPost, "/customers/"+string(own.Items[0].ID)+"/forecasts", body, 201, &said)
	body["amount"] = 700
	sven.must(http.MethodPut, "/forecasts/"+string(said.ID), body, 428, nil)
	sven.must(http.MethodPut, "/forecasts/"+string(said.ID), body, 200, &said, "If-Match", `"1"`)
	if said.Amount != 700 || said.Version != 2 {
		t.Errorf("%+v", said)
	}
	sven.must(http.MethodDelete, "/forecasts/"+string(said.ID), nil, 412, nil, "If-Match", `"1"`)
	sven.must(http.MethodDelete, "/forecasts/"+string(said.ID), nil, 204, nil, "If-Match", `"2"`)
}
