package tabular

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Bounds of reading files. A workbook is unpacked on disk above xmlInMemory, so its memory is bounded by its texts.
const (
	headBytes   = 1 << 20
	maxWorkbook = 64 << 20
	maxUnzipped = 512 << 20
	xmlInMemory = 8 << 20
	maxColumns  = 1000
)

// Source is a file made ready for the engine: delimited UTF-8 text at a path below the import folder.
type Source struct {
	Name   string
	Layout Layout  // of the file as people know it
	Path   string  // of the text
	Read   Dialect // how the text at Path is to be read; Quote is "" when cells are not quoted
	Skip   int     // lines above the data at Path
	Traits Traits  // of the text at Path
	Copied bool    // Path is our own copy: regular, its last column is the line in the original
	Broken []Broken

	text      []byte   // the beginning, as UTF-8
	temporary []string // files to remove
}

// Broken is a row that is no row of the table: the number of cells is wrong, or a quote is. Only a copied file has some.
type Broken struct {
	Line    int64  // of the original, from 1; the row number of a worksheet
	Problem string // a sentence
	Raw     string // the row as it stands there, cleaned
}

// Close removes what was made for this run.
func (s *Source) Close() error {
	var errs []error
	for _, path := range s.temporary {
		errs = append(errs, gone(path))
	}
	return errors.Join(errs...)
}

// Open reads the text at Path record by record, the rows above the data included.
func (s *Source) Open() (*Reader, io.Closer, error) {
	in, err := os.Open(s.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the file: %w", err)
	}
	return NewReader(&bomSkipper{src: in}, s.Read, false), in, nil
}

// Complete refuses a reading that gave fewer or more rows than the file has: rows must never be missing unnoticed. Where
// cells may hold line ends, only that there are not too many can be known.
func (s *Source) Complete(rows int64) error {
	most := s.Traits.Records() - int64(s.Skip)
	if rows == most || s.Traits.Quotes && rows < most && rows > 0 {
		return nil
	}
	return fmt.Errorf("CSV Error: %d rows were read of %d lines", rows, most)
}

// rows gives the rows of a file one after the other, whatever it is.
type rows interface {
	// next returns the next row or io.EOF; line is where it begins. problem says why it is no row.
	next() (line int64, cells []string, raw, problem string, err error)
	close() error
}

// Prepare makes a file ready. forceCopy converts it even where the engine could read it as it stands.
func (f *Folder) Prepare(ctx context.Context, file File, said Dialect, forceCopy bool) (src *Source, err error) {
	if err := said.Check(); err != nil {
		return nil, err
	}
	src = &Source{Name: file.Name, Path: f.Path(file.ID), Traits: file.Traits}
	defer func() {
		if err != nil {
			err = errors.Join(err, src.Close())
		}
	}()
	format := file.Format
	if format == formatGzip {
		if format, err = f.unpack(ctx, src, file); err != nil {
			return nil, err
		}
	} else if _, statErr := os.Stat(src.Path); statErr != nil {
		if err := f.restore(ctx, src, file.ID); err != nil {
			return nil, err
		}
	}
	if format == formatXLSX {
		return src, f.prepareWorkbook(ctx, src, said)
	}
	return src, f.prepareText(ctx, src, said, forceCopy)
}

