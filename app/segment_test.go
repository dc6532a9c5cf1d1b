package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/id"
)

// keptSegment is a segment as the interface gives it.
type keptSegment struct {
	ID        id.ID
	Version   int64
	Kind      string
	Customers *int64
	Entered   int64
	Left      int64
}

func (v *visitor) keep(body map[string]any) (s keptSegment, unknown []string) {
	v.t.Helper()
	var made struct {
		Segment keptSegment
		Members struct{ Unknown []string }
	}
	v.must(http.MethodPost, "/segments", body, http.StatusCreated, &made)
	return made.Segment, made.Members.Unknown
}

func (v *visitor) listed(query string) string {
	v.t.Helper()
	var page struct{ Items []struct{ Code string } }
	v.must(http.MethodGet, "/matrix/customers?sort=code&limit=500&"+query, nil, 200, &page)
	var codes []string
	for _, c := range page.Items {
		codes = append(codes, c.Code)
	}
	return strings.Join(codes, " ")
}

// K8: a list is kept as a segment, live or frozen, and the segment narrows lists, the matrix and exports, for each person
// within their reach.
func TestSegmentsAreUsedEverywhere(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	h.admin.score("2026-09-30")
	h.admin.score("2026-10-31")
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID, "unit_id": tw.south.ID})
	nora := h.user("nora@example.com", "salesperson", map[string]any{"person_id": tw.nora.ID, "unit_id": tw.north.ID})

	rule := map[string]any{"any": []any{
		map[string]any{"all": []any{map[string]any{"field": "revenue", "sign": ">=", "value": "150000"}, map[string]any{"not": map[string]any{"field": "potential", "sign": "unknown"}}}},
		map[string]any{"field": "code", "sign": "in", "values": []string{"C00"}}}}
	live, _ := h.admin.keep(map[string]any{"name": "Large", "kind": "live", "shared": true, "rule": rule})
	// Revenue of 1,500 and more: C14, C16, C17, C18 bought so (C15 and C19 bought nothing), of whom C14 has no potential.
	want := "C00 C16 C17 C18"
	if got := h.admin.listed("segment=" + string(live.ID)); got != want {
		t.Fatalf("the list of the segment: %s, want %s", got, want)
	}
	if live.Customers == nil || *live.Customers != 4 {
		t.Errorf("its size: %+v", live)
	}
	text, err := json.Marshal(rule)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.admin.listed("rule=" + url.QueryEscape(string(text))); got != want {
		t.Errorf("the list by the same rule: %s", got)
	}
	if got := h.admin.listed("segment=" + string(live.ID) + "&measure=" + url.QueryEscape("revenue>=180000")); got != "C17 C18" {
		t.Errorf("with another condition: %s", got)
	}
	if got := sven.listed("segment=" + string(live.ID)); got != "C16 C17 C18" {
		t.Errorf("sven's: %s", got)
	}
	if got := nora.listed("segment=" + string(live.ID)); got != "C00" {
		t.Errorf("nora's: %s", got)
	}
	for who, n := range map[*visitor]int64{h.admin: 4, sven: 3, nora: 1} {
		var picture struct{ Total struct{ Customers int64 } }
		who.must(http.MethodGet, "/matrix?segment="+string(live.ID), nil, 200, &picture)
		if picture.Total.Customers != n {
			t.Errorf("a matrix of the segment counts %d, want %d", picture.Total.Customers, n)
		}
	}
	if r := h.admin.must(http.MethodGet, "/matrix/customers/export?segment="+string(live.ID), nil, 200, nil); strings.Count(string(r.body), "\n") != 5 {
		t.Errorf("the export: %s", r.body)
	}

	// What a salesperson freezes is theirs, with their customers alone; nobody else finds it by any route.
	frozen, unknown := sven.keep(map[string]any{"name": "To call", "kind": "frozen", "from": map[string]any{"rule": map[string]any{"field": "segment", "sign": "=", "value": live.ID}}, "codes": []string{"C11", "C01", "nobody"}})
	if got := sven.listed("segment=" + string(frozen.ID)); got != "C11 C16 C17 C18" || fmt.Sprint(unknown) != "[C01 nobody]" {
		t.Errorf("frozen: %s, unknown %v", got, unknown)
	}
	for _, o := range h.operations() {
		if !strings.HasPrefix(o.path, "/segments/{id}") {
			continue
		}
		path := strings.Replace(o.path, "{id}", string(frozen.ID), 1)
		if strings.HasSuffix(path, "/moves") {
			path += "?as_of=2026-10-31"
		}
		body := map[string]any{}
		if o.method == http.MethodGet || o.method == http.MethodDelete {
			body = nil
		}
		for _, v := range []*visitor{nora, h.admin} {
			var in any
			if body != nil {
				in = body
			}
			if r := v.do(o.method, path, in, "If-Match", `"1"`); r.status != http.StatusNotFound {
				t.Errorf("%s %s of another's private segment: %d %s", o.method, path, r.status, r.body)
			}
		}
	}
	for _, path := range []string{"/matrix?segment=", "/matrix/customers?segment=", "/matrix/customers/export?segment="} {
		if r := h.admin.do(http.MethodGet, path+string(frozen.ID), nil); r.status != http.StatusNotFound {
			t.Errorf("%s of another's private segment: %d %s", path, r.status, r.body)
		}
	}
	var in struct{ Items []struct{ Name string } }
	var customers struct{ Items []record }
	sven.must(http.MethodGet, "/customers?q=C16", nil, 200, &customers)
	if sven.must(http.MethodGet, "/customers/"+string(customers.Items[0].ID)+"/segments", nil, 200, &in); fmt.Sprint(in.Items) != "[{Large} {To call}]" {
		t.Errorf("the segments of C16: %v", in.Items)
	}
	h.admin.must(http.MethodGet, "/customers/"+string(customers.Items[0].ID)+"/segments", nil, 200, &in)
	if fmt.Sprint(in.Items) != "[{Large}]" {
		t.Errorf("the segments of C16 for the administrator: %v", in.Items)
	}

	// A customer is taken out by hand; somebody who read before that does not overwrite it.
	path := "/segments/" + string(frozen.ID) + "/members"
	var moved struct{ Removed int64 }
	sven.must(http.MethodPost, path, map[string]any{"remove": []id.ID{customers.Items[0].ID}}, 200, &moved, "If-Match", `"1"`)
	if got := sven.listed("segment=" + string(frozen.ID)); moved.Removed != 1 || got != "C11 C17 C18" {
		t.Errorf("after taking C16 out: %s, %+v", got, moved)
	}
	if r := sven.do(http.MethodPost, path, map[string]any{"codes": []string{"C12"}}, "If-Match", `"1"`); r.status != http.StatusPreconditionFailed {
		t.Errorf("an old version: %d %s", r.status, r.body)
	}

	// The history is worked out by the job, and a warehouse that is built anew has all of it again.
	var history struct {
		Points []struct {
			AsOf      string `json:"as_of"`
			Customers int64
		}
		Pending bool
	}
	h.eventually("the history is worked out", func() bool {
		h.admin.must(http.MethodGet, "/segments/"+string(live.ID)+"/history", nil, 200, &history)
		return !history.Pending && len(history.Points) == 2
	})
	before := fmt.Sprint(history)
	if err := h.app.withUpkeep(t.Context(), h.app.rebuild); err != nil {
		t.Fatal(err)
	}
	h.admin.must(http.MethodGet, "/segments/"+string(live.ID)+"/history", nil, 200, &history)
	if after := fmt.Sprint(history); after != before {
		t.Errorf("the history after a rebuild: %s, before %s", after, before)
	}
	if got := sven.listed("segment=" + string(frozen.ID)); got != "C11 C17 C18" {
		t.Errorf("the frozen one after a rebuild: %s", got)
	}
	var moves struct{ Items []struct{ Code, By string } }
	sven.must(http.MethodGet, "/segments/"+string(frozen.ID)+"/moves?entered=true&as_of="+time.Now().UTC().Format(time.DateOnly), nil, 200, &moves)
	if len(moves.Items) != 4 || moves.Items[0].By != "sven@example.com" {
		t.Errorf("who came in: %+v", moves)
	}
	h.admin.must(http.MethodPatch, "/segments/"+string(live.ID), map[string]any{"name": "Larger"}, 200, nil, "If-Match", `"1"`)
	h.admin.must(http.MethodDelete, "/segments/"+string(live.ID), nil, http.StatusNoContent, nil, "If-Match", `"2"`)
	h.admin.must(http.MethodGet, "/segments/"+string(live.ID), nil, http.StatusNotFound, nil)
}

