package demo

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

//go:embed data/*.txt
var data embed.FS

// world is everything the customers have in common. It is read-only once made,
// so all shards share it.
type world struct {
	seed        uint64
	customers   int
	scale       scale
	calendar    calendar
	countries   []country
	departments []department
	industries  []industry
	catalogue   []product
	currencies  []currency
	units       []unit
	people      []person

	departmentWeights weights
	industryWeights   [sizes]weights
}

// scale is what depends on the number of customers: a small company is told in
// more detail, a large one must stay at about ten lines per customer.
type scale struct {
	lines       float64 // factor on the purchase lines of a year
	touches     float64 // factor on the interactions of a year
	touchYears  int     // how far back interactions reach
	budgetFloor float64 // customers who bring at least this DKK a year get a budget
	waning      int     // of twelve large customers who buy well, so many begin to leave; a small company has few such customers, and some must
}

func newScale(customers int) scale {
	switch {
	case customers <= 1000:
		return scale{lines: 1.75, touches: 1, touchYears: 3, budgetFloor: 50_000, waning: 8}
	case customers <= 20_000:
		return scale{lines: 1.75, touches: 1, touchYears: 3, budgetFloor: 50_000, waning: 4}
	}
	return scale{lines: 1.13, touches: 0.5, touchYears: 2, budgetFloor: 300_000, waning: 4}
}

type country struct {
	code, name                      string
	surnames, given, words, streets []string
	templates                       map[string][]string // by industry
	currencies                      []int               // the usual one first
}

type department struct {
	code, name, marketCode, market string
	country                        int
	weight                         int
	cities                         []city
	sellers                        []int // indices of people
}

type city struct{ name, postalCode string }

type industry struct {
	name     string
	season   season
	products []int // indices of the catalogue, cheapest first
}

// currency has the DKK that one unit is worth in each calendar year from 2021.
type currency struct {
	code  string
	whole bool // amounts carry no decimals in practice
	rate  []float64
	text  []string
}

// weights is a cumulative distribution over indices.
type weights []int

func (w weights) pick(r *rand.Rand) int {
	n := r.IntN(w[len(w)-1])
	for i, limit := range w {
		if n < limit {
			return i
		}
	}
	return len(w) - 1
}

func (w weights) add(weight int) weights {
	if len(w) > 0 {
		weight += w[len(w)-1]
	}
	return append(w, weight)
}

func newWorld(seed uint64, customers int) (*world, error) {
	w := &world{seed: seed, customers: customers, scale: newScale(customers), calendar: newCalendar()}
	for _, read := range []struct {
		file  string
		parts int
		line  func([]string) error
	}{
		{"rates.txt", 3, w.readRate},
		{"names.txt", 3, w.readName},
		{"places.txt", 7, w.readPlace},
		{"products.txt", 7, w.readProduct},
		{"industries.txt", 6, w.readIndustry},
	} {
		if err := readLines(read.file, read.parts, read.line); err != nil {
			return nil, err
		}
	}
	w.settleCurrencies()
	w.buildOrganisation()
	return w, nil
}

// readLines calls line with the parts of each line of an embedded word list.
func readLines(file string, parts int, line func([]string) error) error {
	text, err := data.ReadFile("data/" + file)
	if err != nil {
		return err
	}
	for i, l := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if strings.HasPrefix(l, "#") {
			continue
		}
		p := strings.Split(l, "|")
		if len(p) != parts {
			return fmt.Errorf("%s line %d: %d parts instead of %d", file, i+1, len(p), parts)
		}
		if err := line(p); err != nil {
			return fmt.Errorf("%s line %d: %w", file, i+1, err)
		}
	}
	return nil
}

func (w *world) readRate(p []string) error {
	rate, err := strconv.ParseFloat(p[2], 64)
	if err != nil {
		return err
	}
	if n := len(w.currencies); n == 0 || w.currencies[n-1].code != p[0] {
		w.currencies = append(w.currencies, currency{code: p[0], whole: p[0] == "TWD"})
	}
	c := &w.currencies[len(w.currencies)-1]
	c.rate = append(c.rate, rate)
	c.text = append(c.text, p[1], p[2])
	return nil
}

func (w *world) readName(p []string) error {
	if n := len(w.countries); n == 0 || w.countries[n-1].code != p[0] {
		w.countries = append(w.countries, country{code: p[0], templates: map[string][]string{}})
	}
	c := &w.countries[len(w.countries)-1]
	values := strings.Split(p[2], ";")
	switch p[1] {
	case "country":
		c.name = p[2]
	case "surname":
		c.surnames = values
	case "given":
		c.given = values
	case "word":
		c.words = values
	case "street":
		c.streets = values
	default:
		c.templates[p[1]] = values
	}
	return nil
}

func (w *world) readPlace(p []string) error {
	weight, err := strconv.Atoi(p[5])
	if err != nil {
		return err
	}
	d := department{marketCode: p[1], market: p[2], code: p[3], name: p[4], weight: weight, country: -1}
	for i := range w.countries {
		if w.countries[i].code == p[0] {
			d.country = i
		}
	}
	if d.country < 0 {
		return fmt.Errorf("country %s has no names", p[0])
	}
	for c := range strings.SplitSeq(p[6], ",") {
		name, postal, ok := strings.Cut(c, ":")
		if !ok {
			return fmt.Errorf("city %q has no postal code", c)
		}
		d.cities = append(d.cities, city{name, postal})
	}
	w.departments = append(w.departments, d)
	w.departmentWeights = w.departmentWeights.add(weight)
	return nil
}

func (w *world) readIndustry(p []string) error {
	in := industry{name: p[0]}
	for s := range sizes {
		n, err := strconv.Atoi(p[1+s])
		if err != nil {
			return err
		}
		w.industryWeights[s] = w.industryWeights[s].add(n)
	}
	var months [12]float64
	for i, m := range strings.Split(p[4], ",") {
		v, err := strconv.ParseFloat(m, 64)
		if err != nil {
			return err
		}
		months[i%12] = v
	}
	in.season = newSeason(months)
	in.products = w.productsOf(strings.Split(p[5], ","))
	for i := range w.countries {
		if len(w.countries[i].templates[in.name]) == 0 {
			return fmt.Errorf("no names of this industry in %s", w.countries[i].name)
		}
	}
	w.industries = append(w.industries, in)
	return nil
}

// settleCurrencies says what each country pays in: its own currency first, then
// what large shipping customers there are invoiced in.
func (w *world) settleCurrencies() {
	index := map[string]int{}
	for i, c := range w.currencies {
		index[c.code] = i
	}
	for i := range w.countries {
		codes := map[string][]string{
			"DK": {"DKK", "EUR", "USD"}, "DE": {"EUR", "USD"}, "NL": {"EUR", "USD"},
			"PL": {"PLN", "EUR"}, "TW": {"TWD", "USD"},
		}[w.countries[i].code]
		for _, code := range codes {
			w.countries[i].currencies = append(w.countries[i].currencies, index[code])
		}
	}
}

// rate returns the DKK that one unit of the currency is worth on a day.
func (w *world) rate(currency, day int) float64 {
	rates := w.currencies[currency].rate
	return rates[min(int(w.calendar.year[day]), len(rates)-1)]
}

func (w *world) writeRates(p *page) {
	for _, c := range w.currencies {
		if c.code == BaseCurrency {
			continue
		}
		for i := 0; i < len(c.text); i += 2 {
			p.text(c.code)
			p.text(c.text[i])
			p.text(c.text[i+1])
			p.end()
		}
	}
}
