package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/act/goal"
)

// Goals through the whole program: a goal on revenue is shared out while the sum is kept, its progress is that of the scored
// versions, and nobody sees or changes the goals of another unit.
func TestGoals(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	h.admin.score("2026-03-31")
	h.admin.score("2026-10-31")
	form := map[string]any{"title": "More revenue", "what": map[string]any{"kind": "sum", "measure": "revenue"}, "start_as_of": "2026-03-31", "target": 2_000_000, "due_on": "2027-03-31"}
	var g goal.Shown
	h.admin.must(http.MethodPost, "/goals", form, 201, &g)
	// Until 31 March C00, C01, C02, C09, C10 and C18 bought 100 + 200 + 300 + 1000 + 1100 + 1900; until October 15 000 were bought.
	if g.StartValue != 460_000 || g.Latest == nil || *g.Latest.Value != 1_500_000 || g.State != goal.Running || g.Behind {
		t.Errorf("%+v %+v", g.Goal, g.Latest)
	}
	path := "/goals/" + string(g.ID)
	var s goal.Split
	h.admin.must(http.MethodPost, path+"/proposal", map[string]any{"by": "customers", "fixed": []any{}}, 200, &s)
	if len(s.Parts) != 2 || s.Amount != 1_540_000 || s.Parts[0].Amount != 770_000 || s.Parts[1].Amount != 770_000 || s.Unplaced != 0 {
		t.Fatalf("%+v", s)
	}
	h.admin.must(http.MethodPost, path+"/proposal", map[string]any{"by": "revenue", "fixed": []any{}}, 200, &s)
	for _, p := range s.Parts { // 3000 of 4600 were South's
		if want := map[string]float64{"North": 535_652, "South": 1_004_348}[p.Name]; p.Amount != want {
			t.Errorf("%s: %g, want %g", p.Name, p.Amount, want)
		}
	}
	north := map[string]any{"unit_id": tw.north.ID, "amount": 500_000}
	h.admin.must(http.MethodPost, path+"/proposal", map[string]any{"by": "customers", "fixed": []any{north}}, 200, &s)
	if s.Parts[0].Amount+s.Parts[1].Amount != 1_540_000 {
		t.Errorf("the parts make %g", s.Parts[0].Amount+s.Parts[1].Amount)
	}
	south := map[string]any{"unit_id": tw.south.ID, "amount": 1_000_000}
	if r := h.admin.do(http.MethodPut, path+"/parts", map[string]any{"by": "customers", "fixed": []any{north, south}}, "If-Match", `"1"`); r.status != 422 {
		t.Errorf("a split that does not keep the sum: %d %s", r.status, r.body)
	}
	south["amount"] = 1_040_000
	var p goal.Progress
	h.admin.must(http.MethodPut, path+"/parts", map[string]any{"by": "customers", "fixed": []any{north, south}}, 200, &p, "If-Match", `"1"`)
	if len(p.Points) != 2 || *p.Points[0].Value != 460_000 || p.Points[0].Wanted != 460_000 || p.Sum != 1_540_000 || len(p.Parts) != 2 {
		t.Fatalf("%+v", p)
	}
	// Of 365 days 214 are gone: 460 000 + 1 540 000 × 214/365.
	if w := p.Points[1].Wanted; w < 1_362_904 || w > 1_362_905 {
		t.Errorf("wanted %g", w)
	}
	table := h.admin.must(http.MethodGet, "/goals/export", nil, 200, nil).body
	if lines := strings.Split(strings.TrimSpace(string(table)), "\r\n"); len(lines) != 4 || !strings.Contains(lines[1], "4600.00,20000.00") || !strings.Contains(string(table), `"North"`) {
		t.Errorf("the goals as a file:\n%s", table)
	}
	if r := h.admin.must(http.MethodGet, path+"/export?format=xlsx", nil, 200, nil); !strings.HasPrefix(string(r.body), "PK") {
		t.Errorf("the goal as a workbook: %.40q", r.body)
	}
	values := map[string]float64{}
	for _, part := range p.Parts {
		values[part.UnitName] = *part.Latest.Value
	}
	if values["North"] != 430_000 || values["South"] != 1_070_000 {
		t.Errorf("%v", values)
	}

	mona := h.user("mona@example.com", "manager", map[string]any{"person_id": tw.nora.ID, "unit_id": tw.north.ID})
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID, "unit_id": tw.south.ID})
	var list struct{ Items []goal.Shown }
	mona.must(http.MethodGet, "/goals", nil, 200, &list)
	if len(list.Items) != 1 || list.Items[0].UnitID != tw.north.ID || list.Items[0].ParentID != "" || list.Items[0].Above != nil || !list.Items[0].Part {
		t.Fatalf("a manager sees %+v", list.Items)
	}
	own := "/goals/" + string(list.Items[0].ID)
	for _, there := range []string{path, path + "/progress", path + "/lagging"} {
		if r := mona.do(http.MethodGet, there, nil); r.status != 404 {
			t.Errorf("a manager asks for the goal of the company: %d", r.status)
		}
		if r := sven.do(http.MethodGet, own, nil); r.status != 404 {
			t.Errorf("a salesperson asks for the goal of another unit: %d", r.status)
		}
	}
	for _, part := range p.Parts {
		if part.UnitID == tw.south.ID {
			if r := mona.do(http.MethodPatch, "/goals/"+string(part.ID), map[string]any{"drop": "no"}, "If-Match", `"1"`); r.status != 404 {
				t.Errorf("a manager drops the goal of another unit: %d", r.status)
			}
			h.admin.must(http.MethodPut, "/goals/"+string(part.ID)+"/parts", map[string]any{"by": "potential", "fixed": []any{map[string]any{"unit_id": tw.south.ID, "person_id": tw.sven.ID, "direct": true, "amount": 1_040_000}}}, 200, nil, "If-Match", `"1"`)
		}
	}
	if r := mona.do(http.MethodPatch, own, map[string]any{"target": 5}, "If-Match", `"1"`); r.status != 422 {
		t.Errorf("a manager changes the target of a part: %d %s", r.status, r.body)
	}
	form["unit_id"] = tw.south.ID
	if r := mona.do(http.MethodPost, "/goals", form); r.status != 422 {
		t.Errorf("a manager sets a goal for another unit: %d", r.status)
	}
	sven.must(http.MethodGet, "/goals", nil, 200, &list)
	if len(list.Items) != 1 || list.Items[0].PersonName != "Sven" || *list.Items[0].Latest.Value != 1_070_000 || list.Items[0].Target != 1_340_000 || list.Items[0].MayChange {
		t.Errorf("a salesperson sees %+v", list.Items)
	}
	h.admin.must(http.MethodPatch, path, map[string]any{"drop": "The market is gone"}, 200, &g, "If-Match", `"2"`)
	sven.must(http.MethodGet, "/goals", nil, 200, &list)
	if g.State != goal.Dropped || list.Items[0].State != goal.Dropped || list.Items[0].DroppedWhy != "The market is gone" {
		t.Errorf("%s %+v", g.State, list.Items)
	}

	t.Run("moves and shares", func(t *testing.T) { moves(t, h) })
	t.Run("road map and areas", func(t *testing.T) { roads(t, h, mona, sven) })
}

