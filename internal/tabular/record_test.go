package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// read gives the records of a text: line, cells and, of a broken one, the beginning of the problem.
func read(t testing.TB, text string, d Dialect, width int) []string {
	t.Helper()
	r := NewReader(iotest.HalfReader(strings.NewReader(text)), d, false)
	r.width = width
	var all []string
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%d %q", rec.Line, rec.Cells)
		if rec.Problem != nil {
			line = fmt.Sprintf("%d ! %.25s", rec.Line, rec.Problem.Text)
		}
		all = append(all, line)
	}
}

func TestReader(t *testing.T) {
	comma := Dialect{Delimiter: ",", Quote: `"`}
	tests := []struct {
		name, text string
		d          Dialect
		width      int
		want       []string
	}{
		{"plain", "a,b\n1,2", comma, 2, []string{`1 ["a" "b"]`, `2 ["1" "2"]`}},
		{"mixed line ends", "a,b\r\n1,2\n3,4\r\n", comma, 2, []string{`1 ["a" "b"]`, `2 ["1" "2"]`, `3 ["3" "4"]`}},
		{"doubled quotes", "\"a\"\"b\",\"\"\n", comma, 2, []string{`1 ["a\"b" ""]`}},
		{"escaped quotes", "\"a\\\"b\",\"c\\\\\"\n\"x\\,\",2\n", Dialect{Delimiter: ",", Quote: `"`, Escape: backslash}, 2, []string{`1 ["a\"b" "c\\"]`, `2 ["x," "2"]`}},
		{"a cell over lines", "a,\"b\nc\"\nd,e\n", comma, 2, []string{`1 ["a" "b\nc"]`, `3 ["d" "e"]`}},
		{"a quote that swallows", "a,b\n\"c,d\n\"e\",f\ng,h\n", comma, 2, []string{`1 ["a" "b"]`, `2 ! A quotation mark`, `3 ["e" "f"]`, `4 ["g" "h"]`}},
		{"a quote that swallows to a good end", "a,b,c\n\"d,e,f\ng,h,i\n1,x\",2\n3,4,5\n", comma, 3, []string{`1 ["a" "b" "c"]`, `2 ! A quotation mark`, `3 ["g" "h" "i"]`, `4 ["1" "x\"" "2"]`, `5 ["3" "4" "5"]`}},
		{"never closed", "a,b\n\"c,d\ne,f\n", comma, 2, []string{`1 ["a" "b"]`, `2 ! A quotation mark`, `3 ["e" "f"]`}},
		{"blanks", " 00004 0001  19970101\t2   29.33\r\n\n   \n 1 2 3 4 5\n", Dialect{Delimiter: spaces}, 5, []string{`1 ["00004" "0001" "19970101" "2" "29.33"]`, `4 ["1" "2" "3" "4" "5"]`}},
		{"no quotes", "\"a,b\nc\",d\n", Dialect{Delimiter: ","}, 2, []string{`1 ["\"a" "b"]`, `2 ["c\"" "d"]`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := read(t, tt.text, tt.d, tt.width)
			for i := range got {
				if i < len(tt.want) && strings.Contains(tt.want[i], "!") && strings.HasPrefix(got[i], tt.want[i]) {
					got[i] = tt.want[i]
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestQuotesThatAreNeverClosed holds that a bad quote in every tenth row of a large file costs one row each and is not
// looked for to the end of the file again and again: that would take hours here.
func TestQuotesThatAreNeverClosed(t *testing.T) {
	var text bytes.Buffer
	const rows = 300_000
	for i := range rows {
		if i == 0 || i > rows-3 {
			text.WriteString("a,\"b\n")
			continue
		}
		fmt.Fprintf(&text, "%d,b\n", i)
	}
	r := NewReader(&text, Dialect{Delimiter: ",", Quote: `"`}, false)
	r.width = 2
	good, bad := 0, 0
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if rec.Problem != nil {
			bad++
		} else {
			good++
		}
	}
	if good != rows-3 || bad != 3 {
		t.Errorf("%d good and %d bad", good, bad)
	}
}

// TestReaderReadsBack holds that what was written with quotes comes back, with its lines.
func TestReaderReadsBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := Dialect{Delimiter: rapid.SampledFrom([]string{",", ";", "\t", "|", "^", "~", ":"}).Draw(r, "delimiter"), Quote: rapid.SampledFrom([]string{`"`, "'"}).Draw(r, "quote"),
			Escape: rapid.SampledFrom([]string{"", backslash}).Draw(r, "escape")}
		width := rapid.IntRange(2, 6).Draw(r, "width")
		cell := rapid.StringOf(rapid.SampledFrom([]rune("ab\"'\\,;\t|^~: \n\r1é")))
		table := rapid.SliceOfN(rapid.SliceOfN(cell, width, width), 1, 20).Draw(r, "table")
		var text strings.Builder
		var want []string
		line := 1
		for _, row := range table {
			start := line
			for i, c := range row {
				if i > 0 {
					text.WriteString(d.Delimiter)
				}
				quoted := strings.ReplaceAll(c, d.Quote, d.Quote+d.Quote)
				if d.Escape != "" {
					quoted = strings.ReplaceAll(strings.ReplaceAll(c, `\`, `\\`), d.Quote, `\`+d.Quote)
				}
				text.WriteString(d.Quote + quoted + d.Quote)
				line += strings.Count(c, "\n")
			}
			text.WriteString("\n")
			line++
			want = append(want, fmt.Sprintf("%d %q", start, row))
		}
		if diff := cmp.Diff(want, read(t, text.String(), d, width)); diff != "" {
			r.Errorf("%q: %s", text.String(), diff)
		}
	})
}
