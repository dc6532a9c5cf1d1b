package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// rejectPage is what the tests read of rejected rows.
type rejectPage struct {
	Columns []string
	Items   []struct {
		Seq, Line           int64
		Column, Field, Code string
		Reason              string
		Reasons             []fault.Reason
		Cells               []string
	}
}

// Rejected rows are mended in a grid or in a file, and come in by the mapping of the import that refused them.
func TestMendedRows(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	h.shelves()
	mapping := map[string]any{"kind": "purchases", "columns": map[string]any{"document": "Bilag", "line": "Linje", "date": "Dato", "customer": "Kunde", "revenue": "Beløb"}}
	text := "Bilag;Linje;Dato;Kunde;Beløb;Note\nA1;1;03.04.2026;C1;1.250,50;x\nA2;1;i går;C1;-5,00;y\nA3;1;05.04.2026;CX;7,25;z\nA4;1;06.04.2026;C2;12,00;æ\nA5;1;07.04.2026\n"
	for i := range 40 { // enough to tell how dates and amounts are written
		text += fmt.Sprintf("G%d;1;%02d.05.2026;C1;1.0%02d,50;-\n", i, 1+i%28, i)
	}
	first := h.admin.bringMapped("purchases", "salg.csv", text, mapping)
	if first.Created != 42 || first.Rejected != 3 {
		t.Fatalf("got %+v", first)
	}
	var page rejectPage
	h.admin.must(http.MethodGet, "/imports/"+string(first.ID)+"/rejects", nil, http.StatusOK, &page)
	if strings.Join(page.Columns, ",") != "Bilag,Linje,Dato,Kunde,Beløb,Note" || len(page.Items) != 3 {
		t.Fatalf("got %+v", page)
	}
	if at := page.Items[0]; at.Line != 3 || at.Field != "date" || at.Code != "date" || strings.Join(at.Cells, "|") != "A2|1|i går|C1|-5,00|y" {
		t.Errorf("got %+v", at)
	}
	if at := page.Items[2]; at.Code != "cells_few" || at.Reasons[0].Params["cells"] != "3" || strings.Join(at.Cells, "|") != "A5|1|07.04.2026|||" {
		t.Errorf("got %+v", at)
	}
	if at := page.Items[0]; len(at.Reasons) != 1 || at.Reasons[0].Params["value"] != "i går" || at.Reasons[0].Text != at.Reason {
		t.Errorf("got %+v", at.Reasons)
	}
	// A row that a version kept which knew no codes has its sentence still.
	if _, err := h.app.db.WriteSQL().ExecContext(t.Context(), "UPDATE import_reject SET reasons = NULL, code = '' WHERE line = 4"); err != nil {
		t.Fatal(err)
	}
	var old rejectPage
	h.admin.must(http.MethodGet, "/imports/"+string(first.ID)+"/rejects", nil, http.StatusOK, &old)
	if at := old.Items[1]; at.Reasons == nil || len(at.Reasons) != 0 || !strings.HasPrefix(at.Reason, "There is no customer") {
		t.Errorf("got %+v", at)
	}

	// In the grid: the cell is written as the file writes dates and amounts.
	page.Items[0].Cells[2] = "04.04.2026"
	r := h.admin.must(http.MethodPost, "/imports/"+string(first.ID)+"/mended", map[string]any{"rows": []map[string]any{{"seq": page.Items[0].Seq, "cells": page.Items[0].Cells}}}, http.StatusAccepted, nil)
	h.admin.await(r)
	var begun struct{ Import imported }
	if err := json.Unmarshal(r.body, &begun); err != nil {
		t.Fatal(err)
	}
	var follow struct {
		Created, Rejected int64
		Follows           string
	}
	h.admin.must(http.MethodGet, "/imports/"+string(begun.Import.ID), nil, http.StatusOK, &follow)
	if follow.Created != 1 || follow.Rejected != 0 || follow.Follows != string(first.ID) {
		t.Errorf("got %+v", follow)
	}
	if got := h.revenue("A2"); got != -50000 {
		t.Errorf("the mended row says %d", got)
	}

	// In a file: it is recognised as the rejected rows of that import.
	for _, format := range []string{"csv", "xlsx"} {
		out := h.admin.must(http.MethodGet, "/imports/"+string(first.ID)+"/rejects/export?format="+format, nil, http.StatusOK, nil).body
		var mended string
		if format == "csv" {
			mended = strings.Replace(string(out), "CX", "C3", 1)
		} else {
			mended = mendWorkbook(t, out, "CX", "C4")
		}
		var file struct{ ID string }
		h.admin.must(http.MethodPost, "/files?name=rejects."+format, mended, http.StatusCreated, &file)
		var preview struct {
			Kind      string
			Follows   string
			FollowsNo int64 `json:"follows_no"`
		}
		h.admin.must(http.MethodPost, "/imports/preview", map[string]any{"file_id": file.ID}, http.StatusOK, &preview)
		if preview.Kind != "purchases" || preview.Follows != string(first.ID) || preview.FollowsNo != 3 {
			t.Errorf("%s: got %+v", format, preview)
		}
		r := h.admin.must(http.MethodPost, "/imports", map[string]any{"file_ids": []string{file.ID}}, http.StatusAccepted, nil)
		h.admin.await(r)
		if err := json.Unmarshal(r.body, &begun); err != nil {
			t.Fatal(err)
		}
		var done imported
		h.admin.must(http.MethodGet, "/imports/"+string(begun.Import.ID), nil, http.StatusOK, &done)
		if done.Read != 3 || done.Created+done.Updated != 1 || done.Rejected != 2 {
			why := h.admin.must(http.MethodGet, "/imports/"+string(begun.Import.ID)+"/rejects", nil, http.StatusOK, nil)
			t.Errorf("%s: got %+v, %s", format, done, why.body)
		}
		if got := h.revenue("A3"); got != 72500 {
			t.Errorf("%s: the mended row says %d", format, got)
		}
	}
	// The same columns again: the mapping is proposed again, whatever the names of the columns say.
	var again struct{ ID string }
	h.admin.must(http.MethodPost, "/files?name=x.csv", "Bilag;Linje;Dato;Kunde;Beløb;Note\nB1;1;03.04.2026;C1;1.250,50;x\n", http.StatusCreated, &again)
	var proposed struct {
		RememberedFrom int64 `json:"remembered_from"`
		Mapping        struct{ Columns map[string]string }
	}
	h.admin.must(http.MethodPost, "/imports/preview", map[string]any{"file_id": again.ID}, http.StatusOK, &proposed)
	if proposed.RememberedFrom == 0 || proposed.Mapping.Columns["customer"] != "Kunde" {
		t.Errorf("got %+v", proposed)
	}
}

