package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Bounds of one record. A record that is longer has a quote that never closes, or is no table at all.
const (
	maxRecord   = 1 << 20
	recordChunk = 256 << 10
)

// Record is one row of delimited text as it stands in the file.
type Record struct {
	Line    int64    // of the file where it begins, from 1
	Raw     []byte   // without the line end; valid until the next record is read
	Cells   []string // unquoted; cells of a broken record are a guess
	Problem string   // why it cannot be read, "" when it can
}

// Reader reads delimited text record by record, with the line each begins on. It reads what DuckDB's strict mode
// reads, in the same way; where that would give up, it marks the record as broken and goes on with the next line.
type Reader struct {
	src       io.Reader
	delimiter byte
	quote     byte // 0 = none
	end       byte // what ends a line: '\n', or '\r' in files of old Macs
	keepBlank bool // a line without anything is a record (a table of one column)

	buf  []byte
	pos  int
	eof  bool
	line int64
	next Record
}

// NewReader reads src in a dialect, whose Quote is "" when cells are not quoted; oldMac says that lines end with a carriage
// return alone.
func NewReader(src io.Reader, d Dialect, oldMac bool) *Reader {
	r := &Reader{src: src, delimiter: ',', end: '\n', line: 1}
	if d.Delimiter != "" {
		r.delimiter = d.Delimiter[0]
	}
	if d.Quote != "" {
		r.quote = d.Quote[0]
	}
	if oldMac {
		r.end = '\r'
	}
	return r
}

// Next returns the next record, or io.EOF. The record is valid until the next call.
func (r *Reader) Next() (*Record, error) {
	for {
		size, ended, problem := r.scan()
		if !ended && !r.eof && r.pos+size >= len(r.buf) {
			if len(r.buf)-r.pos <= maxRecord {
				if err := r.fill(); err != nil {
					return nil, err
				}
				continue
			}
			problem = fmt.Sprintf("The row is longer than %d bytes, or a quotation mark in it is never closed.", maxRecord)
		}
		if !ended && r.pos >= len(r.buf) {
			return nil, io.EOF
		}
		if !ended && problem == "" && r.pos+size < len(r.buf) {
			problem = fmt.Sprintf("The row is longer than %d bytes.", maxRecord)
		}
		if problem != "" {
			return r.giveUp(problem)
		}
		if rec := r.take(size, ""); rec != nil {
			return rec, nil
		}
	}
}

// giveUp takes the first line of what stands at pos as a broken record. Nothing after a broken quote can be trusted, but one
// bad cell shall cost one row only.
func (r *Reader) giveUp(problem string) (*Record, error) {
	const enough = 4000
	if k := bytes.IndexByte(r.buf[r.pos:], r.end); k >= 0 {
		return r.take(k, problem), nil
	}
	head := bytes.Clone(r.buf[r.pos:min(r.pos+enough, len(r.buf))])
	for r.pos = len(r.buf); !r.eof; r.pos = len(r.buf) {
		if err := r.fill(); err != nil {
			return nil, err
		}
		if k := bytes.IndexByte(r.buf, r.end); k >= 0 {
			r.pos = k + 1
			break
		}
	}
	r.next = Record{Line: r.line, Raw: head, Cells: r.split(head, r.next.Cells[:0]), Problem: problem}
	r.line++
	return &r.next, nil
}

// take consumes size bytes and the line end behind them; nil for a line that is no record.
func (r *Reader) take(size int, problem string) *Record {
	raw := r.buf[r.pos : r.pos+size]
	rec := &r.next
	*rec = Record{Line: r.line, Cells: rec.Cells[:0], Problem: problem}
	r.line += int64(bytes.Count(raw, []byte{r.end})) + 1
	r.pos = min(r.pos+size+1, len(r.buf))
	if r.end == '\n' {
		raw = bytes.TrimSuffix(raw, []byte{'\r'})
	}
	rec.Raw = raw
	if len(raw) == 0 && !r.keepBlank {
		return nil
	}
	rec.Cells = r.split(raw, rec.Cells)
	return rec
}

