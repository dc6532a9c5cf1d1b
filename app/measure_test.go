package app

import (
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
	if r := h.admin.do(http.MethodGet, "/customers/"+c00+"/measures/share", nil); r.status != 404 || !strings.Contains(string(r.body), "measure.empty") {
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
	if got := ask(c04, "share"); got.Value != nil || got.TooFew != "Nobody has stated what this customer could buy in a year." {
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
