package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// how is what the tests read of an explanation.
type how struct {
	Key, Unit, Label, Definition string
	Value                        any
	TooFew                       string `json:"too_few"`
	AsOf                         string `json:"as_of"`
	Sample                       int64
	Given                        []struct {
		Key   string
		Value any
	}
	Rows []struct {
		Kind, From, To string
		Count          int64
	}
	Facts []struct{ Label, Value string }
}

func (h *house) customerID(code string) string {
	h.t.Helper()
	var page struct{ Items []record }
	h.admin.must(http.MethodGet, "/customers?limit=500", nil, 200, &page)
	i := slices.IndexFunc(page.Items, func(r record) bool { return r.Code == code })
	if i < 0 {
		h.t.Fatalf("there is no customer %s", code)
	}
	return string(page.Items[i].ID)
}

// V2: every number says how it came about, and too little is said in words.
func TestV2EveryMeasureSaysHow(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	h.town()
	var before struct {
		AsOf  *string `json:"as_of"`
		Items []how
	}
	h.admin.must(http.MethodGet, "/measures", nil, 200, &before)
	if before.AsOf != nil || len(before.Items) < 11 {
		t.Errorf("before anything was scored: %+v", before)
	}
	c00, c04 := h.customerID("C00"), h.customerID("C04")
	if r := h.admin.do(http.MethodGet, "/customers/"+c00+"/measures/share", nil); r.status != 404 || !strings.Contains(string(r.body), "scoring.empty") {
		t.Errorf("before anything was scored: %d %s", r.status, r.body)
	}
	h.admin.score("2026-10-31")
	ask := func(id, key string) how {
		var got how
		h.admin.must(http.MethodGet, "/customers/"+id+"/measures/"+key, nil, 200, &got)
		return got
	}
	// C00 bought 100.00 on 15 January 2026 and could buy 20,000.00 a year.
	share := ask(c00, "share")
	if share.Value != 0.005 || share.AsOf != "2026-10-31" || share.Sample != 20 || share.Label != "Customer share" {
		t.Errorf("share: %+v", share)
	}
	if got := fmt.Sprint(share.Given); got != "[{revenue 10000} {potential 2e+06}]" {
		t.Errorf("given: %s", got)
	}
	if got := fmt.Sprint(share.Rows); got != "[{purchases 2025-11-01 2026-10-31 1} {potentials  2026-10-31 1}]" {
		t.Errorf("rows: %s", got)
	}
	// C04 has no potential.
	if got := ask(c04, "share"); got.Value != nil || got.TooFew != "Nobody has stated what this customer could buy in a year, and there is no estimate." {
		t.Errorf("without a potential: %+v", got)
	}
	if got := ask(c04, "revenue"); got.Value != 50000.0 || got.Unit != "money" || got.TooFew != "" {
		t.Errorf("revenue: %+v", got)
	}
	if got := ask(c00, "cell"); len(got.Facts) != 4 || got.Facts[0].Label != "Gold begins at" {
		t.Errorf("cell: %+v", got)
	}
	// The rows behind it are those that the purchases' own route lists for the span.
	var lines struct{ Items []any }
	h.admin.must(http.MethodGet, "/customers/"+c00+"/purchases?from=2025-11-01&to=2026-10-31", nil, 200, &lines)
	if len(lines.Items) != 1 {
		t.Errorf("%d lines in the span", len(lines.Items))
	}
	h.admin.must(http.MethodGet, "/customers/"+c00+"/purchases?from=2026-01-16", nil, 200, &lines)
	if len(lines.Items) != 0 {
		t.Errorf("%d lines after the purchase", len(lines.Items))
	}
	h.admin.must(http.MethodGet, "/customers/"+c00+"/measures/password", nil, 404, nil)
	h.admin.must(http.MethodGet, "/customers/"+c00+"/measures/share?as_of=2020-01-01", nil, 404, nil)
	h.admin.must(http.MethodGet, "/customers/"+c00+"/measures/share?as_of=now", nil, 422, nil)
	// Every measure of the list can be asked of every customer: a value, or the reason that there is none.
	var sheet struct{ Items []how }
	h.admin.must(http.MethodGet, "/customers/"+c04+"/measures", nil, 200, &sheet)
	if len(sheet.Items) != len(before.Items) {
		t.Errorf("the sheet has %d measures, the list %d", len(sheet.Items), len(before.Items))
	}
	for _, m := range sheet.Items {
		if got := ask(c04, m.Key); (got.Value == nil) != (got.TooFew != "") || got.Definition == "" {
			t.Errorf("%s: %+v", m.Key, got)
		}
	}
}

