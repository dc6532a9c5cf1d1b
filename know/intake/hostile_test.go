package intake

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/testkit"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// TestTenThousandRowsAreMalformed is F02: 10,000 malformed rows of 100,000, or of a million where all is asked for. Every
// good row lands, every bad one is listed with its line and a reason, and memory stays bounded.
func TestTenThousandRowsAreMalformed(t *testing.T) {
	const malformed = 10_000
	rows := 10 * malformed
	if os.Getenv("KVADRANT_TEST_FULL") == "1" {
		rows = 100 * malformed
	}
	every := rows / malformed
	random := rand.New(rand.NewPCG(1, 2))
	var text bytes.Buffer
	text.WriteString("\uFEFFDoc,Date,Cust,Qty,Amount\r\n")
	good, long := int64(0), 0
	bad := map[int64]string{} // by line, with a part of the reason
	for n := range rows {
		line := int64(n + 2)
		cells := []string{fmt.Sprintf("A%d", n), "2026-10-31", "Søborg", "1", "2.50"}
		ends := []string{"\n", "\r\n"}[random.IntN(2)]
		if n%every != 3 {
			good++
			text.WriteString(strings.Join(cells, ",") + ends)
			continue
		}
		kind := random.IntN(12)
		if kind == 5 && long >= 5 { // a megabyte each
			kind = 6
		}
		switch kind {
		case 0:
			cells[2], bad[line] = `"Søborg`, "uotation mark"
		case 1:
			cells[2], bad[line] = `"Sø"borg`, "uotation mark"
		case 2:
			cells[0], bad[line] = "A\x00", "zero byte"
		case 3:
			cells[3], bad[line] = "\uFEFF1", "not a number"
		case 4:
			cells[2], bad[line] = "S\xf8borg", "not UTF-8"
		case 5:
			cells[2], bad[line] = strings.Repeat("x", 1<<20), "longer than"
			long++
		case 6:
			cells, bad[line] = cells[:3], "only 3 cells"
		case 7:
			cells, bad[line] = append(cells, "x", "y"), "7 cells"
		case 8:
			cells[1], bad[line] = "soon", "not a date"
		case 9:
			cells[4], bad[line] = "1e309", "not a number"
		case 10:
			cells[1], bad[line] = "2024-02-30", "not a date"
		case 11:
			cells[2], bad[line] = "", "is empty"
		}
		text.WriteString(strings.Join(cells, ",") + ends)
	}
	b := newBench(t, testkit.DB(t))
	f := b.upload(t, "sales.csv", text.String())
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, saleColumns)})
	must(t, err)
	runtime.ReadMemStats(&after)
	if im.Read != int64(rows) || im.Created != good || im.Rejected != int64(len(bad)) {
		t.Errorf("read %d, created %d of %d, rejected %d of %d", im.Read, im.Created, good, im.Rejected, len(bad))
	}
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 200<<20 {
		t.Errorf("memory grew by %d MiB", grown>>20)
	}
	found, err := b.Rejects.Page(t.Context(), im.ID, 0, 2*len(bad))
	must(t, err)
	for _, r := range found {
		part, is := bad[r.Line]
		if !is || !strings.Contains(r.Reason, part) || r.File != "sales.csv" || r.Raw == "" {
			t.Errorf("line %d should say %q: %+v", r.Line, part, r)
		}
		delete(bad, r.Line)
	}
	if len(bad) > 0 {
		t.Errorf("not listed: %v", bad)
	}
	if got := b.table(t, "SELECT count(DISTINCT document), cast(sum(revenue) AS BIGINT) FROM sale"); got != fmt.Sprintf("%d|%d\n", good, good*25000) {
		t.Errorf("stored %s", got)
	}
	nothingLeft(t, b)
}

