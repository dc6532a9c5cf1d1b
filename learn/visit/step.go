package visit

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/learn/matrix"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// stepName is also the name under which a version keeps the settings that counted.
const stepName = "visit"

//go:embed care.sql
var careSQL string

// Step gives the scoring the last contact and the colour of each customer. It stands after the step of package matrix.
func Step(definitions *Definitions) scoring.Step {
	return scoring.Step{Name: stepName, SQL: careSQL, Columns: columns(), Explain: explain,
		// A version from before the step has none of its measures.
		Measures: func(json.RawMessage) ([]scoring.Column, error) { return columns(), nil },
		Resolve: func(ctx context.Context, s *scoring.Snapshot) (scoring.Resolved, error) {
			def, _, err := definitions.Get(ctx)
			if err != nil {
				return scoring.Resolved{}, err
			}
			kinds, err := filter.Compile(filter.In("kind", def.Kinds...), filter.Columns{"kind": "i.kind"})
			if err != nil {
				return scoring.Resolved{}, fmt.Errorf("the kinds of contact: %w", err)
			}
			since := func(days func(Norm) int) filter.Clause {
				return def.byCell("m.cell", "DATE", func(n Norm) any { return s.AsOf.AddDays(-days(n)) })
			}
			return scoring.Resolved{Keep: def, Holes: []engine.Hole{{Name: "kinds", Clause: kinds},
				{Name: "green", Clause: since(func(n Norm) int { return n.Green })},
				{Name: "yellow", Clause: since(func(n Norm) int { return n.Yellow })}}}, nil
		}}
}

// byCell is an expression of the cell in a column: a value of its norm, NULL where there is none.
func (d Definition) byCell(column, typ string, value func(Norm) any) filter.Clause {
	var b strings.Builder
	var args []any
	for _, cell := range matrix.Cells() {
		if n, ok := d.of(cell); ok {
			b.WriteString(" WHEN ? THEN cast(? AS " + typ + ")")
			args = append(args, cell, value(n))
		}
	}
	if len(args) == 0 {
		return filter.Clause{SQL: "cast(NULL AS " + typ + ")"}
	}
	return filter.Clause{SQL: "CASE " + column + b.String() + " END", Args: args}
}

func columns() []scoring.Column {
	touched := []scoring.Rows{{Kind: scoring.Interactions}}
	return []scoring.Column{
		{Name: "last_contact", Type: scoring.Day, Doc: "The latest interaction with the customer up to the date, of the kinds that count as contact.",
			Meaning: scoring.Meaning{Label: "Last contact", Unit: scoring.Date, Direction: scoring.More, Source: "visit view (K4)",
				Formula: "latest date of an interaction of a kind that counts", Rows: touched,
				Floors: []scoring.Floor{{Column: "last_contact", Why: "The customer was never contacted up to this date in a way that counts."}}}},
		{Name: "care", Type: scoring.Text, Doc: "green, yellow or red by the days between the last contact and the date, against the norm of the customer's cell; red also for who was never contacted, and none where the cell has no norm.",
			Meaning: scoring.Meaning{Label: "Contact", Unit: scoring.Word, Direction: scoring.Neutral, Source: "visit view (K4)",
				Formula: "days since the last contact against the days of the cell", Inputs: []string{"last_contact", "cell"}, Rows: touched}},
	}
}

// explain says what counted as contact and which norm.
func explain(raw json.RawMessage, key string, values scoring.Values) (scoring.Explanation, error) {
	var d Definition
	if err := json.Unmarshal(raw, &d); err != nil {
		return scoring.Explanation{}, fmt.Errorf("the definition of visits: %w", err)
	}
	told := scoring.Explanation{Facts: []scoring.Fact{{Label: "Counts as contact", Value: strings.Join(d.Kinds, ", ")}}}
	if key != "care" {
		return told, nil
	}
	cell, _ := values["cell"].(string)
	n, ok := d.of(cell)
	if !ok {
		told.Facts = append(told.Facts, scoring.Fact{Label: "Norm of the cell", Value: "none"})
		return told, nil
	}
	told.Facts = append(told.Facts, scoring.Fact{Label: "Green up to", Value: fmt.Sprint(n.Green), Unit: scoring.Days},
		scoring.Fact{Label: "Yellow up to", Value: fmt.Sprint(n.Yellow), Unit: scoring.Days})
	return told, nil
}
