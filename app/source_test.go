package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/source"
)

// eachForeign runs a test on a database of another system, on each server that can be had.
func eachForeign(t *testing.T, test func(t *testing.T, driver string, f testkit.Foreign)) {
	t.Run("postgresql", func(t *testing.T) { test(t, source.PostgreSQL, testkit.ForeignPostgres(t)) })
	t.Run("mariadb", func(t *testing.T) { test(t, source.MySQL, testkit.ForeignMariaDB(t)) })
}

// turning is a clock that is moved on by hand.
type turning struct{ at atomic.Int64 }

func newTurning(start string) *turning {
	at, err := time.Parse(time.RFC3339, start)
	if err != nil {
		panic(err)
	}
	c := &turning{}
	c.at.Store(at.UnixNano())
	return c
}

func (c *turning) now() time.Time          { return time.Unix(0, c.at.Load()).UTC() }
func (c *turning) forward(d time.Duration) { c.at.Add(int64(d)) }

// erp adds a source for a foreign database.
func (h *house) erp(driver string, f testkit.Foreign) source.Source {
	h.t.Helper()
	var made source.Source
	h.admin.must(http.MethodPost, "/sources", map[string]any{"name": "ERP", "driver": driver, "host": f.Host, "port": f.Port, "database": f.Database,
		"username": f.Username, "password": f.Password, "encryption": "none"}, http.StatusCreated, &made)
	h.admin.must(http.MethodPost, "/sources/"+string(made.ID)+"/test", nil, http.StatusOK, nil)
	return made
}

func (h *house) feed(of source.Source, in map[string]any) source.Feed {
	h.t.Helper()
	var made source.Feed
	in["mapping"].(map[string]any)["kind"] = in["kind"]
	h.admin.must(http.MethodPost, "/sources/"+string(of.ID)+"/feeds", in, http.StatusCreated, &made)
	return made
}

// settled tends the sources until nothing is read and nothing due, and returns the feeds by name.
func (h *house) settled(of source.Source) map[string]source.Feed {
	h.t.Helper()
	feeds := map[string]source.Feed{}
	h.eventually("all feeds have run", func() bool {
		if err := h.app.sources.Tend(h.t.Context()); err != nil {
			h.t.Fatal(err)
		}
		var now source.Source
		h.admin.must(http.MethodGet, "/sources/"+string(of.ID), nil, http.StatusOK, &now)
		for _, f := range now.Feeds {
			feeds[f.Name] = f
			if f.LastRun != nil && !f.LastRun.Ended() || f.Enabled && f.NextAt != nil && !f.NextAt.After(h.app.cfg.Now()) {
				return false
			}
		}
		return true
	})
	return feeds
}

// sold is what the warehouse holds: lines, and revenue in fine units.
func (h *house) sold() (lines, revenue int64) {
	h.t.Helper()
	rows, err := h.app.warehouse.Query(h.t.Context(), "SELECT count(*), cast(coalesce(sum(revenue), 0) as bigint) FROM purchase", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&lines, &revenue); err != nil {
			h.t.Fatal(err)
		}
	}
	return lines, revenue
}

