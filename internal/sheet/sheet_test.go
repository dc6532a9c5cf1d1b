package sheet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/db"
	"github.com/kvadrant/kvadrant/internal/sheet"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/internal/web"
)

func number(n float64, digits int) sheet.Cell { return sheet.Cell{Number: &n, Digits: digits} }

func table() sheet.Table {
	share := number(0.428, 1)
	share.Percent = true
	money := number(-1234.5, 2)
	money.Currency = "DKK"
	return sheet.Table{Title: "Profit: by state?", Notes: []string{"As of 30 Jun 2026", "Country: Denmark"}, Columns: []string{"State", "Customers", "Share", "Profit", "Last"},
		Rows: [][]sheet.Cell{{{Text: "New"}, number(12345, 0), share, money, {Date: "2026-06-30"}}, {{Text: "Lost, \"all\""}}}}
}

func TestCSV(t *testing.T) {
	var file bytes.Buffer
	if err := sheet.CSV([]sheet.Table{table()}, &file); err != nil {
		t.Fatal(err)
	}
	want := "\"State\",\"Customers\",\"Share\",\"Profit\",\"Last\"\r\n\"New\",12345,0.428,-1234.5,\"2026-06-30\"\r\n\"Lost, \"\"all\"\"\"\r\n"
	if diff := cmp.Diff(want, file.String()); diff != "" {
		t.Error(diff)
	}
	file.Reset()
	if err := sheet.CSV([]sheet.Table{{Title: "A", Columns: []string{"x"}}, {Title: "=B", Columns: []string{"y"}}}, &file); err != nil {
		t.Fatal(err)
	}
	if got, want := file.String(), "\"A\"\r\n\"x\"\r\n\r\n\"'=B\"\r\n\"y\"\r\n"; got != want {
		t.Errorf("several tables: %q", got)
	}
}

// Numbers are numbers, shares and amounts have their format, dates are dates, and titles and notes stand above.
func TestXLSX(t *testing.T) {
	long := strings.Repeat("Ærø ", 20)
	var file bytes.Buffer
	if err := sheet.XLSX([]sheet.Table{table(), table(), {Title: long, Columns: []string{"a"}}, {Title: "[]", Columns: []string{"a"}}}, &file); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	name := "Profit  by state"
	if diff := cmp.Diff([]string{name, name + " 2", "Ærø Ærø Ærø Ærø Ærø Ærø Ærø Ærø", "Table"}, book.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	raw := map[string]string{"A1": "Profit: by state?", "A2": "As of 30 Jun 2026", "A3": "Country: Denmark", "A5": "State", "B6": "12345", "C6": "0.428", "D6": "-1234.5", "E6": "46203", "A7": `Lost, "all"`}
	for cell, want := range raw {
		if got, err := book.GetCellValue(name, cell, excelize.Options{RawCellValue: true}); err != nil || got != want {
			t.Errorf("%s holds %q, want %q, %v", cell, got, want, err)
		}
	}
	for cell, want := range map[string]string{"B6": "12,345", "C6": "42.8%", "E6": "2026-06-30"} {
		if got, err := book.GetCellValue(name, cell); err != nil || got != want {
			t.Errorf("%s shows %q, want %q, %v", cell, got, want, err)
		}
	}
	for _, cell := range []string{"B6", "C6", "D6", "E6"} {
		if kind, err := book.GetCellType(name, cell); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
			t.Errorf("%s is of type %v, %v", cell, kind, err)
		}
	}
}

