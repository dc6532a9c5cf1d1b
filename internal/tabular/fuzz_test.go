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
