// Package loyalty says who stays, who is tied to us and who begins to leave: the indices of retention, loss, loyalty and
// satisfaction (FIELD.md P10), the loyalty matrix (P11), the ten types of behaviour (P12), the five Bs of the relation (D3),
// and early warnings of falling rhythm or amounts.
//
// Loyalty has two sides that are kept apart: the consistency of what customers do, from their purchases, and the tie that
// they feel, from what they answered. Nothing is said of a tie that was never asked about.
package loyalty

import "math"

// Cuts divide a scale into low, middle and high.
type Cuts struct {
	Middle float64 `json:"middle" doc:"Where the middle begins."`
	High   float64 `json:"high" doc:"Where the high part begins."`
}

// Retention is the customers who bought again per cent of those of the period before; nil where there were none.
func Retention(before, again int64) *float64 {
	if before == 0 {
		return nil
	}
	r := 100 * float64(again) / float64(before)
	return &r
}

// Loss is the customers who left per mean of the customers at start and end; nil where there were none.
func Loss(left, start, end int64) *float64 {
	if start+end == 0 {
		return nil
	}
	l := float64(left) / (float64(start+end) / 2)
	return &l
}

// Intenders are answers to whether people mean to buy again.
type Intenders struct {
	Unconditional int64 `json:"unconditional"`
	Conditional   int64 `json:"conditional"`
	Asked         int64 `json:"asked"`
}

// Standard is the part of those asked who mean to buy again at all; nil where nobody was asked.
func (i Intenders) Standard() *float64 {
	if i.Asked == 0 {
		return nil
	}
	s := float64(i.Unconditional+i.Conditional) / float64(i.Asked)
	return &s
}

// Strengthened is those who mean to buy again whatever happens, per cent of those asked; nil where nobody was asked.
func (i Intenders) Strengthened() *float64 {
	if i.Asked == 0 {
		return nil
	}
	s := 100 * float64(i.Unconditional) / float64(i.Asked)
	return &s
}

// Category is one category of satisfaction: the mean of its scores from 1 to 10, and what it weighs.
type Category struct {
	Name   string  `json:"name"`
	Score  float64 `json:"score"`
	Weight float64 `json:"weight"`
	Asked  int64   `json:"asked"`
}

// Satisfaction is the three ways in which the scores of categories are put together.
type Satisfaction struct {
	Plain    *float64 `json:"plain" doc:"Sum of the categories' scores ÷ categories."`
	Weighted *float64 `json:"weighted" doc:"Sum of score × weight ÷ sum of the weights."`
	Source   *float64 `json:"source" doc:"Sum of score × weight ÷ categories: the form of the source, which falls with every category added."`
}

// Satisfy puts the categories together; nothing where there is none.
func Satisfy(all []Category) Satisfaction {
	var s Satisfaction
	if len(all) == 0 {
		return s
	}
	var sum, weighted, weight float64
	for _, c := range all {
		sum, weighted, weight = sum+c.Score, weighted+c.Score*c.Weight, weight+c.Weight
	}
	plain, source := sum/float64(len(all)), weighted/float64(len(all))
	s.Plain, s.Source = &plain, &source
	if mean := weighted / weight; !math.IsNaN(mean) && !math.IsInf(mean, 0) {
		s.Weighted = &mean
	}
	return s
}