// moves holds the goals on cells against the lists of the matrix.
func moves(t *testing.T, h *house) {
	behind := func(query string) []string {
		var page struct{ Items []record }
		h.admin.must(http.MethodGet, "/matrix/customers?limit=500&"+query, nil, 200, &page)
		var ids []string
		for _, r := range page.Items {
			ids = append(ids, string(r.ID))
		}
		return ids
	}
	tried := 0
	for _, from := range []string{"gold_prospect", "silver_prospect", "bronze_prospect"} {
		stood := behind("as_of=2026-03-31&cell=" + from)
		for _, column := range []string{"bubble", "sailer", "loyal"} {
			row, _, _ := strings.Cut(from, "_")
			to := row + "_" + column
			stand := behind("as_of=2026-10-31&cell=" + to)
			moved := 0
			for _, c := range stood {
				if slices.Contains(stand, c) {
					moved++
				}
			}
			var g goal.Shown
			h.admin.must(http.MethodPost, "/goals", map[string]any{"title": from + " to " + to, "what": map[string]any{"kind": "cell_move", "from": from, "to": to},
				"start_as_of": "2026-03-31", "target": 3, "due_on": "2026-12-31"}, 201, &g)
			if g.StartValue != 0 || *g.Latest.Value != float64(moved) || g.Latest.Customers != int64(len(stood)) {
				t.Errorf("%s to %s: %+v, want %d of %d", from, to, *g.Latest, moved, len(stood))
			}
			var l goal.Lags
			h.admin.must(http.MethodGet, "/goals/"+string(g.ID)+"/lagging", nil, 200, &l)
			if l.Found != int64(len(stood)-moved) || len(l.Items) != len(stood)-moved || l.Why != "not_moved" {
				t.Errorf("%s to %s: %d did not move, want %d", from, to, l.Found, len(stood)-moved)
			}
			tried += moved
		}
	}
	if tried == 0 {
		t.Error("nobody moved: the test shows nothing")
	}
	var g goal.Shown
	h.admin.must(http.MethodPost, "/goals", map[string]any{"title": "All buy", "what": map[string]any{"kind": "share", "row": "gold", "meeting": []string{"revenue>0"}},
		"start_as_of": "2026-03-31", "target": 1, "due_on": "2026-12-31"}, 201, &g)
	gold := behind("as_of=2026-10-31&row=gold")
	buying := behind("as_of=2026-10-31&row=gold&measure=revenue%3E0")
	if want := float64(len(buying)) / float64(len(gold)); *g.Latest.Value != want || !g.Level {
		t.Errorf("%g of gold buy, want %g", *g.Latest.Value, want)
	}
	for _, what := range []map[string]any{{"kind": "sum", "measure": "nothing"}, {"kind": "share"}, {"kind": "cell_move", "from": "gold_bubble", "to": "gold_bubble"}} {
		if r := h.admin.do(http.MethodPost, "/goals", map[string]any{"title": "x", "what": what, "target": 1, "due_on": "2027-12-31"}); r.status != 422 {
			t.Errorf("%v: %d %s", what, r.status, r.body)
		}
	}
}

