// Package matrix places every customer in the customer matrix: rows by potential, columns by share of wallet (FIELD.md
// K1 to K3), and answers what stands in each cell, who stands behind each figure, and where one customer stands.
//
// Gold, silver and bronze are the rows; prospect, bubble, sailer and loyal the columns: twelve cells. A customer whose
// potential nobody stated stands in a row of its own with a single cell, unknown.
package matrix

import (
	"math"
	"slices"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Unknown is the row, the column and the cell of customers without a potential.
const Unknown = "unknown"

// Rows returns the rows of the matrix, the highest potential first.
func Rows() []string { return []string{"gold", "silver", "bronze", Unknown} }

// Columns returns the columns of the matrix, the smallest share first.
func Columns() []string { return []string{"prospect", "bubble", "sailer", "loyal", Unknown} }

// Cells returns the keys of the thirteen cells, row by row.
func Cells() []string {
	var keys []string
	for _, row := range Rows()[:3] {
		for _, column := range Columns()[:4] {
			keys = append(keys, Key(row, column))
		}
	}
	return append(keys, Unknown)
}

// Key is the cell of a row and a column.
func Key(row, column string) string {
	if row == Unknown {
		return Unknown
	}
	return row + "_" + column
}

// The ways to cut a measure into classes.
const (
	// ByValue cuts at fixed values.
	ByValue = "value"
	// ByCumulativeShare cuts where the customers, the highest first, have together made a share of the whole: of all
	// potential for the rows, of all revenue for the columns.
	ByCumulativeShare = "cumulative_share"
)

// Cut says where a measure is cut into classes.
type Cut struct {
	By string    `json:"by" enum:"value,cumulative_share"`
	At []float64 `json:"at" minItems:"2" maxItems:"2" nullable:"false"`
}

// Definition says how the matrix is drawn.
type Definition struct {
	WindowMonths int `json:"window_months" minimum:"1" maximum:"120" doc:"How many months up to the date count as revenue."`
	Potential    Cut `json:"potential" doc:"Where gold and silver begin, in this order: amounts in minor units, or cumulative shares of all potential."`
	Share        Cut `json:"share" doc:"Where sailer and loyal begin, in this order: shares of wallet between 0 and 1, or cumulative shares of all revenue."`
}

// Default is the definition until somebody changes it: gold are the customers that make the first half of all potential,
// silver those that make the next 30 %.
func Default() Definition {
	return Definition{
		WindowMonths: 12,
		Potential:    Cut{By: ByCumulativeShare, At: []float64{0.5, 0.8}},
		Share:        Cut{By: ByValue, At: []float64{0.25, 0.6}},
	}
}

// maxAmount keeps amounts where a JSON number and a double are still exact.
const maxAmount = 1 << 53

// Validate returns a fault that names every field that cannot stand.
func (d Definition) Validate() error {
	check := fault.Check("matrix.invalid_definition").
		That(d.WindowMonths >= 1 && d.WindowMonths <= 120, "window_months", "The window is 1 to 120 months.")
	ways := []string{ByValue, ByCumulativeShare}
	for _, c := range []struct {
		path string
		cut  Cut
	}{{"potential", d.Potential}, {"share", d.Share}} {
		check.That(slices.Contains(ways, c.cut.By), c.path+".by", "Cut by value or by cumulative_share.").
			That(len(c.cut.At) == 2, c.path+".at", "Give two cut points.")
	}
	if err := check.Err(); err != nil {
		return err
	}
	gold, silver := d.Potential.At[0], d.Potential.At[1]
	sailer, loyal := d.Share.At[0], d.Share.At[1]
	if d.Potential.By == ByValue {
		check.That(whole(gold) && whole(silver), "potential.at", "Give whole minor units: 100000 for 1,000.00.").
			That(silver > 0 && gold > silver && gold <= maxAmount, "potential.at", "Gold must begin above silver, and silver above 0.")
	} else {
		check.That(0 < gold && gold < silver && silver <= 1, "potential.at", "Give two rising shares between 0 and 1, such as 0.5 and 0.8.")
	}
	if d.Share.By == ByValue {
		check.That(0 < sailer && sailer < loyal && loyal <= 1, "share.at", "Give two rising shares between 0 and 1: 0.6 for 60 %%.")
	} else {
		check.That(0 < loyal && loyal < sailer && sailer <= 1, "share.at", "Loyal comes first when customers are counted from the highest share: give sailer above loyal, such as 0.8 and 0.5.")
	}
	return check.Err()
}

func whole(x float64) bool { return x == math.Trunc(x) && !math.IsInf(x, 0) }

// Boundaries are the values at which the classes of one version begin, whatever way they were found. A nil one means that
// no customer reaches the class.
type Boundaries struct {
	Potential PotentialBoundaries `json:"potential"`
	Share     ShareBoundaries     `json:"share"`
}

// PotentialBoundaries are minor units of the base currency.
type PotentialBoundaries struct {
	Gold   *int64 `json:"gold"`
	Silver *int64 `json:"silver"`
}

// ShareBoundaries are shares of wallet, 1 being all of it. A prospect is whoever bought nothing.
type ShareBoundaries struct {
	Sailer *float64 `json:"sailer"`
	Loyal  *float64 `json:"loyal"`
}