// The bicycle maker's tables, read from its database on a schedule: resellers, products and sales in one hour, the lines
// that were added since in the next, and the same again when the warehouse is built anew from what is kept.
func TestBicycleMakersDatabase(t *testing.T) {
	t.Parallel()
	data := filepath.Join("..", "..", "shared", "data", "adventureworks")
	if _, err := os.Stat(data); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the bicycle maker's files are not here")
	}
	eachForeign(t, func(t *testing.T, driver string, f testkit.Foreign) {
		stamp := "timestamp"
		if driver == source.MySQL {
			stamp = "datetime"
		}
		load := func(table, file string, columns ...string) {
			var names []string
			for _, c := range columns {
				name, _, _ := strings.Cut(c, " ")
				names = append(names, name)
			}
			var rows [][]string
			for _, r := range readCSV(t, filepath.Join(data, file)) {
				row := make([]string, len(names))
				for i, n := range names {
					row[i] = r[n]
				}
				rows = append(rows, row)
			}
			f.Fill(t, table, columns, rows)
		}
		load("DimReseller", "DimReseller.csv.gz", "ResellerKey int primary key", "ResellerName varchar(100)", "BusinessType varchar(50)", "NumberEmployees int", "AddressLine1 varchar(100)", "Phone varchar(30)")
		load("DimProduct", "DimProduct.csv.gz", "ProductKey int primary key", "EnglishProductName varchar(100)", "StandardCost decimal(19,4)")
		load("FactResellerSales", "FactResellerSales.csv.gz", "SalesOrderNumber varchar(20)", "SalesOrderLineNumber int", "OrderDate "+stamp, "ResellerKey int", "ProductKey int", "OrderQuantity int",
			"SalesAmount decimal(19,4)", "TotalProductCost decimal(19,4)")

		clock := newTurning("2014-01-01T05:00:00Z")
		h := found(t, Config{Now: clock.now})
		settings := h.admin.do(http.MethodGet, "/settings", nil)
		h.admin.must(http.MethodPatch, "/settings", map[string]string{"base_currency": "USD"}, http.StatusOK, nil, "If-Match", settings.header.Get("ETag"))
		erp := h.erp(driver, f)
		const sales = "SELECT * FROM FactResellerSales WHERE OrderDate > :since"
		var preview struct {
			Kind    string
			Rows    [][]string
			Mapping struct{ Columns map[string]any }
		}
		h.admin.must(http.MethodPost, "/sources/"+string(erp.ID)+"/preview", map[string]any{"statement": sales, "watermark": "2010-01-01", "kind": "purchases"}, http.StatusOK, &preview)
		if len(preview.Rows) != 20 || len(preview.Rows[0]) != 8 || len(preview.Mapping.Columns) < 5 {
			t.Fatalf("the preview is %+v", preview)
		}
		hourly := map[string]any{"every": "hours", "number": 1}
		columns := func(pairs ...string) map[string]any {
			m := map[string]any{}
			for i := 0; i < len(pairs); i += 2 {
				m[pairs[i]] = pairs[i+1]
				if driver == source.PostgreSQL { // folds names without quotation marks
					m[pairs[i]] = strings.ToLower(pairs[i+1])
				}
			}
			return m
		}
		withDollars := func(m map[string]any) map[string]any {
			m["currency"] = map[string]string{"constant": "USD"}
			return map[string]any{"columns": m}
		}
		// Defined in the wrong order on purpose: what is sold comes after who buys and what there is.
		h.feed(erp, map[string]any{"name": "A sales", "kind": "purchases", "statement": sales, "watermark_column": "OrderDate", "watermark": "1900-01-01", "schedule": hourly,
			"mapping": withDollars(columns("document", "SalesOrderNumber", "line", "SalesOrderLineNumber", "date", "OrderDate", "customer", "ResellerKey", "product", "ProductKey",
				"quantity", "OrderQuantity", "revenue", "SalesAmount", "cost", "TotalProductCost"))})
		h.feed(erp, map[string]any{"name": "B products", "kind": "products", "statement": "SELECT * FROM DimProduct ORDER BY ProductKey", "schedule": hourly,
			"mapping": withDollars(columns("code", "ProductKey", "name", "EnglishProductName", "cost", "StandardCost"))})
		h.feed(erp, map[string]any{"name": "C resellers", "kind": "customers", "statement": "SELECT * FROM DimReseller ORDER BY ResellerKey", "schedule": hourly,
			"mapping": map[string]any{"columns": columns("code", "ResellerKey", "name", "ResellerName", "industry", "BusinessType", "size_employees", "NumberEmployees", "street", "AddressLine1", "phone", "Phone")}})
		if lines, _ := h.sold(); lines != 0 {
			t.Fatal("read before its turn")
		}

		clock.forward(time.Hour)
		feeds := h.settled(erp)
		for name, rows := range map[string]int64{"A sales": 60855, "B products": 606, "C resellers": 701} {
			if run := feeds[name].LastRun; run == nil || run.State != source.Done || run.Rows != rows {
				t.Fatalf("%s: %+v, want %d rows", name, run, rows)
			}
			var done imported
			h.admin.must(http.MethodGet, "/imports/"+string(feeds[name].LastRun.ImportID), nil, http.StatusOK, &done)
			if done.Created != rows || done.Rejected != 0 {
				t.Errorf("%s: %+v", name, done)
			}
		}
		const cents = 8045059698 // 80,450,596.98
		if lines, revenue := h.sold(); lines != 60855 || (revenue+50)/100 != cents {
			t.Errorf("%d lines with revenue %d in fine units; want 60,855 and 80,450,596.98", lines, revenue)
		}
		if got := feeds["A sales"].Watermark; !strings.HasPrefix(got, "2013-11-29") {
			t.Errorf("the watermark is %q, want the last order's date", got)
		}

		// Two lines more in the company's system; the next turn brings just those.
		f.Insert(t, "FactResellerSales", [][]string{
			{"SO99001", "1", "2013-12-05 00:00:00", "676", "349", "1", "1000.5", "900"},
			{"SO99001", "2", "2013-12-05 00:00:00", "676", "350", "2", "0.0025", "0"},
		})
		clock.forward(time.Hour)
		feeds = h.settled(erp)
		run := feeds["A sales"].LastRun
		var done imported
		h.admin.must(http.MethodGet, "/imports/"+string(run.ImportID), nil, http.StatusOK, &done)
		if run.Rows != 2 || done.Read != 2 || done.Created != 2 {
			t.Errorf("the second run read %d rows: %+v", run.Rows, done)
		}
		h.admin.must(http.MethodGet, "/imports/"+string(feeds["C resellers"].LastRun.ImportID), nil, http.StatusOK, &done)
		if done.Unchanged != 701 || done.Created+done.Updated+done.Rejected != 0 {
			t.Errorf("the same resellers again: %+v", done)
		}
		lines, revenue := h.sold()
		if lines != 60857 {
			t.Errorf("%d lines after the second run", lines)
		}

		// Nothing new is no import.
		clock.forward(time.Hour)
		feeds = h.settled(erp)
		if run := feeds["A sales"].LastRun; run.State != source.Done || run.Rows != 0 || run.ImportID != "" {
			t.Errorf("nothing new: %+v", run)
		}

		// A turn that fails says why, moves nothing, and the next one makes up for it.
		f.Exec(t, "ALTER TABLE FactResellerSales RENAME TO FactMoved")
		clock.forward(time.Hour)
		before := feeds["A sales"].Watermark
		feeds = h.settled(erp)
		if f := feeds["A sales"]; f.LastRun.State != source.Failed || !strings.Contains(f.LastRun.Error, "table") || f.Watermark != before {
			t.Errorf("a table that is gone: %+v", f.LastRun)
		}
		f.Exec(t, "ALTER TABLE FactMoved RENAME TO FactResellerSales")
		f.Insert(t, "FactResellerSales", [][]string{{"SO99002", "1", "2013-12-06 00:00:00", "676", "349", "1", "7", "6"}})
		clock.forward(time.Hour)
		feeds = h.settled(erp)
		if run := feeds["A sales"].LastRun; run.State != source.Done || run.Rows != 1 {
			t.Errorf("the turn after: %+v", run)
		}

		// What was read is kept: the warehouse is built anew without the other system.
		f.Exec(t, "DROP TABLE FactResellerSales")
		h.admin.must(http.MethodPost, "/warehouse/rebuild", nil, http.StatusAccepted, nil)
		h.eventually("the warehouse is built anew", func() bool {
			if h.app.warehouse.State().Phase != "ready" {
				return false
			}
			again, sum := h.sold()
			return again == 60858 && sum == revenue+70000
		})
	})
}