func roads(t *testing.T, h *house, mona, sven *visitor) {
	var proposal struct{ Items []goal.Draft }
	h.admin.must(http.MethodGet, "/road-map/proposal?from=2026-01-05&months=6", nil, 200, &proposal)
	if len(proposal.Items) != 11 {
		t.Fatalf("%+v", proposal.Items)
	}
	var road struct{ Items []goal.Dated }
	h.admin.must(http.MethodPost, "/road-map/steps", map[string]any{"steps": proposal.Items}, 201, &road)
	sven.must(http.MethodGet, "/road-map", nil, 200, &road)
	if len(road.Items) != 11 || road.Items[0].MayChange || !road.Items[0].Late {
		t.Errorf("%d steps, %+v", len(road.Items), road.Items[0])
	}
	step := "/road-map/steps/" + string(road.Items[0].ID)
	done := map[string]any{"day": "2026-01-06", "kind": "workshop", "title": "Begin", "done_on": "2026-01-06"}
	if r := mona.do(http.MethodPut, step, done, "If-Match", `"1"`); r.status != 422 {
		t.Errorf("a manager changes a step of the company: %d", r.status)
	}
	if r := mona.do(http.MethodDelete, step, nil, "If-Match", `"1"`); r.status != 404 {
		t.Errorf("a manager deletes a step of the company: %d", r.status)
	}
	h.admin.must(http.MethodPut, step, done, 204, nil, "If-Match", `"1"`)
	h.admin.must(http.MethodGet, "/road-map/proposal?from=2026-01-05&months=6", nil, 200, &proposal)
	if len(proposal.Items) != 1 { // only the workshop that was moved
		t.Errorf("%+v", proposal.Items)
	}
	areas := goal.Areas{Items: []goal.Area{{Name: "Sales", Now: 4, Wanted: 8, Weight: 2}}}
	h.admin.must(http.MethodPut, "/goals/areas", areas, 200, nil, "If-Match", `"0"`)
	var ranked struct{ Items []goal.Ranked }
	sven.must(http.MethodGet, "/goals/priorities", nil, 200, &ranked)
	if len(ranked.Items) != 1 || ranked.Items[0].Priority != 8 || ranked.Items[0].Rank != 1 {
		t.Errorf("%+v", ranked.Items)
	}
	if r := mona.do(http.MethodPut, "/goals/areas", areas, "If-Match", `"1"`); r.status != 403 {
		t.Errorf("a manager judges the areas of the company: %d", r.status)
	}
}
