package matrix_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/learn/matrix"
)

// A08: what a customer may be called must not become a formula in somebody's spreadsheet.
func TestExportsHoldNoFormulas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hostile := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "＝1", "＋1", "－1", "＠1", "=HYPERLINK(\"http://x\")",
		"\u200b=1", "\ufeff=1", "=cmd|' /C calc'!A0"}
	harmless := []string{"A-1", "1=1", "O'Hara \"Yards\", Ltd; =1", "Ærø\nFærger", "'quoted"}
	for i, name := range append(hostile, harmless...) {
		w.customer(t, fmt.Sprintf("C%02d", i), name, "", "DK", "", "")
		w.potential(t, fmt.Sprintf("C%02d", i), 12_345, "declared", "2020-01-01")
	}
	w.purchase(t, "C00", "2026-01-01", -1_234_500)
	w.score(t, "2026-06-30")
	ctx := context.Background()

	e, err := w.questions.Export(ctx, access.Everything(), matrix.List{Sort: "code"})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := e.CSV(ctx, &file); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&file).ReadAll()
	if err != nil || len(rows) != 1+len(hostile)+len(harmless) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, name := range hostile {
		// The reader makes \r\n of a file \n; a lone \r stays.
		if got := rows[1+i][1]; got != "'"+name {
			t.Errorf("%q is written %q", name, got)
		}
	}
	for i, name := range harmless {
		if got := rows[1+len(hostile)+i][1]; got != name {
			t.Errorf("%q is written %q", name, got)
		}
	}
	if got := strings.Join(rows[1][6:13], "|"); got != "-123.45|123.45|declared|-1|246.90||gold" {
		t.Errorf("figures: %s", got)
	}

	if e, err = w.questions.Export(ctx, access.Everything(), matrix.List{Sort: "code"}); err != nil {
		t.Fatal(err)
	}
	file.Reset()
	if err := e.XLSX(ctx, &file); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for i, name := range append(hostile, harmless...) {
		cell := fmt.Sprintf("B%d", i+2)
		kind, err := book.GetCellType("Sheet1", cell)
		if err != nil || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
			t.Errorf("%s is of type %v, %v", cell, kind, err)
		}
		if formula, err := book.GetCellFormula("Sheet1", cell); err != nil || formula != "" {
			t.Errorf("%s calculates %q, %v", cell, formula, err)
		}
		if got, err := book.GetCellValue("Sheet1", cell); err != nil || strings.ReplaceAll(got, "\r", "\n") != strings.ReplaceAll(name, "\r", "\n") {
			t.Errorf("%q is written %q, %v", name, got, err)
		}
	}
	if kind, err := book.GetCellType("Sheet1", "G2"); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("the revenue is of type %v, %v", kind, err)
	}
	if got, err := book.GetCellValue("Sheet1", "G2"); err != nil || got != "-123.45" {
		t.Errorf("the revenue is written %q, %v", got, err)
	}
}

// An export is longer than a page and holds everybody once.
func TestExportsReadToTheEnd(t *testing.T) {
	t.Parallel()
	w := crowd(t, 30)
	ctx := context.Background()
	w.write(t, []any{`INSERT INTO customer (id, code, name, kind, industry, street, postal_code, city, country, phone, email, website, lifecycle, version, created_at, updated_at)
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
		SELECT '00000000-0000-7000-8000-' || printf('%012d', i), 'N' || i, 'N', 'organisation', '', '', '', '', '', '', '', '', 'customer', 1, ?, ? FROM n`, now(), now()})
	w.score(t, "2026-06-30")
	e, err := w.questions.Export(ctx, access.Everything(), matrix.List{Sort: "share"})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := e.CSV(ctx, &file); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&file).ReadAll()
	if err != nil || len(rows) != 1231 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	seen := map[string]bool{}
	for _, r := range rows {
		seen[r[0]] = true
	}
	if len(seen) != 1231 || e.Name() != "customers-2026-06-30" {
		t.Errorf("%d different customers in %s", len(seen), e.Name())
	}
}
