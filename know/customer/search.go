package customer

import (
	"strings"
	"unicode/utf8"

	"github.com/kvadrant/kvadrant/internal/fold"
)

// sortRunes is how much of a name orders lists; what is alike so far is ordered by id.
const sortRunes = 60

// sortName returns what orders a list by name: "Østersø A/S" stands beside "Osterso", "adidas" before "Zeta".
func sortName(name string) string {
	runes := []rune(strings.Join(strings.Fields(fold.Text(name)), " "))
	return string(runes[:min(len(runes), sortRunes)])
}

// needle returns what a search looks for in folded text: any part of it, but one that begins a word when its first word has
// only one or two letters; "" when the text has neither letter nor digit.
func needle(text string) string {
	folded := fold.Text(text)
	bare := strings.TrimPrefix(folded, fold.Gap)
	if first, _, _ := strings.Cut(bare, fold.Gap); utf8.RuneCountInString(first) < 3 {
		return folded
	}
	return bare
}
