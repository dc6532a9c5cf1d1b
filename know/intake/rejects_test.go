package intake

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/testkit"
)

// TestRejects holds, for files with bad rows, the counts, and file, line, column, value and the beginning of the reason.
func TestRejects(t *testing.T) {
	t.Parallel()
	const head = "Doc,Date,Cust,Qty,Amount\n"
	tests := []struct {
		name, text   string
		read, create int64
		want         []string
	}{
		{"line numbers behind quoted line ends", head + "A1,2026-10-01,\"C\n1\",1,5\nA2,2026-13-01,C1,1,5\n\"A\n\n3\",x,C1,1,y\n", 3, 1,
			[]string{"4 Date 2026-13-01 \"2026-13-01\" is not a date", "5 Date x \"x\" is not a date; write it as yyyy-mm-dd or 2026-10-31. \"y\" is not a number"}},
		{"blank lines count as lines", head + "\nA1,2026-10-01,C1,1,5\n\n\nA2,bad,C1,1,5\n", 2, 1, []string{"6 Date bad"}},
		{"Windows line ends", "Doc,Date,Cust,Qty,Amount\r\nA1,2026-10-01,C1,1,5\r\n\r\nA2,bad,C1,1,5\r\n", 2, 1, []string{"4 Date bad"}},
		{"mixed line ends", "Doc,Date,Cust,Qty,Amount\r\nA1,2026-10-01,C1,1,5\nA2,bad,C1,1,5\r\nA3,2026-10-01,C1,1,5\n", 3, 2, []string{"3 Date bad"}},
		{"too few and too many cells", head + "A1,2026-10-01,C1,1,5\nA2,2026-10-01\nA3,2026-10-01,C1,1,5,6\nA4,2026-10-01,C1,1,5,,\n", 4, 2,
			[]string{"3   The row has only 2 cells, the table 5 columns", "4   The row has 6 cells"}},
		{"broken quotes", head + "A1,2026-10-01,C1,1,5\n\"A2\"x,2026-10-01,C1,1,5\nA3,2026-10-01,\"C1,1,5\nA4,2026-10-01,C1,1,5\nA5,bad,C1,1,5\n", 5, 2,
			[]string{"3   A quotation mark stands in the middle", "4   A quotation mark opens here and is never closed", "6 Date bad"}},
		{"broken letters in UTF-8", head + "A1,2026-10-01,Sø,1,5\nA2,2026-10-01,Sø,1,5\nA3,2026-10-01,S\xf8,1,5\n", 3, 2, []string{"4   The row holds letters that are not UTF-8"}},
		{"zero byte", head + "A1,2026-10-01,C1,1,5\nA\x002,2026-10-01,C1,1,5\n", 2, 1, []string{"3   The row holds a zero byte"}},
		{"refused by the loader", head + "A1,2026-10-01,NONE,1,5\nA2,2026-10-01,C1,1,5\nA3,bad,NONE,1,5\nA4,2026-10-01,NONE,1,5\n", 4, 1,
			[]string{"2 Cust NONE There is no customer", "4 Date bad", "5 Cust NONE There is no customer"}},
		{"an endless cell", head + "A1,2026-10-01,C1,1,5\nA2,2026-10-01," + strings.Repeat("x", 1<<21) + ",1,5\nA3,2026-10-01,C1,1,5\nA4,bad,C1,1,5\n", 4, 2,
			[]string{"3   The row is longer than", "5 Date bad"}},
		{"a long cell", head + "A1,2026-10-01," + strings.Repeat("x", 300) + ",1,5\nA2,2026-10-01,C1,1,5\n", 2, 1, []string{"2 Cust xxx"}},
		{"no rows at all", head, 0, 0, nil},
		{"every row", head + "A1,x,C1,1,5\nA2,x,C1,1,5\n", 2, 0, []string{"2 Date x", "3 Date x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, testkit.DB(t))
			// A good file before and behind: ordinals run on across files.
			before := b.upload(t, "before.csv", head+"B1,2026-10-01,C1,1,5\nB2,2026-10-01,C1,1,5\n")
			f := b.upload(t, "sales.csv", tt.text)
			behind := b.upload(t, "behind.csv", head+"D1,2026-10-01,C1,1,5\nD2,wrong,C1,1,5\n")
			im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{before.ID, f.ID, behind.ID}, Mapping: mapped(t, saleColumns),
				Dialect: &Dialect{Delimiter: ",", Quote: `"`, DateFormat: "yyyy-mm-dd"}})
			if err != nil {
				t.Fatal(err)
			}
			if im.Read != tt.read+4 || im.Created != tt.create+3 || im.Rejected != tt.read-tt.create+1 {
				t.Errorf("counts: %+v", im)
			}
			found, err := b.Rejects.Page(t.Context(), im.ID, 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range found[:len(found)-1] {
				got = append(got, fmt.Sprintf("%d %s %s %s", r.Line, r.Column, r.Value, r.Reason))
			}
			if last := found[len(found)-1]; last.File != "behind.csv" || last.Line != 3 {
				t.Errorf("the last: %+v", last)
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got %q", got)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], tt.want[i]) {
					t.Errorf("got %q, want %q…", got[i], tt.want[i])
				}
			}
		})
	}
}