// scan measures the record at pos up to its line end. ended says that the line end was seen.
func (r *Reader) scan() (size int, ended bool, problem string) {
	b := r.buf[r.pos:]
	if len(b) > maxRecord+1 {
		b = b[:maxRecord+1]
	}
	for i := 0; ; {
		// Here a cell begins.
		if r.quote != 0 && i < len(b) && b[i] == r.quote {
			after, closed := r.quoted(b, i+1)
			if !closed {
				if r.eof || len(b) > maxRecord {
					return len(b), r.eof && len(b) <= maxRecord, "A quotation mark opens here and is never closed."
				}
				return len(b), false, ""
			}
			i = after
			switch {
			case i >= len(b):
				return len(b), r.eof, ""
			case b[i] == r.end:
				return i, true, ""
			case b[i] == '\r' && i+1 < len(b) && b[i+1] == r.end:
				return i + 1, true, ""
			case b[i] == '\r' && i+1 >= len(b):
				return len(b), r.eof, ""
			case b[i] != r.delimiter:
				return i, true, "A quotation mark stands in the middle of a cell; inside quotes it must be doubled."
			}
			i++
			continue
		}
		for i < len(b) && b[i] != r.delimiter && b[i] != r.end {
			i++
		}
		if i >= len(b) {
			return len(b), r.eof && len(b) <= maxRecord && len(b) > 0, ""
		}
		if b[i] == r.end {
			return i, true, ""
		}
		i++
	}
}

// quoted returns where the cell that began before i ends, behind its closing quote.
func (r *Reader) quoted(b []byte, i int) (after int, closed bool) {
	for i < len(b) {
		k := bytes.IndexByte(b[i:], r.quote)
		if k < 0 {
			return len(b), false
		}
		i += k + 1
		switch {
		case i < len(b) && b[i] == r.quote:
			i++
		case i >= len(b) && !r.eof:
			return len(b), false // whether it is a doubled one stands in the next chunk
		default:
			return i, true
		}
	}
	return len(b), false
}

func (r *Reader) firstLine() int {
	b := r.buf[r.pos:]
	if k := bytes.IndexByte(b, r.end); k >= 0 {
		return k
	}
	return len(b)
}

func (r *Reader) split(raw []byte, cells []string) []string {
	for i := 0; ; {
		if r.quote != 0 && i < len(raw) && raw[i] == r.quote {
			after, _ := r.quoted(raw, i+1)
			inner := raw[i+1 : max(after-1, i+1)]
			cell := string(inner)
			if bytes.IndexByte(inner, r.quote) >= 0 {
				q := string(r.quote)
				cell = string(bytes.ReplaceAll(inner, []byte(q+q), []byte(q)))
			}
			cells = append(cells, cell)
			if after >= len(raw) {
				return cells
			}
			i = after + 1
			continue
		}
		k := bytes.IndexByte(raw[min(i, len(raw)):], r.delimiter)
		if k < 0 {
			return append(cells, string(raw[min(i, len(raw)):]))
		}
		cells = append(cells, string(raw[i:i+k]))
		i += k + 1
	}
}

// fill brings more of the source into the buffer.
func (r *Reader) fill() error {
	rest := copy(r.buf, r.buf[r.pos:])
	r.buf, r.pos = r.buf[:rest], 0
	if cap(r.buf)-rest < recordChunk {
		r.buf = append(make([]byte, 0, 2*cap(r.buf)+recordChunk), r.buf...)
	}
	n, err := io.ReadFull(r.src, r.buf[rest:cap(r.buf)])
	r.buf = r.buf[:rest+n]
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.eof = true
	case err != nil:
		return fmt.Errorf("read the file: %w", err)
	}
	return nil
}
