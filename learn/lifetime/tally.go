package lifetime

import (
	"math"

	"github.com/kvadrant/kvadrant/learn/likelihood"
)

// Tally puts customers with the same history together and adds up their weights: the likelihood is summed over distinct
// histories only. The order is that of the first appearance. Rows that are all but distinct are given back as they are,
// because looking for equals would cost more than it saves.
func Tally(rows []Tuple) []Tuple {
	if mostlyDistinct(rows) {
		return rows
	}
	group, out := distinct(rows, func(c Tuple) [3]float64 { return [3]float64{c.Frequency, c.Recency, c.Age} })
	tuples := make([]Tuple, len(out))
	for i, first := range out {
		tuples[i] = rows[first]
		tuples[i].Weight, tuples[i].LogGaps = 0, 0
	}
	for i, g := range group {
		tuples[g].Weight += rows[i].Weight
		tuples[g].LogGaps += rows[i].LogGaps
	}
	return tuples
}

// mostlyDistinct looks at a few thousand rows, evenly spread.
func mostlyDistinct(rows []Tuple) bool {
	const look = 8192
	if len(rows) < 8*look {
		return false
	}
	seen := make(map[[3]float64]struct{}, look)
	for i := range look {
		c := rows[i*(len(rows)/look)]
		seen[[3]float64{c.Frequency, c.Recency, c.Age}] = struct{}{}
	}
	return len(seen) > look*3/4
}

// distinct numbers the rows by equal keys: group[i] is the number of row i's key, first[g] the first row that has it.
func distinct(rows []Tuple, key func(Tuple) [3]float64) (group, first []int32) {
	size := 1024
	slots := make([]int32, size) // number of the key + 1
	group = make([]int32, len(rows))
	var keys [][3]float64
	var hashes []uint64
	for i, c := range rows {
		k := key(c)
		h := mix(k)
		at := int(h) & (size - 1)
		for slots[at] != 0 && (hashes[slots[at]-1] != h || keys[slots[at]-1] != k) {
			at = (at + 1) & (size - 1)
		}
		if slots[at] == 0 {
			keys, hashes, first = append(keys, k), append(hashes, h), append(first, int32(i))
			slots[at] = int32(len(keys))
			if 2*len(keys) > size {
				size *= 4
				slots = make([]int32, size)
				for g, h := range hashes {
					at := int(h) & (size - 1)
					for slots[at] != 0 {
						at = (at + 1) & (size - 1)
					}
					slots[at] = int32(g + 1)
				}
			}
			group[i] = int32(len(keys) - 1)
			continue
		}
		group[i] = slots[at] - 1
	}
	return group, first
}

func mix(k [3]float64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, v := range k {
		h ^= math.Float64bits(v)
		h *= 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	return h
}

// columns are tuples laid out for a likelihood: times divided by their mean, so that nothing depends on the unit.
type columns struct {
	kind              []int32 // number of x among counts
	recency, age, wgt []float64
	counts            []float64 // distinct x
	weight            []float64 // customers per distinct x
	scale             float64   // mean T, the unit of the columns
	gaps              float64   // Σ ln(gap) in that unit
	rows              int
}

// roughRows is how many tuples the search for a good start looks at.
const roughRows = 2000

func lay(tuples []Tuple, customers, time float64) *columns {
	n := len(tuples)
	d := &columns{kind: make([]int32, n), recency: make([]float64, n), age: make([]float64, n), wgt: make([]float64, n),
		scale: time / customers, rows: n}
	number := make(map[float64]int32)
	small := make([]int32, 256) // x below 256 need no map
	repeats := 0.0
	for i, c := range tuples {
		g := int32(0)
		if j := int(c.Frequency); j < len(small) && float64(j) == c.Frequency {
			g = small[j]
		} else {
			g = number[c.Frequency]
		}
		if g == 0 {
			d.counts, d.weight = append(d.counts, c.Frequency), append(d.weight, 0)
			g = int32(len(d.counts))
			number[c.Frequency] = g
			if j := int(c.Frequency); j < len(small) && float64(j) == c.Frequency {
				small[j] = g
			}
		}
		d.kind[i] = g - 1
		d.weight[g-1] += c.Weight
		d.recency[i], d.age[i], d.wgt[i] = c.Recency/d.scale, c.Age/d.scale, c.Weight
		d.gaps += c.LogGaps
		repeats += c.Weight * c.Frequency
	}
	d.gaps -= repeats * math.Log(d.scale)
	return d
}

// part is about the given number of rows, evenly spread, for a start; nil where there are not many more.
func (d *columns) part(rows int) *columns {
	if d.rows < 3*rows {
		return nil
	}
	step := d.rows / rows
	p := &columns{counts: d.counts, weight: make([]float64, len(d.counts)), scale: d.scale}
	for i := 0; i < d.rows; i += step {
		p.kind = append(p.kind, d.kind[i])
		p.recency, p.age, p.wgt = append(p.recency, d.recency[i]), append(p.age, d.age[i]), append(p.wgt, d.wgt[i])
		p.weight[d.kind[i]] += d.wgt[i]
		p.rows++
	}
	return p
}

// climb fits a function of columns: on a part first where there are many rows.
func climb(d *columns, f func(*columns) likelihood.Function, starts [][]float64) likelihood.Peak {
	var steps []likelihood.Function
	for _, rows := range [2]int{roughRows, 20 * roughRows} {
		if p := d.part(rows); p != nil {
			steps = append(steps, f(p))
		}
	}
	return likelihood.Best(starts, append(steps, f(d))...)
}
