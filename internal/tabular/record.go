package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Bounds of one record. A record that is longer has a quote that never closes, or is no table at all.
const (
	maxRecord   = 1 << 20
	recordChunk = 256 << 10
)

// Record is one row of delimited text as it stands in the file.
type Record struct {
	Line    int64         // of the file where it begins, from 1
	Raw     []byte        // without the line end; valid until the next record is read
	Cells   []string      // unquoted; cells of a broken record are a guess
	Problem *fault.Reason // why it cannot be read, nil when it can
}

// Reader reads delimited text record by record, with the line each begins on. It reads what DuckDB's strict mode
// reads, in the same way; where that would give up, it marks the record as broken and goes on with the next line.
type Reader struct {
	src       io.Reader
	delimiter byte
	spaces    bool // one or more blanks part the cells instead
	quote     byte // 0 = none
	escape    byte // before a quote inside quotes; 0 = it is doubled
	end       byte // what ends a line: '\n', or '\r' in files of old Macs
	width     int  // how many cells a row has; 0 = not known

	buf  []byte
	pos  int
	eof  bool
	line int64
	next Record

	// From bareFrom to bareTo, counted from the beginning of the source, no quote stands. A quote that is never closed is
	// then looked for once, however many rows have one.
	base, bareFrom, bareTo int64
}

// NewReader reads src in a dialect, whose Quote is "" when cells are not quoted; oldMac says that lines end with a carriage
// return alone.
func NewReader(src io.Reader, d Dialect, oldMac bool) *Reader {
	r := &Reader{src: src, delimiter: ',', end: '\n', line: 1}
	if d.Delimiter != "" {
		r.delimiter, r.spaces = d.Delimiter[0], d.Delimiter == spaces
	}
	if d.Quote != "" && !r.spaces {
		r.quote = d.Quote[0]
	}
	if d.Escape == backslash {
		r.escape = '\\'
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
			problem = why("row_endless", "The row is longer than {bytes} bytes, or a quotation mark in it is never closed.", "bytes", strconv.Itoa(maxRecord))
		}
		if !ended && r.pos >= len(r.buf) {
			return nil, io.EOF
		}
		if !ended && problem == nil && r.pos+size < len(r.buf) {
			problem = why("row_long", "The row is longer than {bytes} bytes.", "bytes", strconv.Itoa(maxRecord))
		}
		if problem == nil && r.swallows(size) {
			problem = why("quote_open", "A quotation mark opens here and is not closed in its row; close it, or double it if it belongs to the text.")
		}
		if problem != nil {
			return r.giveUp(problem)
		}
		if rec := r.take(size, nil); rec != nil {
			return rec, nil
		}
	}
}

// swallows tells that a record runs over several lines and has the wrong number of cells then: a quote that was not closed
// must not take the good rows behind it along.
func (r *Reader) swallows(size int) bool {
	raw := bytes.TrimSuffix(r.buf[r.pos:r.pos+size], []byte{'\r'})
	return r.width > 0 && r.quote != 0 && bytes.IndexByte(raw, r.end) >= 0 && fits(r.split(raw, nil), r.width) != nil
}

