package statistics

import (
	"cmp"
	"slices"
)

// The ways to divide a company into parts.
const (
	ByUnit     = "unit"
	ByPerson   = "person"
	ByCountry  = "country"
	ByIndustry = "industry"
)

// None is the key of the part of customers without a unit, a person, a country or an industry; it stands in addresses too.
const None = "-"

// Others is the key of the part that holds the small ones when there are too many.
const Others = "others"

// mostParts is how many parts are told apart; the others are one.
const mostParts = 60

// Division is a part of the company by the matrix.
type Division struct {
	Key    string        `json:"key" doc:"Id of the unit or person, code of the country, name of the industry; - for customers without one, others for the small parts together."`
	Name   string        `json:"name" doc:"Empty where the key says it."`
	Direct bool          `json:"direct" doc:"The customers of the unit itself, without the units below it."`
	Deeper bool          `json:"deeper" doc:"Whether there are units below it."`
	People *int64        `json:"people" doc:"Who sat in it on the date; null where nobody can."`
	Total  Figures       `json:"total"`
	Cells  []CellFigures `json:"cells" nullable:"false" doc:"In the order of the rows and columns of the picture."`
}

// Step is a unit on the way down to what is compared.
type Step struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

// Comparison is the parts of a company by the same matrix.
type Comparison struct {
	Head
	By    string     `json:"by" enum:"unit,person,country,industry" doc:"How it was divided; a unit without units below it is divided by person."`
	Path  []Step     `json:"path" nullable:"false" doc:"The units from the top down to what is divided."`
	Parts []Division `json:"parts" nullable:"false" doc:"The most customers first."`
	Total Figures    `json:"total" doc:"The sum of the parts."`
}

// parts gathers the figures of each part.
type parts map[string]tally

func (p parts) add(key string, r row) {
	if p[key] == nil {
		p[key] = tally{}
	}
	p[key].add(r.row, r.column, r.figures)
}

// few keeps the largest parts and puts the rest together.
func (p parts) few() {
	if len(p) <= mostParts {
		return
	}
	sizes := map[string]int64{}
	keys := make([]string, 0, len(p))
	for key, t := range p {
		keys, sizes[key] = append(keys, key), t.total().Customers
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(sizes[b], sizes[a]), cmp.Compare(a, b)) })
	rest := tally{}
	for _, key := range keys[mostParts-1:] {
		for at, f := range p[key] {
			rest.add(at[0], at[1], f)
		}
		delete(p, key)
	}
	p[Others] = rest
}

// compared makes the comparison of the parts; describe completes each.
func compared(h Head, by string, path []Step, p parts, describe func(*Division)) Comparison {
	c := Comparison{Head: h, By: by, Path: path, Parts: []Division{}, Total: Figures{Sums: map[string]Sum{}}}
	whole := tally{}
	p.few()
	for _, t := range p {
		for at, f := range t {
			whole.add(at[0], at[1], f)
		}
	}
	c.Rows, c.Columns = whole.axes(h.Matrix)
	for key, t := range p {
		d := Division{Key: key, Total: t.total(), Cells: t.cells(c.Rows, c.Columns)}
		describe(&d)
		c.Parts = append(c.Parts, d)
		c.Total.add(d.Total)
	}
	slices.SortFunc(c.Parts, func(a, b Division) int {
		return cmp.Or(cmp.Compare(rest(a), rest(b)), cmp.Compare(b.Total.Customers, a.Total.Customers), cmp.Compare(a.Key, b.Key))
	})
	return c
}

// rest puts what has no name of its own last.
func rest(d Division) int {
	switch d.Key {
	case Others:
		return 1
	case None:
		return 2
	}
	return 0
}
