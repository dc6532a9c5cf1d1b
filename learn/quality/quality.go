// Package quality is the data check: of every kind of import, which fields are filled and can be right, what stands twice,
// lies far off, in the future or in a gap, how good that makes the kind (a grade from A to D), and what it blocks.
//
// A kind has sheets: questions that yield one row per record with a flag for each thing that may be wrong with it. A figure
// counts the rows with its flag, and the list behind the figure selects them, by the same text: so a figure and its rows
// cannot tell different stories unless the data has changed between them. Each check is kept, so that people see whether
// their data gets better.
package quality

import (
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/internal/id"
)

// Weight says how much a finding matters.
type Weight string

// The weights. A serious finding makes figures wrong or impossible, a notable one leaves something out, a hint is worth a
// look and never worsens the grade.
const (
	Serious Weight = "serious"
	Notable Weight = "notable"
	Hint    Weight = "hint"
)

// Grade is how good something is, from A to D; empty where there is nothing to grade.
type Grade string

// The grades.
const (
	A Grade = "A"
	B Grade = "B"
	C Grade = "C"
	D Grade = "D"
)

// gradeOf grades a finding by its part of the records. Serious: A up to 1 %, B up to 5 %, C up to 20 %, else D. Notable: A
// up to 5 %, B up to 25 %, else C. A kind has the worst grade of its findings.
func gradeOf(w Weight, count, of int64) Grade {
	if count == 0 || of == 0 || w == Hint {
		return A
	}
	switch part := float64(count) / float64(of); {
	case w == Serious && part <= 0.01, w == Notable && part <= 0.05:
		return A
	case w == Serious && part <= 0.05, w == Notable && part <= 0.25:
		return B
	case w == Serious && part <= 0.20, w == Notable:
		return C
	}
	return D
}

// Report is the result of one check.
type Report struct {
	ID            id.ID        `json:"id"`
	AsOf          date.Date    `json:"as_of" doc:"The date that counts as today: what is dated later lies in the future."`
	Cause         Cause        `json:"cause" enum:"asked,import" doc:"Whether somebody asked for the check or an import brought it about."`
	ImportNo      int64        `json:"import_no" doc:"The number of the latest import that had ended; 0 when there was none."`
	CreatedAt     time.Time    `json:"created_at" doc:"When the check began."`
	CreatedByName string       `json:"created_by_name"`
	Milliseconds  int64        `json:"milliseconds" doc:"How long it took."`
	Currency      string       `json:"currency" doc:"The base currency, of all money here."`
	Kinds         []KindReport `json:"kinds" nullable:"false"`
	Months        []Month      `json:"months" nullable:"false" doc:"Purchases and budgets by month, of the last ten years at most; empty for those who do not see all customers."`
}

// Cause is what brought a check about.
type Cause string

// The causes.
const (
	Asked    Cause = "asked"
	ByImport Cause = "import"
)

// KindReport is how good the records of one kind of import are.
type KindReport struct {
	Kind     string    `json:"kind" enum:"customers,potentials,purchases,budgets,products,interactions,people,units"`
	Records  int64     `json:"records"`
	Grade    Grade     `json:"grade" enum:"A,B,C,D," doc:"The worst of the findings; empty when there are no records."`
	Fields   []Field   `json:"fields" nullable:"false"`
	Findings []Finding `json:"findings" nullable:"false"`
}

// Field is how one field of a kind is filled.
type Field struct {
	Name     string `json:"name"`
	Of       int64  `json:"of" doc:"Records that should have it."`
	Filled   int64  `json:"filled"`
	Valid    int64  `json:"valid" doc:"Filled with something that can be."`
	Distinct int64  `json:"distinct" doc:"Different values among all records, counted exactly."`
	Outliers *int64 `json:"outliers,omitempty" doc:"Values beyond the fences; absent for what is no number, and where there are no fences."`
	Fence    *Fence `json:"fence,omitempty"`
	Missing  bool   `json:"missing_rows" doc:"Whether the records without it can be listed, as missing_ and the name."`
	Invalid  bool   `json:"invalid_rows" doc:"Whether the records whose value cannot be right can be listed, as invalid_ and the name."`
}

// Fence bounds what is usual of a field, its sign left aside: Tukey's outer fences on a logarithmic scale, which amounts
// need, since the large ones lie far apart. With the quartiles q1 and q3 they are q1 × (q1 ÷ q3)³ and q3 × (q3 ÷ q1)³.
type Fence struct {
	Low   float64 `json:"low" doc:"Money in minor units of the base currency."`
	High  float64 `json:"high"`
	Money bool    `json:"money"`
}

// Finding is something that is wrong, or may be, with some records.
type Finding struct {
	Key    string `json:"key"`
	Weight Weight `json:"weight" enum:"serious,notable,hint"`
	Count  int64  `json:"count"`
	Of     int64  `json:"of" doc:"Of how many records, or of how many months."`
	Grade  Grade  `json:"grade" enum:"A,B,C,D"`
	Rows   bool   `json:"rows" doc:"Whether the records behind it can be listed."`
}

// Run is a check as the trend shows it: the report without its fields and months.
type Run struct {
	ID       id.ID     `json:"id"`
	AsOf     date.Date `json:"as_of"`
	Cause    Cause     `json:"cause" enum:"asked,import"`
	ImportNo int64     `json:"import_no"`
	// CreatedAt is when the check began.
	CreatedAt     time.Time `json:"created_at"`
	CreatedByName string    `json:"created_by_name"`
	Kinds         []KindRun `json:"kinds" nullable:"false"`
}

// KindRun is what a trend shows of a kind.
type KindRun struct {
	Kind     string    `json:"kind"`
	Records  int64     `json:"records"`
	Grade    Grade     `json:"grade" enum:"A,B,C,D,"`
	Findings []Finding `json:"findings" nullable:"false"`
}

// run shortens a report to what the trend shows.
func (r Report) run() Run {
	short := Run{ID: r.ID, AsOf: r.AsOf, Cause: r.Cause, ImportNo: r.ImportNo, CreatedAt: r.CreatedAt, CreatedByName: r.CreatedByName}
	for _, k := range r.Kinds {
		short.Kinds = append(short.Kinds, KindRun{Kind: k.Kind, Records: k.Records, Grade: k.Grade, Findings: k.Findings})
	}
	return short
}

// kind finds the report of a kind; nil when there is none.
func (r Report) kind(key string) *KindReport {
	for i := range r.Kinds {
		if r.Kinds[i].Kind == key {
			return &r.Kinds[i]
		}
	}
	return nil
}

// grade gives the kind the worst grade of its findings.
func (k *KindReport) grade() {
	if k.Records == 0 {
		k.Grade = ""
		return
	}
	k.Grade = A
	for i := range k.Findings {
		f := &k.Findings[i]
		f.Grade = gradeOf(f.Weight, f.Count, f.Of)
		k.Grade = max(k.Grade, f.Grade)
	}
}

func neverChecked() error {
	return fault.New(fault.NotFound, "quality.empty", "The data has not been checked yet. Import something, then start the data check.")
}
