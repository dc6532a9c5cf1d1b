package app

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/kvadrant/kvadrant/learn/variance"
)

// Budgets that were imported, against what was bought, for each reach; the file of it; and a cause through its life.
func TestBudgetAgainstActual(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	if got := h.admin.bring("budgets", "customer,month,revenue\nC00,2026-01,500\nC10,2026-02,100\nC11,2026-01,40\nC10,2026-12,999\n"); got.Created != 4 {
		t.Fatalf("%+v", got)
	}
	// In January C00, C09 and C18 bought 100 + 1000 + 1900, in February C01 and C10 200 + 1100.
	const path = "/budget?from=2026-01-01&to=2026-02-01"
	see := func(v *visitor, query string, budget, actual int64) variance.Report {
		t.Helper()
		var r variance.Report
		v.must(http.MethodGet, path+query, nil, 200, &r)
		if r.Total.Budget != budget || r.Total.Actual != actual {
			t.Errorf("%s: %+v", query, r.Total)
		}
		return r
	}
	r := see(h.admin, "", 64_000, 430_000)
	if len(r.Parts) != 2 || r.Parts[0].Name != "South" || r.Unplanned.Customers != 3 || r.Unplanned.Amount != 310_000 || r.Idle.Customers != 1 || r.Idle.Amount != 4_000 {
		t.Errorf("%+v", r)
	}
	see(h.admin, "&at=unit:"+string(tw.north.ID)+"&at=month:2026-01-01", 50_000, 110_000)
	mona := h.user("mona@example.com", "manager", map[string]any{"person_id": tw.nora.ID, "unit_id": tw.north.ID})
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID})
	see(mona, "&by=customer", 50_000, 130_000)
	see(mona, "&at=unit:"+string(tw.south.ID), 0, 0)
	mine := see(sven, "&by=customer", 14_000, 300_000)
	if theirs := see(mona, "&by=customer", 50_000, 130_000); len(mine.Parts) != 3 || len(theirs.Parts) != 3 {
		t.Errorf("%d and %d customers", len(mine.Parts), len(theirs.Parts))
	}
	customer := "customer:" + mine.Parts[0].Key
	if r := mona.do(http.MethodGet, path+"&at="+customer, nil); r.status != 404 {
		t.Errorf("somebody else's customer: %d", r.status)
	}
	for query, status := range map[string]int{"at=colour:red": 400, "from=x": 422, "from=2026-01-01&to=2020-01-01": 422, "by=colour": 422} {
		if r := h.admin.do(http.MethodGet, "/budget?"+query, nil); r.status != status {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}

	if r := sven.do(http.MethodGet, strings.Replace(path, "?", "/export?", 1), nil); r.status != 403 {
		t.Errorf("a salesperson exports: %d", r.status)
	}
	file := mona.must(http.MethodGet, strings.Replace(path, "?", "/export?by=person&", 1), nil, 200, nil)
	if text := string(file.body); !strings.Contains(text, `"Nora",,"`+string(tw.nora.ID)+`",3,500.00,1300.00,800.00,1.6000,1.0000,"yes",`) {
		t.Errorf("the file: %s", text)
	}
	file = mona.must(http.MethodGet, strings.Replace(path, "?", "/export?by=person&format=xlsx&", 1), nil, 200, nil)
	book, err := excelize.OpenReader(bytes.NewReader([]byte(file.body)))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if cell, err := book.GetCellValue("Sheet1", "F2"); err != nil || cell != "1300" {
		t.Errorf("the workbook has %q, %v", cell, err)
	}

	form := map[string]any{"from": "2026-01-01", "to": "2026-02-01", "at": []string{customer}, "kind": "target_wrong", "comment": "Nobody had thought of them"}
	var c variance.Cause
	sven.must(http.MethodPost, "/budget/causes", form, 201, &c, "Idempotency-Key", "once")
	sven.must(http.MethodPost, "/budget/causes", form, 201, nil, "Idempotency-Key", "once")
	if r := mona.do(http.MethodPost, "/budget/causes", form); r.status != 404 {
		t.Errorf("a cause of somebody else's customer: %d", r.status)
	}
	form["at"] = []string{}
	if r := sven.do(http.MethodPost, "/budget/causes", form); r.status != 422 {
		t.Errorf("a cause of the whole company by a salesperson: %d", r.status)
	}
	one, words := "/budget/causes/"+string(c.ID), map[string]any{"kind": "event", "comment": "The harbour opened again"}
	for _, v := range []struct {
		who    *visitor
		method string
		etag   string
		status int
	}{{mona, http.MethodGet, "", 404}, {mona, http.MethodPut, `"1"`, 404}, {mona, http.MethodDelete, `"1"`, 404}, {sven, http.MethodPut, "", 428}, {sven, http.MethodPut, `"7"`, 412},
		{sven, http.MethodPut, `"1"`, 200}, {h.admin, http.MethodGet, "", 200}, {sven, http.MethodDelete, `"1"`, 412}} {
		var body any
		if v.method == http.MethodPut {
			body = words
		}
		var headers []string
		if v.etag != "" {
			headers = []string{"If-Match", v.etag}
		}
		if r := v.who.do(v.method, one, body, headers...); r.status != v.status {
			t.Errorf("%s with %s: %d, want %d %s", v.method, v.etag, r.status, v.status, r.body)
		}
	}
	var list struct{ Items []variance.Cause }
	sven.must(http.MethodGet, "/budget/causes?kind=event&limit=1", nil, 200, &list)
	if len(list.Items) != 1 || list.Items[0].Comment != "The harbour opened again" || list.Items[0].Version != 2 {
		t.Errorf("%+v", list.Items)
	}
	mona.must(http.MethodGet, "/budget/causes", nil, 200, &list)
	if len(list.Items) != 0 {
		t.Errorf("a manager sees %+v", list.Items)
	}
	sven.must(http.MethodDelete, one, nil, 204, nil, "If-Match", `"2"`)
}