// Glance recognises a file without reading more of it than its beginning.
func (f *Folder) Glance(ctx context.Context, file File, said Dialect) (l Layout, err error) {
	src := &Source{Name: file.Name, Path: f.Path(file.ID), Traits: file.Traits}
	defer func() { err = errors.Join(err, src.Close()) }()
	in, err := f.open(file.ID)
	if err != nil {
		return Layout{}, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	var head io.Reader = in
	format := file.Format
	if format == formatGzip {
		if head, err = gunzip(in); err != nil {
			return Layout{}, err
		}
	}
	text, err := io.ReadAll(io.LimitReader(head, headBytes))
	if err != nil {
		return Layout{}, damaged(file.Name, err)
	}
	n := len(text)
	if format == formatGzip {
		// Of a packed file only the beginning is known here; the import looks at all of it.
		_, _ = src.Traits.Write(text)
		src.Traits.rest = nil
		if format, err = formatInside(text[:min(8, n)], file.Name); err != nil {
			return Layout{}, err
		}
	}
	if format != formatXLSX {
		err = src.recognise(text, n < headBytes, said)
		return src.Layout, err
	}
	whole, err := f.Prepare(ctx, file, said, false)
	if err != nil {
		return Layout{}, err
	}
	return whole.Layout, whole.Close()
}

// unpack brings a gzip file to the disk and returns what was inside.
func (f *Folder) unpack(ctx context.Context, src *Source, file File) (format string, err error) {
	packed, err := f.open(file.ID)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, packed.Close()) }()
	plain, err := gunzip(packed)
	if err != nil {
		return "", err
	}
	seen := &Traits{}
	if err := f.spill(ctx, src, io.TeeReader(plain, seen)); err != nil {
		if fault.Of(err) == nil && ctx.Err() == nil {
			err = damaged(file.Name, err)
		}
		return "", err
	}
	seen.end()
	src.Traits = *seen
	head, err := readHead(src.Path, 8)
	if err != nil {
		return "", err
	}
	return formatInside(head, file.Name)
}

// formatInside recognises what was packed.
func formatInside(head []byte, name string) (string, error) {
	format, err := formatOfHead(head)
	if err == nil && format == formatGzip {
		err = fault.New(fault.Invalid, "file.gzip_twice", "%q is packed twice; unpack it once.", name)
	}
	return format, err
}

func damaged(name string, err error) error {
	return fault.New(fault.Invalid, "file.damaged", "%q is damaged and cannot be unpacked; pack it again.", name).Because(err)
}

// restore brings an archived file to the disk.
func (f *Folder) restore(ctx context.Context, src *Source, fileID string) (err error) {
	packed, err := f.open(fileID)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, packed.Close()) }()
	return f.spill(ctx, src, packed)
}

// spill copies to a temporary file and makes it the path of src.
func (f *Folder) spill(ctx context.Context, src *Source, from io.Reader) (err error) {
	out, err := os.CreateTemp(f.Staging(), "plain-*")
	if err != nil {
		return disk("unpack", err)
	}
	defer func() { err = errors.Join(err, closed(out)) }()
	src.temporary = append(src.temporary, out.Name())
	src.Path = out.Name()
	if _, err := io.Copy(out, &bounded{ctx: ctx, src: from, left: f.maxBytes, limit: f.maxBytes}); err != nil {
		return disk("unpack", err)
	}
	return nil
}

func readHead(path string, n int) (head []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	defer func() { err = errors.Join(err, closed(f)) }()
	head = make([]byte, n)
	read, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	return head[:read], nil
}

func (f *Folder) prepareText(ctx context.Context, src *Source, said Dialect, forceCopy bool) error {
	head, err := readHead(src.Path, headBytes)
	if err != nil {
		return err
	}
	if err := src.recognise(head, len(head) < headBytes, said); err != nil {
		return err
	}
	said, plain := src.Layout.Dialect, src.text
	oldMac := src.oldMac()
	src.Read, src.Skip = src.Layout.Dialect.forReader(), src.Layout.headerRows
	asItStands := said.Encoding == "utf-8" && src.Traits.Invalid == 0 && !src.Traits.Nul && src.Traits.uniform() &&
		!oldMac && headerOnLines(plain, src.Read, src.Skip) && len(src.Layout.Columns) > 1
	if asItStands && !forceCopy {
		return nil
	}
	return f.copyText(ctx, src, said.Encoding, oldMac)
}

