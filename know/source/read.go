package source

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/statement"
)

// Limits bound what one run may take. A run that needs more is one that should read only what is new.
type Limits struct {
	Rows  int64
	Bytes int64
}

// defaultLimits are twice the largest import that is measured (docs/benchmarks.md).
func defaultLimits() Limits { return Limits{Rows: 20_000_000, Bytes: 8 << 30} }

// bufferBytes is how much of the file is made at a time.
const bufferBytes = 64 << 10

// columnsOf checks the names of a result, by which its columns are mapped.
func columnsOf(t table) ([]string, error) {
	seen := map[string]bool{}
	for i, name := range t.columns() {
		switch {
		case strings.TrimSpace(name) == "":
			return nil, statement.Bad("Column %d of the result has no name; give it one with AS.", i+1)
		case seen[name]:
			return nil, statement.Bad("Two columns of the result are called %q; give one of them another name with AS.", name)
		}
		seen[name] = true
	}
	return t.columns(), nil
}

// tableFile is a table as the file it becomes, made while it is read: no run needs more memory than another.
type tableFile struct {
	ctx      context.Context //nolint:containedctx // it lives as long as one copy
	table    table
	limits   Limits
	mark     *watermark // nil when every run reads everything
	at       int        // the watermark's column
	progress func(rows int64)

	rows, bytes int64
	buffer      bytes.Buffer
	ended       bool
}

// newTableFile checks the columns and reads the first row, so that a result without rows never becomes a file: it returns
// false then.
func newTableFile(ctx context.Context, t table, limits Limits, mark *watermark, progress func(int64)) (*tableFile, bool, error) {
	names, err := columnsOf(t)
	if err != nil {
		return nil, false, err
	}
	w := &tableFile{ctx: ctx, table: t, limits: limits, mark: mark, at: -1, progress: progress}
	for i, name := range names {
		if mark != nil && strings.EqualFold(name, mark.column) {
			w.at = i
		}
	}
	if mark != nil && w.at < 0 {
		return nil, false, fault.New(fault.Invalid, "source.watermark", "The result has no column %q; add it to the SELECT. Its columns are %s.", mark.column, strings.Join(names, ", ")).
			At("watermark_column", "It is not among the columns of the result.")
	}
	w.write(names)
	if err := w.row(); err != nil {
		return nil, false, err
	}
	return w, w.rows > 0, nil
}

// row takes the next row in.
func (w *tableFile) row() error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	cells, err := w.table.next()
	if errors.Is(err, io.EOF) {
		w.ended = true
		return nil
	}
	if err != nil {
		return err
	}
	if w.rows++; w.rows > w.limits.Rows {
		return fault.New(fault.TooLarge, "source.too_much", "The SELECT gives more than %d rows; read less at a time, with :since or a WHERE.", w.limits.Rows).At("statement", "It gives too many rows.")
	}
	w.write(cells)
	if w.bytes > w.limits.Bytes {
		return fault.New(fault.TooLarge, "source.too_much", "The SELECT gives more than %d MiB; read fewer columns, or less at a time with :since.", w.limits.Bytes>>20).At("statement", "It gives too much.")
	}
	if w.rows%1000 == 0 {
		w.progress(w.rows)
	}
	if w.mark == nil {
		return nil
	}
	return w.mark.see(cells[w.at])
}

// write adds a row to the file. A lone empty cell is quoted, for an empty line would be no row.
func (w *tableFile) write(cells []string) {
	before := w.buffer.Len()
	for i, cell := range cells {
		if i > 0 {
			w.buffer.WriteByte(',')
		}
		if strings.ContainsAny(cell, ",\"'\r\n;\t| ") || len(cells) == 1 && cell == "" {
			w.buffer.WriteByte('"')
			w.buffer.WriteString(strings.ReplaceAll(cell, `"`, `""`))
			w.buffer.WriteByte('"')
		} else {
			w.buffer.WriteString(cell)
		}
	}
	w.buffer.WriteByte('\n')
	w.bytes += int64(w.buffer.Len() - before)
}

// Read gives the file.
func (w *tableFile) Read(p []byte) (int, error) {
	for !w.ended && w.buffer.Len() < bufferBytes {
		if err := w.row(); err != nil {
			return 0, err
		}
	}
	if w.buffer.Len() == 0 {
		return 0, io.EOF
	}
	return w.buffer.Read(p)
}

// firstRows reads up to n rows.
func firstRows(t table, n int) (names []string, rows [][]string, err error) {
	if names, err = columnsOf(t); err != nil {
		return nil, nil, err
	}
	for len(rows) < n {
		cells, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, cells)
	}
	return names, rows, nil
}
