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
	"time"

	"github.com/kvadrant/kvadrant/internal/tabular"
	"github.com/kvadrant/kvadrant/know/load"
	"github.com/kvadrant/kvadrant/know/mapping"
	"github.com/kvadrant/kvadrant/know/reject"
)

// What a field is stands with the mapping, which reads and checks its cells.
type (
	Type    = mapping.Type
	Field   = mapping.Field
	Mapping = mapping.Mapping
	Dialect = tabular.Dialect
	File    = tabular.File
	Reject  = reject.Reject
)

// What is imported, and one run of it; see [load].
type (
	Kind    = load.Kind
	Batch   = load.Batch
	Row     = load.Row
	Counts  = load.Counts
	Import  = load.Import
	FileRef = load.FileRef
	State   = load.State
)

// The states of an import; see [load.State].
const (
	Queued    = load.Queued
	Running   = load.Running
	Accepted  = load.Accepted
	Failed    = load.Failed
	Cancelled = load.Cancelled
	Removed   = load.Removed
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

// Said is what a record says, for [Batch.Shows]; see [load.Said].
func Said(record any, also map[string]any) map[string]any { return load.Said(record, also) }

// Settled tells how far the imports have come.
type Settled struct {
	No         int64     // of the latest import that brought something or was taken back; 0 when there is none
	At         time.Time // when the latest of those ended; zero when there is none
	Unfinished int64     // imports that wait or run
}