// recognise finds encoding and dialect from the beginning of a text file.
func (s *Source) recognise(head []byte, whole bool, said Dialect) error {
	if said.Encoding == "" {
		said.Encoding = encodingOf(head, s.Traits)
	}
	text, err := decoder(bytes.NewReader(head), said.Encoding)
	if err != nil {
		return err
	}
	if s.text, err = io.ReadAll(text); err != nil && whole {
		return fault.New(fault.Invalid, "file.encoding", "%q cannot be read as %s; say which encoding it has.", s.Name, said.Encoding).Because(err)
	}
	s.Layout = recognise(s.text, whole, s.oldMac(), said)
	if n := len(s.Layout.Columns); n > maxColumns {
		return fault.New(fault.Invalid, "file.Columns", "%q has %d columns; up to %d can be read.", s.Name, n, maxColumns)
	}
	return nil
}

// oldMac tells that lines end with a carriage return alone.
func (s *Source) oldMac() bool {
	return bytes.IndexByte(s.text, '\n') < 0 && bytes.IndexByte(s.text, '\r') >= 0
}

// headerOnLines tells that the n records of the header stand on the first n lines, as the engine's skip counts.
func headerOnLines(head []byte, d Dialect, n int) bool {
	r := NewReader(bytes.NewReader(head), d, false)
	for i := range int64(n) + 1 {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return int(i) == n
		}
		if err != nil || rec.Line != i+1 || rec.Problem != "" {
			return false
		}
	}
	return true
}

func (f *Folder) copyText(ctx context.Context, src *Source, encoding string, oldMac bool) (err error) {
	in, err := os.Open(src.Path)
	if err != nil {
		return fmt.Errorf("read the file: %w", err)
	}
	defer func() { err = errors.Join(err, closed(in)) }()
	text, err := decoder(bufio.NewReaderSize(in, recordChunk), encoding)
	if err != nil {
		return err
	}
	r := NewReader(text, src.Read, oldMac)
	r.keepBlank = false
	return f.copyRows(ctx, src, &textRows{r})
}

type textRows struct{ r *Reader }

func (t *textRows) next() (int64, []string, string, string, error) {
	rec, err := t.r.Next()
	if err != nil {
		return 0, nil, "", "", err
	}
	problem := rec.Problem
	switch {
	case problem != "":
	case bytes.IndexByte(rec.Raw, 0) >= 0:
		problem = "The row holds a zero byte, which no text has; export it again."
	case !utf8.Valid(rec.Raw):
		problem = "The row holds letters that are not UTF-8; export the file in one encoding."
	}
	return rec.Line, rec.Cells, string(rec.Raw[:min(len(rec.Raw), 2*maxRaw)]), problem, nil
}

func (t *textRows) close() error { return nil }