// TestRowsKeepTheirOrder holds that the rejects of a file which the engine reads in several parts name the lines they stand in:
// rows are numbered in the order in which they are stored.
func TestRowsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	const rows = 60_000
	var text strings.Builder
	text.WriteString("Doc,Date,Cust,Channel,Qty,Amount,Remark\n")
	want := map[int64]string{}
	filler := strings.Repeat("x", 600) // 36 MB, more than one of the engine's buffers
	for n := range rows {
		cells := fmt.Sprintf("A%d,2026-10-31,C1,web,1,2.50,%s\n", n, filler)
		switch n % 1000 {
		case 10:
			cells = fmt.Sprintf("A%d,2026-10-31,#N/A,web,1,2.50,\n", n)
		case 20:
			cells = fmt.Sprintf("A%d,soon,C1,web,1,2.50,\n", n)
		case 30:
			cells = fmt.Sprintf("A%d,2026-10-31\n", n) // the file is copied row by row for it
		default:
			text.WriteString(cells)
			continue
		}
		want[int64(n+2)] = fmt.Sprintf("A%d,", n)
		text.WriteString(cells)
	}
	b := newBench(t, testkit.DB(t))
	f := b.upload(t, "sales.csv", text.String())
	im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, `{"columns": {"document": "Doc", "date": "Date", "customer": "Cust", "channel": "Channel", "quantity": "Qty", "revenue": "Amount"}}`)})
	must(t, err)
	found, err := b.Rejects.Page(t.Context(), im.ID, 0, 2*len(want))
	must(t, err)
	if len(found) != len(want) {
		t.Errorf("%d rejects, want %d", len(found), len(want))
	}
	for _, r := range found {
		if begin, is := want[r.Line]; !is || !strings.HasPrefix(r.Raw, begin) {
			t.Fatalf("line %d holds %.60q: %s", r.Line, r.Raw, r.Reason)
		}
	}
}

// TestRejectsStandAsInTheFile holds that a row is shown as it stands there, whatever way it was read.
func TestRejectsStandAsInTheFile(t *testing.T) {
	t.Parallel()
	rows := []string{`A1;'x; y';"01.13.2026";"1.5"`, `A2;"a ""b""";bad;2`, "A3;\"two\nlines\";;3"}
	for name, encode := range map[string]func(string) string{
		"as it stands": func(s string) string { return s },
		"copied":       func(s string) string { return s + "x;\"\n" },
		"utf-16": func(s string) string {
			return written(t, [][]string{{strings.TrimSuffix(s, "\n")}}, "utf-16le", "?", "", "\n")
		},
		"gzip": func(s string) string { return zipped(t, []byte(s)) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, testkit.DB(t))
			f := b.upload(t, "a.csv", encode("Doc;Name;Date;Amount\nA0;C0;2026-10-01;1\n"+strings.Join(rows, "\n")+"\n"))
			im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Dialect: &Dialect{Quote: `"`},
				Mapping: mapped(t, `{"columns": {"document": "Doc", "customer": "Name", "date": "Date", "revenue": "Amount"}}`)})
			must(t, err)
			found, err := b.Rejects.Page(t.Context(), im.ID, 0, 10)
			must(t, err)
			if len(found) < 3 {
				t.Fatalf("%+v", found)
			}
			for i, want := range rows {
				if found[i].Raw != want || found[i].Line != int64(i+3) {
					t.Errorf("line %d: %q, want %q", found[i].Line, found[i].Raw, want)
				}
			}
		})
	}
}

// rawZip writes an archive entry by entry with what no packer writes.
func rawZip(t testing.TB, write func(w *zip.Writer)) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	write(w)
	must(t, w.Close())
	return b.String()
}

func entry(t testing.TB, w *zip.Writer, h *zip.FileHeader, data string) {
	t.Helper()
	h.CRC32, h.UncompressedSize64, h.CompressedSize64 = crc32.ChecksumIEEE([]byte(data)), max(h.UncompressedSize64, uint64(len(data))), uint64(len(data))
	f, err := w.CreateRaw(h)
	must(t, err)
	_, err = f.Write([]byte(data))
	must(t, err)
}

