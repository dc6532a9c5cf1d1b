package filter

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Sort orders a list by one field. NULLs stand last in both directions.
type Sort struct {
	Name string
	Desc bool
}

// ParseSort reads "-revenue,name": a minus sign means from high to low.
func ParseSort(text string) []Sort {
	var sorts []Sort
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			name, desc := strings.CutPrefix(part, "-")
			sorts = append(sorts, Sort{Name: name, Desc: desc})
		}
	}
	return sorts
}

// Order returns the text after ORDER BY. The last sort should be unique, such as the id, or paging could skip rows.
func Order(sorts []Sort, columns Columns) (string, error) {
	parts := make([]string, 0, len(sorts))
	for _, s := range sorts {
		col, ok := columns[s.Name]
		if !ok {
			return "", unknown(s.Name, columns)
		}
		dir := " ASC"
		if s.Desc {
			dir = " DESC"
		}
		// "(x IS NULL)" first, since the engines disagree on where NULLs stand.
		parts = append(parts, "("+col+" IS NULL) ASC, "+col+dir)
	}
	return strings.Join(parts, ", "), nil
}

// After returns the condition that a row comes after the given values in the order of the sorts (keyset paging: the
// cost of a page does not grow with its number). values has one value per sort; nil is NULL.
func After(sorts []Sort, values []any) Expr {
	if len(values) != len(sorts) {
		return Never()
	}
	var any []Expr
	for i, s := range sorts {
		var all []Expr
		for j := range i {
			all = append(all, same(sorts[j].Name, values[j]))
		}
		beyond := beyond(s, values[i])
		if beyond == nil {
			continue
		}
		any = append(any, And(append(all, beyond)...))
	}
	return Or(any...)
}

func same(name string, value any) Expr {
	if value == nil {
		return IsNull(name)
	}
	return Eq(name, value)
}

func beyond(s Sort, value any) Expr {
	switch {
	case value == nil:
		return nil // NULLs are last: nothing lies beyond them
	case s.Desc:
		return Or(Less(s.Name, value), IsNull(s.Name))
	default:
		return Or(More(s.Name, value), IsNull(s.Name))
	}
}

// Cursor packs the sort values of a page's last row into the text that asks for the next page. It holds nothing that
// the page did not show.
func Cursor(values ...any) string {
	b, err := json.Marshal(values)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// ParseCursor unpacks a cursor of n values; numbers come back as json.Number so that int64 survives. An empty cursor
// gives nil: the first page.
func ParseCursor(text string, n int) ([]any, error) {
	if text == "" {
		return nil, nil
	}
	bad := fault.New(fault.Malformed, "filter.bad_cursor", "The cursor is not one that this list gave; start again without it.")
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, bad.Because(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	var values []any
	if err := dec.Decode(&values); err != nil || len(values) != n {
		return nil, bad.Because(err)
	}
	for i, v := range values {
		switch v := v.(type) {
		case nil, string, bool:
		case json.Number:
			if whole, err := v.Int64(); err == nil {
				values[i] = whole
			} else if real, err := v.Float64(); err == nil {
				values[i] = real
			} else {
				return nil, bad.Because(err)
			}
		default:
			return nil, bad
		}
	}
	return values, nil
}
