package app

import (
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kvadrant/kvadrant/internal/money"
	"github.com/kvadrant/kvadrant/learn/profit"
)

// costs sets the unit costs and the classes of profit.
func (h *house) costs(change func(d *profit.Definition)) {
	h.t.Helper()
	var d profit.Definition
	r := h.admin.must(http.MethodGet, "/profit/definition", nil, 200, &d)
	change(&d)
	h.admin.must(http.MethodPut, "/profit/definition", d, 200, nil, "If-Match", r.header.Get("ETag"))
}

// trade imports customers by their codes and purchases "customer,date,product,revenue,cost"; a missing cost is unknown.
func (h *house) trade(customers []string, purchases ...string) {
	h.t.Helper()
	var list, bought strings.Builder
	list.WriteString("code,name\n")
	for _, c := range customers {
		fmt.Fprintf(&list, "%s,Customer %s\n", c, c)
	}
	bought.WriteString("document,line,customer,date,product,revenue,cost\n")
	for i, p := range purchases {
		fmt.Fprintf(&bought, "D%d,1,%s\n", i, p)
	}
	for kind, text := range map[string]string{"customers": list.String()} {
		if got := h.admin.bring(kind, text); got.Rejected != 0 {
			h.t.Fatalf("%s: %+v", kind, got)
		}
	}
	if got := h.admin.bring("purchases", bought.String()); got.Rejected != 0 {
		h.t.Fatalf("purchases: %+v", got)
	}
}

// field's table (FIELD.md P8) by class and column, in percent of the base.
func table(o profit.Opportunity) map[string]string {
	got := map[string]string{}
	for _, c := range o.Cells {
		if c.State == profit.WonBack && c.Customers == 0 {
			continue
		}
		got[string(c.Class)+" "+string(c.State)] = fmt.Sprintf("%+.0f", *c.Share*100)
	}
	return got
}

