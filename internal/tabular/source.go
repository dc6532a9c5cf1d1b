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

	"github.com/kvadrant/kvadrant/internal/charset"
	"github.com/kvadrant/kvadrant/internal/fault"
)

// Bounds of reading files.
const (
	headBytes  = 1 << 20
	maxColumns = 1000
	maxRaw     = 2000    // bytes of a row that are kept to be shown
	maxBroken  = 100_000 // rows that are kept to be shown; more are counted
)

// Source is a table made ready for the engine: delimited UTF-8 text, or Parquet, at a path below the import folder.
type Source struct {
	Name   string
	Layout Layout   // of the file as people know it
	Path   string   // of what the engine reads
	Read   Dialect  // how the text at Path is to be read; Quote is "" when cells are not quoted
	Skip   int      // lines above the data at Path
	Traits Traits   // of the text at Path
	Copied bool     // Path is our own copy: regular, its last column is the line in the original
	Types  []string // of the columns, as the engine calls them; only Parquet has types

	Broken     []Broken // the first of the rows that are no rows of the table; only a copied file has some
	BrokenRows int64    // all of them

	origin    origin
	rows      int64    // of Parquet
	text      []byte   // the beginning, as UTF-8
	temporary []string // files to remove
}

// origin is the text that a copy was made of, to show rows as they stand there.
type origin struct {
	path   string
	read   Dialect
	oldMac bool
}

// Broken is a row that is no row of the table: the number of cells is wrong, or a quote is.
type Broken struct {
	Line    int64 // of the original, from 1; the row number of a worksheet
	Problem fault.Reason
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

// Complete refuses a reading that gave fewer or more rows than the file has: rows must never be missing unnoticed. Where
// cells may hold line ends, only that there are not too many can be known.
func (s *Source) Complete(rows int64) error {
	most := s.Traits.Records() - int64(s.Skip)
	if s.Types != nil {
		most = s.rows
	}
	if rows == most || s.Types == nil && s.Traits.Quotes && rows < most && rows > 0 {
		return nil
	}
	return fmt.Errorf("CSV Error: %d rows were read of %d lines", rows, most)
}

// table gives the rows of a file one after the other, whatever it is.
type table interface {
	// next returns the next row or io.EOF; line is where it begins. problem says why it is no row.
	next() (line int64, cells []string, raw string, problem *fault.Reason, err error)
}

// Prepare makes the tables of a file ready: one, or those of an archive. forceCopy converts text even where the engine
// could read it as it stands.
func (f *Folder) Prepare(ctx context.Context, file File, said Dialect, forceCopy bool) (sources []*Source, err error) {
	if err := said.Check(); err != nil {
		return nil, err
	}
	parts, names, err := f.parts(file, said)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		src := &Source{Name: p.name, Path: f.Path(file.ID), Traits: file.Traits}
		sources = append(sources, src)
		if err = f.prepare(ctx, src, p, p.inside(said), forceCopy); err != nil {
			break
		}
		src.Layout.ofArchive(names, said)
	}
	if err != nil {
		for _, src := range sources {
			err = errors.Join(err, src.Close())
		}
		return nil, err
	}
	return sources, nil
}

func (f *Folder) prepare(ctx context.Context, src *Source, p part, said Dialect, forceCopy bool) error {
	format, err := f.bring(ctx, src, p)
	if err != nil {
		return err
	}
	switch format {
	case formatXLSX:
		return f.prepareWorkbook(ctx, src, said, false)
	case formatParquet:
		return f.prepareParquet(ctx, src, said, false)
	}
	return f.prepareText(ctx, src, said, forceCopy)
}

// bring makes the contents of a part stand on the disk, unpacked, and returns their format.
func (f *Folder) bring(ctx context.Context, src *Source, p part) (format string, err error) {
	if _, err := os.Stat(src.Path); err == nil && !p.packed() {
		return p.file.Format, nil
	}
	in, limit, err := f.openPart(p)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	seen := &Traits{}
	if err := f.spill(ctx, src, io.TeeReader(in, seen), limit); err != nil {
		if p.packed() && fault.Of(err) == nil && ctx.Err() == nil {
			err = damaged(p.name, err)
		}
		return "", err
	}
	seen.end()
	src.Traits = *seen
	if !p.packed() {
		return p.file.Format, nil
	}
	return f.formatInside(src.Path, p.name)
}

// formatInside recognises what was packed.
func (f *Folder) formatInside(path, name string) (format string, err error) {
	in, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the file: %w", err)
	}
	defer func() { err = errors.Join(err, closed(in)) }()
	format, err = f.formatOf(in, name)
	if err == nil && (format == formatGzip || format == formatZip) {
		err = fault.New(fault.Invalid, "file.packed_twice", "%q is packed twice; unpack it once.", name)
	}
	return format, err
}

