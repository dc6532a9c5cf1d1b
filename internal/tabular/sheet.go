package tabular

import (
	"errors"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// MostRows is what a sheet can hold below its titles.
const MostRows = excelize.TotalRows - 1

// SheetWriter writes a list as a workbook of one sheet, with the same cells as a CSVWriter. Text cells are of type text, which
// no spreadsheet calculates.
type SheetWriter struct {
	book  *excelize.File
	sheet *excelize.StreamWriter
	rows  int
}

// NewSheetWriter returns a writer; Close it in the end, whether it was written or not.
func NewSheetWriter() (*SheetWriter, error) {
	book := excelize.NewFile()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, errors.Join(err, book.Close())
	}
	return &SheetWriter{book: book, sheet: sheet}, nil
}

// Row writes a row of strings and Numbers; a sheet knows only doubles. The first row is that of the titles.
func (w *SheetWriter) Row(cells ...any) error {
	w.rows++
	written := make([]any, len(cells))
	for i, cell := range cells {
		written[i] = cell
		if n, ok := cell.(Number); ok {
			written[i] = string(n)
			if f, err := strconv.ParseFloat(string(n), 64); err == nil {
				written[i] = f
			}
		}
	}
	return w.sheet.SetRow("A"+strconv.Itoa(w.rows), written)
}

// Write ends the sheet and writes the workbook.
func (w *SheetWriter) Write(to io.Writer) error {
	if err := w.sheet.Flush(); err != nil {
		return err
	}
	return w.book.Write(to)
}

// Close lets go of what the writer holds.
func (w *SheetWriter) Close() error { return w.book.Close() }

// WriteWorkbook writes rows of strings and Numbers, the titles first, as a workbook of one sheet.
func WriteWorkbook(to io.Writer, rows [][]any) error {
	w, err := NewSheetWriter()
	if err != nil {
		return err
	}
	defer w.Close()
	for _, row := range rows {
		if err := w.Row(row...); err != nil {
			return err
		}
	}
	return w.Write(to)
}