// What an import had brought from a database is read again after it was undone; a watermark that somebody set further back
// stays, and a later run's rows are read again along.
func TestUndoSetsTheWatermarkBack(t *testing.T) {
	t.Parallel()
	eachForeign(t, func(t *testing.T, driver string, f testkit.Foreign) {
		f.Fill(t, "sale", []string{"id integer", "day varchar(10)", "client varchar(10)", "amount integer"}, [][]string{{"1", "2026-01-01", "C1", "10"}, {"2", "2026-01-02", "C1", "20"}})
		clock := newTurning("2026-10-31T05:00:00Z")
		h := found(t, Config{Now: clock.now})
		h.shelves()
		erp := h.erp(driver, f)
		h.feed(erp, map[string]any{"name": "Sales", "kind": "purchases", "statement": "SELECT id, day, client, amount FROM sale WHERE id > :since ORDER BY id",
			"watermark_column": "id", "watermark": "0", "schedule": map[string]any{"every": "hours", "number": 1},
			"mapping": map[string]any{"columns": map[string]any{"document": "id", "line": map[string]any{"constant": "1"}, "date": "day", "customer": "client", "revenue": "amount"}}})
		turn := func() source.Feed {
			clock.forward(time.Hour)
			return h.settled(erp)["Sales"]
		}
		first := turn()
		f.Insert(t, "sale", [][]string{{"3", "2026-01-03", "C2", "30"}})
		second := turn()
		if lines, _ := h.sold(); lines != 3 || first.Watermark != "2" || second.Watermark != "3" {
			t.Fatalf("%d lines, watermarks %q and %q", lines, first.Watermark, second.Watermark)
		}
		undo := func(of source.Feed) {
			h.admin.await(h.admin.must(http.MethodPost, "/imports/"+string(of.LastRun.ImportID)+"/undo", nil, http.StatusAccepted, nil))
		}
		watermark := func() string { return h.settled(erp)["Sales"].Watermark }
		undo(first)
		if lines, _ := h.sold(); lines != 1 || watermark() != "0" {
			t.Errorf("after the first was undone: %d lines, watermark %q", lines, watermark())
		}
		undo(second)
		if got := watermark(); got != "0" {
			t.Errorf("the watermark came forward to %q", got)
		}
		third := turn()
		if lines, revenue := h.sold(); lines != 3 || revenue != 600_000 || third.LastRun.Rows != 3 || third.Watermark != "3" {
			t.Errorf("read again: %d lines, revenue %d, %+v", lines, revenue, third.LastRun)
		}
	})
}

