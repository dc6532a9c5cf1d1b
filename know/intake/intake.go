// Package intake brings a company's own files in: it keeps each file as it came, recognises what is in it, maps its columns
// onto the fields of a kind (customers, purchases, …), checks every cell, and hands the good rows to the word that owns them.
//
// The words register a [Kind] each; intake knows none of them. A run is one pass through DuckDB's CSV reader into typed
// columns (see [Batch]), one load by the kind, and one record with counts that add up:
// created + updated + unchanged + rejected = read. Rejected rows are kept with file, line, column, value and reason.
//
// The files of accepted imports of facts are the truth from which the warehouse can be rebuilt ([Intake.Replay]).
package intake

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// What a field is stands with the mapping, which reads and checks its cells.
type (
	Type    = mapping.Type
	Field   = mapping.Field
	Mapping = mapping.Mapping
	Dialect = tabular.Dialect
	File    = tabular.File
)

// ParseMapping reads a mapping from YAML or JSON. Errors: a fault Invalid that names the place.
func ParseMapping(text []byte) (Mapping, error) { return mapping.Parse(text) }

// The types of fields; see [mapping.Type] for what each is staged as.
const (
	Text    = mapping.Text
	Code    = mapping.Code
	Amount  = mapping.Amount
	Number  = mapping.Number
	Integer = mapping.Integer
	Date    = mapping.Date
	Month   = mapping.Month
	Choice  = mapping.Choice
)

// Kind is what a word registers so that its records can be imported.
type Kind struct {
	Key      string   // "purchases"
	Label    string   // "Purchases"
	Synonyms []string // what files or sheets of it are called, such as "invoices"; a hint for the proposal only
	Fields   []Field

	// Fact kinds live in the warehouse alone. Load writes to Batch.Tx only, so the import is there completely or not at
	// all; the import is replayed from its files when the warehouse is rebuilt. Their Table carries import_no, by which
	// the rows are removed again; Remove stays nil.
	// Other kinds live in the operational store. Load writes through the word's own store in batches, and running it again
	// must converge on the same records.
	Fact  bool
	Table string // warehouse table of a fact kind, such as "purchase"

	// Load brings the staged rows in and tells what became of them. Every staged row must be created, updated, unchanged
	// or rejected (by Batch.Reject or RejectWhere); an import that does not add up fails.
	Load func(ctx context.Context, b *Batch) (Counts, error)

	// Remove takes back what these imports brought, for kinds that are not facts. It is called when a source as a whole is
	// removed (the demo company), newest import first within the kind, kinds in reverse order of registration.
	Remove func(ctx context.Context, imports []Import) error
}

func (k Kind) target() mapping.Target {
	return mapping.Target{Key: k.Key, Label: k.Label, Synonyms: k.Synonyms, Fields: k.Fields}
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

// check refuses a kind that would later make wrong SQL or a nil call: names of fields and choices stand in SQL text.
func (k Kind) check() error {
	if !nameForm.MatchString(k.Key) || k.Load == nil || len(k.Fields) == 0 || len(k.Fields) > 60 {
		return fmt.Errorf("import kind %q: it needs a snake_case key, a Load and 1 to 60 fields", k.Key)
	}
	if k.Fact && !nameForm.MatchString(k.Table) {
		return fmt.Errorf("import kind %q: a fact kind needs the name of its warehouse table", k.Key)
	}
	seen := map[string]bool{}
	for _, f := range k.Fields {
		if !nameForm.MatchString(f.Name) || seen[f.Name] || f.Name == "row_no" {
			return fmt.Errorf("import kind %q: field %q is not a snake_case name of its own", k.Key, f.Name)
		}
		seen[f.Name] = true
		if !slices.Contains([]Type{Text, Code, Amount, Number, Integer, Date, Month, Choice}, f.Type) {
			return fmt.Errorf("import kind %q: field %q has no known type (%q)", k.Key, f.Name, f.Type)
		}
		for _, c := range f.Choices {
			if !nameForm.MatchString(c) {
				return fmt.Errorf("import kind %q: choice %q of field %q is not in snake_case", k.Key, c, f.Name)
			}
		}
	}
	return nil
}

// Counts is what a load did. Rejected rows are counted by the intake itself.
type Counts struct {
	Created   int64 `json:"created"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`

	// Checks are sums that must still hold for these rows in the warehouse, such as {"revenue": fine units}; kept in the
	// warehouse's import_load beside the counts. Optional, facts only.
	Checks map[string]int64 `json:"checks,omitempty"`
}

// State is how far an import has come.
type State string

// The states of an import. Only an accepted import has changed anything that counts; a failed import of facts has changed
// nothing, a failed one of another kind is completed by running it again.
const (
	Queued    State = "queued"
	Running   State = "running"
	Accepted  State = "accepted"
	Failed    State = "failed"
	Cancelled State = "cancelled"
	Removed   State = "removed"
)

// Import is one run of files through a mapping into a kind: the record that stays.
type Import struct {
	ID            id.ID      `json:"id"`
	No            int64      `json:"no" doc:"Counts up from 1; the warehouse's import_no."`
	Kind          string     `json:"kind"`
	Source        string     `json:"source" doc:"The system the rows come from. Documents of two sources with the same number stay apart."`
	State         State      `json:"state" enum:"queued,running,accepted,failed,cancelled,removed"`
	Files         []FileRef  `json:"files" nullable:"false"`
	Mapping       Mapping    `json:"mapping"`
	Dialect       *Dialect   `json:"dialect,omitempty" doc:"What was said about the files; nothing said is recognised."`
	Read          int64      `json:"read" doc:"created + updated + unchanged + rejected"`
	Created       int64      `json:"created"`
	Updated       int64      `json:"updated"`
	Unchanged     int64      `json:"unchanged"`
	Rejected      int64      `json:"rejected"`
	Note          string     `json:"note" doc:"A sentence about the outcome, when there is something to say."`
	Error         string     `json:"error" doc:"Why it failed and what to do, in a sentence."`
	StartedBy     id.ID      `json:"started_by,omitempty"`
	StartedByName string     `json:"started_by_name"`
	JobID         id.ID      `json:"job_id,omitempty"`
	CreatedAt     time.Time  `json:"created_at"`
	EndedAt       *time.Time `json:"ended_at,omitempty"`
}

// FileRef is a file as an import names it.
type FileRef struct {
	ID   string `json:"id" doc:"SHA-256 of the contents, in hexadecimal."`
	Name string `json:"name"`
	Size int64  `json:"size" doc:"Bytes as uploaded."`
	// Lookup says that the file was read for values to look up, not for rows.
	Lookup bool `json:"lookup,omitempty"`
}

// Reject is a row that was not taken, and why.
type Reject struct {
	File   string `json:"file"`
	Line   int64  `json:"line" doc:"Line of the file where the row begins, from 1; the row number of a worksheet."`
	Column string `json:"column" doc:"The column of the file, or the field when no single column is at fault."`
	Value  string `json:"value"`
	Reason string `json:"reason" doc:"A sentence with the cure."`
	Raw    string `json:"raw" doc:"The row as it stands in the file, cut after 2,000 bytes."`
}

// Settled tells how far the imports have come.
type Settled struct {
	No         int64     // of the latest import that brought something or was taken back; 0 when there is none
	At         time.Time // when the latest of those ended; zero when there is none
	Unfinished int64     // imports that wait or run
}
