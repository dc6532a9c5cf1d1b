package rfm

import (
	"math"

	"github.com/kvadrant/kvadrant/internal/fault"
)

// Division says into how many parts customers are divided and how.
type Division struct {
	R      int    `json:"r" minimum:"1" maximum:"100" doc:"Bands of recency."`
	F      int    `json:"f" minimum:"1" maximum:"100" doc:"Bands of frequency."`
	M      int    `json:"m" minimum:"1" maximum:"100" doc:"Bands of money."`
	Method Method `json:"method" enum:"independent,nested" doc:"independent: each of the three over all customers; nested: frequency within recency, money within both."`
}

// Bands returns the number of parts of each.
func (d Division) Bands() Bands { return Bands{d.R, d.F, d.M} }

// Definition is the company's settings of RFM.
type Definition struct {
	Points Rules    `json:"points"`
	Cells  Division `json:"cells"`
}

// DefaultDefinition holds until somebody changes it: the points of the source (P4), and 125 independent quintile cells (C7).
func DefaultDefinition() Definition {
	return Definition{Points: Default(), Cells: Division{R: 5, F: 5, M: 5, Method: Independent}}
}

// Bounds of the settings: more is a slip of the keyboard, and the page could not show it.
const (
	maxBands  = 24
	maxMonths = 1200
	maxPoints = 1_000_000
	maxCells  = 1000
	// decimals of points, factors and rates: points are added up as whole numbers, so that the same facts always give the
	// same points.
	decimals = 4
)

// Validate returns a fault that names every field that cannot stand.
func (d Definition) Validate() error {
	check := fault.Check("rfm.invalid_definition")
	check.That(len(d.Points.Bands) >= 1 && len(d.Points.Bands) <= maxBands, "points.bands", "Give 1 to %d bands.", maxBands)
	for _, x := range []struct {
		path  string
		value float64
	}{{"points.factor", d.Points.Factor}, {"points.rate", d.Points.Rate}, {"points.cap", d.Points.Cap}} {
		check.That(x.value >= 0 && x.value <= maxPoints && short(x.value), x.path, "Give a number from 0 to 1,000,000 with at most four decimals.")
	}
	for _, b := range d.Points.Bands {
		check.That(b.Months >= 1 && b.Months <= maxMonths && b.Points >= 0 && b.Points <= maxPoints && short(b.Points), "points.bands",
			"Give each band 1 to 1,200 months and points from 0 to 1,000,000 with at most four decimals.")
	}
	check.That(d.Points.Window >= 1 && d.Points.Window <= maxMonths, "points.window_months", "Give 1 to 1,200 months.")
	for _, n := range []struct {
		path  string
		bands int
	}{{"cells.r", d.Cells.R}, {"cells.f", d.Cells.F}, {"cells.m", d.Cells.M}} {
		check.That(n.bands >= 1 && n.bands <= 100, n.path, "Give 1 to 100 bands.")
	}
	check.That(d.Cells.R*d.Cells.F*d.Cells.M <= maxCells, "cells", "That makes more than 1,000 cells, which nobody could look at; use fewer bands.").
		That(d.Cells.Method == Independent || d.Cells.Method == Nested, "cells.method", "Use independent or nested.")
	if err := check.Err(); err != nil {
		return err
	}
	if err := d.Points.Validate(); err != nil {
		return fault.New(fault.Invalid, "rfm.invalid_definition", "%v.", err).At("points.bands", "%v.", err)
	}
	return nil
}

func short(x float64) bool {
	scaled := x * math.Pow10(decimals)
	return math.Abs(scaled-math.Round(scaled)) < 1e-6
}
