package rule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// stepName is also the name under which a version keeps the rules it was computed by.
const stepName = "rule"

// keptRule is a rule as a version was computed by it.
type keptRule struct {
	Placed
	Uses    []string `json:"uses"`
	Mistake *Mistake `json:"mistake"` // why it was left out
}

// kept is what a version keeps.
type kept struct {
	Version int64      `json:"version"` // of all rules
	Rules   []keptRule `json:"rules"`
}

func mistakeOf(err error) *Mistake {
	var m *Mistake
	if errors.As(err, &m) {
		return m
	}
	return &Mistake{0, err.Error()}
}

// columnsOf are the measures of the steps before.
func columnsOf(before []scoring.Step) []scoring.Column {
	var all []scoring.Column
	for _, s := range before {
		for _, c := range s.Columns {
			if !c.Spare {
				all = append(all, c)
			}
		}
	}
	return all
}

// Step gives the scoring the measures that the company defined, over those of the steps before. score holds columns to
// spare for them; which rule stands in which, each version keeps.
func Step(rules *Store, before []scoring.Step) scoring.Step {
	var columns []scoring.Column
	var yields strings.Builder
	for slot := 1; slot <= Most; slot++ {
		p := Placed{Slot: slot}
		columns = append(columns, scoring.Column{Name: p.column(), Type: scoring.Real, Spare: true}, scoring.Column{Name: p.classColumn(), Type: scoring.Text, Spare: true})
		fmt.Fprintf(&yields, ", {{%s}} AS %s, {{%s}} AS %s", p.column(), p.column(), p.classColumn(), p.classColumn())
	}
	return scoring.Step{Name: stepName, Columns: columns, Measures: measures, Explain: explain,
		SQL: "SELECT customer_id" + yields.String() + " FROM ({{rules}}) v",
		Resolve: func(ctx context.Context, s *scoring.Snapshot) (scoring.Resolved, error) {
			book, version, err := rules.Get(ctx)
			if err != nil {
				return scoring.Resolved{}, err
			}
			links := compile(book, columnsOf(before))
			return scoring.Resolved{Keep: keep(links, version), Holes: holes(links, inRun(before, s))}, nil
		}}
}

func keep(links []link, version int64) kept {
	k := kept{Version: version, Rules: []keptRule{}}
	for _, l := range links {
		k.Rules = append(k.Rules, keptRule{Placed: l.rule, Uses: l.compiled.Uses, Mistake: l.mistake})
	}
	return k
}

// inRun finds the values in the tables of the steps before.
func inRun(before []scoring.Step, s *scoring.Snapshot) source {
	tables := map[string]string{}
	from := "customer c"
	for _, step := range before {
		from += fmt.Sprintf(" LEFT JOIN %[1]s ON %[1]s.customer_id = c.id", step.Table())
		for _, c := range step.Columns {
			tables[c.Name] = step.Table()
		}
	}
	return source{measures: columnsOf(before), asOf: s.AsOf, finePerMinor: s.FinePerMinor, from: filter.Clause{SQL: from},
		column: func(c scoring.Column) string { return tables[c.Name] + "." + c.Name }}
}

// holes fill the step's text: the rules that compile, and NULL in the columns to spare.
func holes(links []link, from source) []engine.Hole {
	filled := map[string]string{}
	for _, l := range links {
		if l.mistake == nil {
			filled[l.rule.column()] = "v." + l.rule.column()
			if len(l.rule.Classes.Names) > 0 {
				filled[l.rule.classColumn()] = "v." + l.rule.classColumn()
			}
		}
	}
	all := []engine.Hole{{Name: "rules", Clause: statement(links, from)}}
	for slot := 1; slot <= Most; slot++ {
		p := Placed{Slot: slot}
		for _, column := range []struct{ name, none string }{{p.column(), "cast(NULL AS double)"}, {p.classColumn(), "cast(NULL AS varchar)"}} {
			sql := filled[column.name]
			if sql == "" {
				sql = column.none
			}
			all = append(all, engine.Hole{Name: column.name, Clause: filter.Clause{SQL: sql}})
		}
	}
	return all
}

// measures are the rules that a version was computed by, as measures.
func measures(raw json.RawMessage) ([]scoring.Column, error) {
	k, err := read(raw)
	if err != nil {
		return nil, err
	}
	var all []scoring.Column
	for _, r := range k.Rules {
		if r.Mistake != nil {
			continue
		}
		meaning := scoring.Meaning{Label: r.Label, Unit: r.Unit, Direction: r.Direction, Formula: r.Expression, Inputs: r.Uses,
			Source: fmt.Sprintf("expert rule of the company (Y11), version %d of the rules", k.Version)}
		all = append(all, scoring.Column{Name: r.column(), Key: r.Key, Type: scoring.Real, Doc: r.Definition, Meaning: meaning})
		if len(r.Classes.Names) > 0 {
			meaning.Unit, meaning.Direction, meaning.Inputs = scoring.Word, scoring.Neutral, []string{r.Key}
			meaning.Label += ", class"
			meaning.Formula = "the class in which the value of the rule lies"
			all = append(all, scoring.Column{Name: r.classColumn(), Key: r.classKey(), Type: scoring.Text, Doc: r.Definition, Meaning: meaning})
		}
	}
	return all, nil
}

func read(raw json.RawMessage) (kept, error) {
	var k kept
	if err := json.Unmarshal(raw, &k); err != nil {
		return k, fmt.Errorf("the rules of a version: %w", err)
	}
	return k, nil
}

// explain says where the classes begin, and why a customer has no value.
func explain(raw json.RawMessage, key string, values scoring.Values) (scoring.Explanation, error) {
	k, err := read(raw)
	if err != nil {
		return scoring.Explanation{}, err
	}
	var told scoring.Explanation
	for _, r := range k.Rules {
		if key != r.Key && key != r.classKey() {
			continue
		}
		for i, at := range r.Classes.At {
			told.Facts = append(told.Facts, scoring.Fact{Label: fmt.Sprintf("%s begins at", r.Classes.Names[i+1]), Value: fmt.Sprint(at)})
		}
		if values[r.Key] == nil {
			told.TooFew = "The expression has no value for this customer: something it needs is missing, or it divides by nothing."
		}
	}
	return told, nil
}
