package profit

import (
	"cmp"
	"slices"
)

// Bounds of what a version keeps of products: the rest stands as one row.
const (
	mostProducts   = 100
	mostCategories = 100
)

// sums are what some lines brought, in fine units.
type sums struct {
	Lines       int64 `json:"lines"`
	Costed      int64 `json:"costed_lines"`
	Revenue     int64 `json:"revenue"`
	Known       int64 `json:"costed_revenue"` // of the lines whose cost is known
	Cost        int64 `json:"cost"`
	CostToServe int64 `json:"cost_to_serve"`
}

func (s *sums) add(t sums) {
	s.Lines, s.Costed, s.Revenue, s.Known = s.Lines+t.Lines, s.Costed+t.Costed, s.Revenue+t.Revenue, s.Known+t.Known
	s.Cost, s.CostToServe = s.Cost+t.Cost, s.CostToServe+t.CostToServe
}

func (s sums) margin() int64 { return s.Known - s.Cost }
func (s sums) profit() int64 { return s.margin() - s.CostToServe }

// entry is a product or a category with its sums. Ids are empty for lines without a product and products without a category.
type entry struct {
	ID         string `json:"id"`
	Code       string `json:"code,omitempty"`
	Name       string `json:"name"`
	CategoryID string `json:"category_id,omitempty"`
	Product    bool   `json:"product,omitempty"`
	Products   int64  `json:"products,omitempty"` // of a category
	sums
}

// key tells products and categories apart.
func (e entry) key() string {
	if e.Product {
		return "product " + e.ID
	}
	return e.ID
}

// ledger is the whole company by product. Its products, and its categories, add up to the company.
type ledger struct {
	Products        []entry `json:"products"`
	OtherProducts   sums    `json:"other_products"`
	OtherCount      int64   `json:"other_count"` // of products that are not listed
	Categories      []entry `json:"categories"`
	OtherCategories sums    `json:"other_categories"`
	Unshared        int64   `json:"unshared"` // cost to serve of customers who bought nothing
}

// byProduct is the ledger of all products, whose shares of the cost to serve stand in thousandths. total is the cost to serve
// that they share: what rounding left over is divided by the same shares. Categories are those at the top of the tree.
func byProduct(products []entry, categories tree, total int64) ledger {
	weights := make([]int64, len(products))
	for i, p := range products {
		weights[i] = p.CostToServe
	}
	if !slices.ContainsFunc(weights, func(w int64) bool { return w > 0 }) {
		for i, p := range products { // less than a thousandth a line
			weights[i] = p.Lines
		}
	}
	for i, part := range ShareOut(total, weights) {
		products[i].CostToServe = part
	}
	l := ledger{Categories: []entry{}}
	at := map[string]int{}
	for _, p := range products {
		top := categories.top(p.CategoryID)
		i, ok := at[top]
		if !ok {
			i = len(l.Categories)
			at[top] = i
			l.Categories = append(l.Categories, entry{ID: top, Name: categories[top].name})
		}
		l.Categories[i].add(p.sums)
		l.Categories[i].Products++
	}
	l.Products = products
	byRevenue := func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.Revenue, a.Revenue), cmp.Compare(a.ID, b.ID))
	}
	slices.SortFunc(l.Products, byRevenue)
	slices.SortFunc(l.Categories, byRevenue)
	if len(l.Products) > mostProducts {
		for _, p := range l.Products[mostProducts:] {
			l.OtherProducts.add(p.sums)
			l.OtherCount++
		}
		l.Products = l.Products[:mostProducts:mostProducts]
	}
	if len(l.Categories) > mostCategories {
		for _, c := range l.Categories[mostCategories:] {
			l.OtherCategories.add(c.sums)
		}
		l.Categories = l.Categories[:mostCategories:mostCategories]
	}
	return l
}
