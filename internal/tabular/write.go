package tabular

import (
	"bufio"
	"io"
	"strings"
	"unicode"
)

// Number is a cell that is a decimal number, as text, exact where a float would not be.
type Number string

// CSVWriter writes lists for people's spreadsheets: comma-separated UTF-8 text in which text is always quoted, and text that
// a spreadsheet would take for a formula is preceded by an apostrophe.
type CSVWriter struct{ to *bufio.Writer }

// NewCSVWriter returns a writer; Flush ends it.
func NewCSVWriter(to io.Writer) *CSVWriter { return &CSVWriter{to: bufio.NewWriter(to)} }

// Titles writes the first row.
func (w *CSVWriter) Titles(titles ...string) error {
	cells := make([]any, len(titles))
	for i, title := range titles {
		cells[i] = title
	}
	return w.Row(cells...)
}

// Row writes a row of strings and Numbers; anything else, such as nil, is an empty cell.
func (w *CSVWriter) Row(cells ...any) error {
	for i, cell := range cells {
		if i > 0 {
			w.to.WriteByte(',')
		}
		switch c := cell.(type) {
		case string:
			if c != "" {
				w.to.WriteString(`"` + strings.ReplaceAll(safe(c), `"`, `""`) + `"`)
			}
		case Number:
			w.to.WriteString(string(c))
		}
	}
	_, err := w.to.WriteString("\r\n") // bufio remembers the errors of the writes before
	return err
}

// Flush writes what is left.
func (w *CSVWriter) Flush() error { return w.to.Flush() }

// safe keeps spreadsheets from taking a text for a formula. They look past leading blanks and control characters, and
// some past the width of a sign.
func safe(text string) string {
	lead := strings.TrimLeftFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' || r == '\u200b' })
	first := []rune(lead)
	if strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "\r") || strings.HasPrefix(text, "\x00") ||
		len(first) > 0 && strings.ContainsRune("=+-@＝＋－＠", first[0]) {
		return "'" + text
	}
	return text
}
