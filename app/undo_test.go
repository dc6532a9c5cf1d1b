package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/id"
)

// recordTables are the tables of records, with what tells their rows apart.
func recordTables() [][2]string {
	return [][2]string{{"unit", "id"}, {"unit_place", "unit_id, valid_from"}, {"person", "id"}, {"person_place", "person_id, valid_from"}, {"product_category", "id"},
		{"product", "id"}, {"customer", "id"}, {"ownership", "customer_id, valid_from"}, {"potential", "id"}, {"rate", "currency, valid_from"}}
}

// state is a hash of each table: everything that records and facts say, but for the version of a record, which never goes
// back.
func (h *house) state() map[string]string {
	h.t.Helper()
	ctx := context.Background()
	state := map[string]string{}
	for _, table := range recordTables() {
		rows, err := h.app.db.Read().QueryContext(ctx, "SELECT * FROM "+table[0]+" ORDER BY "+table[1])
		if err != nil {
			h.t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			h.t.Fatal(err)
		}
		sum := sha256.New()
		for rows.Next() {
			cells, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range cells {
				into[i] = &cells[i]
			}
			if err := rows.Scan(into...); err != nil {
				h.t.Fatal(err)
			}
			for i, c := range columns {
				if c != "version" {
					fmt.Fprintf(sum, "%s=%v|", c, cells[i])
				}
			}
		}
		if err := rows.Err(); err != nil {
			h.t.Fatal(err)
		}
		_ = rows.Close()
		state[table[0]] = hex.EncodeToString(sum.Sum(nil))
	}
	for _, table := range []string{"purchase", "budget", "interaction"} {
		rows, err := h.app.warehouse.Query(ctx, "SELECT count(*) || ' ' || coalesce(cast(sum(cast(hash(fact) AS hugeint)) AS varchar), '') FROM "+table+" AS fact", nil)
		if err != nil {
			h.t.Fatal(err)
		}
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				h.t.Fatal(err)
			}
			state[table] = text
		}
		_ = rows.Close()
	}
	return state
}

func (h *house) holds(what string, want map[string]string) {
	h.t.Helper()
	got := h.state()
	for table, hash := range want {
		if got[table] != hash {
			h.t.Errorf("%s: %s is not as it was", what, table)
		}
	}
}

func (v *visitor) undo(importID id.ID) {
	v.t.Helper()
	v.await(v.must(http.MethodPost, "/imports/"+string(importID)+"/undo", nil, http.StatusAccepted, nil))
}

// blockers are what keeps an import from being undone; asking for it all the same is refused.
func (v *visitor) blockers(importID id.ID) string {
	v.t.Helper()
	var check struct{ Blockers []struct{ Text string } }
	v.must(http.MethodGet, "/imports/"+string(importID)+"/undo", nil, http.StatusOK, &check)
	var texts []string
	for _, b := range check.Blockers {
		texts = append(texts, b.Text)
	}
	if len(texts) > 0 {
		v.must(http.MethodPost, "/imports/"+string(importID)+"/undo", nil, http.StatusConflict, nil)
	}
	return strings.Join(texts, " ")
}

// sales is a file of n lines from a number on, of the customers C0 to C9.
func sales(from, n int, price int) string {
	var b strings.Builder
	b.WriteString("document,line,date,customer,product,revenue\n")
	for i := from; i < from+n; i++ {
		fmt.Fprintf(&b, "D%d,%d,2026-0%d-1%d,C%d,P%d,%d.%02d\n", i/3, i%3, 1+i%9, i%9, i%10, i%5, price, i%100)
	}
	return b.String()
}

func (h *house) shelves() {
	var customers, products strings.Builder
	customers.WriteString("code,name,city\n")
	products.WriteString("code,name,category,cost\n")
	for i := range 10 {
		fmt.Fprintf(&customers, "C%d,Customer %d,Odense\n", i, i)
		fmt.Fprintf(&products, "P%d,Product %d,Tools > Small,%d\n", i, i, i+1)
	}
	h.admin.bring("customers", customers.String())
	h.admin.bring("products", products.String())
}

