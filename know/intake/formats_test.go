package intake

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"github.com/kvadrant/kvadrant/internal/dateform"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// archive packs texts by name, in the given order.
func archive(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		must(t, err)
		_, err = f.Write([]byte(files[i+1]))
		must(t, err)
	}
	must(t, w.Close())
	return b.String()
}

// parquetOf writes the answer to a question as a Parquet file.
func parquetOf(t testing.TB, query string) string {
	t.Helper()
	connector, err := duckdb.NewConnector("", nil)
	must(t, err)
	pool := sql.OpenDB(connector)
	defer pool.Close()
	path := filepath.Join(t.TempDir(), "a.parquet")
	_, err = pool.Exec("COPY (" + query + ") TO '" + path + "' (FORMAT parquet)")
	must(t, err)
	data, err := os.ReadFile(path)
	must(t, err)
	return string(data)
}

// TestAnyFileReadsBackWhatWasWritten writes a table in any encoding, delimiter, quoting, line end, decimal mark and form of
// dates, and imports it with nothing said but what the file cannot show.
func TestAnyFileReadsBackWhatWasWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	monthNames := map[string]string{"dd-mmm-yyyy": "okt", "dd mmm yyyy": "października", "mmm dd yyyy": "Oct", "dd-mmm-yy": "Oct"}
	rapid.Check(t, func(r *rapid.T) {
		encoding := rapid.SampledFrom([]string{"utf-8", "utf-8 mark", "utf-16le", "utf-16be", "utf-16le mark", "utf-16be mark", "windows-1252", "iso-8859-1"}).Draw(r, "encoding")
		delimiter := rapid.SampledFrom([]string{",", ";", "\t", "|", "^", "~"}).Draw(r, "delimiter")
		quote := rapid.SampledFrom([]string{`"`, "'"}).Draw(r, "quote")
		newline := rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(r, "line end")
		mark := rapid.SampledFrom([]string{".", ","}).Draw(r, "decimal")
		group := rapid.SampledFrom([]string{"", " ", "'", map[string]string{".": ",", ",": "."}[mark]}).Draw(r, "thousands")
		form := rapid.SampledFrom(dateform.All()).Draw(r, "date form")
		if strings.HasPrefix(encoding, "utf") || form.Name != "dd mmm yyyy" {
			encoding += ""
		} else {
			form = dateform.All()[0] // the letter ź is not in these encodings
		}
		quoteAll := rapid.Bool().Draw(r, "quote all")
		currency := rapid.SampledFrom([]string{"", "DKK ", "€ "}).Draw(r, "currency")
		if encoding == "iso-8859-1" && currency == "€ " {
			currency = "DKK "
		}
		names := rapid.SliceOfN(rapid.SampledFrom([]string{"Æblegård", "a" + delimiter + "b", "said " + quote + "no" + quote, "x  y", "Zoë", "-", "O" + quote + "Neil"}), 12, 30).Draw(r, "names")
		var text, want strings.Builder
		row := func(cells ...string) {
			for i, cell := range cells {
				if i > 0 {
					text.WriteString(delimiter)
				}
				if quoteAll || strings.Contains(cell, delimiter) || strings.Contains(cell, quote) {
					cell = quote + strings.ReplaceAll(cell, quote, quote+quote) + quote
				}
				text.WriteString(cell)
			}
			text.WriteString(newline)
		}
		row("Doc", "Dato", "Kunde", "Beløb")
		for i, name := range names {
			day := 28 - i%28
			cents := i*7919 + 100_000
			whole := fmt.Sprint(cents / 100)
			if len(whole) > 3 {
				whole = whole[:len(whole)-3] + group + whole[len(whole)-3:]
			}
			row(fmt.Sprintf("A%d", i), writtenDate(form, 2026, 10, day, monthNames[form.Name]), name, currency+whole+mark+fmt.Sprintf("%02d", cents%100))
			fmt.Fprintf(&want, "A%d|2026-10-%02d|%s|%d\n", i, day, name, cents*100)
		}
		out := text.String()
		var err error
		switch encoding {
		case "utf-8 mark":
			out = "\uFEFF" + out
		case "utf-16le":
			out, err = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(out)
		case "utf-16be":
			out, err = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String(out)
		case "utf-16le mark":
			out, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(out)
		case "utf-16be mark":
			out, err = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(out)
		case "windows-1252":
			out, err = charmap.Windows1252.NewEncoder().String(out)
		case "iso-8859-1":
			out, err = charmap.ISO8859_1.NewEncoder().String(out)
		}
		if err != nil {
			r.Fatal(err)
		}
		f, err := b.Upload(context.Background(), "a.csv", strings.NewReader(out))
		if err != nil {
			r.Fatal(err)
		}
		var said *Dialect
		if form.Name == "ddmmyyyy" { // eight digits with the day in front are no date to who does not know
			said = &Dialect{DateFormat: form.Name}
		}
		m := mapped(t, `{"columns": {"document": "Doc", "date": "Dato", "customer": "Kunde", "revenue": "Beløb"}}`)
		im, err := b.runIn(context.Background(), Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: m, Dialect: said})
		if err != nil {
			r.Fatal(err)
		}
		got := b.table(t, fmt.Sprintf("SELECT document, cast(date AS VARCHAR), customer, cast(revenue AS VARCHAR) FROM sale WHERE import_no = %d ORDER BY row_no", im.No))
		if im.Rejected == 0 && im.Unchanged > 0 { // the same file was drawn before
			return
		}
		if got != want.String() {
			l, _ := b.folder.Glance(context.Background(), f, Dialect{})
			r.Fatalf("%+v\n%s\ngot\n%swant\n%srejects %s", l.Dialect, text.String(), got, want.String(), b.rejectLines(t, im.ID))
		}
	})
}