// A06: hostile conditions and parameters are refused with words, and change nothing.
func TestA06HostileSegments(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	h.town()
	h.admin.score("2026-10-31")
	before := h.fingerprint()
	for name, rule := range map[string]any{
		"a field":   map[string]any{"field": "revenue); DROP TABLE score; --", "sign": ">", "value": "1"},
		"a sign":    map[string]any{"field": "revenue", "sign": "> 0 OR 1", "value": "1"},
		"a number":  map[string]any{"field": "revenue", "sign": ">", "value": "1 OR 1=1"},
		"a column":  map[string]any{"field": "unit_id", "sign": "=", "value": "1"},
		"a stowage": map[string]any{"field": "revenue", "sign": ">", "value": "1", "sql": "1"},
		"a list":    []any{},
		"a text":    "true",
	} {
		for _, try := range []struct {
			path string
			body any
		}{{"/segments", map[string]any{"name": name, "kind": "live", "rule": rule}}, {"/segments/preview", map[string]any{"rule": rule}},
			{"/segments", map[string]any{"name": name, "kind": "frozen", "from": map[string]any{"rule": rule}}}} {
			if r := h.admin.do(http.MethodPost, try.path, try.body); r.status != 400 && r.status != 422 {
				t.Errorf("%s at %s: %d %s", name, try.path, r.status, r.body)
			}
		}
		text, err := json.Marshal(rule)
		if err != nil {
			t.Fatal(err)
		}
		if r := h.admin.do(http.MethodGet, "/matrix/customers?rule="+url.QueryEscape(string(text)), nil); r.status != 400 {
			t.Errorf("%s in a list: %d %s", name, r.status, r.body)
		}
	}
	for _, query := range []string{"segment=1", "segment=" + url.QueryEscape("' OR 1=1"), "rule=" + url.QueryEscape(strings.Repeat(`{"not":`, 2000)), "rule=" + strings.Repeat("x", 17_000)} {
		if r := h.admin.do(http.MethodGet, "/matrix/customers?"+query, nil); r.status < 400 || r.status >= 500 {
			t.Errorf("%.40s: %d %s", query, r.status, r.body)
		}
	}
	if r := h.admin.do(http.MethodGet, "/segments/"+string(id.New())+"/moves?as_of=x&entered=true&cursor=%27", nil); r.status != 422 {
		t.Errorf("moves: %d %s", r.status, r.body)
	}
	deep := any(map[string]any{"field": "revenue", "sign": ">", "value": "1"})
	for range 1000 {
		deep = map[string]any{"not": deep}
	}
	if r := h.admin.do(http.MethodPost, "/segments/preview", map[string]any{"rule": deep}); r.status != 400 {
		t.Errorf("a rule a thousand deep: %d %.200s", r.status, r.body)
	}
	if h.fingerprint() != before {
		t.Error("something was changed")
	}
}
