package tabular

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Guard keeps spreadsheets from taking a text for a formula, by an apostrophe before it. They look past leading blanks and
// control characters, and some past the width of a sign. A text that looks guarded already is guarded once more, so that
// an import, which takes one apostrophe away, brings back what went out.
func Guard(text string) string {
	if rest, quoted := strings.CutPrefix(text, "'"); quoted && Guard(rest) != rest {
		return "'" + text
	}
	lead := strings.TrimLeftFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == ';' || r == '\ufeff' || r == '\u200b'
	})
	first, _ := utf8.DecodeRuneInString(lead)
	if strings.HasPrefix(text, "\t") || strings.HasPrefix(text, "\r") || strings.HasPrefix(text, "\x00") ||
		lead != "" && strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + text
	}
	return text
}
