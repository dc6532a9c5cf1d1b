package scoring

import (
	"encoding/json"

	"github.com/kvadrant/kvadrant/internal/date"
)

// Unit says what a measure counts.
type Unit string

// The units. Amounts are of the base currency.
const (
	Money     Unit = "money"      // minor units
	FineMoney Unit = "fine_money" // fine units (1/10,000); people are shown minor units
	Share     Unit = "share"      // 1 is all of it
	Chance    Unit = "chance"     // a probability
	Count     Unit = "count"
	Points    Unit = "points"
	Days      Unit = "days"
	Number    Unit = "number" // a figure without a unit
	Date      Unit = "date"
	Word      Unit = "word" // a text
)

// Units lists every unit.
func Units() []Unit {
	return []Unit{Money, FineMoney, Share, Chance, Count, Points, Days, Number, Date, Word}
}

// Direction says which way is good.
type Direction string

// The directions.
const (
	More    Direction = "more"
	Less    Direction = "less"
	Neutral Direction = "neutral"
)

// RowKind is a kind of rows that a measure is worked out from.
type RowKind string

// The kinds of rows. Each has a page that lists them for a customer.
const (
	Purchases    RowKind = "purchases"
	Potentials   RowKind = "potentials"
	Interactions RowKind = "interactions"
)

// Reach of rows back from the date, where it is no number of months.
const (
	WholePast  = 0  // everything up to the date
	OverWindow = -1 // the window of the version
)

// Rows says which rows stand behind a measure.
type Rows struct {
	Kind   RowKind
	Months int // how far back from the date, or WholePast or OverWindow
}

// Floor is the least that must be known before a measure says anything: the column must have a value, and a number must
// be at least Least. Below it there is no value, and people read Why.
type Floor struct {
	Column string // of score, by its key
	Least  float64
	Why    string // a sentence
}

// Meaning is what people are told of a measure beside its definition (FIELD.md V2).
type Meaning struct {
	Label     string // its name in lists and on cards
	Unit      Unit
	Direction Direction
	Formula   string   // how it is worked out, in words and signs
	Model     string   // the model, if it takes one
	Source    string   // the line of FIELD.md or the paper that it follows
	Inputs    []string // keys of the measures that it is worked out from
	Rows      []Rows
	Floors    []Floor
	Mean      bool // an average, such as spend per purchase, which customers' values do not add up to anything of
}

// Fact is something to know of a fit or of settings, such as a parameter and its value.
type Fact struct {
	Label string `json:"label"`
	Value string `json:"value"`
	Unit  Unit   `json:"unit,omitempty" doc:"Of a value that is a number, to write it by; absent for words."`
}

// Explanation is what a step says of one of its values in one version.
type Explanation struct {
	Model  string    // the model that was used, if the version chose one
	Facts  []Fact    // parameters, errors, settings
	Sample int64     // how many customers the model was fitted to, 0 for none
	From   date.Date // the first day of the purchases behind the value, where it differs from what Rows says
	TooFew string    // why there can be no value, if so
}

// Values are the measures of one customer by key, as they stand in score; nil is no value.
type Values map[string]any

// Explainer says of a value what only the step knows; kept is what its Resolve kept with the version.
type Explainer func(kept json.RawMessage, key string, values Values) (Explanation, error)
