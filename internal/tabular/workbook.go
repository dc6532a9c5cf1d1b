package tabular

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/kvadrant/kvadrant/internal/archive"
	"github.com/kvadrant/kvadrant/internal/fault"
)

// Bounds of workbooks. One is unpacked on disk above xmlInMemory, so its memory is bounded by its texts.
const (
	maxWorkbook = 64 << 20
	maxUnzipped = 512 << 20
	xmlInMemory = 8 << 20
	maxSheetRow = 1 << 20 // no worksheet has more
)

func isWorkbook(packed *zip.Reader) bool {
	return slices.ContainsFunc(packed.File, func(m *zip.File) bool { return m.Name == "[Content_Types].xml" || m.Name == "xl/workbook.xml" })
}

// checkWorkbook refuses a workbook that is not to be opened: too large, or with definitions of its own in its XML, which
// no spreadsheet program writes.
func checkWorkbook(packed *zip.Reader, size int64, unpacked uint64, name string) error {
	if size > maxWorkbook || unpacked > maxUnzipped {
		return largeWorkbook(name)
	}
	for _, m := range packed.File {
		if !strings.HasSuffix(m.Name, ".xml") && !strings.HasSuffix(m.Name, ".rels") {
			continue
		}
		in, err := m.Open()
		if err != nil {
			return archive.Damaged(name, err)
		}
		head, err := io.ReadAll(io.LimitReader(in, 2000))
		if err = errors.Join(err, in.Close()); err != nil {
			return archive.Damaged(name, err)
		}
		if strings.Contains(strings.ToUpper(string(head)), "<!DOCTYPE") || strings.Contains(string(head), "<!ENTITY") {
			return fault.New(fault.Invalid, "file.workbook_dtd", "%q holds XML definitions that no spreadsheet program writes; save it as .xlsx again.", name)
		}
	}
	return nil
}

func largeWorkbook(name string) error {
	return fault.New(fault.TooLarge, "file.workbook_large", "The workbook %q is larger than %d MiB, or unpacks to more than %d MiB; save the table as CSV.", name, maxWorkbook>>20, maxUnzipped>>20)
}

// prepareWorkbook recognises a sheet, and copies its rows unless only a glance is wanted.
func (f *Folder) prepareWorkbook(ctx context.Context, src *Source, said Dialect, glance bool) (err error) {
	// The workbook's reader has met many files; one that it never met must cost an import, not the program.
	defer func() {
		if p := recover(); p != nil {
			err = fault.New(fault.Invalid, "file.workbook", "%q is not a workbook that can be read; save it as .xlsx again, or as CSV.", src.Name).Because(fmt.Errorf("%v", p))
		}
	}()
	book, sheet, err := f.openWorkbook(src, said)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.close()) }()
	head, err := book.head()
	if err != nil {
		return err
	}
	sheets := book.file.GetSheetList()
	for _, next := range sheets[min(1, len(sheets)):] { // of several, the first that holds anything
		if len(head) > 0 || said.Sheet != "" {
			break
		}
		sheet, book.sheet = next, next
		if err = book.rewind(); err == nil {
			head, err = book.head()
		}
		if err != nil {
			return err
		}
	}
	said.Sheet, said.Sheets = sheet, sheets
	src.Layout = describe(said, padded(head), ".")
	if len(src.Layout.Columns) == 0 {
		return fault.New(fault.Invalid, "file.empty_sheet", "The sheet %q of %q is empty; name another sheet.", sheet, src.Name)
	}
	if err := src.Layout.checkWidth(src.Name); err != nil || glance {
		return err
	}
	if err := book.rewind(); err != nil {
		return err
	}
	return f.copyRows(ctx, src, book)
}

// head reads as many rows as are looked at to recognise a sheet.
func (w *workbook) head() (rows [][]string, err error) {
	for len(rows) < sampleRows+maxAbove {
		_, cells, _, _, err := w.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, cells)
	}
	return rows, nil
}

// padded makes all rows as wide as the widest: a worksheet leaves out empty cells at the end of a row.
func padded(table [][]string) [][]string {
	width := 0
	for _, row := range table {
		width = max(width, len(row))
	}
	for i, row := range table {
		table[i] = append(row, make([]string, width-len(row))...)
	}
	return table
}

// workbook reads one sheet row by row.
type workbook struct {
	file  *excelize.File
	sheet string
	rows  *excelize.Rows
	line  int64
	width int
}