// Who may do what with sources, and that a run has the rights its owner has now.
func TestSourcesAndRights(t *testing.T) {
	t.Parallel()
	f := testkit.ForeignPostgres(t)
	f.Fill(t, "client", []string{"code varchar(20)", "name varchar(50)"}, [][]string{{"C1", "One"}})
	clock := newTurning("2026-10-31T05:00:00Z")
	h := found(t, Config{Now: clock.now})
	erp := h.erp(source.PostgreSQL, f)
	in := map[string]any{"name": "Clients", "kind": "customers", "statement": "SELECT code, name FROM client", "schedule": map[string]any{"every": "hours", "number": 1},
		"mapping": map[string]any{"kind": "customers", "columns": map[string]any{"code": "code", "name": "name"}}}

	director := h.user("d@example.com", "director", nil)
	director.must(http.MethodGet, "/sources", nil, http.StatusOK, nil)
	director.must(http.MethodGet, "/source-runs", nil, http.StatusOK, nil)
	director.must(http.MethodPost, "/sources/"+string(erp.ID)+"/preview", map[string]any{"statement": "SELECT 1 AS one"}, http.StatusForbidden, nil)
	director.must(http.MethodPost, "/sources/"+string(erp.ID)+"/feeds", in, http.StatusForbidden, nil)
	h.user("s@example.com", "salesperson", nil).must(http.MethodGet, "/sources", nil, http.StatusForbidden, nil)

	for problem, change := range map[string]any{"kind": "nothing", "statement": "DELETE FROM client", "mapping": map[string]any{"kind": "customers", "columns": map[string]any{"nonsense": "code"}}} {
		wrong := map[string]any{}
		for k, v := range in {
			wrong[k] = v
		}
		wrong[problem] = change
		h.admin.must(http.MethodPost, "/sources/"+string(erp.ID)+"/feeds", wrong, http.StatusUnprocessableEntity, nil)
	}

	var second struct {
		User            record `json:"user"`
		InitialPassword string `json:"initial_password"`
	}
	h.admin.must(http.MethodPost, "/users", map[string]any{"email": "b@example.com", "name": "Bob", "role": "administrator"}, http.StatusCreated, &second)
	bob := h.signIn("b@example.com", second.InitialPassword)
	var clients source.Feed
	bob.must(http.MethodPost, "/sources/"+string(erp.ID)+"/feeds", in, http.StatusCreated, &clients)
	if clients.OwnerName != "Bob" {
		t.Errorf("the feed runs as %q", clients.OwnerName)
	}
	clock.forward(time.Hour)
	if run := h.settled(erp)["Clients"].LastRun; run.State != source.Done || run.Rows != 1 || run.StartedByName != "Bob" {
		t.Fatalf("as an administrator: %+v", run)
	}
	// Bob is an administrator no more: what he planned no longer runs.
	user := h.admin.do(http.MethodGet, "/users/"+string(clients.OwnerID), nil)
	h.admin.must(http.MethodPatch, "/users/"+string(clients.OwnerID), map[string]any{"role": "director"}, http.StatusOK, nil, "If-Match", user.header.Get("ETag"))
	clock.forward(time.Hour)
	if run := h.settled(erp)["Clients"].LastRun; run.State != source.Failed || !strings.Contains(run.Error, "role") {
		t.Errorf("as a director: %+v", run)
	}
	// Who starts it by hand does so in their own right.
	var begun struct{ Run source.Run }
	h.admin.must(http.MethodPost, "/feeds/"+string(clients.ID)+"/runs", nil, http.StatusAccepted, &begun)
	if run := h.settled(erp)["Clients"].LastRun; run.ID != begun.Run.ID || run.State != source.Done {
		t.Errorf("by hand: %+v", run)
	}
	h.admin.must(http.MethodDelete, "/sources/"+string(erp.ID), nil, http.StatusNoContent, nil)
	h.admin.must(http.MethodGet, "/feeds/"+string(clients.ID), nil, http.StatusNotFound, nil)
}