// C7 and P4: cells and points with their customers, the settings, and the break-even of the source.
func TestC7RFM(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	h.admin.must(http.MethodGet, "/rfm", nil, 404, nil)
	h.admin.score("2026-10-31")
	type picture struct {
		Customers   int64 `json:"customers"`
		NeverBought int64 `json:"never_bought"`
		Cells       []struct{ R, F, M, Customers, Revenue int64 }
		Points      []struct {
			From      float64
			Customers int64
		}
		Definition map[string]any
	}
	var got picture
	h.admin.must(http.MethodGet, "/rfm", nil, 200, &got)
	var inCells, inPoints, revenue int64
	for _, c := range got.Cells {
		inCells += c.Customers
		revenue += c.Revenue
	}
	for _, p := range got.Points {
		inPoints += p.Customers
	}
	if got.Customers != 20 || got.NeverBought != 5 || inCells != 15 || inPoints != 15 || revenue != 100_00*(1+2+3+5+6+7+9+10+11+13+14+15+17+18+19) {
		t.Errorf("%d customers, %d never bought, %d in cells, %d by points, revenue %d", got.Customers, got.NeverBought, inCells, inPoints, revenue)
	}
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID, "unit_id": tw.south.ID})
	var his picture
	sven.must(http.MethodGet, "/rfm", nil, 200, &his)
	if his.Customers != 10 {
		t.Errorf("sven's picture counts %d customers, want his 10", his.Customers)
	}
	if r := h.admin.must(http.MethodGet, "/rfm/export", nil, 200, nil); !strings.HasPrefix(string(r.body), "recency,frequency,money,customers,revenue,currency,as_of\r\n5,") ||
		strings.Count(string(r.body), "\n") != len(got.Cells)+1 {
		t.Errorf("export: %s", r.body)
	}

	// The settings count from the next scoring on; the date scored before keeps its own.
	def := h.admin.must(http.MethodGet, "/rfm/definition", nil, 200, nil)
	changed := strings.Replace(string(def.body), `"r":5,"f":5,"m":5`, `"r":2,"f":2,"m":2`, 1)
	var body map[string]any
	if err := json.Unmarshal([]byte(changed), &body); err != nil {
		t.Fatal(err)
	}
	h.admin.must(http.MethodPut, "/rfm/definition", body, 428, nil)
	h.admin.must(http.MethodPut, "/rfm/definition", body, 200, nil, "If-Match", def.header.Get("ETag"))
	h.admin.must(http.MethodPut, "/rfm/definition", body, 412, nil, "If-Match", def.header.Get("ETag"))
	sven.must(http.MethodPut, "/rfm/definition", body, 403, nil, "If-Match", `"1"`)
	h.admin.must(http.MethodGet, "/rfm", nil, 200, &got)
	if fmt.Sprint(got.Definition["cells"]) != "map[f:5 m:5 method:independent r:5]" {
		t.Errorf("the scored date has new settings: %v", got.Definition)
	}
	h.admin.score("2026-10-31")
	h.admin.must(http.MethodGet, "/rfm", nil, 200, &got)
	if len(got.Cells) > 8 {
		t.Errorf("%d cells of 2 × 2 × 2", len(got.Cells))
	}

	// C7: 0.62 ÷ 35 = 1.771 %. Hughes: 0.55 ÷ 40 = 1.375 %; a response of 2.5 % has the index 81.82.
	var even struct {
		BreakEven float64 `json:"break_even"`
		TestSize  int     `json:"test_size"`
		Results   []struct {
			Rate, Index float64
			Mail        bool
			TooFew      bool `json:"too_few"`
		}
	}
	h.admin.must(http.MethodPost, "/rfm/break-even", map[string]any{"cost": 0.62, "profit": 35}, 200, &even)
	if fmt.Sprintf("%.3f %d", 100*even.BreakEven, even.TestSize) != "1.771 226" {
		t.Errorf("C7: %+v", even)
	}
	h.admin.must(http.MethodPost, "/rfm/break-even", map[string]any{"cost": 0.55, "profit": 40,
		"tests": []map[string]int{{"r": 5, "f": 5, "m": 5, "mailed": 400, "responses": 10}, {"r": 1, "f": 1, "m": 1, "mailed": 100, "responses": 1}}}, 200, &even)
	if fmt.Sprintf("%.3f %.2f", 100*even.BreakEven, even.Results[0].Index) != "1.375 81.82" || !even.Results[0].Mail || even.Results[1].Mail || !even.Results[1].TooFew {
		t.Errorf("Hughes: %+v", even)
	}
	h.admin.must(http.MethodPost, "/rfm/break-even", map[string]any{"cost": 1, "profit": 0}, 422, nil)
	h.admin.must(http.MethodPost, "/rfm/break-even", map[string]any{"cost": 1, "profit": 9, "tests": []map[string]int{{"r": 5, "f": 5, "m": 5, "mailed": 4, "responses": 5}}}, 422, nil)
}

