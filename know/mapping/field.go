package mapping

import "slices"

// Type is what the cells of a field must hold, and as what they are staged.
type Type string

// The types of fields, with the column type of the staged table in which the loader finds them. An empty cell is NULL in
// all of them, and surrounding blanks are gone.
const (
	Text    Type = "text"    // VARCHAR, up to 10,000 bytes
	Code    Type = "code"    // VARCHAR, up to 200 bytes; a key in the company's own systems, letter case kept
	Amount  Type = "amount"  // BIGINT fine units: 1/10,000 of the major unit (see internal/money)
	Number  Type = "number"  // DOUBLE, finite
	Integer Type = "integer" // BIGINT
	Date    Type = "date"    // DATE
	Month   Type = "month"   // DATE, the first day of the month; a date within the month or "2026-11" is accepted
	Choice  Type = "choice"  // VARCHAR, one of Field.Choices, in lower case
)

// Field is one thing a kind can take from a file.
type Field struct {
	Name     string   // snake_case: the key in a mapping and the column of the staged table
	Label    string   // for people, sentence case
	Type     Type     // how cells are checked and staged
	Required bool     // must be mapped, and a row without it is rejected
	Help     string   // a sentence: what it is and what happens when it is left out
	Synonyms []string // what columns for it are called, in any language and letter case: "order date", "Bestelldatum", "訂單日期"
	Choices  []string // the values of a Choice, snake_case
	Refers   string   // the kind whose records a Code names and of which the mapping may have stubs made, such as "customers"
}

// Target is what a mapping leads to: the fields of a kind of records.
type Target struct {
	Key      string
	Label    string
	Synonyms []string // what files or sheets of it are called
	Fields   []Field
}

// Field returns the field of that name.
func (t Target) Field(name string) (Field, bool) {
	i := slices.IndexFunc(t.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return t.Fields[i], true
}