// copyRows writes the rows below the header as regular CSV with the line as last column, and sets aside what is no row.
func (f *Folder) copyRows(ctx context.Context, src *Source, in rows) (err error) {
	out, err := os.CreateTemp(f.Staging(), "rows-*")
	if err != nil {
		return disk("copy the rows", err)
	}
	defer func() { err = errors.Join(err, closed(out)) }()
	src.temporary = append(src.temporary, out.Name())
	seen := &Traits{}
	w := csv.NewWriter(io.MultiWriter(out, seen))
	width := len(src.Layout.Columns)
	line := make([]string, width+1)
	for n := 0; ; n++ {
		at, cells, raw, problem, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if n%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if n < src.Layout.headerRows {
			continue
		}
		if problem == "" {
			problem = fits(cells, width)
		}
		if problem != "" {
			src.Broken = append(src.Broken, Broken{Line: at, Problem: problem, Raw: Clean(raw)})
			continue
		}
		copy(line, cells[:min(len(cells), width)])
		clear(line[min(len(cells), width):width])
		line[width] = strconv.FormatInt(at, 10)
		if err := w.Write(line); err != nil {
			return disk("copy the rows", err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return disk("copy the rows", err)
	}
	seen.end()
	src.Path, src.Read, src.Skip, src.Copied = out.Name(), Dialect{Delimiter: ",", Quote: `"`}, 0, true
	src.Traits = *seen
	return nil
}

// fits tells what is wrong with the number of cells; empty ones too many are left out.
func fits(cells []string, width int) string {
	n := len(cells)
	for n > width && strings.TrimSpace(cells[n-1]) == "" {
		n--
	}
	switch {
	case n > width:
		return fmt.Sprintf("The row has %d cells, the table %d columns. A cell with a delimiter in it must stand in quotes.", n, width)
	case n < width:
		return fmt.Sprintf("The row has only %d cells, the table %d columns.", n, width)
	}
	return ""
}

const maxRaw = 2000

// Clean makes a row of the file fit to be kept and shown.
func Clean(raw string) string {
	return Cut(strings.ReplaceAll(strings.ToValidUTF8(raw, "�"), "\x00", "␀"), maxRaw)
}

func (f *Folder) prepareWorkbook(ctx context.Context, src *Source, said Dialect) error {
	book, sheet, err := f.openWorkbook(src, said)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.close()) }()
	var head [][]string
	for len(head) < sampleRows+100 {
		_, cells, _, _, err := book.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		head = append(head, cells)
	}
	said.Sheet, said.Sheets, said.Decimal = sheet, book.file.GetSheetList(), "."
	src.Layout = describe(said, padded(head))
	if len(src.Layout.Columns) == 0 {
		return fault.New(fault.Invalid, "file.empty_sheet", "The sheet %q of %q is empty; name another sheet.", sheet, src.Name)
	}
	if err := book.rewind(); err != nil {
		return err
	}
	return f.copyRows(ctx, src, book)
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
	info, err := os.Stat(src.Path)
	if err != nil {
		return nil, "", fmt.Errorf("open the workbook: %w", err)
	}
	if info.Size() > maxWorkbook {
		return nil, "", fault.New(fault.TooLarge, "file.workbook_large", "The workbook %q is larger than %d MiB; save the table as CSV.", src.Name, maxWorkbook>>20)
	}
	book, err := excelize.OpenFile(src.Path, excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: xmlInMemory, TmpDir: f.Staging()})
	if err != nil {
		if strings.Contains(err.Error(), "unzip size exceeds") {
			return nil, "", fault.New(fault.TooLarge, "file.workbook_large", "The workbook %q unpacks to more than %d MiB; save the table as CSV.", src.Name, maxUnzipped>>20).Because(err)
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
	w.line = 0
	w.rows, err = w.file.Rows(w.sheet)
	return err
}

func (w *workbook) next() (int64, []string, string, string, error) {
	for w.rows.Next() {
		w.line++
		cells, err := w.rows.Columns()
		if err != nil {
			return 0, nil, "", "", fault.New(fault.Invalid, "file.workbook", "Row %d of the sheet %q cannot be read; save the workbook again, or the table as CSV.", w.line, w.sheet).Because(err)
		}
		if strings.Join(cells, "") == "" {
			continue
		}
		w.width = max(w.width, len(cells))
		for i, cell := range cells {
			cells[i] = strings.TrimSuffix(cell, " 00:00:00")
		}
		if len(cells) < w.width { // empty cells at the end of a row are left out of the file
			cells = append(cells, make([]string, w.width-len(cells))...)
		}
		return w.line, cells, strings.Join(cells, "\t"), "", nil
	}
	if err := w.rows.Error(); err != nil {
		return 0, nil, "", "", fault.New(fault.Invalid, "file.workbook", "The sheet %q cannot be read to its end; save the workbook again, or the table as CSV.", w.sheet).Because(err)
	}
	return 0, nil, "", "", io.EOF
}

func (w *workbook) close() error {
	return errors.Join(w.rows.Close(), w.file.Close())
}