func TestLookupsMapsAndDefaults(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	f := b.upload(t, "sales.csv", "Key,Date,Amount,Ch\n2,2026-10-01,1,W\n1,2026-10-02,2,\n3,2026-10-03,3,T\n9,2026-10-04,4,web\n,2026-10-05,5,W\n1,2026-10-06,6,X\n4,2026-10-07,7,W\n")
	b.upload(t, "keys.csv", "Id;Code;Group\n1;C one;G1\n2;C two;G2\n3;C three;G3\n3;C drei;G3\n4;;G4\n")
	groups := b.upload(t, "groups.csv", "Code|Region\nC one|North\nC two|South\n")
	im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, LookupFileIDs: []string{groups.ID}, Mapping: mapped(t, `
columns:
  date: Date
  revenue: {column: Amount, factor: 0.5}
  customer: {column: Key, lookup: {file: keys.csv, key: Id, value: Code}, default: C none}
  note: {column: Key, lookup: [{file: keys.csv, key: Id, value: Code}, {file: groups.csv, key: Code, value: Region}], default: none}
  channel: {column: Ch, map: {W: web, T: phone}, default: phone}
`)})
	if err != nil {
		t.Fatal(err)
	}
	got := b.table(t, "SELECT cast(row_no AS VARCHAR), customer, cast(revenue AS VARCHAR), note, channel FROM sale ORDER BY row_no")
	if want := "0|C two|5000|South|web\n1|C one|10000|North|phone\n4|C none|25000|none|web\n6|C none|35000|none|web\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	rejects := b.rejectLines(t, im.ID)
	for _, want := range []string{`sales.csv,4,Key,3,"""3"" could not be looked up`, `sales.csv,5,Key,9,`, `sales.csv,7,Ch,X,"""X"" is none of web, phone`} {
		if !strings.Contains(rejects, want) {
			t.Errorf("no %s in\n%s", want, rejects)
		}
	}
}

