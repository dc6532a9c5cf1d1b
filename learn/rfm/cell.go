package rfm

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Customer is what cells are made of.
type Customer struct {
	Key       string  // the customer's code: breaks ties
	Recency   float64 // time since the last purchase: less is better
	Frequency float64 // purchases
	Money     float64 // revenue, or the mean per purchase
}

// Cell is a customer's place: from 1 to the number of bands, the highest the best. In Hughes' quintiles 555 are the most
// recent, most frequent and best spenders.
type Cell struct{ R, F, M int }

// String is the cell's code, such as 543; with more than nine bands the parts are set apart by dots.
func (c Cell) String() string {
	if max(c.R, c.F, c.M) > 9 {
		return fmt.Sprintf("%d.%d.%d", c.R, c.F, c.M)
	}
	return fmt.Sprintf("%d%d%d", c.R, c.F, c.M)
}

// Method is how customers are divided.
type Method string

// The methods.
const (
	Independent Method = "independent" // each of the three over all customers: cells differ in size
	Nested      Method = "nested"      // F within each R, M within each R and F: cells of equal size (Hughes)
	AtQuantiles Method = "quantiles"   // independent, by value: customers with the same value share a band
)

// Bands are how many parts each of the three is divided into.
type Bands struct{ R, F, M int }

// Quintiles are five of each, 125 cells.
func Quintiles() Bands { return Bands{5, 5, 5} }

// Cells places every customer. By rank (Independent, Nested) bands differ in size by one at most, as SQL's ntile does it:
// sorted from worst to best, the first bands take the surplus. Ties are broken by the other two values (for recency:
// frequency, then money; for frequency and money: recency), then by key, so that the same customers always get the same
// cells, in whatever order they come. Errors: bands below one or above 1000, an unknown method, a value that is not a number,
// a key twice.
func Cells(customers []Customer, bands Bands, method Method) ([]Cell, error) {
	for _, n := range []int{bands.R, bands.F, bands.M} {
		if n < 1 || n > 1000 {
			return nil, fmt.Errorf("%d bands: it must be from 1 to 1000", n)
		}
	}
	seen := make(map[string]struct{}, len(customers))
	for _, c := range customers {
		if math.IsNaN(c.Recency) || math.IsNaN(c.Frequency) || math.IsNaN(c.Money) {
			return nil, fmt.Errorf("customer %s has a value that is not a number", c.Key)
		}
		if _, twice := seen[c.Key]; twice {
			return nil, fmt.Errorf("customer %s appears twice", c.Key)
		}
		seen[c.Key] = struct{}{}
	}
	cells := make([]Cell, len(customers))
	all := make([]int, len(customers))
	for i := range all {
		all[i] = i
	}
	recent := func(a, b Customer) int { return cmp.Compare(b.Recency, a.Recency) }
	often := func(a, b Customer) int { return cmp.Compare(a.Frequency, b.Frequency) }
	much := func(a, b Customer) int { return cmp.Compare(a.Money, b.Money) }
	divide := func(rows []int, n int, order ...func(a, b Customer) int) [][]int {
		slices.SortFunc(rows, func(i, j int) int {
			a, b := customers[i], customers[j]
			for _, by := range order {
				if c := by(a, b); c != 0 {
					return c
				}
			}
			return cmp.Compare(a.Key, b.Key)
		})
		return ntile(rows, n)
	}
	switch method {
	case AtQuantiles:
		r := quantileBands(customers, bands.R, func(c Customer) float64 { return c.Recency })
		f := quantileBands(customers, bands.F, func(c Customer) float64 { return c.Frequency })
		m := quantileBands(customers, bands.M, func(c Customer) float64 { return c.Money })
		for i := range cells {
			cells[i] = Cell{bands.R + 1 - r[i], f[i], m[i]}
		}
	case Independent:
		each(divide(all, bands.R, recent, often, much), func(i, band int) { cells[i].R = band })
		each(divide(all, bands.F, often, recent, much), func(i, band int) { cells[i].F = band })
		each(divide(all, bands.M, much, recent, often), func(i, band int) { cells[i].M = band })
	case Nested:
		for r, in := range divide(all, bands.R, recent, often, much) {
			for f, within := range divide(in, bands.F, often, recent, much) {
				each(divide(within, bands.M, much, recent, often), func(i, band int) { cells[i] = Cell{r + 1, f + 1, band} })
			}
		}
	default:
		return nil, fmt.Errorf("cells by %q: it must be independent, nested or quantiles", method)
	}
	return cells, nil
}

func each(bands [][]int, do func(row, band int)) {
	for b, rows := range bands {
		for _, i := range rows {
			do(i, b+1)
		}
	}
}

// ntile cuts sorted rows into n parts whose sizes differ by one at most, the larger ones first.
func ntile(rows []int, n int) [][]int {
	out := make([][]int, n)
	size, more := len(rows)/n, len(rows)%n
	for b := range out {
		k := size
		if b < more {
			k++
		}
		out[b], rows = rows[:k:k], rows[k:]
	}
	return out
}

// quantileBands numbers the rows by the linearly interpolated quantiles of their values (pandas' qcut): 1 for the lowest
// values. Where quantiles coincide, bands stay empty.
func quantileBands(customers []Customer, n int, value func(Customer) float64) []int {
	sorted := make([]float64, len(customers))
	for i, c := range customers {
		sorted[i] = value(c)
	}
	slices.Sort(sorted)
	cuts := make([]float64, 0, n-1)
	for q := 1; q < n && len(sorted) > 0; q++ {
		at := float64(q) / float64(n) * float64(len(sorted)-1)
		low := int(at)
		cut := sorted[low]
		if low+1 < len(sorted) {
			cut += (at - float64(low)) * (sorted[low+1] - sorted[low])
		}
		cuts = append(cuts, cut)
	}
	out := make([]int, len(customers))
	for i, c := range customers {
		v := value(c)
		out[i] = 1 + len(cuts)
		for b, cut := range cuts {
			if v <= cut {
				out[i] = b + 1
				break
			}
		}
	}
	return out
}
