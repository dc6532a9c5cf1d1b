// Package load stages the files of one import, hands the good rows to the kind that owns them, and accounts for every row:
// created + updated + unchanged + rejected = read.
package load

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/kvadrant/kvadrant/internal/id"
	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/internal/undo"
	"github.com/kvadrant/kvadrant/know/mapping"
)

// Kind is what a word registers so that its records can be imported.
type Kind struct {
	Key      string   // "purchases"
	Label    string   // "Purchases"
	Synonyms []string // what files or sheets of it are called, such as "invoices"; a hint for the proposal only
	Fields   []mapping.Field

	// Fact kinds live in the warehouse alone. Load writes to Batch.Tx only, so the import is there completely or not at
	// all; the import is replayed from its files when the warehouse is rebuilt. Their Table carries import_no, by which
	// the rows are removed again; Remove stays nil. Rows with import_no 0 are not of imports, and are left alone.
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

	// Records says where the records of a kind stand that is not of facts: first those that it is about, then those that
	// it makes along with them. By it an import is undone: what it created carries its id, what it changed was kept.
	Records []undo.Records

	// Stub creates records of these codes where there are none, with nothing but the code, and returns the ids of all;
	// nil for kinds that rows of others do not name. They carry the id of the import that named them.
	Stub func(ctx context.Context, importID id.ID, codes []string) (map[string]id.ID, error)

	// Shown, for a fact kind, is a SELECT over the rows of "fact", a part of its Table, that gives row_no and the columns
	// of the fields by their names, for people to see what an import would change.
	Shown string
}

// Target is the kind as a mapping sees it.
func (k Kind) Target() mapping.Target {
	return mapping.Target{Key: k.Key, Label: k.Label, Synonyms: k.Synonyms, Fields: k.Fields}
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

// Check refuses a kind that would later make wrong SQL or a nil call: names of fields and choices stand in SQL text.
func (k Kind) Check() error {
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
		if !slices.Contains([]mapping.Type{mapping.Text, mapping.Code, mapping.Amount, mapping.Number, mapping.Integer, mapping.Date, mapping.Month, mapping.Choice}, f.Type) {
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
	ID            id.ID            `json:"id"`
	No            int64            `json:"no" doc:"Counts up from 1; the warehouse's import_no."`
	Kind          string           `json:"kind"`
	Source        string           `json:"source" doc:"The system the rows come from. Documents of two sources with the same number stay apart."`
	State         State            `json:"state" enum:"queued,running,accepted,failed,cancelled,removed"`
	Files         []FileRef        `json:"files" nullable:"false"`
	Mapping       mapping.Mapping  `json:"mapping"`
	Dialect       *tabular.Dialect `json:"dialect,omitempty" doc:"What was said about the files; nothing said is recognised."`
	Read          int64            `json:"read" doc:"created + updated + unchanged + rejected"`
	Created       int64            `json:"created"`
	Updated       int64            `json:"updated"`
	Unchanged     int64            `json:"unchanged"`
	Rejected      int64            `json:"rejected"`
	Note          string           `json:"note" doc:"A sentence about the outcome, when there is something to say."`
	Error         string           `json:"error" doc:"Why it failed and what to do, in a sentence."`
	StartedBy     id.ID            `json:"started_by,omitempty"`
	StartedByName string           `json:"started_by_name"`
	JobID         id.ID            `json:"job_id,omitempty"`
	CreatedAt     time.Time        `json:"created_at"`
	EndedAt       *time.Time       `json:"ended_at,omitempty"`
	Stubs         int64            `json:"stubs" doc:"Customers and products that were made of their code alone, because rows named them."`
	Follows       id.ID            `json:"follows,omitempty" doc:"The import whose rejected rows this one brought in mended."`
	UndoJobID     id.ID            `json:"undo_job_id,omitempty" doc:"The job that undoes it, or did."`
	UndoneAt      *time.Time       `json:"undone_at,omitempty"`
	UndoneByName  string           `json:"undone_by_name,omitempty"`

	Layout string `json:"-"` // mark of the columns of its first file
}

// FileRef is a file as an import names it.
type FileRef struct {
	ID   string `json:"id" doc:"BLAKE2b-256 of the contents, in hexadecimal."`
	Name string `json:"name"`
	Size int64  `json:"size" doc:"Bytes as uploaded."`
	// Lookup says that the file was read for values to look up, not for rows.
	Lookup bool `json:"lookup,omitempty"`
}

// Recounted returns the import with the counts of a repeated run, and whether they differ.
func (im Import) Recounted(out Outcome) (Import, bool) {
	before := [4]int64{im.Created, im.Updated, im.Unchanged, im.Rejected}
	im.Read, im.Created, im.Updated, im.Unchanged, im.Rejected = out.Read, out.Counts.Created, out.Counts.Updated, out.Counts.Unchanged, out.Rejected
	return im, before != [4]int64{im.Created, im.Updated, im.Unchanged, im.Rejected}
}
