package demo

import (
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// product is an article of the chandlery; price and cost in DKK of the last
// story year.
type product struct {
	code, name, category string
	price, cost          float64
}

// readProduct makes one article per variant; every third item also comes in the
// house's own brand, cheaper and with a better margin.
func (w *world) readProduct(p []string) error {
	price, err1 := strconv.ParseFloat(p[4], 64)
	growth, err2 := strconv.ParseFloat(p[5], 64)
	share, err3 := strconv.ParseFloat(p[6], 64)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return err
		}
	}
	ownBrand := len(p[2])%3 == 0
	for variant := range strings.SplitSeq(p[3], ";") {
		w.addProduct(p[0]+" > "+p[1], p[2]+", "+variant, price, share)
		if ownBrand {
			w.addProduct(p[0]+" > "+p[1], "Nordhavn "+lowerFirst(p[2])+", "+variant, price*0.86, share*0.93)
		}
		price *= growth
	}
	return nil
}

func (w *world) addProduct(category, name string, price, costShare float64) {
	price = tidyPrice(price)
	w.catalogue = append(w.catalogue, product{
		code:     string(appendPadded([]byte("P"), len(w.catalogue)+1, 4)),
		name:     name,
		category: category,
		price:    price,
		cost:     math.Round(price*costShare*100) / 100,
	})
}

// tidyPrice rounds as price lists do: to halves, whole, fives, tens…
func tidyPrice(v float64) float64 {
	step := 0.5
	for v > 200*step {
		step *= 10
	}
	return math.Round(v/step) * step
}

// lowerFirst lets a name follow a brand, but leaves abbreviations alone.
func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// productsOf returns the articles of the top categories, cheapest first.
func (w *world) productsOf(categories []string) []int {
	var found []int
	for i, p := range w.catalogue {
		top, _, _ := strings.Cut(p.category, " > ")
		if slices.Contains(categories, top) {
			found = append(found, i)
		}
	}
	sort.SliceStable(found, func(a, b int) bool { return w.catalogue[found[a]].price < w.catalogue[found[b]].price })
	return found
}

// affordable returns those of the industry's articles that make sensible
// quantities of a line worth amount DKK: not dearer than the line, not so cheap
// that hundreds would be needed; at least six.
func (w *world) affordable(in *industry, amount float64) []int {
	all := in.products
	above := func(limit float64) int {
		return sort.Search(len(all), func(i int) bool { return w.catalogue[all[i]].price > limit })
	}
	const fewest = 6
	hi := max(above(amount), fewest)
	lo := min(above(amount/40), hi-fewest)
	return all[lo:hi]
}

func (w *world) writeProducts(p *page) {
	for i := range w.catalogue {
		a := &w.catalogue[i]
		p.text(a.code)
		p.text(a.name)
		p.text(a.category)
		p.cents(int64(math.Round(a.cost * 100)))
		p.text(BaseCurrency)
		p.end()
	}
}