// workbookOf writes a workbook with a title, dates by format, and numbers shown rounded.
func workbookOf(t testing.TB) []byte {
	t.Helper()
	f := excelize.NewFile()
	_, err := f.NewSheet("Sales")
	must(t, err)
	date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	must(t, err)
	custom := "dd. mmm yy"
	date2, err := f.NewStyle(&excelize.Style{CustomNumFmt: &custom})
	must(t, err)
	rounded, err := f.NewStyle(&excelize.Style{NumFmt: 3})
	must(t, err)
	must(t, f.SetSheetRow("Sales", "A1", &[]any{"Sales of October"}))
	must(t, f.SetSheetRow("Sales", "A3", &[]any{"Doc", "Date", "Cust", "Qty", "Amount"}))
	must(t, f.SetSheetRow("Sales", "A4", &[]any{"A1", 46326, "C1", 2, 1234.5678}))
	must(t, f.SetSheetRow("Sales", "A5", &[]any{"A2", 46327.75, "Sø, \"x\"\ny", nil, -0.1}))
	must(t, f.SetSheetRow("Sales", "A7", &[]any{"A3", "2026-11-02", "C1", 1, "oops"}))
	must(t, f.SetSheetRow("Sales", "A8", &[]any{"A4", "2026-11-02", "C1", 1, 7}))
	must(t, f.SetCellStyle("Sales", "B4", "B4", date))
	must(t, f.SetCellStyle("Sales", "B5", "B5", date2))
	must(t, f.SetCellStyle("Sales", "E4", "E5", rounded))
	var b bytes.Buffer
	must(t, f.Write(&b))
	must(t, f.Close())
	return b.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestPackedFiles(t *testing.T) {
	t.Parallel()
	book := workbookOf(t)
	csv := "Doc,Date,Cust,Qty,Amount\nA1,2026-10-31,C1,2,1234.5678\nA2,2026-11-01,\"Sø, \"\"x\"\"\ny\",,-0.1\n\nA3,2026-11-02,C1,1,oops\nA4,2026-11-02,C1,1,7\n"
	tests := []struct{ name, text, sheet, reject string }{
		{"a.xlsx", string(book), "Sales", "7,Amount,oops"},
		{"a.xlsx.gz", zipped(t, book), "Sales", "7,Amount,oops"},
		{"a.csv.gz", zipped(t, []byte(csv)), "", "6,Amount,oops"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, testkit.DB(t))
			f := b.upload(t, tt.name, tt.text)
			im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: mapped(t, saleColumns), Dialect: &Dialect{Sheet: tt.sheet}})
			if err != nil {
				t.Fatal(err)
			}
			got := b.table(t, "SELECT document, cast(date AS VARCHAR), customer, cast(quantity AS VARCHAR), cast(revenue AS VARCHAR) FROM sale ORDER BY row_no")
			want := "A1|2026-10-31|C1|2.0|12345678\nA2|2026-11-01|Sø, \"x\"\ny||-1000\nA4|2026-11-02|C1|1.0|70000\n"
			if got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
			if r := b.rejectLines(t, im.ID); im.Rejected != 1 || !strings.Contains(r, tt.name+","+tt.reject) {
				t.Errorf("rejects: %s", r)
			}
			if left, err := os.ReadDir(b.folder.Staging()); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	bomb := func(size int) string {
		f := excelize.NewFile()
		must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"Date", "Customer", "Amount"}))
		w, err := f.NewStreamWriter("Sheet1")
		must(t, err)
		cell := strings.Repeat("0", 32000)
		for row := 1; row <= size/32000; row++ {
			must(t, w.SetRow(fmt.Sprintf("A%d", row), []any{cell}))
		}
		must(t, w.Flush())
		var out bytes.Buffer
		must(t, f.Write(&out))
		must(t, f.Close())
		return out.String()
	}
	tests := []struct{ name, text, code string }{
		{"empty.csv", "", "file.empty"},
		{"old.xls", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest", "file.old_excel"},
		{"a.pdf", "%PDF-1.7 and so on", "file.format"},
		{"archive.zip", "PK\x03\x04 not a workbook", "file.archive"},
		{"torn.csv.gz", zipped(t, []byte(strings.Repeat("a,b,c\n1,2,3\n", 1000)))[:60], "file.damaged"},
		{"twice.gz", zipped(t, []byte(zipped(t, []byte("a,b\n1,2\n")))), "file.packed_twice"},
		{"bomb.xlsx", bomb(513 << 20), "file.workbook_large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := b.Upload(t.Context(), tt.name, strings.NewReader(tt.text))
			if err == nil {
				_, err = b.Preview(t.Context(), PreviewRequest{FileID: f.ID, Kind: "sales"})
			}
			if got := fault.Of(err); got == nil || got.Code != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
			left, err := os.ReadDir(b.folder.Staging())
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	small, err := New(Config{DB: b.cfg.DB, Warehouse: b.w, Dir: t.TempDir(), Kinds: []Kind{sale()}, MaxFileBytes: 1000})
	must(t, err)
	if _, err := small.Upload(t.Context(), "large.csv", strings.NewReader(strings.Repeat("x", 1001))); !fault.Is(err, fault.TooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, err := b.Upload(t.Context(), "cut.csv", &failing{}); !errors.Is(err, errCut) {
		t.Errorf("cut off: %v", err)
	}
	for _, in := range []*Intake{small, b.Intake} {
		if left, err := os.ReadDir(in.folder.Staging()); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v %v", left, err)
		}
	}
	one := b.upload(t, `C:\exports\one.csv`, "a,b\n1,2\n")
	two := b.upload(t, "../../two.csv", "a,b\n1,2\n")
	if one.ID != two.ID || one.Name != "one.csv" || two.Name != "two.csv" {
		t.Errorf("one %+v, two %+v", one, two)
	}
	info, err := os.Stat(b.folder.Path(one.ID))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("kept as %v %v", info, err)
	}
	if filepath.Base(b.folder.Path(one.ID)) != one.ID || len(one.ID) != 64 {
		t.Errorf("kept at %s", b.folder.Path(one.ID))
	}
}

var errCut = errors.New("the line was cut")

type failing struct{ sent bool }

func (f *failing) Read(p []byte) (int, error) {
	if f.sent {
		return 0, errCut
	}
	f.sent = true
	return copy(p, "a,b\n1,2\n"), nil
}