// A08: no text becomes a formula, wherever it stands.
func TestNothingCalculates(t *testing.T) {
	hostile := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", ";=1", "=HYPERLINK(\"http://x\")", "=cmd|' /C calc'!A0", "\x00=1"}
	for _, text := range hostile {
		tables := []sheet.Table{{Title: text, Notes: []string{text}, Columns: []string{text}, Rows: [][]sheet.Cell{{{Text: text}}}}}
		var file bytes.Buffer
		if err := sheet.CSV(tables, &file); err != nil {
			t.Fatal(err)
		}
		quoted := `"'` + strings.ReplaceAll(text, `"`, `""`) + "\"\r\n"
		if got := file.String(); got != quoted+quoted {
			t.Errorf("%q is written %q", text, got)
		}
		file.Reset()
		if err := sheet.XLSX(tables, &file); err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(&file)
		if err != nil {
			t.Fatal(err)
		}
		name := book.GetSheetName(0)
		for _, cell := range []string{"A1", "A2", "A4", "A5"} {
			if kind, err := book.GetCellType(name, cell); err != nil || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
				t.Errorf("%q: %s is of type %v, %v", text, cell, kind, err)
			}
			if formula, err := book.GetCellFormula(name, cell); err != nil || formula != "" {
				t.Errorf("%q: %s calculates %q, %v", text, cell, formula, err)
			}
		}
		book.Close()
	}
}

// door lets everybody in as the role that the header names, and decides by the real policy.
type door struct{ *access.Gate }

func (d door) Authenticate(r *http.Request) (context.Context, string, error) {
	role := access.Role(r.Header.Get("X-Role"))
	if role == "" {
		return r.Context(), "", nil
	}
	return access.With(r.Context(), access.Principal{Role: role, Scope: role.DefaultScope(), Via: access.ViaSession}), "", nil
}

func TestRoute(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		api := web.New(door{}, slog.New(slog.DiscardHandler), "test")
		sheet.Routes(api)
		handler := api.Handler(d, fstest.MapFS{})
		good, err := json.Marshal(map[string]any{"format": "xlsx", "tables": []sheet.Table{table()}})
		if err != nil {
			t.Fatal(err)
		}
		wide := fmt.Sprintf(`{"format":"csv","tables":[{"title":"","columns":[%s"x"],"rows":[]}]}`, strings.Repeat(`"x",`, sheet.MaxColumns))
		high := fmt.Sprintf(`{"format":"csv","tables":[{"title":"","columns":["x"],"rows":[%s[]]}]}`, strings.Repeat(`[],`, sheet.MaxRows))
		for _, c := range []struct {
			name   string
			role   access.Role
			body   string
			status int
			holds  string
		}{
			{"workbook", access.Manager, string(good), 200, "PK"},
			{"text", access.Director, strings.Replace(string(good), "xlsx", "csv", 1), 200, `"New",12345,0.428`},
			{"nobody", "", string(good), 401, ""},
			{"who may not export", access.Salesperson, string(good), 403, ""},
			{"other format", access.Director, strings.Replace(string(good), "xlsx", "html", 1), 422, "format"},
			{"no table", access.Director, `{"format":"csv","tables":[]}`, 422, "at least one table"},
			{"no columns", access.Director, `{"format":"csv","tables":[{"title":"","columns":[],"rows":[]}]}`, 422, "tables[0].columns"},
			{"too wide", access.Director, wide, 422, "columns"},
			{"too high", access.Director, high, 422, "rows"},
			{"ragged", access.Director, `{"format":"csv","tables":[{"title":"","columns":["x"],"rows":[[{},{}]]}]}`, 422, "tables[0].rows[0]"},
			{"no date", access.Director, `{"format":"csv","tables":[{"title":"","columns":["x"],"rows":[[{"date":"30.6.2026"}]]}]}`, 422, "date"},
			{"no number", access.Director, `{"format":"csv","tables":[{"title":"","columns":["x"],"rows":[[{"number":"=1"}]]}]}`, 422, "number"},
			{"no currency", access.Director, `{"format":"csv","tables":[{"title":"","columns":["x"],"rows":[[{"number":1,"currency":"\"@"}]]}]}`, 422, "currency"},
			{"too large", access.Director, `{"format":"csv","tables":[{"title":"` + strings.Repeat("x", 9<<20) + `"`, 413, ""},
		} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, web.Prefix+"/sheets", strings.NewReader(c.body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Role", string(c.role))
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, r)
			if answer.Code != c.status || !strings.Contains(answer.Body.String(), c.holds) {
				t.Errorf("%s: %d %.300s", c.name, answer.Code, answer.Body)
			}
		}
	})
}
