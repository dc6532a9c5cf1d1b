package demo

import (
	"strconv"
	"strings"
)

// page is CSV text being built in memory. It formats by hand because ten
// million lines through encoding/csv and fmt would take most of the time.
type page struct {
	buf   []byte
	rows  int64
	inRow bool
}

func (p *page) reset() { p.buf, p.rows, p.inRow = p.buf[:0], 0, false }

func (p *page) next() {
	if p.inRow {
		p.buf = append(p.buf, ',')
	}
	p.inRow = true
}

// end closes the record.
func (p *page) end() {
	p.buf = append(p.buf, '\n')
	p.rows++
	p.inRow = false
}

// text adds a field, quoted where RFC 4180 asks for it.
func (p *page) text(s string) {
	p.next()
	if !strings.ContainsAny(s, ",\"\r\n") {
		p.buf = append(p.buf, s...)
		return
	}
	p.buf = append(p.buf, '"')
	p.buf = append(p.buf, strings.ReplaceAll(s, `"`, `""`)...)
	p.buf = append(p.buf, '"')
}

func (p *page) int(n int64) {
	p.next()
	p.buf = strconv.AppendInt(p.buf, n, 10)
}

// cents adds an amount given in hundredths, with two decimals.
func (p *page) cents(n int64) {
	p.next()
	if n < 0 {
		p.buf = append(p.buf, '-')
		n = -n
	}
	p.buf = strconv.AppendInt(p.buf, n/100, 10)
	p.buf = append(p.buf, '.', byte('0'+n/10%10), byte('0'+n%10))
}

// code adds a letter and a number padded with zeros to digits places, then a
// second number padded to more places when more > 0. Documents and
// interactions are numbered per customer so that customers stay independent.
func (p *page) code(letter byte, n, digits, second, more int) {
	p.next()
	p.buf = append(p.buf, letter)
	p.buf = appendPadded(p.buf, n, digits)
	if more > 0 {
		p.buf = appendPadded(p.buf, second, more)
	}
}

// appendPadded writes n with leading zeros to at least digits places.
func appendPadded(b []byte, n, digits int) []byte {
	limit := 1
	for range digits - 1 {
		limit *= 10
	}
	for ; limit > 1 && n < limit; limit /= 10 {
		b = append(b, '0')
	}
	return strconv.AppendInt(b, int64(n), 10)
}
