// Package charset recognises how text is encoded, and turns it into UTF-8.
package charset

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// Names lists the encodings for people.
const Names = "utf-8, utf-16le, utf-16be, windows-1252, iso-8859-1, windows-1250, iso-8859-2, ibm850, big5 or gbk"

// decoding returns the decoder of an encoding; nil for UTF-8, which needs none.
func decoding(name string) (encoding.Encoding, error) {
	switch strings.ToLower(name) {
	case "", "utf-8":
		return nil, nil
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), nil
	case "windows-1252":
		return charmap.Windows1252, nil
	case "iso-8859-1":
		return charmap.ISO8859_1, nil
	case "windows-1250":
		return charmap.Windows1250, nil
	case "iso-8859-2":
		return charmap.ISO8859_2, nil
	case "ibm850":
		return charmap.CodePage850, nil
	case "big5":
		return traditionalchinese.Big5, nil
	case "gbk":
		return simplifiedchinese.GBK, nil
	}
	return nil, fmt.Errorf("encoding %q is not known", name)
}

// Decoder turns the bytes of a file into UTF-8 without a byte order mark.
func Decoder(src io.Reader, name string) (io.Reader, error) {
	enc, err := decoding(name)
	if err != nil {
		return nil, err
	}
	if enc == nil {
		return WithoutMark(src), nil
	}
	return enc.NewDecoder().Reader(src), nil
}

// Known tells whether there is an encoding of that name.
func Known(name string) bool {
	_, err := decoding(name)
	return err == nil
}

// WithoutMark reads UTF-8 without its byte order mark.
func WithoutMark(src io.Reader) io.Reader { return &bomSkipper{src: src} }

// bomSkipper leaves out the byte order mark of UTF-8 and passes everything else as it is: bytes that are no UTF-8 are the
// business of whoever reads the cells.
type bomSkipper struct {
	src     io.Reader
	started bool
}

// Read reads on, without the mark.
func (b *bomSkipper) Read(p []byte) (int, error) {
	if b.started {
		return b.src.Read(p)
	}
	b.started = true
	head := make([]byte, len(utf8BOM))
	n, err := io.ReadFull(b.src, head)
	if err != nil && n == 0 {
		return 0, io.EOF
	}
	if head = head[:n]; string(head) != utf8BOM {
		b.src = io.MultiReader(bytes.NewReader(head), b.src)
	}
	return b.src.Read(p)
}

const utf8BOM = "\xEF\xBB\xBF"

// Seen is what was seen of a whole text.
type Seen struct {
	Multibyte, Invalid int64 // letters of UTF-8 beyond ASCII, and bytes that are none
	C1                 bool  // bytes 0x80 to 0x9F among them: Windows letters
}

// Of recognises how text is encoded, from its first bytes and what was seen of all of it.
func Of(head []byte, t Seen) string {
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return "utf-16le"
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return "utf-16be"
	case bytes.HasPrefix(head, []byte(utf8BOM)):
		return "utf-8"
	}
	if name := wide(head); name != "" {
		return name
	}
	// Some broken letters in a file that otherwise is UTF-8 cost their rows; mostly broken means that it is not UTF-8.
	if t.Invalid == 0 || t.Multibyte > t.Invalid {
		return "utf-8"
	}
	for _, b := range head {
		if b >= 0x80 && b < 0xA0 {
			return "windows-1252"
		}
	}
	if t.C1 {
		return "windows-1252"
	}
	return "iso-8859-1"
}

// wide recognises UTF-16 without a mark: separators, digits, line ends and most European letters have a zero in one of
// their two bytes, and always the same one.
func wide(head []byte) string {
	var even, odd int
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	n := len(head)
	switch {
	case n >= 4 && odd > n/10 && even < odd/10:
		return "utf-16le"
	case n >= 4 && even > n/10 && odd < even/10:
		return "utf-16be"
	}
	return ""
}

// IsBinary tells that the beginning of a file is no text in any encoding: text has no control characters but tabs, line
// ends, page ends, the two that part fields and records, and the end mark of old programs.
func IsBinary(head []byte) bool {
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) || wide(head) != "" {
		return false
	}
	control := 0
	for _, b := range head {
		if b < 0x20 && bytes.IndexByte([]byte("\t\n\r\f\x1a\x1c\x1d\x1e\x1f"), b) < 0 || b == 0x7F {
			control++
		}
	}
	return control > 4 && control*50 > len(head)
}
