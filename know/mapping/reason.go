package mapping

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kvadrant/kvadrant/internal/tabular"
)

// At returns the first column a field reads and what stands there.
func (p Plan) At(l tabular.Layout, cells []string) (column, value string) {
	if len(p.columns) == 0 {
		return p.Field.Name, tabular.Cut(p.Value.Constant, 200)
	}
	var names, values []string
	for _, c := range p.columns {
		names = append(names, l.Columns[c].Name)
		if c < len(cells) {
			values = append(values, cells[c])
		}
	}
	return strings.Join(names, ", "), tabular.Cut(strings.Join(values, "; "), 200)
}

// Code says shortly what is wrong with a value, for programs and for telling it in other languages.
func (p Plan) Code(value string) string {
	switch {
	case strings.Trim(value, " \t;\u00a0") == "":
		return "empty"
	case len(p.Value.Lookup) > 0:
		return "lookup"
	case p.calc != nil:
		return "calculation"
	}
	switch p.Field.Type {
	case Amount, Number:
		return "number"
	case Integer, Date, Month, Choice:
		return string(p.Field.Type)
	}
	return "too_long"
}

// Reason says in a sentence what is wrong with a value and what would be right.
func (p Plan) Reason(value, column string) string {
	v := p.Value
	shown := tabular.Cut(value, 60)
	if strings.Trim(value, " \t;\u00a0") == "" {
		return fmt.Sprintf("%q is empty, and every row needs it.", column)
	}
	if slices.Contains(tabular.ErrorCells(), value) {
		return fmt.Sprintf("The cell in %q holds the error %s of a spreadsheet; correct its formula.", column, value)
	}
	if v.Split != nil && len(v.Lookup) == 0 && p.Field.Required {
		return fmt.Sprintf("%q does not give what is needed: part %d, parted by %q, is missing or does not fit.", shown, v.Split.Part, v.Split.By)
	}
	lookups := v.Lookup
	for _, part := range v.Join {
		lookups = append(lookups[:len(lookups):len(lookups)], part.Lookup...)
	}
	if len(lookups) > 0 {
		l := lookups[len(lookups)-1]
		return fmt.Sprintf("%q could not be looked up: %q of %q has it not, or with several values, or what was found does not fit.", shown, l.Key, l.File)
	}
	if p.calc != nil {
		return fmt.Sprintf("%q cannot be calculated from %q: each must be a number, and nothing may be divided by 0.", v.Column, shown)
	}
	mark := map[string]string{".": "12.50", ",": "12,50"}[p.decimal]
	switch p.Field.Type {
	case Amount, Number:
		return fmt.Sprintf("%q is not a number that can be taken; write it like %s.", shown, mark)
	case Integer:
		return fmt.Sprintf("%q is not a whole number.", shown)
	case Date:
		return fmt.Sprintf("%q is not a date; write it as %s or 2026-10-31.", shown, p.dateForm)
	case Month:
		return fmt.Sprintf("%q is not a month; write it as 2026-10.", shown)
	case Choice:
		return fmt.Sprintf("%q is none of %s; map it to one of them.", shown, strings.Join(p.Field.Choices, ", "))
	}
	if !utf8.ValidString(value) {
		return fmt.Sprintf("%q holds letters that are not UTF-8.", column)
	}
	return fmt.Sprintf("The text in %q is longer than can be kept.", column)
}