// sheetOf is a workbook whose sheet is the given XML.
func sheetOf(t testing.TB, sheet string) string {
	t.Helper()
	const head = `<?xml version="1.0" encoding="UTF-8"?>`
	return archive(t, "[Content_Types].xml", head+`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
		"_rels/.rels", head+`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/_rels/workbook.xml.rels", head+`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/workbook.xml", head+`<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/worksheets/sheet1.xml", sheet)
}

// TestFilesMadeToHarm is F30 and A25: each is refused with its reason, what it would unpack to never stands in memory, and
// nothing stays behind. It runs alone, since what it took is counted for the whole process.
func TestFilesMadeToHarm(t *testing.T) {
	const ns = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	many := rawZip(t, func(w *zip.Writer) {
		for i := range 30_000 {
			entry(t, w, &zip.FileHeader{Name: fmt.Sprintf("%d.csv", i)}, "")
		}
	})
	liar := []byte(many) // says that it has a handful
	end := bytes.LastIndex(liar, []byte("PK\x05\x06"))
	binary.LittleEndian.PutUint16(liar[end+10:], 5)
	locked := rawZip(t, func(w *zip.Writer) { entry(t, w, &zip.FileHeader{Name: "a.csv", Flags: 1}, "x") })
	link := rawZip(t, func(w *zip.Writer) {
		h := &zip.FileHeader{Name: "a.csv"}
		h.SetMode(0o777 | fs.ModeSymlink)
		entry(t, w, h, "/etc/passwd")
	})
	bomb := rawZip(t, func(w *zip.Writer) { entry(t, w, &zip.FileHeader{Name: "a.csv", UncompressedSize64: 1 << 40}, "x") })
	tests := []struct{ name, text, code string }{
		{"entries.zip", many, "file.archive_entries"},
		{"liar.zip", string(liar), "file.archive_entries"},
		{"locked.zip", locked, "file.password"},
		{"link.zip", link, "file.archive_path"},
		{"slip.zip", archive(t, "../../etc/cron.d/a.csv", "a,b\n1,2\n"), "file.archive_path"},
		{"root.zip", archive(t, "/etc/a.csv", "a,b\n1,2\n"), "file.archive_path"},
		{"nested.zip", archive(t, "a.csv", "a,b\n1,2\n", "b.zip", archive(t, "c.csv", "a")), "file.packed_twice"},
		{"quine.zip", archive(t, "r/r.zip", "PK\x03\x04"), "file.packed_twice"},
		{"disguised.zip", archive(t, "a.csv", archive(t, "c.csv", "a,b\n1,2\n")), "file.packed_twice"},
		{"bomb.zip", bomb, "file.archive_large"},
		{"zeros.gz", zipped(t, make([]byte, 300<<20)), "file.too_large"},
		{"none.zip", archive(t, "a.pdf", "x"), "file.archive_empty"},
		{"cut.zip", archive(t, "a.csv", "a,b\n1,2\n")[:40], "file.archive"},
		{"rows.xlsx", sheetOf(t, ns+`<row r="2147483647"><c r="A2147483647"><v>1</v></c></row></sheetData></worksheet>`), "file.workbook"},
		{"columns.xlsx", sheetOf(t, ns+`<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>`), "file.columns"},
		{"dtd.xlsx", sheetOf(t, `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>`+ns+`<row r="1"><c t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>`), "file.workbook_dtd"},
		{"no sheet.xlsx", archive(t, "[Content_Types].xml", "<x/>"), "file.workbook"},
		{"locked.xlsx", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("EncryptedPackage", 100), "file.old_excel"},
		{"picture.csv", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "file.format"},
		{"program.csv", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00>\x00\x01\x00\x00\x00", "file.format"},
		{"polyglot.csv", "%PDF-1.4\n" + archive(t, "a.csv", "a,b\n1,2\n"), "file.format"},
		{"wide.csv", strings.Repeat("a,", 5000) + "a\n" + strings.Repeat("1,", 5000) + "1\n", "file.columns"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, testkit.DB(t))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			f, err := b.Upload(t.Context(), tt.name, strings.NewReader(tt.text))
			if err == nil {
				if _, err = b.Preview(t.Context(), PreviewRequest{FileID: f.ID, Kind: "sales"}); err == nil {
					_, err = b.folder.Prepare(t.Context(), f, Dialect{}, false)
				}
			}
			runtime.ReadMemStats(&after)
			if code(err) != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
			if taken := after.TotalAlloc - before.TotalAlloc; taken > 100<<20 {
				t.Errorf("it took %d MiB", taken>>20)
			}
			nothingLeft(t, b)
		})
	}
}

// TestTextThatHarms is the text part of A26: whatever stands in it, an import ends with rows accounted for or with a fault.
func TestTextThatHarms(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	random := rand.New(rand.NewPCG(3, 4))
	pieces := []string{",", ";", "\"", "\"\"", "'", "\n", "\r", "\r\n", "\x00", "\xff", "\\", "\\\"", "2026-10-31", "1e999", "-", "(", "é", "\xEF\xBB\xBF", "C1", "\t", " ", "=cmd|'/c'!A1", "NULL", strings.Repeat("9", 400), strings.Repeat("\"", 99)}
	for n := range 60 {
		var text strings.Builder
		text.WriteString("Doc,Date,Cust,Qty,Amount\n")
		for range 5 + random.IntN(300) {
			text.WriteString(pieces[random.IntN(len(pieces))])
		}
		f, err := b.Upload(t.Context(), fmt.Sprintf("%d.csv", n), strings.NewReader(text.String()))
		must(t, err)
		im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, saleColumns), Dialect: &Dialect{Delimiter: ",", Quote: `"`, HeaderRows: new(1)}})
		if err != nil && fault.Of(err) == nil {
			t.Errorf("%q: %v", text.String(), err)
		}
		if err == nil && im.Created+im.Unchanged+im.Updated+im.Rejected != im.Read {
			t.Errorf("%q: %+v", text.String(), im)
		}
	}
	nothingLeft(t, b)
}

