package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/learn/allocation"
	"github.com/kvadrant/kvadrant/learn/pyramid"
)

// The pyramid and the plans through the whole program: who may, what a reach shows, and that the lists behind the figures have as
// many customers as the figures say.
func TestPyramidAndPlans(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	h.admin.score("2026-10-31")
	var p pyramid.Picture
	for _, by := range []string{"customers", "value"} {
		h.admin.must(http.MethodGet, "/pyramid?by="+by, nil, 200, &p)
		var customers int64
		for _, l := range append(p.Tiers, p.Below...) {
			customers += l.Customers
			query := "/matrix/customers?limit=500"
			for _, c := range l.Conditions {
				query += "&measure=" + strings.NewReplacer(">", "%3E", "<", "%3C", "=", "%3D").Replace(c)
			}
			var page struct{ Items []record }
			h.admin.must(http.MethodGet, query, nil, 200, &page)
			if int64(len(page.Items)) != l.Customers {
				t.Errorf("by %s, %s: %d customers, the list behind has %d", by, l.Name, l.Customers, len(page.Items))
			}
		}
		if customers != p.Customers || p.Customers != 20 {
			t.Errorf("by %s: the tiers hold %d of %d customers, want 20", by, customers, p.Customers)
		}
	}
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID, "unit_id": tw.south.ID})
	sven.must(http.MethodGet, "/pyramid", nil, 200, &p)
	if p.Customers != 10 {
		t.Errorf("sven's pyramid has %d customers, want his 10", p.Customers)
	}
	for path, status := range map[string]int{"/pyramid/history": 200, "/pyramid/definition": 200, "/pyramid/measures": 200, "/pyramid?measure=share": 400, "/pyramid?as_of=2020-01-01": 404,
		"/pyramid/movement?then=2020-01-01": 404, "/pyramid/movers?then=2026-10-31": 400, "/pyramid?unit=x": 422, "/allocation/segments?by=tier": 200, "/allocation/segments?by=revenue": 400,
		"/allocation/loyalty?by=tier": 404, "/allocation/loyalty?by=tier&fewer=7": 400, "/plans?cursor=x": 400, "/pyramid/export": 200} {
		if r := h.admin.do(http.MethodGet, path, nil); r.status != status {
			t.Errorf("GET %s: %d %s, want %d", path, r.status, r.body, status)
		}
	}
	if r := sven.do(http.MethodGet, "/plans", nil); r.status != 403 {
		t.Errorf("a salesperson reads plans: %d", r.status)
	}

	problem := map[string]any{"budget": 20, "method": "points", "gross": false, "segments": []map[string]any{
		{"name": "=top", "customers": 1, "points": []map[string]any{{"spend": 0, "return": 1}, {"spend": 20, "return": 101}}, "least": 0, "most": nil, "contacts": nil, "contact_cost": nil, "now": nil},
	}}
	var plan allocation.Plan
	h.admin.must(http.MethodPost, "/allocation/solve", problem, 200, &plan)
	if plan.Best.Return != 101 || plan.ShadowPrice != 0 {
		t.Errorf("%+v", plan.Best)
	}
	var kept allocation.Kept
	h.admin.must(http.MethodPost, "/plans", map[string]any{"name": "2027", "segments_by": "tier", "as_of": "2026-10-31", "problem": problem}, 201, &kept)
	path := "/plans/" + string(kept.ID)
	h.admin.must(http.MethodPut, path+"/in-force", map[string]any{"in_force": true}, 428, nil)
	h.admin.must(http.MethodPut, path+"/in-force", map[string]any{"in_force": true}, 200, &kept, "If-Match", `"1"`)
	if !kept.InForce || kept.Version != 2 {
		t.Errorf("%+v", kept.Brief)
	}
	var list struct{ Items []allocation.Brief }
	mona := h.user("mona@example.com", "manager", map[string]any{"person_id": tw.nora.ID, "unit_id": tw.north.ID})
	mona.must(http.MethodGet, "/plans", nil, 200, &list)
	if len(list.Items) != 1 || !list.Items[0].InForce {
		t.Errorf("a manager sees %+v", list.Items)
	}
	if r := mona.do(http.MethodDelete, path, nil, "If-Match", `"2"`); r.status != 403 {
		t.Errorf("a manager deletes the plan: %d", r.status)
	}
	if r := h.admin.do(http.MethodGet, path+"/export", nil); !strings.Contains(string(r.body), `"'=top",1,20,101`) {
		t.Errorf("the file: %s", r.body)
	}
	h.admin.must(http.MethodDelete, path, nil, 412, nil, "If-Match", `"1"`)
	h.admin.must(http.MethodDelete, path, nil, 204, nil, "If-Match", `"2"`)
	h.admin.must(http.MethodGet, path, nil, 404, nil)
}
