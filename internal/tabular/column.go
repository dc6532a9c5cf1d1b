package tabular

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kvadrant/kvadrant/internal/dateform"
)

// Column is a column of a file with what its cells look like.
type Column struct {
	Name     string
	Named    bool     // the name stands in the file
	Samples  []string // up to five different values
	Type     string   // date, integer, number, code, text or empty
	DateForm string   // of a column of dates
}

// headerRows finds how many rows stand above the data. The row of names is the first of full width, all in words; what is
// above it (a title, a date of printing) has another width. A second row of names below it that fills its gaps, as under
// merged cells, belongs to the header too.
func headerRows(rows [][]string, width int) int {
	for width > 1 && emptyAt(rows, width-1) { // a delimiter behind the last cell of each row, but not of the header
		width--
	}
	for i, row := range rows[:min(len(rows), maxAbove/2)] {
		filled := 0
		for _, cell := range row {
			if strings.TrimSpace(cell) != "" {
				filled++
			}
		}
		if len(row) < width || width > 1 && filled < 2 || filled*2 < width {
			continue
		}
		if !looksLikeNames(row) {
			return 0
		}
		if filled < len(row) && i+1 < len(rows) && continuesHeader(row, rows[i+1], rows[i+2:]) {
			return i + 2
		}
		return i + 1
	}
	return 0
}

func emptyAt(rows [][]string, column int) bool {
	for _, row := range rows {
		if column < len(row) && strings.TrimSpace(row[column]) != "" {
			return false
		}
	}
	return true
}

// continuesHeader tells that next is a second row of names: it names something where row has a gap, and it is in words
// where the rows below hold figures.
func continuesHeader(row, next []string, below [][]string) bool {
	if !looksLikeNames(next) || len(below) == 0 {
		return false
	}
	fills := false
	for i, cell := range next {
		fills = fills || strings.TrimSpace(cell) != "" && (i >= len(row) || strings.TrimSpace(row[i]) == "")
	}
	if !fills {
		return false
	}
	for i, cell := range next {
		if strings.TrimSpace(cell) != "" && slices.Contains([]string{"date", "integer", "number"}, typeOf(below, i)) {
			return true
		}
	}
	return false
}

func looksLikeNames(row []string) bool {
	for _, cell := range row {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			continue
		}
		if len(cell) > 100 || !utf8.ValidString(cell) || isNumber(cell) || dateform.Is(cell) {
			return false
		}
	}
	return true
}

// columnNames are the last row of the header. Where it names a column not at all, or two alike, the row above helps: it
// stands for all columns to its right that have none of their own.
func columnNames(header [][]string) []string {
	if len(header) == 0 {
		return nil
	}
	clean := func(s string) string {
		return strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")), " ")
	}
	names := make([]string, len(header[len(header)-1]))
	count := map[string]int{}
	for i, name := range header[len(header)-1] {
		names[i] = clean(name)
		count[names[i]]++
	}
	if len(header) < 2 {
		return names
	}
	above, filled, group := header[len(header)-2], 0, ""
	for _, cell := range above {
		if clean(cell) != "" {
			filled++
		}
	}
	if filled < 2 { // a title
		return names
	}
	for i := range names {
		if i < len(above) && clean(above[i]) != "" {
			group = clean(above[i])
		}
		switch {
		case names[i] == "":
			names[i] = group
		case count[names[i]] > 1 && group != "":
			names[i] = group + " " + names[i]
		}
	}
	return names
}

// columnsOf names the columns. A column without a name, or with one that was had, gets one that says where it stands.
func columnsOf(names []string, width int, rows [][]string) []Column {
	columns := make([]Column, width)
	seen, next := map[string]bool{}, map[string]int{}
	for i := range columns {
		name := ""
		if i < len(names) {
			name = names[i]
		}
		named := name != ""
		if !named {
			name = fmt.Sprintf("Column %d", i+1)
		}
		base := name
		for seen[name] {
			next[base] = max(next[base], 1) + 1
			name = fmt.Sprintf("%s (%d)", base, next[base])
		}
		seen[name] = true
		columns[i] = Column{Name: name, Named: named, Samples: samples(rows, i)}
	}
	return columns
}

func samples(rows [][]string, i int) []string {
	found := []string{}
	for _, row := range rows {
		if i >= len(row) || strings.TrimSpace(row[i]) == "" {
			continue
		}
		value := Cut(strings.ToValidUTF8(row[i], "�"), 100)
		if !slices.Contains(found, value) {
			found = append(found, value)
		}
		if len(found) == 5 {
			break
		}
	}
	return found
}

// Cut shortens text to n bytes at most, at a letter.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// FindColumn finds a column by its name; blanks around it and letter case do not matter when it is clear which is meant.
func FindColumn(columns []Column, name string) (int, bool) {
	loose := -1
	for i, c := range columns {
		if c.Name == name {
			return i, true
		}
		if strings.EqualFold(c.Name, strings.TrimSpace(name)) {
			if loose >= 0 {
				return 0, false
			}
			loose = i
		}
	}
	return loose, loose >= 0
}

// Names lists columns for people.
func Names(columns []Column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return Cut(strings.Join(names, ", "), 600)
}

// dateForms finds, for each column of dates, the form in which most of its cells can be read, and the form that serves
// the whole file best. doubt tells that the day and the month of a column cannot be told apart: then the day stands first,
// and people are shown the form and can change it.
func dateForms(rows [][]string, columns []Column) (best string, doubt bool) {
	total, byColumn := map[string]int{}, make([]map[string]int, len(columns))
	for i := range columns {
		byColumn[i] = map[string]int{}
		for _, row := range rows {
			if columns[i].Type != "date" || i >= len(row) {
				continue
			}
			for _, f := range dateform.In(strings.TrimSpace(row[i])) {
				byColumn[i][f.Name]++
				total[f.Name]++
			}
		}
	}
	best = mostFitting(total)
	for i, fits := range byColumn {
		if len(fits) == 0 {
			continue
		}
		if columns[i].DateForm = mostFitting(fits); fits[best] == fits[columns[i].DateForm] {
			columns[i].DateForm = best
		} else {
			doubt = doubt || eitherWay(fits, columns[i].DateForm)
		}
	}
	return best, doubt || eitherWay(total, best) // one column may prove it for all
}

// eitherWay tells that the dates fit as well with day and month exchanged.
func eitherWay(fits map[string]int, form string) bool {
	mirrored := strings.NewReplacer("dd", "mm", "mm", "dd").Replace(form)
	return mirrored != form && fits[mirrored] == fits[form] && fits[form] > 0
}

// mostFitting returns the first of the forms that fit most often.
func mostFitting(fits map[string]int) string {
	best := dateform.All()[0].Name
	for _, f := range dateform.All() {
		if fits[f.Name] > fits[best] {
			best = f.Name
		}
	}
	return best
}
