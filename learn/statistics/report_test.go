package statistics_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/know/org"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/statistics"
)

func (w *world) reports(company string) *statistics.Reports {
	return statistics.NewReports(statistics.ReportConfig{Questions: w.questions, Names: org.NewStore(w.db, now), Now: now,
		Segment: func(context.Context, id.ID) (string, error) { return "Large ones", nil },
		Company: func(context.Context) (access.Company, error) { return access.Company{Name: company}, nil }})
}

// paper is a drawn page whose text is not compressed.
type paper struct {
	t    *testing.T
	file []byte
}

func draw(t *testing.T, p statistics.Page) paper {
	t.Helper()
	var file bytes.Buffer
	if err := p.Draw(&file, false); err != nil {
		t.Fatal(err)
	}
	pages := regexp.MustCompile(`/Type /Page\b`).FindAll(file.Bytes(), -1)
	if !bytes.HasPrefix(file.Bytes(), []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(file.Bytes()), []byte("%%EOF")) || len(pages) != 1 || !bytes.Contains(file.Bytes(), []byte("/Count 1")) {
		t.Errorf("%d pages in %d bytes", len(pages), file.Len())
	}
	return paper{t, file.Bytes()}
}

// holds tells whether a text stands in the page; the file has it in UTF-16, some characters escaped.
func (p paper) holds(text string) bool {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.BigEndian.AppendUint16(b, unit)
	}
	for _, r := range [][2]string{{`\`, `\\`}, {"(", `\(`}, {")", `\)`}, {"\r", `\r`}} {
		b = bytes.ReplaceAll(b, []byte(r[0]), []byte(r[1]))
	}
	return bytes.Contains(p.file, b)
}

func (p paper) must(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if !p.holds(text) {
			p.t.Errorf("the page does not say %q", text)
		}
	}
}

// The page says what the picture has, for whom it is, and what it leaves out; a salesperson's has that person's customers alone.
func TestReport(t *testing.T) {
	w := small(t)
	w.score(t, "2026-06-30")
	reports := w.reports("Żółw i Søn (Ω) A/S")
	ada := access.Principal{Name: "Ada", Role: access.Director, Scope: access.ScopeAll}
	page := func(p access.Principal, a statistics.Ask) statistics.Page {
		t.Helper()
		page, err := reports.Page(t.Context(), reachOf(t, p), p, a)
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	whole := page(ada, statistics.Ask{})
	drawn := draw(t, whole)
	drawn.must("Customer matrix", "Żółw i Søn (Ω) A/S", "No filter.", "Gold bubbles", "Total", "Made on 22 November 2026, 10:00 UTC by Ada with Kvadrant.")
	writer := func(f statistics.Figures) string {
		return fmt.Sprintf("%d (%.1f %%)", f.Customers, 100*float64(f.Customers)/float64(whole.Picture.Total.Customers))
	}
	for _, c := range whole.Picture.Cells {
		drawn.must(writer(c.Figures))
	}
	drawn.must(fmt.Sprintf("%d (100.0 %%)", whole.Picture.Total.Customers))
	if drawn.holds("lacks") || strings.Contains(whole.Shown[1], "may see") {
		t.Errorf("said of who sees all: %q", whole.Shown)
	}

	cat := access.Principal{Name: "Cat", PersonID: w.id("CAT"), Role: access.Salesperson, Scope: access.ScopeOwn}
	own := page(cat, statistics.Ask{})
	if own.Picture.Total.Customers != 2 {
		t.Errorf("Cat has %d customers, want D and E", own.Picture.Total.Customers)
	}
	draw(t, own).must("No filter. Only the customers that Cat may see.", "2 (100.0 %)")

	narrowed := page(ada, statistics.Ask{Narrow: matrix.Narrow{Unit: w.id("NORTH"), Owner: w.id("BOB"), Country: matrix.None}})
	draw(t, narrowed).must("Filter: Unit: Unit NORTH; Looked after by: Person BOB; Without a country.")
	if _, err := reports.Page(t.Context(), access.Everything(), ada, statistics.Ask{Narrow: matrix.Narrow{Unit: id.New()}}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a unit that is not there: %v", err)
	}
}

// What the font cannot write is replaced, and the page says so.
func TestReportInChinese(t *testing.T) {
	w := small(t)
	w.score(t, "2026-06-30")
	p, err := w.reports("北風 Ltd").Page(t.Context(), access.Everything(), access.Principal{Name: "Ada"}, statistics.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	draw(t, p).must("?? Ltd", "Made on 22 November 2026, 10:00 UTC by Ada with Kvadrant. Characters that the font of this file lacks stand as ?.")
}

// A matrix of any size stands on one page, with all its figures unabridged.
func TestReportOfAnySize(t *testing.T) {
	for _, size := range []int{1, 4, 7} {
		axis := grid.Axis{Measure: "revenue", By: grid.ByValue}
		for i := range size {
			axis.Classes = append(axis.Classes, grid.Class{Key: fmt.Sprint(i), Name: fmt.Sprint("A rather long name ", i)})
		}
		d := grid.Definition{Key: "large", Name: strings.Repeat("Name ", 12), Description: strings.Repeat("Words ", 80), Rows: axis, Columns: axis}
		p := statistics.Picture{Head: statistics.Head{Matrix: d, AsOf: "2026-06-30", Currency: "DKK", Figures: []statistics.Figure{{Key: "revenue", Label: "Revenue"}, {Key: "unused", Label: "Unused"}}}}
		p.Rows, p.Columns = append(d.RowKeys(), grid.Unknown), append(d.ColumnKeys(), grid.Unknown)
		figures := func(n int64) statistics.Figures {
			return statistics.Figures{Customers: n, Sums: map[string]statistics.Sum{"revenue": {Total: 1e8 * float64(n), Known: n}, "unused": {Total: 1e8, Known: 1}}}
		}
		p.Total = figures(1_000_000)
		var want []string
		for i, row := range p.Rows {
			p.RowTotals = append(p.RowTotals, statistics.ClassFigures{Key: row, Figures: figures(int64(300_000 + i))})
			p.ColumnTotals = append(p.ColumnTotals, statistics.ClassFigures{Key: row, Figures: figures(int64(400_000 + i))})
			want = append(want, fmt.Sprintf("300,00%d (30.0 %%)", i), fmt.Sprintf("400,00%d (40.0 %%)", i))
			for j, column := range p.Columns {
				n := int64(10_000 + 100*i + j)
				p.Cells = append(p.Cells, statistics.CellFigures{Key: grid.CellKey(row, column), Row: row, Column: column, Figures: figures(n)})
				want = append(want, fmt.Sprintf("10,%d%02d (1.0 %%)", i, j), fmt.Sprintf("10,%d%02d,000,000 (1.0 %%)", i, j))
			}
		}
		long := strings.Repeat("A definition that goes on and on. ", 60)
		page := statistics.Page{Picture: p, Company: strings.Repeat("Company ", 20), Shown: []string{"As of", strings.Repeat("Filter ", 100)}, Said: []string{long, long}, Defined: []string{long, long, long}, Made: "Made"}
		drawn := draw(t, page)
		for _, text := range want {
			if at := strings.Index(text, "(1.0"); at > 0 {
				text = text[:at] // shares rise a little from cell to cell
			}
			drawn.must(text)
		}
	}
}