// F04: undoing an import of 100,000 lines leaves the tables exactly as they were, whether it stands alone, has changed
// lines that were there, or later imports met its lines.
func TestF04UndoFacts(t *testing.T) {
	t.Parallel()
	const n = 100_000
	h := found(t, Config{})
	h.shelves()
	h.admin.bring("purchases", sales(0, 1000, 5))
	before := h.state()

	alone := h.admin.bring("purchases", sales(1000, n, 5))
	h.admin.undo(alone.ID)
	h.holds("an import alone", before)

	changing := h.admin.bring("purchases", sales(500, n, 7)) // 500 lines at another price
	if changing.Updated != 500 || changing.Created != n-500 {
		t.Fatalf("got %+v", changing)
	}
	h.admin.undo(changing.ID)
	h.holds("an import that changed lines", before)

	first := h.admin.bring("purchases", sales(1000, 2000, 5))
	second := h.admin.bring("purchases", sales(1000, 3000, 5)) // meets all lines of the first, and has more
	if second.Unchanged != 2000 || second.Created != 1000 {
		t.Fatalf("got %+v", second)
	}
	h.admin.undo(first.ID)
	var now imported
	h.admin.must(http.MethodGet, "/imports/"+string(second.ID), nil, http.StatusOK, &now)
	if now.Created != 3000 || now.Unchanged != 0 {
		t.Errorf("the second import stands for all its lines then: %+v", now)
	}
	if got := h.sums()[0]; got != 4000 {
		t.Errorf("%d lines are left of 4000", got)
	}
	after := h.state()
	if err := h.app.rebuild(context.Background()); err != nil {
		t.Fatal(err)
	}
	h.holds("a rebuild after an undo", after)
	h.admin.undo(second.ID)
	h.holds("both undone", before)
	h.admin.must(http.MethodPost, "/imports/"+string(second.ID)+"/undo", nil, http.StatusConflict, nil)
}

// F04 for many customers: an import that changed them all and brought more is undone, and so is the one before it.
func TestF04UndoManyRecords(t *testing.T) {
	t.Parallel()
	n := size(5_000, 100_000)
	file := func(until int, city string) string {
		var b strings.Builder
		b.WriteString("code,name,city\n")
		for i := range until {
			fmt.Fprintf(&b, "M%d,Customer %d of %s,%s\n", i, i, city, city)
		}
		return b.String()
	}
	h := found(t, Config{})
	h.town()
	h.admin.bring("customers", "code,name\nA1,Untouched\n")
	empty := h.state()
	first := h.admin.bring("customers", file(n, "Odense"))
	if first.Created != int64(n) {
		t.Fatalf("got %+v", first)
	}
	before := h.state()
	second := h.admin.bring("customers", file(n+n/10, "Aarhus"))
	if second.Updated != int64(n) || second.Created != int64(n/10) {
		t.Fatalf("got %+v", second)
	}
	h.admin.undo(second.ID)
	h.holds("the second import undone", before)
	h.admin.undo(first.ID)
	h.holds("both undone", empty)
}

// F04 for records: what an import changed is put back, what it created is gone.
func TestF04UndoRecords(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	_ = tw
	h.admin.bring("products", "code,name,category,cost\nP1,Rope,Ship > Ropes,5\nP2,Bell,Ship,9\n")
	h.admin.bring("rates", "currency,valid_from,rate\nEUR,2026-01-01,7.46\nSEK,2026-01-01,0.66\n")
	steps := []struct{ kind, text string }{
		{"units", "code,name,parent\nN,Northern,T\nE,East,T\nN2,North two,E\n"},
		{"people", "code,name,unit,title\nnora,Nora B,S,Head\nnina,Nina,N,\n"},
		{"products", "code,name,category,cost\nP1,Rope 2,Ship > Chains,6\nP3,Anchor,Ship > Heavy,70\n"},
		{"customers", "code,name,owner,unit,parent\nC01,Renamed,sven,S,C02\nC50,New,nora,N,C01\nC51,Newer,,,C50\n"},
		{"potentials", "customer,amount,source,valid_from\nC00,77,declared,2025-01-01\nC01,88,estimated,2026-01-01\n"},
		{"rates", "currency,valid_from,rate\nEUR,2026-01-01,7.5\nEUR,2026-02-01,7.4\n"},
	}
	for _, step := range steps {
		before := h.state()
		done := h.admin.bring(step.kind, step.text)
		if done.Created == 0 || done.Updated == 0 || done.Rejected != 0 {
			t.Fatalf("%s: %+v", step.kind, done)
		}
		changed := h.state()
		if changed[strings.TrimSuffix(step.kind, "s")] == before[strings.TrimSuffix(step.kind, "s")] && step.kind != "people" {
			t.Errorf("%s: nothing changed", step.kind)
		}
		h.admin.undo(done.ID)
		h.holds(step.kind, before)
		var now struct {
			State        string
			UndoneByName string `json:"undone_by_name"`
			Note         string
		}
		h.admin.must(http.MethodGet, "/imports/"+string(done.ID), nil, http.StatusOK, &now)
		if now.State != "removed" || now.UndoneByName != "Ada" || !strings.Contains(now.Note, "compute it again") {
			t.Errorf("%s: got %+v", step.kind, now)
		}
		if again := h.admin.bring(step.kind, step.text); again.Created != done.Created || again.Updated != done.Updated {
			t.Errorf("%s imported again: %+v, the first time %+v", step.kind, again, done)
		} else {
			h.admin.undo(again.ID)
			h.holds(step.kind+" again", before)
		}
	}
}