// writtenDate writes a date in a form.
func writtenDate(f dateform.Form, year, month, day int, name string) string {
	full := fmt.Sprintf("%04d", year)
	switch f.Name {
	case "yyy/mm/dd":
		return fmt.Sprintf("%d/%02d/%02d", year-1911, month, day)
	case "mmm dd yyyy":
		return fmt.Sprintf("%s %d, %d", name, day, year)
	}
	return strings.NewReplacer("yyyy", full, "yy", full[2:], "mmm", name, "mm", fmt.Sprintf("%02d", month), "dd", fmt.Sprintf("%02d", day)).Replace(f.Name)
}

func TestArchives(t *testing.T) {
	t.Parallel()
	const head = "Doc,Date,Cust,Qty,Amount\n"
	one, two := head+"A1,2026-10-01,C1,1,5\n", "Amount;Cust;Date;Doc;Qty\n6,50;C2;02.10.2026;A2;1\nx;C2;02.10.2026;A3;1\n"
	tests := []struct{ name, text, sheet, want, reject string }{
		{"one table", archive(t, "readme.pdf", "%PDF", "sales.csv", one), "", "A1|50000\n", ""},
		{"several of the same layout, in another order of columns", archive(t, "a.csv", one, "sub/b.csv", two, "__MACOSX/a.csv", "x"), "", "A1|50000\nA2|65000\n", "a.zip/sub/b.csv,3,Amount,x"},
		{"one of several", archive(t, "a.csv", one, "sub/b.csv", two), "a.csv", "A1|50000\n", ""},
		{"a workbook", archive(t, "a.xlsx", string(workbookOf(t))), "", "A1|12345678\nA2|-1000\nA4|70000\n", "a.zip/a.xlsx,7,Amount,oops"},
		{"only text", archive(t, "log.txt", one), "", "A1|50000\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, testkit.DB(t))
			f := b.upload(t, "a.zip", tt.text)
			p, err := b.Preview(t.Context(), PreviewRequest{FileID: f.ID, Kind: "sales", Sheet: tt.sheet})
			must(t, err)
			if len(p.Dialect.Sheets) == 0 || p.Dialect.Sheet != tt.sheet {
				t.Errorf("the preview shows %+v", p.Dialect)
			}
			im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, saleColumns), Dialect: &Dialect{Sheet: tt.sheet}})
			must(t, err)
			if got := b.table(t, "SELECT document, cast(revenue AS VARCHAR) FROM sale ORDER BY row_no"); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
			if r := b.rejectLines(t, im.ID); tt.reject != "" && !strings.Contains(r, tt.reject) || tt.reject == "" && r != "" {
				t.Errorf("rejects: %s", r)
			}
			nothingLeft(t, b)
		})
	}
}

