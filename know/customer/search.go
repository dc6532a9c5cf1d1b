package customer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// gap stands before each word of folded text. Two blanks and the first letter of a word make the three letters that the
// indexes of both engines need, so that even one letter finds the words that begin with it.
const gap = "  "

// sortRunes is how much of a name orders lists; what is alike so far is ordered by id.
const sortRunes = 60

// fold returns the words of the text in small letters without accents, a gap before each. Chinese and Japanese letters are
// words of their own, since nothing shows where their words begin. What is left has only letters, digits and blanks, so no
// character in it means anything to a search engine.
func fold(text string) string {
	var b strings.Builder
	b.Grow(len(text) + len(gap))
	inWord := false
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			b.WriteString(gap)
			b.WriteRune(r)
			inWord = false
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			inWord = false
			continue
		}
		if !inWord {
			b.WriteString(gap)
			inWord = true
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

// sortName returns what orders a list by name: "Østersø A/S" stands beside "Osterso", "adidas" before "Zeta".
func sortName(name string) string {
	runes := []rune(strings.Join(strings.Fields(fold(name)), " "))
	return string(runes[:min(len(runes), sortRunes)])
}

// needle returns what a search looks for in folded text: any part of it, but one that begins a word when its first word has
// only one or two letters; "" when the text has neither letter nor digit.
func needle(text string) string {
	folded := fold(text)
	bare := strings.TrimPrefix(folded, gap)
	if first, _, _ := strings.Cut(bare, gap); utf8.RuneCountInString(first) < 3 {
		return folded
	}
	return bare
}