// What came after an import and builds on it keeps it from being undone, and is named.
func TestUndoIsBlocked(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	first := h.admin.bring("customers", "code,name\nC1,One\nC2,Two\nC3,Three\n")
	if got := h.admin.blockers(first.ID); got != "" {
		t.Fatalf("nothing blocks it, and it says %q", got)
	}
	second := h.admin.bring("customers", "code,name\nC1,Uno\nC2,Two\n")
	bought := h.admin.bring("purchases", "document,line,date,customer,revenue\nD1,1,2026-01-01,C3,5\nD2,1,2026-01-01,C1,5\n")
	got := h.admin.blockers(first.ID)
	if !strings.Contains(got, "Import 2 of customers changed 1 of its records since; undo import 2 first.") ||
		!strings.Contains(got, "Import 3 of purchases brought 2 purchases that use what it created; undo import 3 first.") {
		t.Errorf("got %q", got)
	}
	h.admin.undo(bought.ID)
	var page struct{ Items []record }
	h.admin.must(http.MethodGet, "/customers?limit=10", nil, http.StatusOK, &page)
	at := slices.IndexFunc(page.Items, func(r record) bool { return r.Code == "C1" })
	one := h.admin.must(http.MethodGet, "/customers/"+string(page.Items[at].ID), nil, http.StatusOK, nil)
	h.admin.must(http.MethodPatch, "/customers/"+string(page.Items[at].ID), map[string]any{"city": "Odense"}, http.StatusOK, nil, "If-Match", one.header.Get("ETag"))
	if got := h.admin.blockers(second.ID); !strings.Contains(got, "Ada changed 1 of its records by hand since") {
		t.Errorf("got %q", got)
	}
}

