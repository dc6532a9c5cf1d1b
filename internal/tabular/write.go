package tabular

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
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
				w.to.WriteString(`"` + strings.ReplaceAll(Guard(c), `"`, `""`) + `"`)
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

// WriteWorkbook writes rows of strings and Numbers as a workbook of one sheet. Text cells are of type text, which no
// spreadsheet calculates; a sheet knows only doubles, so a Number is as exact as one.
func WriteWorkbook(to io.Writer, rows [][]any) error {
	book := excelize.NewFile()
	defer book.Close()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	for i, row := range rows {
		cells := make([]any, len(row))
		for j, cell := range row {
			cells[j] = cell
			if n, ok := cell.(Number); ok {
				if cells[j], err = strconv.ParseFloat(string(n), 64); err != nil {
					cells[j] = string(n)
				}
			}
		}
		if err := sheet.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return fmt.Errorf("write a workbook: %w", err)
		}
	}
	if err := sheet.Flush(); err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	if err := book.Write(to); err != nil {
		return fmt.Errorf("write a workbook: %w", err)
	}
	return nil
}
