// Package scoring computes every measure of every customer as of a date and keeps the result as one complete version.
//
// Words give the measures as [Step]s; app passes them in order. A run happens in one transaction of the warehouse: each
// step's SQL becomes a temporary table keyed by customer, and the last statements put them together into the tables
// score (one wide row per customer), score_sum and score_history. Readers therefore see one whole version of a date or
// the whole one before it, and a crash leaves nothing behind. The same facts give the same rows, byte for byte.
//
// A version is as of a date: its facts, its potentials, and its owners and units are those of that date. Codes, names,
// industries and countries are as they were when the run happened.
package scoring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
)

// Actual is the scenario of what really happened; others (budget, forecast) have the same shape.
const Actual = "actual"

// Type is the SQL type of a column, in the text that all engines understand.
type Type string

// The types a measure can have.
const (
	Whole Type = "BIGINT"
	Real  Type = "DOUBLE"
	Text  Type = "VARCHAR"
	Day   Type = "DATE"
)

// Column is one measure of a customer.
type Column struct {
	Name string
	Type Type
	Doc  string // definition in words, with the unit
	// Rank makes lists sortable by this column: SQL expressions over the step's row to order by, usually the name
	// itself. Lists then sort and page by the integer column by_<name>, which costs the same on every page.
	Rank string
	// Few says that the column has few different texts, which makes ranking it cheap.
	Few bool
	// Sum adds the column up in score_sum; Group makes it one of the columns that score_sum is grouped by.
	Sum, Group bool
	// History keeps the column in score_history too, where one customer is found in all versions without reading them.
	History bool
	// Meaning makes the column a measure that people can ask about, choose, sort and filter by. Spare columns have none:
	// what stands in them is said by Step.Measures for each version, without a label where it serves the word's own questions only.
	Meaning
	Spare bool
	// Key is the name of the measure where it differs from the column's, as in spare columns.
	Key string
}

// Named returns the key of the measure.
func (c Column) Named() string {
	if c.Key != "" {
		return c.Key
	}
	return c.Name
}

// Step computes some columns of every customer.
type Step struct {
	Name    string
	Columns []Column
	// SQL is a question that yields customer_id and the columns, at most one row for each customer; customers without a
	// row get NULLs. It may read the warehouse and the steps before it, as step_<name>, and use the parameters :as_of,
	// :from (the last day before the window), :fine_per_minor, and those that Resolve gave.
	SQL string
	// Resolve, if there is one, asks what SQL must know of all customers together, such as where the classes end. A step
	// whose figures no SQL can work out (a fitted model) works them out here, for the distinct histories of customers,
	// fills a temporary table with them, and its SQL joins that.
	Resolve func(ctx context.Context, s *Snapshot) (Resolved, error)
	// Measures says which measures stand in the step's columns in a version, from what Resolve kept; nil where they are
	// the same in every version.
	Measures func(kept json.RawMessage) ([]Column, error)
	// Keeps are tables of the step's own beside score, for rows that are not one for each customer.
	Keeps []Keep
	// Explain, if there is one, says of a value what only the step knows: model, fit, settings.
	Explain Explainer
}

// Keep is a table whose rows a step keeps with each version, such as what customers of a kind buy.
type Keep struct {
	Name    string
	Columns []Column // name and type; the column version stands before them
	// SQL yields the columns in their order. It runs behind the step's own SQL and may read the temporary tables that the
	// step made.
	SQL string
}

// table is the name of the temporary table that holds the rows during a run.
func (k Keep) table() string { return "keep_" + k.Name }

// Resolved is what a step's SQL needs for one run.
type Resolved struct {
	Args  engine.Args
	Holes []engine.Hole
	Keep  any // kept with the version as JSON, under the name of the step
}

// In returns the step's measures in a version. A version from before the step existed has none.
func (s Step) In(v Version) ([]Column, error) {
	if s.Measures == nil {
		return s.Columns, nil
	}
	kept := v.Cuts[s.Name]
	if kept == nil {
		return nil, nil
	}
	return s.Measures(kept)
}

