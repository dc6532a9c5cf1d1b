package matrix

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/filter"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// stepName is also the name under which a version keeps its boundaries.
const stepName = "matrix"

var (
	//go:embed classes.sql
	classesSQL string
	//go:embed potential_class.sql
	potentialClassSQL string
	//go:embed share_class.sql
	shareClassSQL string
	//go:embed potential_boundary.sql
	potentialBoundarySQL string
	//go:embed share_boundary.sql
	shareBoundarySQL string
)

// rank puts the cells in the order of their worth, not of the alphabet: row before column, the best first when sorted
// downwards.
const rank = "CASE potential_class WHEN 'gold' THEN 40 WHEN 'silver' THEN 30 WHEN 'bronze' THEN 20 ELSE 10 END + " +
	"CASE share_class WHEN 'loyal' THEN 5 WHEN 'sailer' THEN 4 WHEN 'bubble' THEN 3 WHEN 'prospect' THEN 2 ELSE 1 END"

// Step gives the scoring the classes and the cell of each customer. It stands after the step of package wallet.
func Step(definitions *Definitions) scoring.Step {
	return scoring.Step{Name: stepName, SQL: classesSQL,
		Columns: []scoring.Column{
			{Name: "potential_class", Type: scoring.Text,
				Doc: "The row of the matrix: gold, silver or bronze by potential; unknown when nobody stated the potential.",
				Meaning: scoring.Meaning{Label: "Potential class", Unit: scoring.Word, Direction: scoring.Neutral, Source: "customer matrix (K1)",
					Formula: "potential against where gold and silver begin", Inputs: []string{"potential"}}},
			{Name: "share_class", Type: scoring.Text,
				Doc: "The column of the matrix: prospect (bought nothing), bubble, sailer or loyal by customer share; unknown when the potential is.",
				Meaning: scoring.Meaning{Label: "Share class", Unit: scoring.Word, Direction: scoring.Neutral, Source: "customer matrix (K1)",
					Formula: "customer share against where sailer and loyal begin", Inputs: []string{"revenue", "share"}}},
			{Name: "cell", Type: scoring.Text, Rank: rank, Group: true, History: true,
				Doc: "Row and column of the matrix in one word, such as gold_bubble; unknown when the potential is.",
				Meaning: scoring.Meaning{Label: "Place in the matrix", Unit: scoring.Word, Direction: scoring.Neutral, Source: "customer matrix (K1)",
					Formula: "potential class and share class", Inputs: []string{"potential_class", "share_class"}}},
		},
		Explain: explain,
		Resolve: func(ctx context.Context, s *scoring.Snapshot) (scoring.Resolved, error) {
			def, _, err := definitions.Get(ctx)
			if err != nil {
				return scoring.Resolved{}, err
			}
			b, err := def.resolve(ctx, s)
			if err != nil {
				return scoring.Resolved{}, fmt.Errorf("find where the classes begin: %w", err)
			}
			row, column := b.Classes()
			return scoring.Resolved{Keep: b, Holes: []engine.Hole{{Name: "potential_class", Clause: row}, {Name: "share_class", Clause: column}}}, nil
		}}
}

// Classes are the row and the column of a customer, as expressions over its potential, revenue and share. A boundary that
// nobody reaches is NULL. Whoever bought nothing, or gave back as much, is a prospect. Whoever buys without having any
// potential buys all there is and is loyal.
func (b Boundaries) Classes() (row, column filter.Clause) {
	return filter.Clause{SQL: potentialClassSQL, Args: []any{b.Potential.Gold, b.Potential.Silver}},
		filter.Clause{SQL: shareClassSQL, Args: []any{b.Share.Loyal, b.Share.Sailer}}
}

// explain says where the classes began in the version.
func explain(kept json.RawMessage, _ string, _ scoring.Values) (scoring.Explanation, error) {
	var b Boundaries
	if err := json.Unmarshal(kept, &b); err != nil {
		return scoring.Explanation{}, fmt.Errorf("the boundaries of the matrix: %w", err)
	}
	amount := func(label string, v *int64) scoring.Fact {
		if v == nil {
			return scoring.Fact{Label: label, Value: "no customer reaches it"}
		}
		return scoring.Fact{Label: label, Value: strconv.FormatInt(*v, 10), Unit: scoring.Money}
	}
	share := func(label string, v *float64) scoring.Fact {
		if v == nil {
			return scoring.Fact{Label: label, Value: "no customer reaches it"}
		}
		return scoring.Fact{Label: label, Value: strconv.FormatFloat(*v, 'g', -1, 64), Unit: scoring.Share}
	}
	return scoring.Explanation{Facts: []scoring.Fact{amount("Gold begins at", b.Potential.Gold), amount("Silver begins at", b.Potential.Silver),
		share("Sailer begins at", b.Share.Sailer), share("Loyal begins at", b.Share.Loyal)}}, nil
}

// resolve turns the cuts into values.
func (d Definition) resolve(ctx context.Context, s *scoring.Snapshot) (Boundaries, error) {
	var b Boundaries
	if d.Potential.By == ByValue {
		gold, silver := int64(d.Potential.At[0]), int64(d.Potential.At[1])
		b.Potential = PotentialBoundaries{Gold: &gold, Silver: &silver}
	} else {
		var gold, silver sql.Null[int64]
		args := engine.Args{"gold_share": d.Potential.At[0], "silver_share": d.Potential.At[1]}
		if err := s.Ask(ctx, potentialBoundarySQL, args, &gold, &silver); err != nil {
			return b, err
		}
		b.Potential = PotentialBoundaries{Gold: pointer(gold), Silver: pointer(silver)}
	}
	if d.Share.By == ByValue {
		sailer, loyal := d.Share.At[0], d.Share.At[1]
		b.Share = ShareBoundaries{Sailer: &sailer, Loyal: &loyal}
		return b, nil
	}
	var sailer, loyal sql.Null[float64]
	args := engine.Args{"sailer_share": d.Share.At[0], "loyal_share": d.Share.At[1]}
	if err := s.Ask(ctx, shareBoundarySQL, args, &sailer, &loyal); err != nil {
		return b, err
	}
	b.Share = ShareBoundaries{Sailer: pointer(sailer), Loyal: pointer(loyal)}
	return b, nil
}

func pointer[T any](n sql.Null[T]) *T {
	if !n.Valid {
		return nil
	}
	return &n.V
}