func (f *Folder) openWorkbook(src *Source, said Dialect) (*workbook, string, error) {
	book, err := excelize.OpenFile(src.Path, excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: xmlInMemory, TmpDir: f.Staging()})
	if err != nil {
		if strings.Contains(err.Error(), "unzip size exceeds") {
			return nil, "", largeWorkbook(src.Name)
		}
		return nil, "", fault.New(fault.Invalid, "file.workbook", "%q is not a workbook that can be read; save it as .xlsx again, or as CSV.", src.Name).Because(err)
	}
	sheet := said.Sheet
	if sheet == "" && book.SheetCount > 0 {
		sheet = book.GetSheetList()[0]
	}
	w := &workbook{file: book, sheet: sheet}
	plainFormats(book)
	if err := w.rewind(); err != nil {
		missing := fault.New(fault.Invalid, "file.sheet", "%q has no sheet %q; it has %s.", src.Name, sheet, strings.Join(book.GetSheetList(), ", "))
		return nil, "", errors.Join(missing.Because(err), book.Close())
	}
	return w, sheet, nil
}

// plainFormats makes cells come out as what they hold instead of how they are shown: dates in ISO form, numbers with all
// their digits and a point. Numbers that stand for dates are known only by their format, so formats are kept apart first.
func plainFormats(book *excelize.File) {
	styles := book.Styles
	if styles == nil || styles.CellXfs == nil {
		return
	}
	dates := "yyyy-mm-dd hh:mm:ss"
	isoStyle, err := book.NewStyle(&excelize.Style{CustomNumFmt: &dates})
	if err != nil {
		return
	}
	iso := styles.CellXfs.Xf[isoStyle].NumFmtID
	codes := map[int]string{}
	if styles.NumFmts != nil {
		for _, n := range styles.NumFmts.NumFmt {
			codes[n.NumFmtID] = n.FormatCode
		}
	}
	none := 100_000 // the number of no format: cells come out raw
	for i := range styles.CellXfs.Xf {
		xf := &styles.CellXfs.Xf[i]
		if xf.NumFmtID != nil && i != isoStyle && !isDateFormat(*xf.NumFmtID, codes[*xf.NumFmtID]) {
			xf.NumFmtID = &none
		} else if xf.NumFmtID != nil {
			xf.NumFmtID = iso
		}
	}
}

// isDateFormat tells whether a number format shows dates: one of the built-in ones, or one with days or years in it that
// stand neither in quotes nor in brackets.
func isDateFormat(number int, code string) bool {
	if code == "" {
		return number >= 14 && number <= 17 || number == 22 || number >= 27 && number <= 36 || number >= 50 && number <= 58
	}
	inQuotes, inBrackets := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '\\':
			i++
		case c == '"':
			inQuotes = !inQuotes
		case inQuotes:
		case c == '[':
			inBrackets = true
		case c == ']':
			inBrackets = false
		case !inBrackets && strings.IndexByte("dDyY", c) >= 0:
			return true
		}
	}
	return false
}

func (w *workbook) rewind() (err error) {
	if w.rows != nil {
		if err := w.rows.Close(); err != nil {
			return fmt.Errorf("read the workbook: %w", err)
		}
	}
	w.line, w.width = 0, 0
	w.rows, err = w.file.Rows(w.sheet)
	return err
}

func (w *workbook) next() (int64, []string, string, *fault.Reason, error) {
	for w.rows.Next() {
		if w.line++; w.line > maxSheetRow {
			return 0, nil, "", nil, fault.New(fault.Invalid, "file.workbook", "The sheet %q says that it has more than %d rows, which none has; save the workbook again, or the table as CSV.", w.sheet, maxSheetRow)
		}
		cells, err := w.rows.Columns()
		if err != nil {
			return 0, nil, "", nil, fault.New(fault.Invalid, "file.workbook", "Row %d of the sheet %q cannot be read; save the workbook again, or the table as CSV.", w.line, w.sheet).Because(err)
		}
		if len(cells) == 0 || strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		if len(cells) > maxColumns && strings.TrimSpace(strings.Join(cells[maxColumns:], "")) != "" {
			return 0, nil, "", nil, fault.New(fault.Invalid, "file.columns", "Row %d of the sheet %q has %d columns; up to %d can be read. Leave out what is not needed.", w.line, w.sheet, len(cells), maxColumns)
		}
		cells = cells[:min(len(cells), maxColumns)]
		w.width = max(w.width, len(cells))
		for i, cell := range cells {
			cells[i] = strings.TrimSuffix(cell, " 00:00:00")
		}
		if len(cells) < w.width { // empty cells at the end of a row are left out of the file
			cells = append(cells, make([]string, w.width-len(cells))...)
		}
		return w.line, cells, strings.Join(cells, "\t"), nil, nil
	}
	if err := w.rows.Error(); err != nil {
		return 0, nil, "", nil, fault.New(fault.Invalid, "file.workbook", "The sheet %q cannot be read to its end; save the workbook again, or the table as CSV.", w.sheet).Because(err)
	}
	return 0, nil, "", nil, io.EOF
}

func (w *workbook) close() error {
	return errors.Join(w.rows.Close(), w.file.Close())
}

// ErrorCells lists what stands in cells whose formula has no result.
func ErrorCells() []string {
	return []string{"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
}
