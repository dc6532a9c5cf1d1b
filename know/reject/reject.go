// Package reject keeps the rows of files that were not taken, each with its place and the reason, and gives them out so
// that people can mend them and import them again.
package reject

import (
	"encoding/csv"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Max is how many rejected rows of an import are kept; more are counted only. A mapping that is wrong for every row must
// not fill the operational store.
const Max = 100_000

// maxCells bounds the cells that are kept of a row, in bytes.
const maxCells = 1 << 18

// Reject is a row that was not taken, and why.
type Reject struct {
	Seq    int64    `json:"seq" doc:"Its number among the rejected rows of the import."`
	File   string   `json:"file"`
	Line   int64    `json:"line" doc:"Line of the file where the row begins, from 1; the row number of a worksheet."`
	Column string   `json:"column" doc:"The column of the file, or the field when no single column is at fault."`
	Field  string   `json:"field,omitempty" doc:"The field that the column was for."`
	Value  string   `json:"value"`
	Code   string   `json:"code,omitempty" doc:"The code of the first reason, where it has one."`
	Reason string   `json:"reason" doc:"All reasons in English, with the cure."`
	Raw    string   `json:"raw" doc:"The row as it stands in the file, cut after 2,000 bytes."`
	Cells  []string `json:"cells" nullable:"false" doc:"The row's cells, in the order of the import's columns; empty for a row too large to be mended here."`

	Reasons []fault.Reason `json:"reasons" nullable:"false" doc:"All that is wrong, to be told in other languages; empty for rows of versions that kept the sentence alone."`
}

// Because returns the reject with its reasons.
func (r Reject) Because(reasons ...fault.Reason) Reject {
	texts := make([]string, len(reasons))
	for i, why := range reasons {
		texts[i] = why.Text
	}
	r.Code, r.Reason, r.Reasons = reasons[0].Code, strings.Join(texts, " "), reasons
	return r
}

// Columns that a file of rejected rows has before those of the file itself. Import, line and reason are for people and
// for recognising the file when it comes back.
const (
	ImportColumn = "Rejected by import"
	lineColumn   = "Rejected line"
	reasonColumn = "Rejected because"
)

// Align puts cells under the columns of an import that go by other places in the file, by names.
func Align(columns, of, cells []string) []string {
	at := make(map[string]int, len(of))
	for i, name := range of {
		at[name] = i
	}
	out := make([]string, len(columns))
	size := 0
	for i, name := range columns {
		if j, ok := at[name]; ok && j < len(cells) {
			out[i] = cells[j]
			size += len(cells[j])
		}
	}
	if size > maxCells {
		return nil
	}
	return out
}

// Union is the names of the columns of several files, each once.
func Union(layouts ...[]string) []string {
	seen, all := map[string]bool{}, []string{}
	for _, names := range layouts {
		for _, name := range names {
			if !seen[name] {
				seen[name] = true
				all = append(all, name)
			}
		}
	}
	return all
}

// Split makes cells of a row that is no row of its table, as well as can be.
func Split(raw, delimiter string) []string {
	if delimiter == "" {
		return []string{raw}
	}
	r := csv.NewReader(strings.NewReader(raw))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = []rune(delimiter)[0], true, -1
	if cells, err := r.Read(); err == nil {
		return cells
	}
	return strings.Split(raw, delimiter)
}