// Y11: rules of the company's own become measures with the next scoring, and say how.
func TestY11RulesAreMeasures(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	h.admin.score("2026-10-31")
	listing := h.admin.must(http.MethodGet, "/rules", nil, 200, nil)
	for _, name := range []string{`"key":"rfm_points"`, `"key":"potential"`, `"key":"industry"`, `"name":"days_since"`} {
		if !strings.Contains(string(listing.body), name) {
			t.Errorf("the names lack %s", name)
		}
	}
	rules := map[string]any{"rules": []map[string]any{{"key": "worth", "label": "Worth", "definition": "Revenue and a tenth of what is unused.",
		"expression": "revenue + unused / 10", "unit": "money", "direction": "more", "classes": map[string]any{"at": []float64{1000}, "names": []string{"small", "large"}}}}}
	var preview struct{ Customers, Valued int64 }
	h.admin.must(http.MethodPost, "/rules/preview", rules, 200, &preview)
	if preview.Customers != 20 || preview.Valued != 16 {
		t.Errorf("preview: %+v", preview)
	}
	h.admin.must(http.MethodPut, "/rules", rules, 428, nil)
	h.admin.must(http.MethodPut, "/rules", rules, 200, nil, "If-Match", listing.header.Get("ETag"))
	h.admin.must(http.MethodPut, "/rules", rules, 412, nil, "If-Match", listing.header.Get("ETag"))
	c00 := h.customerID("C00")
	h.admin.must(http.MethodGet, "/customers/"+c00+"/measures/worth", nil, 404, nil) // from the next scoring on
	h.admin.score("2026-10-31")
	// 100.00 + (20,000.00 − 100.00) / 10
	var got struct {
		how
		Formula string
	}
	h.admin.must(http.MethodGet, "/customers/"+c00+"/measures/worth", nil, 200, &got)
	if got.Value != 209000.0 || got.Formula != "revenue + unused / 10" || got.Label != "Worth" || fmt.Sprint(got.Given) != "[{revenue 10000} {unused 1.99e+06}]" {
		t.Errorf("%+v", got)
	}
	h.admin.must(http.MethodGet, "/customers/"+h.customerID("C04")+"/measures/worth", nil, 200, &got)
	if got.Value != nil || !strings.Contains(got.TooFew, "something it needs is missing") {
		t.Errorf("%+v", got)
	}
	// Who may not see a customer may not ask how; who may not define does not see the rules.
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID, "unit_id": tw.south.ID})
	sven.must(http.MethodGet, "/customers/"+c00+"/measures/worth", nil, 404, nil)
	sven.must(http.MethodGet, "/customers/"+h.customerID("C10")+"/measures/worth", nil, 200, nil)
	sven.must(http.MethodGet, "/rules", nil, 403, nil)
	sven.must(http.MethodPost, "/rules/preview", rules, 403, nil)
	if r := h.admin.must(http.MethodGet, "/changes?kind=setting", nil, 200, nil); !strings.Contains(string(r.body), "revenue + unused / 10") {
		t.Error("the audit log does not know the rule")
	}
}
