package tabular

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
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
				w.to.WriteByte('"')
				w.to.WriteString(strings.ReplaceAll(Guard(c), `"`, `""`))
				w.to.WriteByte('"')
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

// WriteTable writes a small table as CSV. Cells that read as numbers stay so, all other text is guarded as CSVWriter's.
func WriteTable(to io.Writer, rows [][]string) error {
	w := csv.NewWriter(to)
	w.UseCRLF = true
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = cell
			if _, err := strconv.ParseFloat(cell, 64); err != nil {
				cells[i] = Guard(cell)
			}
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