// used is the step with those of its columns that are used in a version that keeps cuts; none when it computes nothing there.
func (s Step) used(cuts map[string]json.RawMessage) (Step, error) {
	used, err := s.In(Version{Cuts: cuts})
	if err != nil {
		return s, err
	}
	s.Columns = filtered(s.Columns, func(c Column) bool {
		return !c.Spare || slices.ContainsFunc(used, func(u Column) bool { return u.Name == c.Name })
	})
	return s, nil
}

// Table is the name of the temporary table that holds the step's rows during a run.
func (s Step) Table() string { return "step_" + s.Name }

// Snapshot is the warehouse as a run sees it.
type Snapshot struct {
	AsOf         date.Date
	From         date.Date // the last day before the window
	WindowMonths int
	FinePerMinor int64 // fine units in a minor unit of the base currency
	tx           *engine.Tx
	made         []string        // tables that the present step made for itself
	shared       map[string]bool // tables that Share made
}

// args are the parameters that every step's text may use.
func (s *Snapshot) args() engine.Args {
	return engine.Args{"as_of": s.AsOf, "from": s.From, "fine_per_minor": s.FinePerMinor}
}

// Version is one complete picture of all customers.
type Version struct {
	Version      int64                      `json:"version" doc:"Grows with every run; a date that is scored again gets a new one."`
	AsOf         date.Date                  `json:"as_of"`
	WindowMonths int                        `json:"window_months"`
	Scenario     string                     `json:"-"`
	Customers    int64                      `json:"customers"`
	ComputedAt   time.Time                  `json:"computed_at"`
	Cuts         map[string]json.RawMessage `json:"-"` // what each step's Resolve kept
}

// From returns the last day before the version's window: purchases count when they are later, up to AsOf.
func (v Version) From() date.Date { return v.AsOf.AddMonths(-v.WindowMonths) }

// Errors of looking for a version.
var (
	// ErrEmpty: nothing was ever scored.
	ErrEmpty = errors.New("nothing has been scored yet")
	// ErrNotScored: there is no version of this date.
	ErrNotScored = errors.New("this date has not been scored")
)

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

// validate checks what words registered; a mistake is one of the program, found when it starts.
func validate(steps []Step) error {
	taken := []string{"version", "customer_id", "pos", "code", "name", "search", "industry", "country", "unit_id", "owner_id", "customers"}
	if len(steps) == 0 {
		return errors.New("scoring: there are no steps")
	}
	for _, s := range steps {
		if !plainName.MatchString(s.Name) || len(s.Columns) == 0 || s.SQL == "" {
			return fmt.Errorf("scoring: step %q needs a plain name, columns and SQL", s.Name)
		}
		for _, c := range s.Columns {
			if !plainName.MatchString(c.Name) || slices.Contains(taken, c.Name) {
				return fmt.Errorf("scoring: column %q of step %q is not a plain name or is taken", c.Name, s.Name)
			}
			if !slices.Contains([]Type{Whole, Real, Text, Day}, c.Type) {
				return fmt.Errorf("scoring: column %q of step %q needs a type", c.Name, s.Name)
			}
			if c.Spare && s.Measures == nil {
				return fmt.Errorf("scoring: step %q has the spare column %q but does not say what stands in it", s.Name, c.Name)
			}
			if !c.Spare && (c.Doc == "" || c.Label == "" || !slices.Contains(Units(), c.Unit) || !slices.Contains([]Direction{More, Less, Neutral}, c.Direction)) {
				return fmt.Errorf("scoring: column %q of step %q needs a definition, a label, a unit and a direction", c.Name, s.Name)
			}
			taken = append(taken, c.Name, "by_"+c.Name)
		}
		for _, k := range s.Keeps {
			if !plainName.MatchString(k.Name) || slices.Contains(ownTables(), k.Name) || len(k.Columns) == 0 || k.SQL == "" {
				return fmt.Errorf("scoring: the table %q that step %q keeps needs a plain name of its own, columns and SQL", k.Name, s.Name)
			}
		}
	}
	return nil
}
