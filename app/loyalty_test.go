package app

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// P10–P12: the page's figures equal the lists behind them, salespeople see their own, and settings count from the next scoring on.
func TestLoyaltyPage(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	h.admin.must(http.MethodGet, "/loyalty", nil, 404, nil)
	h.admin.score("2026-10-31")
	type picture struct {
		AsOf      string `json:"as_of"`
		Customers int64
		Spans     []struct{ Customers, Before, Again, Left int64 }
		Types     []struct {
			Type      string
			Customers int64
		}
		Matrix struct {
			Profitability string
			Cuts          []int64
			Loyalty       []struct {
				Customers int64
				Profit    int `json:"profit_class"`
			} `json:"by_loyalty"`
		}
		Definition struct{ Rules []any }
	}
	var got picture
	h.admin.must(http.MethodGet, "/loyalty?period=year&by=unit", nil, 200, &got)
	if got.Customers != 20 || len(got.Spans) == 0 || len(got.Types) != 11 || len(got.Matrix.Loyalty) != 12 {
		t.Fatalf("%+v", got)
	}
	for _, x := range got.Types {
		if n := h.listed("2026-10-31", "behaviour_type="+x.Type); n != x.Customers {
			t.Errorf("%s: the page says %d, the list has %d", x.Type, x.Customers, n)
		}
	}
	var high int64
	for _, c := range got.Matrix.Loyalty {
		if c.Profit == 2 {
			high += c.Customers
		}
	}
	if n := h.listed("2026-10-31", got.Matrix.Profitability+">="+strconv.FormatInt(got.Matrix.Cuts[1], 10)); n != high || n == 0 {
		t.Errorf("%d customers of high profitability, the list has %d", high, n)
	}
	last := got.Spans[len(got.Spans)-1]
	if last.Before-last.Again != last.Left || last.Customers == 0 {
		t.Errorf("%+v", last)
	}
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID, "unit_id": tw.south.ID})
	var his picture
	sven.must(http.MethodGet, "/loyalty", nil, 200, &his)
	if his.Customers != 10 {
		t.Errorf("sven's picture counts %d customers, want his 10", his.Customers)
	}
	for _, bad := range []string{"?as_of=now", "?unit=1", "?period=week", "?by=name"} {
		h.admin.must(http.MethodGet, "/loyalty"+bad, nil, 422, nil)
	}
	for _, table := range []string{"indices", "parts", "types", "matrix", "relation"} {
		r := h.admin.must(http.MethodGet, "/loyalty/export?table="+table, nil, 200, nil)
		if lines := strings.Split(strings.TrimSpace(string(r.body)), "\r\n"); len(lines) < 2 || strings.Count(lines[0], ",") != strings.Count(lines[1], ",") {
			t.Errorf("%s: %s", table, r.body)
		}
	}

	var preview struct{ Types []struct{ Customers int64 } }
	h.admin.must(http.MethodPost, "/loyalty/preview", map[string]any{"rules": []any{map[string]any{"type": "fan", "when": []any{}}}}, 200, &preview)
	var all int64
	for _, x := range preview.Types {
		all += x.Customers
	}
	if all != 20 {
		t.Errorf("the preview has %d customers", all)
	}
	h.admin.must(http.MethodPost, "/loyalty/preview", map[string]any{"rules": []any{map[string]any{"type": "fan", "when": []any{map[string]any{"input": "code", "sign": ">=", "value": 1}}}}}, 422, nil)

	def := h.admin.must(http.MethodGet, "/loyalty/definition", nil, 200, nil)
	var body map[string]any
	if err := json.Unmarshal(def.body, &body); err != nil {
		t.Fatal(err)
	}
	delete(body, "$schema")
	body["rules"] = []any{map[string]any{"type": "indifferent", "when": []any{}}}
	h.admin.must(http.MethodPut, "/loyalty/definition", body, 428, nil)
	h.admin.must(http.MethodPut, "/loyalty/definition", body, 200, nil, "If-Match", def.header.Get("ETag"))
	h.admin.must(http.MethodPut, "/loyalty/definition", body, 412, nil, "If-Match", def.header.Get("ETag"))
	sven.must(http.MethodPut, "/loyalty/definition", body, 403, nil, "If-Match", `"1"`)
	h.admin.must(http.MethodGet, "/loyalty", nil, 200, &got)
	if len(got.Definition.Rules) != 11 {
		t.Errorf("the scored date has new settings: %v", got.Definition)
	}
	h.admin.score("2026-10-31")
	h.admin.must(http.MethodGet, "/loyalty", nil, 200, &got)
	if len(got.Definition.Rules) != 1 {
		t.Errorf("the settings do not count: %v", got.Definition)
	}
}
