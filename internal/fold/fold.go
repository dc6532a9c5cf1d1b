// Package fold makes texts comparable whatever their letter case and accents.
package fold

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Gap stands before each word of folded text. Two blanks and the first letter of a word make the three letters that the
// indexes of both engines need, so that even one letter finds the words that begin with it.
const Gap = "  "

// Text returns the words of the text in small letters without accents, a gap before each. Chinese and Japanese letters are
// words of their own, since nothing shows where their words begin. What is left has only letters, digits and blanks, so no
// character in it means anything to a search engine.
func Text(text string) string {
	var b strings.Builder
	b.Grow(len(text) + len(Gap))
	inWord := false
	for _, r := range norm.NFKD.String(text) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
		case 'A' <= r && r <= 'Z':
			r += 'a' - 'A'
		case r < utf8.RuneSelf:
			inWord = false
			continue
		case unicode.Is(unicode.Mn, r):
			continue
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			b.WriteString(Gap)
			b.WriteRune(r)
			inWord = false
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			inWord = false
			continue
		}
		if !inWord {
			b.WriteString(Gap)
			inWord = true
		}
		if r < utf8.RuneSelf {
			b.WriteByte(byte(r))
			continue
		}
		b.WriteString(plain(unicode.ToLower(r)))
	}
	return b.String()
}

// plain returns how letters that do not come apart into a letter and an accent are typed without them.
func plain(r rune) string {
	switch r {
	case 'ø':
		return "o"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ß':
		return "ss"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'ı':
		return "i"
	}
	return string(r)
}
