package charset

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

func TestOf(t *testing.T) {
	wide := func(order unicode.Endianness, text string) string {
		out, err := unicode.UTF16(order, unicode.IgnoreBOM).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	const danish, chinese = "Navn;By\nÆblegård;Ærø\n", "客戶,日期,金額\n王先生,2026-10-31,5\n"
	tests := []struct{ name, text, want string }{
		{"ASCII", "a,b\n1,2\n", "utf-8"},
		{"UTF-8", danish, "utf-8"},
		{"UTF-8 with a mark", "\xEF\xBB\xBF" + danish, "utf-8"},
		{"one broken letter", danish + danish + "S\xf8\n", "utf-8"},
		{"UTF-16 little", wide(unicode.LittleEndian, danish), "utf-16le"},
		{"UTF-16 big", wide(unicode.BigEndian, danish), "utf-16be"},
		{"UTF-16 of Chinese", wide(unicode.LittleEndian, chinese), "utf-16le"},
		{"UTF-16 big of Chinese", wide(unicode.BigEndian, chinese), "utf-16be"},
		{"Windows", "Navn\n\x93\xc6ble\x94\n", "windows-1252"},
		{"Latin-1", "Navn\n\xc6bleg\xe5rd\n", "iso-8859-1"},
	}
	for _, tt := range tests {
		var seen Seen
		for rest := tt.text; len(rest) > 0; {
			r, size := utf8.DecodeRuneInString(rest)
			switch {
			case r == utf8.RuneError && size == 1:
				seen.Invalid++
				seen.C1 = seen.C1 || rest[0] < 0xA0
			case size > 1:
				seen.Multibyte++
			}
			rest = rest[size:]
		}
		if got := Of([]byte(tt.text), seen); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
		if IsBinary([]byte(tt.text)) {
			t.Errorf("%s is called no text", tt.name)
		}
	}
	for name, text := range map[string]string{"a program": "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x03\x00>", "a picture": "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\x02\x03", "random": "\x01\x02\x03\x04\x05\x06\x07\x08abc"} {
		if !IsBinary([]byte(text)) {
			t.Errorf("%s is called text", name)
		}
	}
}

func TestDecoderReadsBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("abcÆØÅæøåéüß;,\n\t 0123456789"))).Draw(r, "text")
		for name, encode := range map[string]func(string) (string, error){
			"utf-8":        func(s string) (string, error) { return "\uFEFF" + s, nil },
			"windows-1252": charmap.Windows1252.NewEncoder().String,
			"iso-8859-1":   charmap.ISO8859_1.NewEncoder().String,
			"ibm850":       charmap.CodePage850.NewEncoder().String,
			"utf-16le":     unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String,
			"utf-16be":     unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String,
		} {
			out, err := encode(text)
			if err != nil {
				r.Fatal(err)
			}
			in, err := Decoder(strings.NewReader(out), name)
			if err != nil {
				r.Fatal(err)
			}
			back, err := io.ReadAll(in)
			if err != nil || string(back) != text {
				r.Errorf("%s: %q came back as %q, %v", name, text, back, err)
			}
		}
	})
	if _, err := Decoder(strings.NewReader(""), "ebcdic"); err == nil || Known("ebcdic") {
		t.Error("an unknown encoding was taken")
	}
}
