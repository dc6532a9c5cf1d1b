package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// K4: the page's figures equal the lists behind them, salespeople see their own, and settings count from the next scoring on.
func TestVisitView(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	h.admin.must(http.MethodGet, "/matrix/visits", nil, 404, nil)
	h.admin.score("2026-10-31")
	type colours struct{ Customers, Green, Yellow, Red, Never, None int64 }
	type picture struct {
		AsOf       string `json:"as_of"`
		Total      colours
		Definition struct{ Kinds []string }
	}
	var got picture
	h.admin.must(http.MethodGet, "/matrix/visits", nil, 200, &got)
	if got.AsOf != "2026-10-31" || got.Total.Customers != 20 {
		t.Fatalf("%+v", got)
	}
	var all int64
	for colour, n := range map[string]int64{"green": got.Total.Green, "yellow": got.Total.Yellow, "red": got.Total.Red, "none": got.Total.None} {
		if listed := h.listed("2026-10-31", "care="+colour); listed != n {
			t.Errorf("%s: the page says %d, the list has %d", colour, n, listed)
		}
		all += n
	}
	if all != 20 {
		t.Errorf("the colours make %d of 20 customers", all)
	}
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID, "unit_id": tw.south.ID})
	var his picture
	sven.must(http.MethodGet, "/matrix/visits", nil, 200, &his)
	if his.Total.Customers != 10 {
		t.Errorf("sven's picture counts %d customers, want his 10", his.Total.Customers)
	}
	h.admin.must(http.MethodGet, "/matrix/visits?as_of=now", nil, 422, nil)
	h.admin.must(http.MethodGet, "/matrix/visits?matrix=none", nil, 404, nil)

	def := h.admin.must(http.MethodGet, "/visits/definition", nil, 200, nil)
	var body map[string]any
	if err := json.Unmarshal(def.body, &body); err != nil {
		t.Fatal(err)
	}
	delete(body, "$schema")
	body["kinds"] = []string{"meeting"}
	h.admin.must(http.MethodPut, "/visits/definition", body, 428, nil)
	h.admin.must(http.MethodPut, "/visits/definition", body, 200, nil, "If-Match", def.header.Get("ETag"))
	h.admin.must(http.MethodPut, "/visits/definition", body, 412, nil, "If-Match", def.header.Get("ETag"))
	sven.must(http.MethodPut, "/visits/definition", body, 403, nil, "If-Match", `"1"`)
	h.admin.score("2026-10-31")
	h.admin.must(http.MethodGet, "/matrix/visits", nil, 200, &got)
	if len(got.Definition.Kinds) != 1 || got.Definition.Kinds[0] != "meeting" {
		t.Errorf("the settings do not count: %v", got.Definition)
	}
}

// K3: a scenario is made of the customers within reach, and of those that the lists show.
func TestWhatIf(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	h.admin.must(http.MethodGet, "/matrix/what-if?from=gold_bubble&share=0.5", nil, 404, nil)
	h.admin.score("2026-10-31")
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID, "unit_id": tw.south.ID})
	var matrix struct {
		Cells []struct {
			Key       string
			Customers int64
		}
	}
	for _, who := range []*visitor{h.admin, sven} {
		who.must(http.MethodGet, "/matrix", nil, 200, &matrix)
		for _, c := range matrix.Cells {
			if c.Key == "unknown" {
				continue
			}
			var a struct {
				Available int64
				Lacks     []string
			}
			who.must(http.MethodGet, "/matrix/what-if?customers=100&share=0.5&from="+c.Key, nil, 200, &a)
			if a.Available != c.Customers || fmt.Sprint(a.Lacks) != "[from]" {
				t.Errorf("%s: %d available (%v), the matrix has %d", c.Key, a.Available, a.Lacks, c.Customers)
			}
		}
	}
	for query, code := range map[string]string{"from=unknown&share=0.5": "whatif.malformed_scenario", "from=gold_bubble": "whatif.malformed_scenario", "from=gold_bubble&to=gold_sailer&share=0.5": "whatif.malformed_scenario",
		"from=gold_bubble&share=0.5&chosen=x": "whatif.malformed_scenario"} {
		if r := h.admin.must(http.MethodGet, "/matrix/what-if?"+query, nil, 400, nil); !strings.Contains(string(r.body), code) {
			t.Errorf("%s: %s", query, r.body)
		}
	}
}
