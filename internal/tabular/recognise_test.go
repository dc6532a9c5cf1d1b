package tabular

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestRecognise(t *testing.T) {
	lines := func(n int, form string) (text string) {
		for i := range n {
			text += fmt.Sprintf(form, i+1)
		}
		return text
	}
	tests := []struct{ name, text, want string }{
		{"caret", "Doc^Date^N\nA1^2026-10-31^1\nA2^2026-11-01^2\n", "^ \" 1 . yyyy-mm-dd [] Doc:code Date:date N:integer"},
		{"tilde", "Doc~Date~N\nA1~2026-10-31~1\nA2~2026-11-01~2\n", "~ \" 1 . yyyy-mm-dd [] Doc:code Date:date N:integer"},
		{"blanks without a header", " 00004 0001 19970101  2   29.33\n 00004 0001 19970118  2   29.73\n", "spaces none 0 . yyyymmdd [] Column 1:integer Column 2:integer Column 3:date Column 4:integer Column 5:number"},
		{"blanks with a header", " id  date cds  value\n 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n 00002 19970112  5   77.00\n", "spaces none 1 . yyyymmdd [] id:integer date:date cds:integer value:number"},
		{"names are no log", "Full name\nJane Doe\nJohn Doe\nJane Roe\n", ", \" 1 . yyyy-mm-dd [] Full name:text"},
		{"a comma before blanks", "Name,Date of it\nJane Doe,2026-10-31 10:00\nJohn Doe,2026-10-31 11:00\n", ", \" 1 . yyyy-mm-dd [] Name:text Date of it:date"},
		{"backslash", "Doc,Name,N\nA1,\"a \\\"b\\\", c\",1\nA2,\"x\",2\nA3,\"y \\\"z\\\"\",3\n", ", \"\\ 1 . yyyy-mm-dd [] Doc:code Name:text N:integer"},
		{"one bad date of few", "D;N\n31.10.2026;1\n01.11.2026;2\nsoon;3\n", "; \" 1 , dd.mm.yyyy [] D:date N:integer"},
		{"bad dates of nine", "D;N\n" + lines(7, "%02d.10.2026;1\n") + "soon;2\n?;3\n", "; \" 1 , dd.mm.yyyy [] D:date N:integer"},
		{"day or month", "D,N\n03/04/2026,1\n05/06/2026,2\n", ", \" 1 . dd/mm/yyyy [date_order] D:date N:integer"},
		{"another column proves the order", "D,E\n03/04/2026,10/31/2026\n05/06/2026,01/11/2026\n", ", \" 1 . mm/dd/yyyy [] D:date E:date"},
		{"month names", "D;N\n3. marts 2026;1\n14. maj 2026;2\n", "; \" 1 , dd mmm yyyy [] D:date N:integer"},
		{"Taiwan", "日期,金額\n115/10/31,5\n115/01/02,7\n", ", \" 1 . yyy/mm/dd [] 日期:date 金額:integer"},
		{"thousands or decimals", "D|N\na|1.234\nb|5.678\n", "| \" 1 . yyyy-mm-dd [decimal] D:code N:number"},
		{"two marks of thousands", "D|N\na|1.234.567\nb|5.678\n", "| \" 1 , yyyy-mm-dd [] D:code N:number"},
		{"a nought before the mark", "D|N\na|0,234\nb|5,678\n", "| \" 1 , yyyy-mm-dd [] D:code N:number"},
		{"currency", "D|N\na|DKK 1.234,50\nb|(12,10)\nc|€ 12,-\nd|7,5-\n", "| \" 1 , yyyy-mm-dd [] D:code N:number"},
		{"a title, a date of printing, a total", "Sales of October;;\nPrinted 2026-11-01;;\n;;\nDoc;Date;Amount\nA1;2026-10-31;1,50\nA2;2026-10-31;1,50\nTotal;;3,00\n", "; \" 4 , yyyy-mm-dd [] Doc:code Date:date Amount:number"},
		{"two rows of names", "Order;;Value;\nNo;Date;Net;Gross\nA1;2026-10-31;1,5;2,5\nA2;2026-10-31;1,5;2,5\n", "; \" 2 , yyyy-mm-dd [] No:code Date:date Net:number Gross:number"},
		{"names alike below groups", "Order;;Customer;\nNo;Date;No;Name\nA1;2026-10-31;C1;One\nA2;2026-10-31;C2;Two\n", "; \" 2 , yyyy-mm-dd [] Order No:code Date:date Customer No:code Name:code"},
		{"a stray quote is no reason against quotes", "Doc,Name,N\n" + lines(40, "A%d,\"x, y\",1\n") + "A,\"z,1\n", ", \" 1 . yyyy-mm-dd [] Doc:code Name:text N:integer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := recognise([]byte(tt.text), true, false, Dialect{})
			doubts := []string{}
			for _, d := range l.Doubts {
				doubts = append(doubts, string(d))
			}
			var columns []string
			for _, c := range l.Columns {
				columns = append(columns, c.Name+":"+c.Type)
			}
			got := fmt.Sprintf("%s %s%s %d %s %s %v %s", l.Delimiter, l.Quote, l.Escape, l.headerRows, l.Decimal, l.DateFormat, doubts, strings.Join(columns, " "))
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestWhatIsSaidCounts(t *testing.T) {
	const text = "a:b:c\n1:2:3\n"
	l := recognise([]byte(text), true, false, Dialect{Delimiter: ":", HeaderRows: new(0), Decimal: ",", DateFormat: "mm/dd/yy"})
	if len(l.Columns) != 3 || l.Columns[0].Named || l.Decimal != "," || l.DateFormat != "mm/dd/yy" || len(l.Sample) != 2 {
		t.Errorf("got %+v", l)
	}
	for _, wrong := range []Dialect{{Delimiter: "a"}, {Delimiter: "\""}, {Delimiter: ",,"}, {Delimiter: "\n"}, {Encoding: "ebcdic"}, {Quote: "x"}, {Escape: "x"}, {Decimal: ";"}, {DateFormat: "dd"}, {HeaderRows: new(-1)}} {
		if wrong.Check() == nil {
			t.Errorf("%+v was taken", wrong)
		}
	}
}

func TestColumnsHaveNamesOfTheirOwn(t *testing.T) {
	names := make([]string, 5000)
	for i := range names {
		names[i] = "a"
	}
	names[1] = "a (3)"
	seen := map[string]bool{}
	for _, c := range columnsOf(names, 6000, nil) {
		if seen[c.Name] || c.Name == "" {
			t.Fatalf("%q twice", c.Name)
		}
		seen[c.Name] = true
	}
	if !slices.Contains([]string{"Column 5001"}, columnsOf(names, 6000, nil)[5000].Name) {
		t.Error("an unnamed column does not say where it stands")
	}
}
