package wallet

import (
	"cmp"
	"slices"
)

const (
	// mostCategories is how many categories are compared, those with the most revenue: a customer's are the bits of a
	// whole number.
	mostCategories = 60
	// mostGaps is how many categories of a group are looked through for those that a customer does not buy at all, from
	// the one that look-alikes spend most on down.
	mostGaps = 8
	// perMillion is the unit in which shares are added up: sums of fractions would depend on their order.
	perMillion = 1_000_000
)

// categories is what look-alikes buy of one category: how many buy it, and the sum of the shares of their purchases that
// they spend on it, in millionths.
type categories struct{ buyers, shares int64 }

// spending is one row of what the customers of a cell buy.
type spending struct {
	cell, category int
	categories
}

// add brings what cells buy to the groups of look-alikes.
func (j judged) add(rows []spending) {
	for _, r := range rows {
		for _, g := range j.member[r.cell] {
			b := g.bought[r.category]
			g.bought[r.category] = categories{b.buyers + r.buyers, b.shares + r.shares}
		}
	}
}

// Usual is a category that look-alikes usually buy.
type usual struct {
	category int
	share    int64 // of the potential, in millionths: what the average look-alike spends of its purchases on it
	reach    float64
}

// usuals are the group's categories that at least the share of reach buys, the largest first.
func (g *group) usuals(reach float64) []usual {
	var all []usual
	for c, b := range g.bought {
		if of := float64(b.buyers) / float64(g.buyers); of >= reach && b.shares > 0 {
			all = append(all, usual{c, max(0, b.shares/int64(g.buyers)), of})
		}
	}
	slices.SortFunc(all, func(a, b usual) int {
		return cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(a.category, b.category))
	})
	return all
}
