package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kvadrant/kvadrant/internal/fault"
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

// Reason says what is wrong with a value and what would be right.
func (p Plan) Reason(value, column string) fault.Reason {
	v := p.Value
	shown := tabular.Cut(value, 60)
	if strings.Trim(value, " \t;\u00a0") == "" {
		return fault.Why("empty", `"{column}" is empty, and every row needs it.`, "column", column)
	}
	if slices.Contains(tabular.ErrorCells(), value) {
		return fault.Why("error_cell", `The cell in "{column}" holds the error {value} of a spreadsheet; correct its formula.`, "column", column, "value", value)
	}
	if v.Split != nil && len(v.Lookup) == 0 && p.Field.Required {
		return fault.Why("split", `"{value}" does not give what is needed: part {part}, parted by "{by}", is missing or does not fit.`,
			"value", shown, "part", strconv.Itoa(v.Split.Part), "by", v.Split.By)
	}
	lookups := v.Lookup
	for _, part := range v.Join {
		lookups = append(lookups[:len(lookups):len(lookups)], part.Lookup...)
	}
	if len(lookups) > 0 {
		l := lookups[len(lookups)-1]
		return fault.Why("lookup", `"{value}" could not be looked up: "{key}" of "{file}" has it not, or with several values, or what was found does not fit.`,
			"value", shown, "key", l.Key, "file", l.File)
	}
	if p.calc != nil {
		return fault.Why("calculation", `"{formula}" cannot be calculated from "{value}": each must be a number, and nothing may be divided by 0.`,
			"formula", v.Column, "value", shown)
	}
	switch p.Field.Type {
	case Amount, Number:
		return fault.Why("number", `"{value}" is not a number that can be taken; write it like {example}.`, "value", shown,
			"example", map[string]string{".": "12.50", ",": "12,50"}[p.decimal])
	case Integer:
		return fault.Why("integer", `"{value}" is not a whole number.`, "value", shown)
	case Date:
		return fault.Why("date", `"{value}" is not a date; write it as {form} or 2026-10-31.`, "value", shown, "form", fmt.Sprint(p.dateForm))
	case Month:
		return fault.Why("month", `"{value}" is not a month; write it as 2026-10.`, "value", shown)
	case Choice:
		return fault.Why("choice", `"{value}" is none of {choices}; map it to one of them.`, "value", shown, "choices", strings.Join(p.Field.Choices, ", "))
	}
	if !utf8.ValidString(value) {
		return fault.Why("encoding", `"{column}" holds letters that are not UTF-8.`, "column", column)
	}
	return fault.Why("too_long", `The text in "{column}" is longer than can be kept.`, "column", column)
}
