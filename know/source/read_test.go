package source

import (
	"encoding/csv"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// rows is a table that is given, not asked for.
type rows [][]string

func (r *rows) columns() []string { return (*r)[0] }
func (r *rows) close()            {}

func (r *rows) next() ([]string, error) {
	if len(*r) < 2 {
		return nil, io.EOF
	}
	row := (*r)[1]
	*r = append((*r)[:1:1], (*r)[2:]...)
	return row, nil
}

func TestTheFileHoldsTheRows(t *testing.T) {
	want := [][]string{{"id", "a name", "text"}, {"1", `"quoted", with; marks`, "two\nlines\r\nand\ttab"}, {"2", "", " blanks "}, {"3", "x", ""}}
	for i := range 3000 { // beyond one buffer
		want = append(want, []string{"9", strings.Repeat("y", i%50), "z"})
	}
	given := rows(want)
	mark := newWatermark("ID", "0")
	file, some, err := newTableFile(t.Context(), &given, defaultLimits(), &mark, func(int64) {})
	if err != nil || !some {
		t.Fatal(some, err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want[1][2] = "two\nlines\nand\ttab" // the reader's own habit
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if file.rows != int64(len(want)-1) || file.bytes != int64(len(text)) || mark.text != "9" {
		t.Errorf("counted %d rows, %d bytes, up to %q", file.rows, file.bytes, mark.text)
	}
	// A table of one column has no empty lines, which would be no rows.
	lone := rows{{"a"}, {""}, {"b"}}
	file, _, err = newTableFile(t.Context(), &lone, defaultLimits(), nil, func(int64) {})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(file); err != nil || string(text) != "a\n\"\"\nb\n" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestWhatCannotBecomeAFile(t *testing.T) {
	tests := []struct {
		name   string
		rows   rows
		limits Limits
		mark   string
		some   bool
		code   string // "" = fine
	}{
		{"no rows", rows{{"a"}}, Limits{9, 999}, "", false, ""},
		{"as many rows as may be", rows{{"a"}, {"1"}, {"2"}}, Limits{2, 999}, "", true, ""},
		{"more rows", rows{{"a"}, {"1"}, {"2"}, {"3"}}, Limits{2, 999}, "", true, "source.too_much"},
		{"more bytes", rows{{"a"}, {"1"}, {strings.Repeat("x", 99)}}, Limits{9, 50}, "", true, "source.too_much"},
		{"a column without a name", rows{{"a", " "}, {"1", "2"}}, Limits{9, 999}, "", false, "source.statement"},
		{"a name twice", rows{{"a", "a"}, {"1", "2"}}, Limits{9, 999}, "", false, "source.statement"},
		{"no column of the watermark", rows{{"a"}, {"1"}}, Limits{9, 999}, "b", false, "source.watermark"},
		{"a watermark that is no number", rows{{"a"}, {"1"}, {"x"}}, Limits{9, 999}, "a", true, "source.watermark"},
	}
	for _, tt := range tests {
		var mark *watermark
		if tt.mark != "" {
			mark = new(newWatermark(tt.mark, "0"))
		}
		file, some, err := newTableFile(t.Context(), &tt.rows, tt.limits, mark, func(int64) {})
		if err == nil && some {
			_, err = io.ReadAll(file)
		}
		if f := fault.Of(err); err == nil && tt.code != "" || err != nil && (f == nil || f.Code != tt.code) || some != tt.some {
			t.Errorf("%s: some %v, %v; want %v, %q", tt.name, some, err, tt.some, tt.code)
		}
	}
}
