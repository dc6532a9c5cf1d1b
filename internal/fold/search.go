package fold

import (
	"strings"
	"unicode/utf8"
)

// sortRunes is how much of a name orders lists; what is alike so far is ordered by id.
const sortRunes = 60

// SortKey returns what orders a list by name: "Østersø A/S" stands beside "Osterso", "adidas" before "Zeta".
func SortKey(name string) string {
	key := strings.ReplaceAll(strings.TrimPrefix(Text(name), Gap), Gap, " ")
	for n, at := 0, 0; at < len(key); n++ {
		if n == sortRunes {
			return key[:at]
		}
		_, size := utf8.DecodeRuneInString(key[at:])
		at += size
	}
	return key
}

// Needle returns what a search looks for in folded text: any part of it, but one that begins a word when its first word has
// only one or two letters; "" when the text has neither letter nor digit.
func Needle(text string) string {
	folded := Text(text)
	bare := strings.TrimPrefix(folded, Gap)
	if first, _, _ := strings.Cut(bare, Gap); utf8.RuneCountInString(first) < 3 {
		return folded
	}
	return bare
}

// Trigrams asks SQLite's search index of trigrams for all that may have a needle of three letters or more: every third of its
// runs of three letters, and the last. That finds a few too many, but in a third of the time. A needle has only letters,
// digits and blanks, so nothing needs escaping.
func Trigrams(needle string) string {
	runes := []rune(needle)
	var parts []string
	for i := 0; i < len(runes); i += 3 {
		at := min(i, len(runes)-3)
		parts = append(parts, `"`+string(runes[at:at+3])+`"`)
	}
	return strings.Join(parts, " AND ")
}
