// Package measure is the registry of everything that is known of a customer as a figure: what each measure is called and
// means, how it is worked out, and, for one customer, from what (FIELD.md V2).
//
// It has no list of its own. A measure is a described column of a scoring step ([scoring.Column] with its
// [scoring.Meaning]); the registry reads the steps, and a step whose columns mean something else in each version says so
// itself. Lists, filters and rules find measures here by their keys.
package measure

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// Measure is what people are told of a measure, whoever the customer.
type Measure struct {
	Key        string            `json:"key"`
	Label      string            `json:"label"`
	Definition string            `json:"definition"`
	Unit       scoring.Unit      `json:"unit" enum:"money,share,chance,count,points,days,number,date,word"`
	Direction  scoring.Direction `json:"direction" enum:"more,less,neutral" doc:"Which way is good."`
	Formula    string            `json:"formula"`
	Model      string            `json:"model,omitempty"`
	Source     string            `json:"source" doc:"The line of the field's description, or the paper, that it follows."`
	Inputs     []string          `json:"inputs" nullable:"false" doc:"Keys of the measures it is worked out from."`
	Minimum    []string          `json:"minimum" nullable:"false" doc:"When there is no value, and why."`
	Step       string            `json:"step" doc:"The part of the scoring that computes it."`
	column     scoring.Column
	explain    scoring.Explainer
	kept       json.RawMessage
}

func newMeasure(step scoring.Step, c scoring.Column, v scoring.Version) Measure {
	m := Measure{Key: c.Named(), Label: c.Label, Definition: c.Doc, Unit: c.Unit, Direction: c.Direction, Formula: c.Formula, Model: c.Model,
		Source: c.Source, Inputs: c.Inputs, Minimum: []string{}, Step: step.Name, column: c, explain: step.Explain, kept: v.Cuts[step.Name]}
	if m.Unit == scoring.FineMoney {
		m.Unit = scoring.Money // what people are shown
	}
	if m.Inputs == nil {
		m.Inputs = []string{}
	}
	for _, f := range c.Floors {
		m.Minimum = append(m.Minimum, f.Why)
	}
	return m
}

// Numeric tells whether the measure is a number, which can be cut into classes and calculated with.
func (m Measure) Numeric() bool { return m.Unit != scoring.Word && m.Unit != scoring.Date }

// Summable tells whether the values of customers can be added up: amounts and counts, where they are no average.
func (m Measure) Summable() bool {
	return !m.column.Mean && (m.Unit == scoring.Money || m.Unit == scoring.Count)
}

// Summed tells whether the sums of a version, score_sum, have the measure.
func (m Measure) Summed() bool { return m.column.Sum }

// Fine tells whether the column holds fine units while people see minor units.
func (m Measure) Fine() bool { return m.column.Unit == scoring.FineMoney }

// Column is the measure's column of score.
func (m Measure) Column() string { return m.column.Name }

// Ranked tells whether score also holds the order of the customers by this measure, in the column by_<column>.
func (m Measure) Ranked() bool { return m.column.Rank != "" }

// Registry knows the measures of the program's steps.
type Registry struct{ steps []scoring.Step }

// NewRegistry returns the registry of the steps, in their order.
func NewRegistry(steps []scoring.Step) *Registry { return &Registry{steps: steps} }

// Standing returns the measures that every new version has; those that a company defines itself are not among them.
func (r *Registry) Standing() Set {
	var all Set
	for _, s := range r.steps {
		for _, c := range s.Columns {
			if !c.Spare {
				all = append(all, newMeasure(s, c, scoring.Version{}))
			}
		}
	}
	return all
}

// In returns the measures of a version, in the order of the steps.
func (r *Registry) In(v scoring.Version) (Set, error) {
	var all Set
	for _, s := range r.steps {
		columns, err := s.In(v)
		if err != nil {
			return nil, fmt.Errorf("the measures of version %d: %w", v.Version, err)
		}
		for _, c := range columns {
			if c.Label != "" { // without a name it serves the questions of its own word
				all = append(all, newMeasure(s, c, v))
			}
		}
	}
	return all, nil
}

// Set is the measures of a version, or those of the program.
type Set []Measure

// Find returns the measure of a key.
func (s Set) Find(key string) (Measure, bool) {
	for _, m := range s {
		if m.Key == key {
			return m, true
		}
	}
	return Measure{}, false
}

// Columns is the allow-list of the measures' columns in score, for conditions and sorts; table is its alias in the
// question.
func (s Set) Columns(table string) filter.Columns {
	columns := filter.Columns{}
	for _, m := range s {
		columns[m.Key] = table + "." + m.column.Name
	}
	return columns
}

// Known is the condition on rows of score that holds where the measure says something of the customer: it has a value, and
// what must be known before it counts is. table is the alias of score in the question.
func (s Set) Known(m Measure, table string) string {
	condition := table + "." + m.column.Name + " IS NOT NULL"
	columns := s.Columns(table)
	for _, f := range m.column.Floors {
		column, ok := columns[f.Column]
		switch {
		case !ok:
		case f.Least > 0:
			condition += " AND " + column + " >= " + strconv.FormatFloat(f.Least, 'f', -1, 64)
		case f.Column != m.Key:
			condition += " AND " + column + " IS NOT NULL"
		}
	}
	return condition
}

// TooFew says why there can be no value for a customer, "" when there can be one. The step's own reason comes first: it
// knows of all customers.
func (m Measure) TooFew(values scoring.Values, told scoring.Explanation) string {
	if told.TooFew != "" {
		return told.TooFew
	}
	for _, f := range m.column.Floors {
		v := values[f.Column]
		if v == nil {
			return f.Why
		}
		if x, ok := number(v); ok && x < f.Least {
			return f.Why
		}
	}
	if values[m.Key] == nil {
		return "It could not be worked out from what is known of this customer."
	}
	return ""
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}