// A purchase log alone works: customers and products that it names are made of their codes, a later import fills them, and
// undoing the log takes away those that nothing else needs.
func TestStubs(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	columns := map[string]string{}
	for _, c := range []string{"document", "line", "date", "customer", "product", "revenue"} {
		columns[c] = c
	}
	before := h.state()
	refused := h.admin.bringMapped("purchases", "log.csv", sales(0, 100, 5), map[string]any{"kind": "purchases", "columns": columns})
	if refused.Rejected != 100 {
		t.Fatalf("by default unknown customers are rejected: %+v", refused)
	}
	mapping := map[string]any{"kind": "purchases", "columns": columns, "unknown": map[string]string{"customer": "create", "product": "create"}}
	done := h.admin.bringMapped("purchases", "log.csv", sales(0, 100, 5), mapping)
	var im struct{ Stubs int64 }
	h.admin.must(http.MethodGet, "/imports/"+string(done.ID), nil, http.StatusOK, &im)
	if done.Created != 100 || done.Rejected != 0 || im.Stubs != 15 {
		t.Fatalf("got %+v with %d stubs", done, im.Stubs)
	}
	var made struct {
		Items []struct{ Kind, Code string }
	}
	h.admin.must(http.MethodGet, "/imports/"+string(done.ID)+"/stubs", nil, http.StatusOK, &made)
	if len(made.Items) != 15 || made.Items[0].Code != "C0" || made.Items[14].Code != "P4" {
		t.Errorf("listed: %+v", made)
	}
	if filled := h.admin.bring("customers", "code,name\nC1,One\n"); filled.Updated != 1 {
		t.Errorf("a later import of customers fills it: %+v", filled)
	}
	h.admin.undo(done.ID)
	count := func(table string) int64 {
		n, err := h.app.db.Read().NewSelect().Table(table).Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if customers, products := count("customer"), count("product"); customers != 1 || products != 0 {
		t.Errorf("%d customers and %d products are left", customers, products)
	}
	if now := h.state(); now["purchase"] != before["purchase"] {
		t.Error("lines are left")
	}
}

// A trial tells what an import would do, of facts and of records, and keeps nothing.
func TestTrial(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	h.town()
	before := h.state()
	try := func(kind, text string, unknown map[string]string) (trial struct {
		Read, Created, Updated, Unchanged, Rejected, Stubs int64
		Reasons                                            []struct {
			Column, Code string
			Rows         int64
		}
		Rows []struct{ Before, After map[string]any }
	}) {
		t.Helper()
		var file struct{ ID string }
		h.admin.must(http.MethodPost, "/files?name="+kind+".csv", text, http.StatusCreated, &file)
		columns := map[string]string{}
		header, _, _ := strings.Cut(text, "\n")
		for _, c := range strings.Split(header, ",") {
			columns[c] = c
		}
		r := h.admin.must(http.MethodPost, "/imports/trial", map[string]any{"kind": kind, "file_ids": []string{file.ID},
			"mapping": map[string]any{"kind": kind, "columns": columns, "unknown": unknown}}, http.StatusAccepted, nil)
		if err := json.Unmarshal(h.admin.await(r).Result, &trial); err != nil {
			t.Fatal(err)
		}
		h.holds("after a trial of "+kind, before)
		return trial
	}
	lines := try("purchases", "document,line,date,customer,revenue\nD0,1,2026-01-15,C00,150\nD900,1,2026-01-15,C00,5\nD901,1,2026-01-15,X1,5\nD902,1,soon,C00,5\nD903,1,later,C00,5\n",
		map[string]string{"customer": "create"})
	if lines.Read != 5 || lines.Created != 2 || lines.Updated != 1 || lines.Rejected != 2 || lines.Stubs != 1 {
		t.Errorf("lines: %+v", lines)
	}
	if len(lines.Reasons) != 1 || lines.Reasons[0].Code != "date" || lines.Reasons[0].Rows != 2 {
		t.Errorf("reasons: %+v", lines.Reasons)
	}
	if len(lines.Rows) != 3 || lines.Rows[0].Before["revenue"] != 100.0 || lines.Rows[0].After["revenue"] != 150.0 || lines.Rows[1].Before != nil || lines.Rows[2].After["customer"] != "X1" {
		t.Errorf("rows: %+v", lines.Rows)
	}
	records := try("customers", "code,name,parent\nC00,Other,\nZ1,New,Z2\nZ2,Newer,\nC05,Customer 5,\nC06,,\n", nil)
	if records.Created != 2 || records.Updated != 1 || records.Unchanged != 1 || records.Rejected != 1 {
		t.Errorf("records: %+v", records)
	}
	if len(records.Rows) != 3 || records.Rows[0].Before["name"] != "Customer 0" || records.Rows[0].After["name"] != "Other" {
		t.Errorf("rows: %+v", records.Rows)
	}
	if stated := try("potentials", "customer,amount\nX1,5\nC00,20000\n", map[string]string{"customer": "create"}); stated.Created+stated.Updated != 2 || stated.Stubs != 1 {
		t.Errorf("potentials: %+v", stated)
	}
	var products strings.Builder // more than one step, in categories of the first
	products.WriteString("code,name,category\n")
	for i := range 2500 {
		fmt.Fprintf(&products, "P%d,Product %d,Ship > Deck\n", i, i)
	}
	if got := try("products", products.String(), nil); got.Created != 2500 || len(got.Rows) != 20 {
		t.Errorf("products: %d created, %d rows shown", got.Created, len(got.Rows))
	}
}