// Glance recognises a file without reading more of it than its beginning; of an archive, the first of its tables.
func (f *Folder) Glance(ctx context.Context, file File, said Dialect) (l Layout, err error) {
	if err := said.Check(); err != nil {
		return Layout{}, err
	}
	parts, names, err := f.parts(file, said)
	if err != nil {
		return Layout{}, err
	}
	p := parts[0]
	src := &Source{Name: p.name, Path: f.Path(file.ID), Traits: file.Traits}
	defer func() { err = errors.Join(err, src.Close()) }()
	if err := f.glance(ctx, src, p, p.inside(said)); err != nil {
		return Layout{}, err
	}
	src.Layout.ofArchive(names, said)
	return src.Layout, nil
}

func (f *Folder) glance(ctx context.Context, src *Source, p part, said Dialect) (err error) {
	in, _, err := f.openPart(p)
	if err != nil {
		return err
	}
	head, err := io.ReadAll(io.LimitReader(in, headBytes))
	if err = errors.Join(err, in.Close()); err != nil {
		return damaged(p.name, err)
	}
	if format, err := formatOfHead(head); err == nil && format == FormatText {
		if p.packed() { // only the beginning is known here; the import looks at all of it
			src.Traits = Traits{}
			_, _ = src.Traits.Write(head)
			src.Traits.rest = nil
		}
		return src.recognise(head, len(head) < headBytes, said)
	}
	format, err := f.bring(ctx, src, p)
	switch {
	case err != nil:
		return err
	case format == formatXLSX:
		return f.prepareWorkbook(ctx, src, said, true)
	case format == formatParquet:
		return f.prepareParquet(ctx, src, said, true)
	}
	return src.recognise(head, len(head) < headBytes, said)
}

// ofArchive says which tables an archive has.
func (l *Layout) ofArchive(names []string, said Dialect) {
	if names != nil {
		l.Sheet, l.Sheets = said.Sheet, names
	}
}

func damaged(name string, err error) error {
	if fault.Of(err) != nil {
		return err
	}
	return fault.New(fault.Invalid, "file.damaged", "%q is damaged and cannot be unpacked; pack it again.", name).Because(err)
}