// P8: the example of the source from its nine cells, in a company whose profit of the base year is 100. The same table comes out
// of this window against the one before and of two scored dates. P7: the cycle adds up to it.
func TestP8OpportunityMatrix(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	// High from 6, medium from 3, by profit; before and now, "-" for nothing bought.
	company := []struct{ customer, before, now string }{
		{"H1", "9", "-"}, {"H2", "9", "-"}, {"H3", "40", "35"}, {"H4", "-", "11"}, // −18, −5, +11
		{"M1", "4", "-"}, {"M2", "4", "-"}, {"M3", "4", "-"}, {"M4", "5", "5"}, {"M5", "5", "5"}, {"M6", "5", "5"}, {"M7", "5", "5"}, {"M8", "-", "4"}, {"M9", "-", "4"}, // −12, 0, +8
		{"L1", "2.5", "-"}, {"L2", "2.5", "-"}, {"L3", "2.5", "2.5"}, {"L4", "2.5", "2.5"}, {"L5", "-", "1.5"}, {"L6", "-", "1.5"}, // −5, 0, +3
	}
	var codes, lines []string
	for _, c := range company {
		codes = append(codes, c.customer)
		if c.before != "-" {
			lines = append(lines, c.customer+",2025-03-01,,"+c.before+",0")
		}
		if c.now != "-" {
			lines = append(lines, c.customer+",2026-03-01,,"+c.now+",0")
		}
	}
	h.trade(codes, lines...)
	h.costs(func(d *profit.Definition) {
		d.Costs = profit.Costs{Contacts: []profit.ContactCost{}}
		d.Cuts.By, d.Cuts.HighAmount, d.Cuts.MediumAmount = profit.ByAmount, 6_00, 3_00
	})
	h.admin.score("2025-06-30")
	h.admin.score("2026-06-30")
	var p profit.Picture
	h.admin.must(http.MethodGet, "/profit?as_of=2026-06-30", nil, 200, &p)
	want := map[string]string{
		"high new": "+11", "high retained": "-5", "high lost": "-18", "high all": "-12",
		"medium new": "+8", "medium retained": "+0", "medium lost": "-12", "medium all": "-4",
		"low new": "+3", "low retained": "+0", "low lost": "-5", "low all": "-2",
		"all new": "+22", "all retained": "-5", "all lost": "-35", "all all": "-18",
	}
	if diff := cmp.Diff(want, table(p.Opportunity)); diff != "" {
		t.Errorf("the window before: %s", diff)
	}
	var o profit.Opportunity
	h.admin.must(http.MethodGet, "/profit/opportunity?as_of=2026-06-30&against=2025-06-30", nil, 200, &o)
	if diff := cmp.Diff(p.Opportunity, o); diff != "" {
		t.Errorf("two scored dates differ from the window before: %s", diff)
	}
	// The figures are links: the list has the customers of each cell.
	for _, c := range p.Opportunity.Cells {
		if c.Class == profit.AllClasses || c.State == profit.AllStates {
			continue
		}
		var page struct{ Items []record }
		h.admin.must(http.MethodGet, fmt.Sprintf("/matrix/customers?as_of=2026-06-30&limit=100&measure=%s&measure=%s", url.QueryEscape("customer_state="+string(c.State)), url.QueryEscape("opportunity_class="+string(c.Class))), nil, 200, &page)
		var movers profit.Movers
		h.admin.must(http.MethodGet, fmt.Sprintf("/profit/opportunity/customers?as_of=2026-06-30&against=2025-06-30&class=%s&state=%s", c.Class, c.State), nil, 200, &movers)
		if int64(len(page.Items)) != c.Customers || int64(len(movers.Items)) != c.Customers {
			t.Errorf("%s %s: %d customers, %d in the list, %d behind the comparison", c.Class, c.State, c.Customers, len(page.Items), len(movers.Items))
		}
	}
	var movers profit.Movers
	h.admin.must(http.MethodGet, "/profit/opportunity/customers?as_of=2026-06-30&against=2025-06-30&class=high", nil, 200, &movers)
	if m := movers.Items; len(m) != 4 || m[0].Code != "H4" || m[0].Contribution != 11_00 || m[3].Code != "H3" || m[3].Contribution != -5_00 {
		t.Errorf("high: %+v", m)
	}
	// P7: 7 new with 22, 7 retained with 60 (of 65 before), 7 lost with 35 before.
	cycle := map[profit.State]profit.StateFigures{}
	for _, f := range p.Cycle {
		cycle[f.State] = f
	}
	for state, want := range map[profit.State]profit.StateFigures{
		profit.New:      {State: profit.New, Customers: 5, Profit: 22_00},
		profit.Retained: {State: profit.Retained, Customers: 7, Profit: 60_00, ProfitBefore: 65_00},
		profit.Lost:     {State: profit.Lost, Customers: 7, ProfitBefore: 35_00},
	} {
		if diff := cmp.Diff(want, cycle[state]); diff != "" {
			t.Errorf("%s: %s", state, diff)
		}
	}
	if r := h.admin.must(http.MethodGet, "/profit/export?table=opportunity", nil, 200, nil); !strings.Contains(string(r.body), "high,lost,2,18.00,0.00,-18.00,-0.18,DKK,2026-06-30\r\n") {
		t.Errorf("export: %s", r.body)
	}
	// Windows that overlap cannot be compared, nor a date with itself.
	h.admin.score("2025-12-31")
	if r := h.admin.must(http.MethodGet, "/profit/opportunity?as_of=2026-06-30&against=2025-12-31", nil, 400, nil); !strings.Contains(string(r.body), "up to 2025-06-30") {
		t.Errorf("overlap: %s", r.body)
	}
	h.admin.must(http.MethodGet, "/profit/opportunity?as_of=2026-06-30&against=2024-12-31", nil, 404, nil)
	h.admin.must(http.MethodGet, "/profit/opportunity?as_of=2026-06-30&against=yesterday", nil, 422, nil)
}

