package visit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/learn/grid"
	"github.com/kvadrant/kvadrant/learn/matrix"
)

// Norm says how soon a customer of a row or a cell of the customer matrix is to be contacted again.
type Norm struct {
	Place  string `json:"place" maxLength:"40" doc:"A row of the customer matrix, such as gold, or one of its cells, such as gold_prospect. A cell goes before its row."`
	None   bool   `json:"none" doc:"Nobody need contact these customers; the days are not used."`
	Green  int    `json:"green" minimum:"0" maximum:"3650" doc:"Days since the last contact up to which a customer is green."`
	Yellow int    `json:"yellow" minimum:"0" maximum:"3650" doc:"Days up to which it is yellow; red from the next day on."`
}

// Definition is the company's settings of contact.
type Definition struct {
	Kinds []string `json:"kinds" nullable:"false" doc:"Which interactions count as contact, as they are imported, in lower case: visit, call, email."`
	Norms []Norm   `json:"norms" nullable:"false" doc:"Where neither the cell nor its row has a norm, there is none."`
}

// DefaultDefinition holds until somebody changes it. Its days are assumptions: Gold is to be seen every other month, Silver every
// fourth, Bronze once a year, with half as much again before it is late. Of whom no potential is known nothing is asked.
func DefaultDefinition() Definition {
	return Definition{Kinds: []string{"visit", "call"},
		Norms: []Norm{{Place: "gold", Green: 60, Yellow: 90}, {Place: "silver", Green: 120, Yellow: 180}, {Place: "bronze", Green: 365, Yellow: 540}}}
}

const (
	maxKinds = 50
	maxDays  = 3650
)

// Validate returns a fault that names every field that cannot stand.
func (d Definition) Validate() error {
	check := fault.Check("visit.invalid_definition")
	check.That(len(d.Kinds) >= 1 && len(d.Kinds) <= maxKinds, "kinds", "Choose 1 to %d kinds of interaction.", maxKinds)
	for i, kind := range d.Kinds {
		path := fmt.Sprintf("kinds[%d]", i)
		check.That(kind != "" && kind == strings.ToLower(strings.TrimSpace(kind)) && len(kind) <= 60, path, "Give the kind in lower case, as interactions have it: visit.").
			That(!slices.Contains(d.Kinds[:i], kind), path, "This kind stands twice.")
	}
	places := append(matrix.Rows(), matrix.Cells()...)
	seen := map[string]bool{}
	for i, n := range d.Norms {
		path := fmt.Sprintf("norms[%d]", i)
		check.That(slices.Contains(places, n.Place), path+".place", "Use a row or a cell of the customer matrix, such as gold or gold_prospect.").
			That(!seen[n.Place], path+".place", "This place stands twice.")
		if !n.None {
			check.That(n.Green >= 1 && n.Green <= maxDays, path+".green", "Give 1 to %d days.", maxDays).
				That(n.Yellow >= n.Green && n.Yellow <= maxDays, path+".yellow", "Give at least as many days as for green, at most %d.", maxDays)
		}
		seen[n.Place] = true
	}
	return check.Err()
}

// of is the norm of a cell: its own or that of its row; false where there is none.
func (d Definition) of(cell string) (Norm, bool) {
	row, _ := grid.SplitCell(cell)
	for _, place := range []string{cell, row} {
		for _, n := range d.Norms {
			if n.Place == place {
				return n, !n.None
			}
		}
	}
	return Norm{}, false
}
