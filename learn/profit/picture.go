package profit

import "github.com/kvadrant/kvadrant/internal/money"

// Figures are what some lines brought. Amounts are minor units, rounded once.
type Figures struct {
	Lines       int64  `json:"lines"`
	CostedLines int64  `json:"costed_lines" doc:"Of those: lines that say their cost."`
	Revenue     int64  `json:"revenue"`
	Cost        int64  `json:"cost" doc:"Of the products, as far as the lines say."`
	Margin      int64  `json:"margin" doc:"Of the lines that say their cost."`
	CostToServe int64  `json:"cost_to_serve" doc:"Of the customer, shared over its products by lines."`
	Profit      *int64 `json:"profit" doc:"Null where no line says its cost."`
}

func (s sums) figures(currency string) Figures {
	f := Figures{Lines: s.Lines, CostedLines: s.Costed, Revenue: money.Minor(s.Revenue, currency), Cost: money.Minor(s.Cost, currency),
		Margin: money.Minor(s.margin(), currency), CostToServe: money.Minor(s.CostToServe, currency)}
	if s.Costed > 0 || s.Lines == 0 {
		profit := money.Minor(s.profit(), currency)
		f.Profit = &profit
	}
	return f
}

func (r Rates) gradeOf(s sums) Grade {
	if s.Costed == 0 {
		return ""
	}
	return r.Grade(s.profit(), s.Known)
}

func (r Rates) markOf(s sums) Mark {
	if s.Costed == 0 {
		return ""
	}
	return r.Mark(s.profit(), s.Known)
}

// Item is a product or a category of products.
type Item struct {
	ID         string `json:"id" doc:"Empty for lines without a product and products without a category."`
	Code       string `json:"code"`
	Name       string `json:"name"`
	CategoryID string `json:"category_id" doc:"Of a product; of a category the one above, where it was asked for."`
	Product    bool   `json:"product" doc:"It is a product and no category."`
	Products   int64  `json:"products" doc:"Of a category: how many of its products were bought."`
	Grade      Grade  `json:"grade" enum:"high,profitable,medium,low," doc:"By profit of revenue; empty where nothing can be said."`
	Figures
}

// Ledger is the whole company by category and by product, as it stood when the date was scored.
type Ledger struct {
	Total           Figures  `json:"total"`
	Categories      []Item   `json:"categories" nullable:"false" doc:"Those with the most revenue first, a hundred at most."`
	OtherCategories *Figures `json:"other_categories" doc:"All further ones together; null where there are none."`
	Products        []Item   `json:"products" nullable:"false" doc:"Those with the most revenue first, a hundred at most."`
	OtherProducts   *Figures `json:"other_products" doc:"All further ones together; null where there are none."`
	OtherCount      int64    `json:"other_count" doc:"How many further products."`
	Unshared        int64    `json:"unshared" doc:"Cost to serve of customers who bought nothing in the window, which no product shares."`
}

func (l ledger) shown(rates Rates, currency string) *Ledger {
	items := func(all []entry) []Item {
		out := []Item{}
		for _, e := range all {
			out = append(out, Item{ID: e.ID, Code: e.Code, Name: e.Name, CategoryID: e.CategoryID, Product: e.Product, Products: e.Products, Grade: rates.gradeOf(e.sums), Figures: e.figures(currency)})
		}
		return out
	}
	rest := func(s sums) *Figures {
		if s.Lines == 0 {
			return nil
		}
		f := s.figures(currency)
		return &f
	}
	whole := l.OtherProducts
	for _, p := range l.Products {
		whole.add(p.sums)
	}
	return &Ledger{Total: whole.figures(currency), Categories: items(l.Categories), OtherCategories: rest(l.OtherCategories), Products: items(l.Products),
		OtherProducts: rest(l.OtherProducts), OtherCount: l.OtherCount, Unshared: money.Minor(l.Unshared, currency)}
}