func (h *house) revenue(document string) (fine int64) {
	h.t.Helper()
	rows, err := h.app.warehouse.Query(context.Background(), "SELECT revenue FROM purchase WHERE document = :d", map[string]any{"d": document})
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&fine); err != nil {
			h.t.Fatal(err)
		}
	}
	return fine
}

func mendWorkbook(t *testing.T, text []byte, from, to string) string {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	cells, err := book.SearchSheet("Sheet1", from)
	if err != nil || len(cells) != 1 {
		t.Fatalf("%v, %v", cells, err)
	}
	if err := book.SetCellStr("Sheet1", cells[0], to); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Every kind's template is a file that the kind is recognised in and that every row of is understood.
func TestTemplates(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	var kinds []struct {
		Key    string
		Fields []struct{ Name string }
	}
	h.admin.must(http.MethodGet, "/import-kinds", nil, http.StatusOK, &kinds)
	for _, kind := range kinds {
		for _, format := range []string{"csv", "xlsx"} {
			text := h.admin.must(http.MethodGet, "/import-kinds/"+kind.Key+"/template?format="+format, nil, http.StatusOK, nil).body
			var file struct{ ID string }
			h.admin.must(http.MethodPost, "/files?name="+kind.Key+"."+format, string(text), http.StatusCreated, &file)
			var preview struct {
				Mapping struct{ Columns map[string]any }
			}
			h.admin.must(http.MethodPost, "/imports/preview", map[string]any{"file_id": file.ID, "kind": kind.Key}, http.StatusOK, &preview)
			if len(preview.Mapping.Columns) != len(kind.Fields) {
				t.Errorf("%s as %s: %d of %d fields are recognised", kind.Key, format, len(preview.Mapping.Columns), len(kind.Fields))
			}
			if kept := h.admin.must(http.MethodGet, "/files/"+file.ID, nil, http.StatusOK, nil).body; !bytes.Equal(kept, text) {
				t.Errorf("%s as %s: the kept file is another", kind.Key, format)
			}
		}
	}
}

// The command tries, imports and undoes, and its error tells rejected rows from an import that failed.
func TestImportCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out bytes.Buffer
	cfg := Config{Data: filepath.Join(dir, "data"), Out: &out, Log: quiet()}
	path := filepath.Join(dir, "log.csv")
	text := "document,line,date,customer,product,revenue\nD1,1,soon,C1,P1,5\n"
	for i := range 40 {
		text += fmt.Sprintf("E%d,1,2026-01-%02d,C1,P1,5\n", i, 1+i%28)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	what := Importing{Kind: "purchases", Files: []string{path}, Create: []string{"customer", "product"}, DryRun: true}
	for _, step := range []struct {
		dry  bool
		want string
	}{
		{true, "would read 41, create 40, update 0, leave 0 as they are, reject 1\n  and make 2 customers or products of their codes alone\n  1 rows, date: \"soon\" is not a date"},
		{false, "read 41, created 40, updated 0, unchanged 0, rejected 1"},
	} {
		out.Reset()
		what.DryRun = step.dry
		if err := Import(t.Context(), cfg, what); !errors.Is(err, ErrRejected) || !strings.Contains(out.String(), step.want) {
			t.Errorf("got %v, %s", err, out.String())
		}
	}
	out.Reset()
	if err := Undo(t.Context(), cfg, 1); err != nil || !strings.Contains(out.String(), "import 1 of purchases is undone") {
		t.Errorf("got %v, %s", err, out.String())
	}
	if err := Undo(t.Context(), cfg, 1); err == nil || !strings.Contains(err.Error(), "nothing to undo") {
		t.Errorf("undone twice: %v", err)
	}
	if err := Undo(t.Context(), cfg, 9); err == nil {
		t.Error("there is no import 9")
	}
}