// P9 by hand: two categories, one with another below it, a product without one, and a line without a cost. Orders cost 6 and lines
// 2, shared over a customer's products by lines.
func TestP9CustomersAndProducts(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	if got := h.admin.bring("products", "code,name,category\nR,Rope,Deck > Ropes\nF,Fender,Deck\nP,Paint,Paint\nX,Xtra,\n"); got.Rejected != 0 {
		t.Fatalf("products: %+v", got)
	}
	h.trade([]string{"A", "B", "C"},
		"A,2026-01-01,R,100,60", "A,2026-01-02,R,100,60", "A,2026-01-03,P,50,70", "A,2026-01-04,F,10,0", // margin 80, −20, 10; served 4 × 8 = 32
		"B,2026-01-01,P,40,30", "B,2026-01-02,X,20,12", // margin 10, 8; served 16
		"C,2026-01-01,R,30,", // no cost
	)
	h.costs(func(d *profit.Definition) {
		d.Costs = profit.Costs{Contacts: []profit.ContactCost{}, Order: 6_00, Line: 2_00}
		d.Rates = profit.Rates{High: 0.25, Profitable: 0.1, Medium: 0, TwicePlus: 0.25, Plus: 0, Minus: -0.25}
	})
	h.admin.score("2026-06-30")
	draw := func(query string) string {
		var g profit.Grid
		h.admin.must(http.MethodGet, "/profit/products?as_of=2026-06-30&"+query, nil, 200, &g)
		var b strings.Builder
		name := func(i profit.Item) string { return i.Name + " " + string(i.Grade) }
		for _, c := range g.Columns {
			fmt.Fprintf(&b, " | %s", name(c))
		}
		for _, r := range g.Rows {
			fmt.Fprintf(&b, "\n%s %s", r.Code, r.Grade)
			for _, c := range r.Cells {
				switch {
				case c == nil:
					b.WriteString(" | .")
				case c.Profit == nil:
					b.WriteString(" | ?")
				default:
					fmt.Fprintf(&b, " | %s %d", c.Mark, *c.Profit)
				}
			}
		}
		return b.String()
	}
	// A: Deck is 80 + 10 − 24 = 66 of 210, Paint −20 − 8 = −28 of 50: all 38 of 260. B: Paint 10 − 8 = 2 of 40, X 8 − 8 = 0 of 20.
	for query, want := range map[string]string{
		"of=largest":           " | Deck high | Paint low |  medium\nA profitable | plus_plus 6600 | minus_minus -2800 | .\nB medium | . | plus 200 | plus 0\nC  | ? | . | .",
		"of=best":              " | Deck high | Paint low |  medium\nA profitable | plus_plus 6600 | minus_minus -2800 | .\nB medium | . | plus 200 | plus 0\nC  | ? | . | .",
		"of=worst&customers=1": " | Paint medium |  medium\nB medium | plus 200 | plus 0",
		"category=none":        " | Xtra medium\nB medium | plus 0",
	} {
		if diff := cmp.Diff(want, draw(query)); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	var g profit.Grid
	h.admin.must(http.MethodGet, "/profit/products", nil, 200, &g)
	// Deck: what is below it, and its own product. Ropes are 80 − 16 = 64 of 200 for A, the fender 10 − 8 = 2 of 10.
	if diff := cmp.Diff(" | Ropes high | Fender profitable\nA high | plus_plus 6400 | plus 200\nC  | ? | .", draw("category="+g.Columns[0].ID)); diff != "" {
		t.Error(diff)
	}
	h.admin.must(http.MethodGet, "/profit/products?category=deck", nil, 400, nil)

	// The company: C's line has no cost, so nothing is said of its profit; its product's margin is A's.
	var p profit.Picture
	h.admin.must(http.MethodGet, "/profit", nil, 200, &p)
	if want := (profit.Total{Customers: 3, Revenue: 350_00, Cost: 232_00, Lines: 7, CostedLines: 6, Margin: 88_00, CostToServe: 56_00, Profit: 40_00, Untold: 1, UntoldRevenue: 30_00, UntoldCostToServe: 8_00}); p.Total != want {
		t.Errorf("total %+v, want %+v", p.Total, want)
	}
	var ledger []string
	for _, c := range append(p.Ledger.Categories, p.Ledger.Products...) {
		ledger = append(ledger, fmt.Sprintf("%s %s %d %d %d", c.Name, c.Grade, c.Revenue, c.Margin, *c.Profit))
	}
	// Ropes: 80 − 3 lines × 8 = 56; Deck with the fender 58 of 210 whose cost is known.
	if diff := cmp.Diff([]string{"Deck high 24000 9000 5800", "Paint low 9000 -1000 -2600", " medium 2000 800 0",
		"Rope high 23000 8000 5600", "Paint low 9000 -1000 -2600", "Xtra medium 2000 800 0", "Fender profitable 1000 1000 200"}, ledger); diff != "" {
		t.Error(diff)
	}
	// The card of A takes its cost to serve apart.
	var card profit.Card
	h.admin.must(http.MethodGet, "/profit/customers/"+string(g.Rows[0].ID), nil, 200, &card)
	if card.Figures.CostToServe != 32_00 || *card.Figures.Profit != 38_00 || card.Grade != profit.GradeProfitable || card.State != profit.New || len(card.Categories) != 2 ||
		len(card.Parts) != 2 || card.Parts[0].Of != "orders" || card.Parts[0].Amount != 24_00 || card.Parts[1].Amount != 8_00 {
		t.Errorf("card %+v", card)
	}
}

// D5 by hand: twelve customers of whom one makes half of the profit; a large one whose share of wallet falls is named. Interactions
// are among the rows behind the cost to serve, and who sees few customers sees only theirs.
func TestD5Concentration(t *testing.T) {
	t.Parallel()
	h := found(t, Config{})
	tw := h.town()
	h.costs(func(d *profit.Definition) {
		d.Costs = profit.Costs{Contacts: []profit.ContactCost{{Kind: "visit", Cost: 50_00}}, Other: 1_00}
	})
	if got := h.admin.bring("interactions", "code,customer,kind,date,minutes\n1,C19,visit,2026-10-01,30\n2,C19,call,2026-10-02,5\n3,C19,visit,2020-01-01,5\n"); got.Rejected != 0 {
		t.Fatalf("interactions: %+v", got)
	}
	// The year before: C18 bought 1,000 of its wallet of 2,000; now 1,900 of it. C13 500 of 7,000 more than now.
	if got := h.admin.bring("purchases", "document,line,date,customer,revenue,cost\nE1,1,2025-05-01,C18,1000,600\nE2,1,2025-05-01,C13,1900,600\n"); got.Rejected != 0 {
		t.Fatalf("purchases: %+v", got)
	}
	h.admin.score("2025-10-31")
	h.admin.score("2026-10-31")
	var p profit.Picture
	h.admin.must(http.MethodGet, "/profit", nil, 200, &p)
	// Margins are 40 × (i + 1); those who bought are all but every fourth. The top ten: 19, 18, 17, 15, 14, 13, 11, 10, 9, 7 with C18
	// first, whose 19 × 40 nobody visits: 760, 720, 640, 600, 560, 480, 440, 400, 320, 280, and C19 did not buy.
	var all int64
	for i := range 20 {
		if i%4 != 3 {
			all += int64(40 * (i + 1))
		}
	}
	if want := (all - 51) * 100; p.Total.Profit != want {
		t.Errorf("profit %d, want %d", p.Total.Profit, want)
	}
	var got []string
	for _, l := range p.Risk.Losses {
		got = append(got, fmt.Sprintf("%d %d %d %.4f", l.Largest, l.Revenue, l.Profit, *l.ProfitShare))
	}
	want := []string{}
	for _, x := range []struct{ n, profit int64 }{{1, 760}, {5, 760 + 720 + 680 + 600 + 560}, {10, 760 + 720 + 680 + 600 + 560 + 520 + 440 + 400 + 360 + 280}} {
		want = append(want, fmt.Sprintf("%d %d %d %.4f", x.n, x.profit*250, x.profit*100, float64(x.profit)/float64(all-51)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if p.Risk.Top[0].Code != "C18" || len(p.Risk.Top) != 10 || p.Risk.Against != "2025-10-31" {
		t.Errorf("top %+v, against %s", p.Risk.Top, p.Risk.Against)
	}
	// C13: 1,900 of 7,000 before, 1,400 now: from 27.1 to 20 %. C18's share rose.
	if f := p.Risk.Falling; len(f) != 1 || f[0].Code != "C13" || *f[0].ShareBefore < .2714 || *f[0].Share != .2 || p.Risk.Watched != 12 {
		t.Errorf("falling %+v of %d", f, p.Risk.Watched)
	}

	var list struct{ Items []record }
	h.admin.must(http.MethodGet, "/customers?q=C19", nil, 200, &list)
	var how struct {
		Value any
		Rows  []struct {
			Kind  string
			Count int64
		}
		Facts []struct{ Label, Value string }
	}
	path := "/customers/" + string(list.Items[0].ID) + "/measures/"
	h.admin.must(http.MethodGet, path+"cost_to_serve", nil, 200, &how)
	if how.Value != 5100.0 || len(how.Rows) != 2 || how.Rows[1].Kind != "interactions" || how.Rows[1].Count != 2 || !slices.ContainsFunc(how.Facts, func(f struct{ Label, Value string }) bool {
		return f.Label == "A contact: visit" && f.Value == "5000"
	}) {
		t.Errorf("cost to serve of C19: %+v", how)
	}
	sven := h.user("sven@example.com", "salesperson", map[string]any{"person_id": tw.sven.ID, "unit_id": tw.south.ID})
	var his profit.Picture
	sven.must(http.MethodGet, "/profit", nil, 200, &his)
	if his.Total.Customers != 10 || his.Ledger != nil || len(his.Risk.Top) != 7 {
		t.Errorf("sven sees %d customers, ledger %v, %d of the largest", his.Total.Customers, his.Ledger, len(his.Risk.Top))
	}
	var grid profit.Grid
	sven.must(http.MethodGet, "/profit/products", nil, 200, &grid)
	if len(grid.Rows) != 7 {
		t.Errorf("sven sees %d customers by product", len(grid.Rows))
	}
}

// bicycleProfit compares the profit of the bicycle maker's resellers, as of 2013-11-30 with a window of a year, with a computation in
// plain Go over the file: by customer, by product and of the company.
func bicycleProfit(t *testing.T, h *house, data string) {
	t.Helper()
	type sum struct {
		margin, revenue int64
		lines           int64
		orders          map[string]bool
	}
	customers, products := map[string]*sum{}, map[string]*sum{}
	type bought struct{ customer, product string }
	cells := map[bought]int64{}
	fine := func(text string) int64 {
		r, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("amount %q", text)
		}
		r.Mul(r, big.NewRat(money.FinePerMajor, 1))
		if !r.IsInt() {
			t.Fatalf("amount %q has more than four decimals", text)
		}
		return r.Num().Int64()
	}
	for _, r := range readCSV(t, filepath.Join(data, "FactResellerSales.csv.gz")) {
		if day := r["OrderDate"][:10]; day <= "2012-11-30" || day > "2013-11-30" {
			continue
		}
		for key, in := range map[string]map[string]*sum{r["ResellerKey"]: customers, "p" + r["ProductKey"]: products} {
			if in[key] == nil {
				in[key] = &sum{orders: map[string]bool{}}
			}
			s := in[key]
			s.margin += fine(r["SalesAmount"]) - fine(r["TotalProductCost"])
			s.revenue += fine(r["SalesAmount"])
			s.lines++
			s.orders[r["SalesOrderNumber"]] = true
		}
		cells[bought{r["ResellerKey"], "p" + r["ProductKey"]}]++
	}
	served := map[string]int64{} // an order 15, a line 2; nothing came back and nobody was visited
	var margin, cost int64
	for key, s := range customers {
		served[key] = int64(len(s.orders))*150_000 + s.lines*20_000
		margin, cost = margin+s.margin, cost+served[key]
	}
	rows, err := h.app.warehouse.Query(t.Context(), "SELECT code, margin, cost_to_serve, profit FROM score WHERE lines > 0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var code string
		var m, s, p int64
		if err := rows.Scan(&code, &m, &s, &p); err != nil {
			t.Fatal(err)
		}
		n++
		if w := customers[code]; w == nil || m != w.margin || s != served[code] || p != w.margin-served[code] {
			t.Errorf("reseller %s: margin %d, cost to serve %d, profit %d, want %+v and %d", code, m, s, p, w, served[code])
		}
	}
	if n != len(customers) {
		t.Errorf("%d resellers bought, want %d", n, len(customers))
	}
	var p profit.Picture
	h.operator().must(http.MethodGet, "/profit?as_of=2013-11-30", nil, 200, &p)
	if p.Total.Profit != money.Minor(margin-cost, "USD") || p.Ledger.Total.Profit == nil || *p.Ledger.Total.Profit != p.Total.Profit || p.Total.CostedLines != p.Total.Lines {
		t.Errorf("the company: %+v, its products %+v, want %d", p.Total, p.Ledger.Total, money.Minor(margin-cost, "USD"))
	}
	if len(p.Ledger.Products) != 100 || int64(len(products)) != p.Ledger.OtherCount+100 {
		t.Errorf("%d products and %d more, want %d", len(p.Ledger.Products), p.Ledger.OtherCount, len(products))
	}
	for _, item := range p.Ledger.Products {
		w := products["p"+item.Code]
		if w == nil {
			t.Errorf("product %s was not sold", item.Code)
			continue
		}
		share := new(big.Rat) // of the cost to serve of each who bought it, by its lines
		for at, lines := range cells {
			if at.product == "p"+item.Code {
				share.Add(share, big.NewRat(served[at.customer]*lines, customers[at.customer].lines))
			}
		}
		exact, _ := new(big.Rat).Sub(big.NewRat(w.margin, 100), share.Quo(share, big.NewRat(100, 1))).Float64() // cents
		if item.Margin != money.Minor(w.margin, "USD") || item.Revenue != money.Minor(w.revenue, "USD") || float64(*item.Profit) < exact-1 || float64(*item.Profit) > exact+1 {
			t.Errorf("product %s: revenue %d, margin %d, profit %d, want %d, %d, %.2f", item.Code, item.Revenue, item.Margin, *item.Profit,
				money.Minor(w.revenue, "USD"), money.Minor(w.margin, "USD"), exact)
		}
	}
}