// giveUp takes the first line of what stands at pos as a broken record. Nothing after a broken quote can be trusted, but one
// bad cell shall cost one row only.
func (r *Reader) giveUp(problem *fault.Reason) (*Record, error) {
	const enough = 4000
	if k := bytes.IndexByte(r.buf[r.pos:], r.end); k >= 0 {
		return r.take(k, problem), nil
	}
	head := bytes.Clone(r.buf[r.pos:min(r.pos+enough, len(r.buf))])
	for r.pos = len(r.buf); !r.eof; r.pos = len(r.buf) { // fill counts what is left behind
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
func (r *Reader) take(size int, problem *fault.Reason) *Record {
	raw := r.buf[r.pos : r.pos+size]
	rec := &r.next
	*rec = Record{Line: r.line, Cells: rec.Cells[:0], Problem: problem}
	r.line += int64(bytes.Count(raw, []byte{r.end})) + 1
	r.pos = min(r.pos+size+1, len(r.buf))
	if r.end == '\n' {
		raw = bytes.TrimSuffix(raw, []byte{'\r'})
	}
	rec.Raw = raw
	if len(raw) == 0 || r.spaces && len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	rec.Cells = r.split(raw, rec.Cells)
	return rec
}

// scan measures the record at pos up to its line end. ended says that the line end was seen.
func (r *Reader) scan() (size int, ended bool, problem *fault.Reason) {
	b := r.buf[r.pos:]
	if len(b) > maxRecord+1 {
		b = b[:maxRecord+1]
	}
	for i := 0; ; {
		// Here a cell begins.
		if r.quote != 0 && i < len(b) && b[i] == r.quote {
			after, closed := r.closing(b, i+1)
			if !closed {
				if r.eof || len(b) > maxRecord {
					return len(b), r.eof && len(b) <= maxRecord, why("quote_endless", "A quotation mark opens here and is never closed.")
				}
				return len(b), false, nil
			}
			i = after
			switch {
			case i >= len(b):
				return len(b), r.eof, nil
			case b[i] == r.end:
				return i, true, nil
			case b[i] == '\r' && i+1 < len(b) && b[i+1] == r.end:
				return i + 1, true, nil
			case b[i] == '\r' && i+1 >= len(b):
				return len(b), r.eof, nil
			case b[i] != r.delimiter:
				return i, true, why("quote_inside", "A quotation mark stands in the middle of a cell; inside quotes it must be doubled.")
			}
			i++
			continue
		}
		for i < len(b) && (b[i] != r.delimiter || r.spaces) && b[i] != r.end {
			i++
		}
		if i >= len(b) {
			return len(b), r.eof && len(b) <= maxRecord && len(b) > 0, nil
		}
		if b[i] == r.end {
			return i, true, nil
		}
		i++
	}
}

// closing is quoted for the buffer at pos: it does not look again where no quote was found before.
func (r *Reader) closing(b []byte, i int) (after int, closed bool) {
	at := r.base + int64(r.pos)
	from := at + int64(i)
	if r.escape == 0 && from >= r.bareFrom && from < r.bareTo {
		i = min(int(r.bareTo-at), len(b))
	} else {
		r.bareFrom, r.bareTo = from, from
	}
	if bytes.IndexByte(b[i:], r.quote) < 0 {
		r.bareTo = max(r.bareTo, at+int64(len(b)))
		return len(b), false
	}
	return r.quoted(b, i)
}

// quoted returns where the cell that began before i ends, behind its closing quote.
func (r *Reader) quoted(b []byte, i int) (after int, closed bool) {
	for i < len(b) {
		k := bytes.IndexByte(b[i:], r.quote)
		if k < 0 {
			return len(b), false
		}
		if r.escape != 0 && escaped(b[i:i+k], r.escape) {
			i += k + 1
			continue
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

// escaped tells whether what stands behind b is escaped: an odd number of escapes ends it.
func escaped(b []byte, escape byte) bool {
	n := len(b) - len(bytes.TrimRight(b, string(rune(escape))))
	return n%2 == 1
}

func (r *Reader) split(raw []byte, cells []string) []string {
	if r.spaces {
		for cell := range bytes.FieldsFuncSeq(raw, func(c rune) bool { return c == ' ' || c == '\t' || c == '\r' }) {
			cells = append(cells, string(cell))
		}
		return cells
	}
	for i := 0; ; {
		if r.quote != 0 && i < len(raw) && raw[i] == r.quote {
			after, _ := r.quoted(raw, i+1)
			inner := raw[i+1 : max(after-1, i+1)]
			cell := string(inner)
			if bytes.IndexByte(inner, r.quote) >= 0 {
				q := string(r.quote)
				cell = strings.ReplaceAll(cell, q+q, q)
			}
			if r.escape != 0 {
				cell = unescape(cell, r.escape)
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

// unescape takes the escapes out: what stands behind one is meant as it stands.
func unescape(cell string, escape byte) string {
	if strings.IndexByte(cell, escape) < 0 {
		return cell
	}
	plain := make([]byte, 0, len(cell))
	for i := 0; i < len(cell); i++ {
		if cell[i] == escape && i+1 < len(cell) {
			i++
		}
		plain = append(plain, cell[i])
	}
	return string(plain)
}

// fill brings more of the source into the buffer.
func (r *Reader) fill() error {
	r.base += int64(r.pos)
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

// why is a reason that a row cannot be read.
func why(code, sentence string, params ...string) *fault.Reason {
	return new(fault.Why(code, sentence, params...))
}
