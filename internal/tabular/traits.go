package tabular

import (
	"bytes"
	"unicode/utf8"
)

// Traits are what was seen of the whole contents while they passed by. They decide whether the engine may read the file as
// it stands, and which checks of its cells can be spared.
type Traits struct {
	Multibyte int64 `json:"multibyte"` // well-formed UTF-8 letters beyond ASCII
	Invalid   int64 `json:"invalid"`   // bytes that are no UTF-8
	C1        bool  `json:"c1"`        // bytes 0x80 to 0x9F that are no UTF-8: Windows letters
	Nul       bool  `json:"nul"`       // zero bytes
	CR        int64 `json:"cr"`        // carriage returns
	LF        int64 `json:"lf"`        // line feeds
	CRLF      int64 `json:"crlf"`      // both together
	Blanks    bool  `json:"blanks"`    // a blank stands where a cell may begin or end, so cells must be trimmed
	LongLine  int64 `json:"long_line"` // bytes of the longest line, hence of the longest cell without a line end in it
	Quotes    bool  `json:"quotes"`    // a quotation mark stands somewhere, so a cell may hold line ends
	Empty     int64 `json:"empty"`     // lines with nothing on them
	Tail      bool  `json:"tail"`      // the last line has no line end
	lastByte  byte  // of the chunk before
	lineBytes int64 // of the line that is being read
	rest      []byte
}

// uniform tells that all lines end alike, in one of the two ways that the engine reads.
func (t Traits) uniform() bool { return t.CR == t.CRLF && (t.CRLF == 0 || t.CRLF == t.LF) }

// Records is how many records a file has at most, and exactly where no cell can hold a line end.
func (t Traits) Records() int64 {
	n := t.LF - t.Empty
	if t.Tail {
		n++
	}
	return n
}

// Write looks at a chunk; it never fails.
func (t *Traits) Write(p []byte) (int, error) {
	t.lines(p)
	t.blanks(p)
	t.Nul = t.Nul || bytes.IndexByte(p, 0) >= 0
	t.Quotes = t.Quotes || bytes.IndexByte(p, '"') >= 0 || bytes.IndexByte(p, '\'') >= 0
	if len(p) > 0 {
		t.lastByte = p[len(p)-1]
	}
	t.letters(p)
	return len(p), nil
}

func (t *Traits) lines(p []byte) {
	if t.lastByte == '\r' && len(p) > 0 && p[0] == '\n' {
		t.CRLF++
	}
	for rest := p; ; {
		k := bytes.IndexByte(rest, '\n')
		if k < 0 {
			t.lineBytes += int64(len(rest))
			break
		}
		t.LF++
		t.lineBytes += int64(k)
		cr := k > 0 && rest[k-1] == '\r'
		if cr {
			t.CRLF++
		}
		if t.lineBytes == 0 || t.lineBytes == 1 && (cr || k == 0 && t.lastByte == '\r') {
			t.Empty++
		}
		t.LongLine, t.lineBytes = max(t.LongLine, t.lineBytes), 0
		rest = rest[k+1:]
	}
	t.LongLine = max(t.LongLine, t.lineBytes)
	t.CR += int64(bytes.Count(p, []byte{'\r'}))
}

// blanks looks for a blank beside anything that may part cells; the beginning and the end of the file do.
func (t *Traits) blanks(p []byte) {
	if len(p) > 0 && t.lastByte == ' ' {
		t.Blanks = t.Blanks || parts(p[0])
	}
	for i := 0; i < len(p) && !t.Blanks; i++ {
		k := bytes.IndexByte(p[i:], ' ')
		if k < 0 {
			break
		}
		i += k
		before := t.lastByte
		if i > 0 {
			before = p[i-1]
		}
		t.Blanks = before == 0 || parts(before) || i+1 < len(p) && parts(p[i+1])
	}
	// Other blanks (a tab inside a cell, a no-break space) are rare: where there are any, cells are trimmed.
	t.Blanks = t.Blanks || bytes.Contains(p, []byte{0xC2, 0xA0})
}

// parts tells whether a byte may be the sign between cells, which can be any but a letter or digit.
func parts(b byte) bool {
	return b < 0x80 && !('0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z')
}

func (t *Traits) letters(p []byte) {
	if len(t.rest) > 0 {
		p = append(t.rest, p...)
		t.rest = nil
	}
	for len(p) > 0 {
		// ASCII eight bytes at a time.
		n := asciiPrefix(p)
		p = p[n:]
		for len(p) > 0 && p[0] >= 0x80 {
			if !utf8.FullRune(p) {
				t.rest = bytes.Clone(p)
				return
			}
			r, size := utf8.DecodeRune(p)
			if r == utf8.RuneError && size == 1 {
				t.Invalid++
				t.C1 = t.C1 || p[0] < 0xA0
			} else {
				t.Multibyte++
			}
			p = p[size:]
		}
	}
}

func asciiPrefix(p []byte) int {
	n := 0
	for ; n+8 <= len(p); n += 8 {
		if (p[n]|p[n+1]|p[n+2]|p[n+3]|p[n+4]|p[n+5]|p[n+6]|p[n+7])&0x80 != 0 {
			break
		}
	}
	for n < len(p) && p[n] < 0x80 {
		n++
	}
	return n
}

// end counts what was left of a letter, of a line, and of a cell, at the end of the file.
func (t *Traits) end() {
	t.Tail = t.lineBytes > 0
	t.Blanks = t.Blanks || t.lastByte == ' '
	t.Invalid += int64(len(t.rest))
	t.rest = nil
}