func TestSourceCommand(t *testing.T) {
	t.Parallel()
	f := testkit.ForeignPostgres(t)
	f.Fill(t, "client", []string{"code varchar(20)", "name varchar(50)"}, [][]string{{"C1", "One"}, {"C2", "Two"}, {"C3", ""}})
	h := found(t, Config{})
	data := h.app.cfg.Data
	erp := h.erp(source.PostgreSQL, f)
	h.feed(erp, map[string]any{"name": "Clients", "kind": "customers", "statement": "SELECT code, name FROM client", "mapping": map[string]any{"kind": "customers", "columns": map[string]any{"code": "code", "name": "name"}}})
	h.close()

	var out bytes.Buffer
	cfg := Config{Data: data, Out: &out, Log: quiet()}
	if err := ListSources(t.Context(), cfg, false); err != nil || !strings.Contains(out.String(), "Clients") || !strings.Contains(out.String(), "never run") {
		t.Errorf("list: %v\n%s", err, out.String())
	}
	out.Reset()
	if err := RunSource(t.Context(), cfg, "ERP", "", false); err != nil || !strings.Contains(out.String(), "customers: read 3, created 2, updated 0, unchanged 0, rejected 1") {
		t.Errorf("run: %v\n%s", err, out.String())
	}
	out.Reset()
	var listed []source.Source
	if err := ListSources(t.Context(), cfg, true); err != nil || json.Unmarshal(out.Bytes(), &listed) != nil || len(listed) != 1 || listed[0].Feeds[0].LastRun.Rows != 3 {
		t.Errorf("list as JSON: %v\n%s", err, out.String())
	}
	for _, wrong := range [][2]string{{"CRM", ""}, {"ERP", "Sales"}} {
		if err := RunSource(t.Context(), cfg, wrong[0], wrong[1], false); err == nil {
			t.Errorf("%v: run without a fault", wrong)
		}
	}
	f.Exec(t, "DROP TABLE client")
	if err := RunSource(t.Context(), cfg, "ERP", "Clients", false); err == nil || !strings.Contains(err.Error(), "table") {
		t.Errorf("a table that is gone: %v", err)
	}
}
