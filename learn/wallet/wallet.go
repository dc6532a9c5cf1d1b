// Package wallet computes what each customer bought, what it could buy (its potential), and our share of that: the share
// of wallet (FIELD.md K1), in total and by category of product.
//
// The potential in force is the most trusted statement that is still fresh (definition.go). Where nobody stated one, it is
// estimated from look-alikes: customers alike in industry, size, country and in what they buy most. The estimate is a high
// quantile of what those look-alikes buy in a year. Of customers who could buy alike some give us nearly all of it; the
// largest revenues of a group are therefore near to what its customers could buy, while the mean mixes in all who give us
// a part. Such a conditional quantile is the "realistic wallet" of Rosset, Perlich, Zadrozny, Merugu, Weiss and Lawrence,
// "Wallet estimation models" (2005), and Merugu, Rosset and Perlich, "A new multi-view regression approach with an
// application to customer wallet estimation" (KDD 2006); quantiles given covariates are Koenker and Bassett, "Regression
// quantiles" (Econometrica 46, 1978), here with one free quantile for every group, which needs no shape of the curve, is
// exact, and can be told in a sentence: "the 35th of 43, from the smallest".
//
// White space is what a customer leaves to others by category: the potential, divided as look-alikes divide their
// purchases, less what it buys of each category from us.
package wallet

import (
	"cmp"
	"fmt"
	"strconv"
)

// Level says in what customers of a group are alike, the closest first.
type Level string

// The levels. A customer is judged at the first that holds enough look-alikes for it.
const (
	ByCategory Level = "industry_size_country_category"
	ByCountry  Level = "industry_size_country"
	ByIndSize  Level = "industry_size"
	BySize     Level = "size"
	ByIndustry Level = "industry"
	Everybody  Level = "all"
)

func levels() []Level {
	return []Level{ByCategory, ByCountry, ByIndSize, BySize, ByIndustry, Everybody}
}

// words says the level as a list of traits.
func (l Level) words() string {
	switch l {
	case ByCategory:
		return "industry, size, country and what they buy most"
	case ByCountry:
		return "industry, size and country"
	case ByIndSize:
		return "industry and size"
	case BySize:
		return "size"
	case ByIndustry:
		return "industry"
	}
	return "buying anything at all"
}

// Traits are what customers can be alike in. An empty one is not known.
type Traits struct {
	Industry string `json:"industry"`
	Size     string `json:"size" doc:"The band of employees, such as 10–49."`
	Country  string `json:"country"`
	Category string `json:"category" doc:"The category of product that it buys most."`
}

// at keeps the traits that the level compares; ok says whether it can compare such a customer. What is unknown can be
// shared too (customers without an industry are a group of their own), but not as the only trait, and who has bought
// nothing has no category.
func (t Traits) at(l Level) (of Traits, ok bool) {
	switch l {
	case ByCategory:
		return t, t.Category != ""
	case ByCountry:
		t.Category = ""
		return t, true
	case ByIndSize:
		return Traits{Industry: t.Industry, Size: t.Size}, true
	case BySize:
		return Traits{Size: t.Size}, t.Size != ""
	case ByIndustry:
		return Traits{Industry: t.Industry}, t.Industry != ""
	}
	return Traits{}, true
}

// band is the name of the band of employees from one number up to the next.
func band(from, next int64) string {
	if next == 0 {
		return strconv.FormatInt(from, 10) + "+"
	}
	if from == next-1 {
		return strconv.FormatInt(from, 10)
	}
	return fmt.Sprintf("%d–%d", from, next-1)
}

// bands are the names of all bands with where each begins, the largest first.
func (d Definition) bands() (names []string, from []int64) {
	next := int64(0)
	for i := len(d.Sizes) - 1; i >= 0; i-- {
		names, from = append(names, band(d.Sizes[i], next)), append(from, d.Sizes[i])
		next = d.Sizes[i]
	}
	if next != 1 {
		names, from = append(names, band(0, next)), append(from, 0)
	}
	return names, from
}

// category is a product category at the level of the tree at which categories are compared.
type category struct{ id, parent, code, name string }

// mains maps each category to the one above it, or itself, at the highest level of the tree that has at least two: a tree
// whose root is "Everything" is compared one level down. Names that two of them share get their codes.
func mains(all []category) map[string]string {
	byID := make(map[string]category, len(all))
	for _, c := range all {
		byID[c.id] = c
	}
	path := func(c category) []category {
		way := []category{c}
		for len(way) <= len(all) { // a circle ends here
			parent, ok := byID[way[len(way)-1].parent]
			if !ok {
				break
			}
			way = append(way, parent)
		}
		return way
	}
	depths := map[int]int{}
	for _, c := range all {
		depths[len(path(c))]++
	}
	depth := 1
	for depths[depth] == 1 && depths[depth+1] > 0 {
		depth++
	}
	named, chosen := map[string]int{}, map[string]category{}
	for _, c := range all {
		way := path(c)
		main := way[max(0, len(way)-depth)]
		if chosen[c.id] = main; main.id == c.id {
			named[main.name]++
		}
	}
	labels := make(map[string]string, len(all))
	for id, main := range chosen {
		if labels[id] = cmp.Or(main.name, main.code); named[main.name] > 1 {
			labels[id] = fmt.Sprintf("%s (%s)", main.name, main.code)
		}
	}
	return labels
}