// TestMappingsThatHarm is A27 for mappings: what is too much is refused by its place before a row is read.
func TestMappingsThatHarm(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	f := b.upload(t, "sales.csv", "Doc,Date,Cust,Qty,Amount\nA1,2026-10-01,C1,2,10.5\n")
	values := map[string]string{}
	for i := range 20_000 {
		values[fmt.Sprint(i)] = "x"
	}
	good := map[string]mapping.Value{"date": {Column: "Date"}, "customer": {Column: "Cust"}, "revenue": {Column: "Amount"}}
	for name, v := range map[string]mapping.Value{
		"a huge map":     {Column: "Doc", Map: values},
		"many joined":    {Join: make([]mapping.Value, 500)},
		"many lookups":   {Column: "Doc", Lookup: make(mapping.Lookups, 100)},
		"a join inside":  {Join: []mapping.Value{{Join: []mapping.Value{{Column: "Doc"}}}}},
		"a long split":   {Column: "Doc", Split: &mapping.Split{By: strings.Repeat("x", 1000), Part: 1}},
		"part 0":         {Column: "Doc", Split: &mapping.Split{By: ",", Part: 0}},
		"a far part":     {Column: "Doc", Split: &mapping.Split{By: ",", Part: 1 << 40}},
		"a long formula": {Column: strings.Repeat("Qty+", 100_000) + "Qty"},
	} {
		m := Mapping{Kind: "sales", Columns: map[string]mapping.Value{"document": v}}
		for field, value := range good {
			m.Columns[field] = value
		}
		_, _, _, err := b.compose(t.Context(), Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: &m})
		if got := fault.Of(err); got == nil || got.Kind != fault.Invalid || len(got.Fields) == 0 || got.Fields[0].Path != "mapping.columns.document" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 20_000), "columns: {date: " + strings.Repeat("{join: [", 5000)} {
		if _, err := b.Preview(context.Background(), PreviewRequest{FileID: f.ID, MappingText: text}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.20q…: %v", text, err)
		}
	}
}