func nothingLeft(t testing.TB, b bench) {
	t.Helper()
	if left, err := os.ReadDir(b.folder.Staging()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestParquet(t *testing.T) {
	t.Parallel()
	query := `SELECT * FROM (VALUES
		('A1', DATE '2026-10-31', 'C1', 2.5::DOUBLE, 1234.5678::DECIMAL(12,4), 7::SMALLINT, TIMESTAMP '2026-10-31 10:11:12', 'WEB'),
		('A2', DATE '2026-11-01', NULL, 1, -0.1, NULL, NULL, 'phone'),
		('A3', DATE '1026-11-01', 'C3', 1, 3, 1, TIMESTAMP '2026-01-02 00:00:00.5', NULL),
		('A4', DATE '2026-11-02', 'Sø "x"', NULL, 7, 3, TIMESTAMP '2026-01-02 00:00:00.5', NULL)
	) t("Do""c", "Order date", Cust, Qty, Amount, Pieces, Stamp, "Ch'")`
	m := `{"columns": {"document": "Do\"c", "date": "Order date", "customer": "Cust", "quantity": "Qty", "revenue": "Amount", "pieces": "Pieces", "month": "Stamp", "channel": "Ch'"%s}}`
	for _, tt := range []struct{ name, more string }{{"read as it is", ""}, {"read as text", `, "note": {"column": "Cust", "map": {"C1": "one"}}`}} {
		for _, packed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %v", tt.name, packed), func(t *testing.T) {
				b := newBench(t, testkit.DB(t))
				text := parquetOf(t, query)
				if packed {
					text = zipped(t, []byte(text))
				}
				f := b.upload(t, "a.parquet", text)
				p, err := b.Preview(t.Context(), PreviewRequest{FileID: f.ID, Kind: "sales"})
				must(t, err)
				if len(p.Columns) != 8 || p.Columns[1].Name != "Order date" || p.Columns[1].Type != "date" || len(p.Rows) != 4 || p.Rows[0][4] != "1234.5678" {
					t.Errorf("preview: %+v", p)
				}
				im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, fmt.Sprintf(m, tt.more))})
				must(t, err)
				got := b.table(t, "SELECT document, cast(date AS VARCHAR), customer, cast(quantity AS VARCHAR), cast(revenue AS VARCHAR), cast(pieces AS VARCHAR), cast(month AS VARCHAR), channel FROM sale ORDER BY row_no")
				if want := "A1|2026-10-31|C1|2.5|12345678|7|2026-10-01|web\nA4|2026-11-02|Sø \"x\"||70000|3|2026-01-01|\n"; got != want {
					t.Errorf("got\n%swant\n%s", got, want)
				}
				r := b.rejectLines(t, im.ID)
				if im.Read != 4 || im.Rejected != 2 || !strings.Contains(r, `a.parquet,2,Cust,,"""Cust"" is empty`) || !strings.Contains(r, "a.parquet,3,Order date,1026-11-01") {
					t.Errorf("%+v rejects: %s", im, r)
				}
				nothingLeft(t, b)
			})
		}
	}
}