// spill copies to a temporary file and makes it the path of src.
func (f *Folder) spill(ctx context.Context, src *Source, from io.Reader, limit int64) (err error) {
	out, err := os.CreateTemp(f.Staging(), "plain-*")
	if err != nil {
		return Disk("unpack", err)
	}
	defer func() { err = errors.Join(err, closed(out)) }()
	src.temporary = append(src.temporary, out.Name())
	src.Path = out.Name()
	if _, err := io.Copy(out, &bounded{ctx: ctx, src: from, left: limit, limit: limit}); err != nil {
		return Disk("unpack", err)
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
	asItStands := said.Encoding == "utf-8" && src.Traits.Invalid == 0 && !src.Traits.Nul && src.Traits.uniform() && !oldMac &&
		usual(said.Delimiter) && said.Escape != backslash && headerOnLines(plain, src.Read, src.Skip) && len(src.Layout.Columns) > 1
	if asItStands && !forceCopy {
		return nil
	}
	src.origin = origin{src.Path, src.Layout.Dialect.forReader(), oldMac}
	in, closer, err := src.original()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	return f.copyRows(ctx, src, in)
}

// original reads the text that the copy was made of.
func (s *Source) original() (table, io.Closer, error) {
	in, err := os.Open(s.origin.path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the file: %w", err)
	}
	text, err := charset.Decoder(bufio.NewReaderSize(in, recordChunk), s.origin.read.Encoding)
	if err != nil {
		return nil, nil, errors.Join(err, in.Close())
	}
	r := NewReader(text, s.origin.read, s.origin.oldMac)
	r.width = len(s.Layout.Columns)
	return &textRows{r}, in, nil
}

// recognise finds encoding and dialect from the beginning of a text file.
func (s *Source) recognise(head []byte, whole bool, said Dialect) error {
	if charset.IsBinary(head) {
		return notText()
	}
	if said.Encoding == "" {
		said.Encoding = charset.Of(head, charset.Seen{Multibyte: s.Traits.Multibyte, Invalid: s.Traits.Invalid, C1: s.Traits.C1})
	}
	text, err := charset.Decoder(bytes.NewReader(head), said.Encoding)
	if err != nil {
		return err
	}
	if s.text, err = io.ReadAll(text); err != nil && whole {
		return fault.New(fault.Invalid, "file.encoding", "%q cannot be read as %s; say which encoding it has.", s.Name, said.Encoding).Because(err)
	}
	s.Layout = recognise(s.text, whole, s.oldMac(), said)
	return s.Layout.checkWidth(s.Name)
}

func (l *Layout) checkWidth(name string) error {
	if n := len(l.Columns); n > maxColumns {
		return fault.New(fault.Invalid, "file.columns", "%q has %d columns; up to %d can be read. Leave out what is not needed.", name, n, maxColumns)
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
		if err != nil || rec.Line != i+1 || rec.Problem != nil {
			return false
		}
	}
	return true
}

type textRows struct{ r *Reader }

func (t *textRows) next() (int64, []string, string, *fault.Reason, error) {
	rec, err := t.r.Next()
	if err != nil {
		return 0, nil, "", nil, err
	}
	problem := rec.Problem
	switch {
	case problem != nil:
	case bytes.IndexByte(rec.Raw, 0) >= 0:
		problem = why("row_zero_byte", "The row holds a zero byte, which no text has; export it again.")
	case !utf8.Valid(rec.Raw):
		problem = why("row_encoding", "The row holds letters that are not UTF-8; export the file in one encoding.")
	}
	return rec.Line, rec.Cells, string(rec.Raw[:min(len(rec.Raw), 2*maxRaw)]), problem, nil
}

// copyRows writes the rows below the header as regular CSV with the line as last column, and sets aside what is no row.
func (f *Folder) copyRows(ctx context.Context, src *Source, in table) (err error) {
	out, err := os.CreateTemp(f.Staging(), "rows-*")
	if err != nil {
		return Disk("copy the rows", err)
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
		if problem == nil {
			problem = fits(cells, width)
		}
		if problem != nil {
			src.refuse(Broken{Line: at, Problem: *problem, Raw: Clean(raw)})
			continue
		}
		copy(line, cells[:min(len(cells), width)])
		line[width] = strconv.FormatInt(at, 10)
		if err := w.Write(line); err != nil {
			return Disk("copy the rows", err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return Disk("copy the rows", err)
	}
	seen.end()
	src.Path, src.Read, src.Skip, src.Copied = out.Name(), Dialect{Delimiter: ",", Quote: `"`}, 0, true
	src.Traits = *seen
	return nil
}

func (s *Source) refuse(b Broken) {
	if s.BrokenRows++; len(s.Broken) < maxBroken {
		s.Broken = append(s.Broken, b)
	}
}

// fits tells what is wrong with the number of cells; empty ones too many are left out.
func fits(cells []string, width int) *fault.Reason {
	n := len(cells)
	for n > width && strings.TrimSpace(cells[n-1]) == "" {
		n--
	}
	switch {
	case n > width:
		return why("cells_many", "The row has {cells} cells, the table {columns} columns. A cell with a delimiter in it must stand in quotes.", "cells", strconv.Itoa(n), "columns", strconv.Itoa(width))
	case n < width:
		return why("cells_few", "The row has only {cells} cells, the table {columns} columns.", "cells", strconv.Itoa(n), "columns", strconv.Itoa(width))
	}
	return nil
}

// Row is a row that the engine has read, as it stands in the file.
type Row struct {
	Line  int64  // where it begins, from 1; the row number of a worksheet
	Raw   string // cleaned; cells of a worksheet are parted by tabs
	Cells []string
}

// Rows walks the rows in the order in which the engine has read them, until fn returns false. Of Parquet there are none.
func (s *Source) Rows(ctx context.Context, fn func(n int64, row Row) (more bool)) (err error) {
	in, closer, err := s.reread()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	header := s.Layout.headerRows
	if s.Copied && s.origin.path == "" {
		header = 0 // the copy of a worksheet has none
	}
	for n, seen := int64(0), 0; ; seen++ {
		if seen%10_000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		line, cells, raw, problem, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if seen < header || s.Copied && (problem != nil || fits(cells, len(s.Layout.Columns)) != nil) {
			continue
		}
		if !fn(n, Row{Line: line, Raw: Clean(raw), Cells: cells}) {
			return nil
		}
		n++
	}
}

func (s *Source) reread() (table, io.Closer, error) {
	if s.origin.path != "" {
		return s.original()
	}
	in, err := os.Open(s.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the file: %w", err)
	}
	r := &textRows{NewReader(charset.WithoutMark(in), s.Read, false)}
	if s.Copied {
		return &copiedRows{r}, in, nil
	}
	return r, in, nil
}

// copiedRows reads the copy of a worksheet, whose last cell is the row number.
type copiedRows struct{ of *textRows }

func (c *copiedRows) next() (int64, []string, string, *fault.Reason, error) {
	_, cells, _, _, err := c.of.next()
	if err != nil {
		return 0, nil, "", nil, err
	}
	last := len(cells) - 1
	line, err := strconv.ParseInt(cells[last], 10, 64)
	return line, cells[:last], strings.Join(cells[:last], "\t"), nil, err
}

// Clean makes a row of the file fit to be kept and shown.
func Clean(raw string) string {
	return Cut(strings.ReplaceAll(strings.ToValidUTF8(raw, "�"), "\x00", "␀"), maxRaw)
}
