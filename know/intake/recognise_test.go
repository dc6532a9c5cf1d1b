package intake

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/kvadrant/kvadrant/internal/testkit"
)

// written writes a table as text in a dialect.
func written(t testing.TB, table [][]string, encoding, delimiter, quote, newline string) string {
	t.Helper()
	var b strings.Builder
	for _, row := range table {
		for i, cell := range row {
			if i > 0 {
				b.WriteString(delimiter)
			}
			if quote != "" && (strings.Contains(cell, delimiter) || strings.Contains(cell, quote) || i == 1) {
				cell = quote + strings.ReplaceAll(cell, quote, quote+quote) + quote
			}
			b.WriteString(cell)
		}
		b.WriteString(newline)
	}
	text, err := b.String(), error(nil)
	switch encoding {
	case "utf-8 with mark":
		text = "\uFEFF" + text
	case "utf-16le":
		text, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	case "utf-16be":
		text, err = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
	case "utf-16le without mark":
		text, err = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(text)
	case "windows-1252":
		text, err = charmap.Windows1252.NewEncoder().String(text)
	case "iso-8859-1":
		text, err = charmap.ISO8859_1.NewEncoder().String(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRecognisesEncodingDelimiterAndQuote(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	table := [][]string{{"Doc", "Navn på kunde", "Date", "Amount"}}
	for i := range 30 {
		table = append(table, []string{fmt.Sprintf("A%d", i), "Bådværft; Ærø, “Søn” | 'Co'", fmt.Sprintf("2026-10-%02d", i%28+1), fmt.Sprintf("%d.25", i)})
	}
	m := mapped(t, `{"columns": {"document": "Doc", "customer": "Navn på kunde", "date": "Date", "revenue": "Amount"}}`)
	for _, encoding := range []string{"utf-8", "utf-8 with mark", "utf-16le", "utf-16be", "utf-16le without mark", "windows-1252", "iso-8859-1"} {
		for _, delimiter := range []string{",", ";", "\t", "|"} {
			for _, quote := range []string{`"`, "'"} {
				for _, newline := range []string{"\n", "\r\n", "\r"} {
					if newline != "\n" && encoding != "utf-8" && delimiter != ";" {
						continue // line ends and encodings meet often enough
					}
					name := fmt.Sprintf("%s %q %s %q", encoding, delimiter, quote, newline)
					t.Run(name, func(t *testing.T) {
						rows := table
						if encoding == "iso-8859-1" {
							rows = nil
							for _, row := range table {
								rows = append(rows, []string{row[0], strings.NewReplacer("“", "<", "”", ">").Replace(row[1]), row[2], row[3]})
							}
						}
						f := b.upload(t, "a.csv", written(t, rows, encoding, delimiter, quote, newline))
						p, err := b.Preview(t.Context(), PreviewRequest{FileID: f.ID, Kind: "sales"})
						if err != nil {
							t.Fatal(err)
						}
						wantEncoding, _, _ := strings.Cut(encoding, " ")
						if p.Dialect.Encoding != wantEncoding || p.Dialect.Delimiter != delimiter || p.Dialect.Quote != quote || *p.Dialect.HeaderRows != 1 || p.Dialect.Decimal != "." {
							t.Errorf("dialect: %+v", p.Dialect)
						}
						if diff := cmp.Diff(rows[1:21], p.Rows); diff != "" {
							t.Error(diff)
						}
						im, err := b.run(t, Request{Kind: "sales", FileIDs: []string{f.ID}, Mapping: m})
						if err != nil {
							t.Fatal(err)
						}
						got := b.table(t, fmt.Sprintf("SELECT cast(count(*) AS VARCHAR), min(customer), max(customer), cast(sum(revenue) AS VARCHAR) FROM sale WHERE import_no = %d", im.No))
						if want := "30|" + rows[1][1] + "|" + rows[1][1] + "|4425000\n"; got != want || im.Rejected != 0 {
							t.Errorf("got %swant %srejects %s", got, want, b.rejectLines(t, im.ID))
						}
					})
				}
			}
		}
	}
}

func TestRecognisesForms(t *testing.T) {
	t.Parallel()
	b := newBench(t, testkit.DB(t))
	tests := []struct {
		name, text, want string
	}{
		{"decimal comma", "Dato;Beløb\n31.10.2026;1.234,50\n01.11.2026;12,5\n", "; 1 , dd.mm.yyyy [Dato date, Beløb number]"},
		{"day first is proven", "D,A\n31/10/2026,1.5\n01/11/2026,2.25\n", ", 1 . dd/mm/yyyy [D date, A number]"},
		{"month first is proven", "D,A\n10/31/2026,1.5\n01/11/2026,2.25\n", ", 1 . mm/dd/yyyy [D date, A number]"},
		{"title above", "Sales report,,\nprinted 2026,,\nDoc,Date,Amount\nA1,2026-10-31,1.00\nA2,2026-10-31,1.00\n", ", 3 . yyyy-mm-dd [Doc code, Date date, Amount number]"},
		{"title of another width", "Sales report\n\nDoc;Date;Amount\nA1;2026-10-31;1,00\nA2;2026-10-31;1,00\n", "; 2 , yyyy-mm-dd [Doc code, Date date, Amount number]"},
		{"no header", "A1,2026-10-31,1.00\nA2,2026-10-31,1.00\n", ", 0 . yyyy-mm-dd [Column 1 code, Column 2 date, Column 3 number]"},
		{"unnamed and doubled columns", "A,,A\nx y,1,2\nx z,1,2\n", ", 1 . yyyy-mm-dd [A text, Column 2 integer, A (2) integer]"},
		{"compact dates", "D;N\n20261031;7\n20261101;8\n", "; 1 , yyyymmdd [D date, N integer]"},
		{"one column", "Code\nA1\nA2\n", ", 1 . yyyy-mm-dd [Code code]"},
		{"times", "At\tN\n2026-10-31 10:00:00\t1\n2026-10-31 11:00:00\t2\n", "\t 1 . yyyy-mm-dd [At date, N integer]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := b.upload(t, "a.csv", tt.text)
			p, err := b.Preview(t.Context(), PreviewRequest{FileID: f.ID, Kind: "sales"})
			if err != nil {
				t.Fatal(err)
			}
			var columns []string
			for _, c := range p.Columns {
				columns = append(columns, c.Name+" "+c.Type)
			}
			got := fmt.Sprintf("%s %d %s %s [%s]", p.Dialect.Delimiter, *p.Dialect.HeaderRows, p.Dialect.Decimal, p.Dialect.DateFormat, strings.Join(columns, ", "))
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestProposes(t *testing.T) {
	t.Parallel()
	people := Kind{Key: "people", Label: "People", Fields: []Field{
		{Name: "code", Label: "Code", Type: Code, Required: true, Synonyms: []string{"employee key", "Personalnummer"}},
		{Name: "name", Label: "Name", Type: Text, Required: true, Synonyms: []string{"full name", "navn"}},
		{Name: "email", Label: "E-mail", Type: Text},
	}, Load: sale().Load}
	b := newBench(t, testkit.DB(t), people)
	tests := []struct{ name, text, want string }{
		{"camel case", "SalesOrderNumber,OrderDate,ResellerKey,OrderQuantity,SalesAmount\nSO1,2026-10-31,12,3,10.5\n", "sales: customer=ResellerKey date=OrderDate document=SalesOrderNumber quantity=OrderQuantity revenue=SalesAmount"},
		{"snake case", "order_date;reseller;qty;sales_amount\n2026-10-31;C1;3;10.5\n", "sales: customer=reseller date=order_date quantity=qty revenue=sales_amount"},
		{"German", "Belegnummer;Datum;Kunde;Menge;Umsatz\nR1;31.10.2026;K1;3;10,5\n", "sales: customer=Kunde date=Datum document=Belegnummer quantity=Menge revenue=Umsatz"},
		{"Danish", "Dato;Reseller;Beløb\n31-10-2026;K1;10,5\n", "sales: customer=Reseller date=Dato revenue=Beløb"},
		{"Chinese", "date,客戶,revenue\n2026-10-31,C1,1\n", "sales: customer=客戶 date=date revenue=revenue"},
		{"another kind", "EmployeeKey,FullName,Email\n1,Jane Doe,j@x.org\n", "people: code=EmployeeKey email=Email name=FullName"},
		{"contents against the name", "Date,Customer,Revenue,Order date\nx,C1,1,2026-10-31\ny,C2,2,2026-11-01\n", "sales: customer=Customer date=Order date revenue=Revenue"},
		{"nothing of ours", "Alpha,Beta\n1,2\n", ": "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := b.upload(t, "export.csv", tt.text)
			p, err := b.Preview(t.Context(), PreviewRequest{FileID: f.ID})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for field, v := range p.Mapping.Columns {
				got = append(got, field+"="+v.Column)
			}
			slices.Sort(got)
			if text := p.Kind + ": " + strings.Join(got, " "); text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
		})
	}
}

func zipped(t testing.TB, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
