package tabular

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// A26: whatever bytes a text file has, reading it ends, its lines count up, and no cell holds more than the file.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "a;b\r\n\"x;\"\"y\";2\r\n", "\"never closed\n1,2\n", "a\tb\n\x00\t\xff\n", "F\"49\"x,2\n", "\"a\"b,c\n", "\r\r\n\n", "\\\"x\\\",y\n"} {
		for quote := range 3 {
			f.Add([]byte(seed), uint8(quote), uint8(len(seed)))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, quote, sign uint8) {
		d := Dialect{Delimiter: []string{",", ";", "\t", "|", " "}[int(sign)%5], Quote: []string{"\"", "'", ""}[int(quote)%3]}
		r := NewReader(bytes.NewReader(text), d, sign%7 == 0)
		last := int64(0)
		for records := 0; ; records++ {
			rec, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if rec.Line <= last || records > len(text) {
				t.Fatalf("record %d begins in line %d, the one before in %d", records, rec.Line, last)
			}
			last = rec.Line
			for _, cell := range rec.Cells {
				if len(cell) > len(text) {
					t.Fatalf("a cell of %d bytes in a file of %d", len(cell), len(text))
				}
			}
		}
	})
}

// A26: whatever bytes a file begins with, recognising it ends, and what it recognises is a dialect that can be read by.
func FuzzRecognise(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\xff\xfea\x00;\x00b\x00\n\x00", "\ufeffName;Umsatz\n\"A;B\";1.234,50\n", "a\tb\r1\t2\r", "Total\n\na|b|c\n1|2|3\n", "F\"49\"x,2\n", "'a','it''s'\n",
		"code  amount\nA1     2.50\n", "\x81\x40,\xa4\xa4\n", "\"\"\"\n", ",,,\n,,,\n", "a\\\"b,c\n"} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, head []byte, whole bool) {
		src := Source{Name: "a.csv"}
		_, _ = src.Traits.Write(head)
		src.Traits.end()
		if err := src.recognise(head, whole, Dialect{}); err != nil {
			return // said in words
		}
		if err := src.Layout.Dialect.Check(); err != nil {
			t.Fatalf("recognised as %+v: %v", src.Layout.Dialect, err)
		}
		if len(src.Layout.Columns) > maxColumns || src.Layout.headerRows < 0 {
			t.Fatalf("%d columns below %d rows of header", len(src.Layout.Columns), src.Layout.headerRows)
		}
		r := NewReader(bytes.NewReader(src.text), src.Layout.Dialect.forReader(), src.oldMac())
		for records := 0; ; records++ {
			if _, err := r.Next(); errors.Is(err, io.EOF) {
				return
			} else if err != nil || records > len(src.text) {
				t.Fatalf("record %d: %v", records, err)
			}
		}
	})
}