// TestParquetThatHarms holds that the server lives, whatever a file does to its reader, and says so.
func TestParquetThatHarms(t *testing.T) {
	t.Parallel()
	good := parquetOf(t, "SELECT i AS a, 'x' || i AS b, i / 7 AS c FROM range(20000) t(i)")
	b := newBench(t, testkit.DB(t))
	files := map[string]string{"cut": good[:len(good)/2], "no footer": "PAR1" + strings.Repeat("x", 5000) + "PAR1", "a huge footer": good[:len(good)-8] + "\xff\xff\xff\x7fPAR1"}
	for i := range 40 { // each byte flipped lies somewhere else
		damaged := []byte(good)
		for k := range 5 {
			at := (i*7919 + k*104729) % len(damaged)
			damaged[at] ^= byte(1 + i*k%255)
		}
		files[fmt.Sprintf("flipped %d", i)] = string(damaged)
	}
	refused := 0
	for name, text := range files {
		f, err := b.Upload(t.Context(), name+".parquet", strings.NewReader(text))
		if err == nil {
			if _, err = b.Preview(t.Context(), PreviewRequest{FileID: f.ID, Kind: "sales"}); err == nil {
				sources, failed := b.folder.Prepare(t.Context(), f, Dialect{}, false)
				for _, src := range sources {
					must(t, src.Close())
				}
				err = failed
			}
		}
		if err != nil {
			refused++
			if code(err) != "file.parquet" && code(err) != "file.columns" && code(err) != "file.format" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if refused < 3 {
		t.Errorf("only %d of %d were refused", refused, len(files))
	}
	nothingLeft(t, b)
}

func TestWorkbooks(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	must(t, f.SetSheetName("Sheet1", "Sales"))
	must(t, f.SetSheetRow("Sales", "A1", &[]any{"Sales of October, printed for the board"}))
	must(t, f.SetSheetRow("Sales", "A3", &[]any{"Order", nil, "Customer", nil, "Value", nil}))
	must(t, f.MergeCell("Sales", "A3", "B3"))
	must(t, f.MergeCell("Sales", "C3", "D3"))
	must(t, f.MergeCell("Sales", "E3", "F3"))
	must(t, f.SetSheetRow("Sales", "A4", &[]any{"No", "Date", "No", "Name", "Amount", "Pieces"}))
	must(t, f.SetSheetRow("Sales", "A5", &[]any{"A1", "2026-10-31", "C1", "One", 10, 2}))
	must(t, f.SetSheetRow("Sales", "A6", &[]any{"A2", "2026-10-31", "C2", "Two", nil, 2}))
	must(t, f.SetCellFormula("Sales", "E6", "E5*2"))
	must(t, f.SetSheetRow("Sales", "A7", &[]any{"A3", "2026-10-31", "#N/A", "Three", 10, 2}))
	must(t, f.SetSheetRow("Sales", "A8", &[]any{"A4", "2026-10-31", "C4", "Four", "#DIV/0!", 2}))
	must(t, f.SetSheetRow("Sales", "A9", &[]any{"Total", nil, nil, nil, 30, 8}))
	var out bytes.Buffer
	must(t, f.Write(&out))
	must(t, f.Close())
	b := newBench(t, testkit.DB(t))
	file := b.upload(t, "a.xlsx", withCachedValue(t, out.Bytes(), `<f>E5*2</f>`, `<f>E5*2</f><v>20</v>`))
	p, err := b.Preview(t.Context(), PreviewRequest{FileID: file.ID, Kind: "sales"})
	must(t, err)
	var names []string
	for _, c := range p.Columns {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, ", "); got != "Order No, Date, Customer No, Name, Amount, Pieces" || *p.Dialect.HeaderRows != 3 {
		t.Errorf("columns %s under %d rows", got, *p.Dialect.HeaderRows)
	}
	im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{file.ID}, Mapping: mapped(t, `{"columns": {"document": "Order No", "date": "Date", "customer": "Customer No", "revenue": "Amount"}}`)})
	must(t, err)
	if got := b.table(t, "SELECT document, cast(revenue AS VARCHAR) FROM sale ORDER BY row_no"); got != "A1|100000\nA2|200000\n" {
		t.Errorf("got %s", got)
	}
	rejects := b.rejectLines(t, im.ID)
	for _, want := range []string{"a.xlsx,7,Customer No,#N/A,\"The cell in \"\"Customer No\"\" holds the error #N/A", "a.xlsx,8,Amount,#DIV/0!,\"The cell in", "a.xlsx,9,Date,,\"This looks like a line of totals"} {
		if !strings.Contains(rejects, want) {
			t.Errorf("no %s in\n%s", want, rejects)
		}
	}
}

// withCachedValue puts the value of a formula into a workbook, as spreadsheet programs do.
func withCachedValue(t testing.TB, book []byte, old, with string) string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	must(t, err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		in, err := f.Open()
		must(t, err)
		var text bytes.Buffer
		_, err = text.ReadFrom(in)
		must(t, err)
		to, err := w.Create(f.Name)
		must(t, err)
		_, err = to.Write([]byte(strings.ReplaceAll(text.String(), old, with)))
		must(t, err)
	}
	must(t, w.Close())
	return out.String()
}

// TestQuotationMarksInsideACell holds that marks in the middle of a cell that is not quoted are letters of it, whether the
// engine reads the file where it stands or it is copied first.
func TestQuotationMarksInsideACell(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	cells := []string{`F"49"x`, `5" pipe`, `12"`, `a"b`, `"F ""49"""`, `'tis`, `O'Hara's`, `x""y`, `F"4;9"x`}
	want := []string{`F"49"x`, `5" pipe`, `12"`, `a"b`, `F "49"`, `'tis`, `O'Hara's`, `x""y`, `F"4;9"x`}
	for i, cell := range cells {
		for name, more := range map[string]string{"alone": "", "among quoted cells": "Z1,2026-10-31,\"C, 1\",1\n", "copied": "Z1,2026-10-31,C1,x\n"} {
			t.Run(cell+" "+name, func(t *testing.T) {
				f := b.upload(t, "sales.csv", "Doc,Date,Cust,Amount\n"+cell+",2026-10-31,"+cell+",2\nA,2026-10-31,C2,3\n"+more)
				im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, `{"columns": {"document": "Doc", "date": "Date", "customer": "Cust", "revenue": "Amount"}}`)})
				must(t, err)
				got := b.table(t, fmt.Sprintf("SELECT document, customer FROM sale WHERE import_no = %d AND row_no = 0", im.No))
				if got != want[i]+"|"+want[i]+"\n" || im.Created < 2 {
					t.Errorf("%d created, %s, want %s", im.Created, got, want[i])
				}
			})
		}
	}
}
