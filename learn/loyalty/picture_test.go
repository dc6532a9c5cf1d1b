package loyalty_test

import (
	"testing"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/learn/loyalty"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// REFERENCE P10 through the stores: 100 customers bought in the quarter before, 80 of them again; 60 more came.
func TestIndicesOverTime(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.customers(t, 160)
	c.write(t, func(exec func(string, engine.Args)) {
		buy := func(i int, day date.Date) {
			exec("INSERT INTO purchase VALUES (cast(:id AS uuid), :day, 1000000, 600000)", engine.Args{"id": key(i), "day": day})
		}
		for i := range 100 {
			buy(i, "2026-03-30") // the last day of the quarter before: a quarter as of 30 June begins on 31 March
		}
		for i := range 80 {
			buy(i, "2026-03-31")
			buy(i, "2026-06-30")
		}
		for i := 100; i < 160; i++ {
			buy(i, "2026-05-05")
		}
	})
	for i := range 10 { // 5 whatever happens, 3 under conditions, 2 not
		score := []float64{2, 2, 2, 2, 2, 1, 1, 1, 0, 0}[i]
		c.answers(t, i, "2026-06-01", answer{"intention", "again", score, 1})
	}
	for i := range 3 {
		c.answers(t, i, "2026-06-02", answer{"satisfaction", "delivery", 8, .5}, answer{"satisfaction", "service", 6, .3}, answer{"satisfaction", "price", 10, .2})
	}
	c.score(t)
	p, err := c.questions.Picture(t.Context(), access.Everything(), loyalty.Query{Period: loyalty.Quarter, By: "industry"})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Spans) != 2 || p.Customers != 160 {
		t.Fatalf("%d spans of %d customers", len(p.Spans), p.Customers)
	}
	s := p.Spans[1]
	if s.From != "2026-03-31" || s.To != today || s.Before != 100 || s.Again != 80 || s.Customers != 140 || s.Left != 20 || !near(s.Retention, 80) || !near(s.Loss, 20.0/120) {
		t.Errorf("%+v", s)
	}
	if !near(s.Standard, 0.8) || !near(s.Strengthened, 50) || s.Answers != 9 || !near(s.Satisfaction.Plain, 8) || !near(s.Satisfaction.Weighted, 7.8) || !near(s.Satisfaction.Source, 2.6) {
		t.Errorf("asked %+v: %v %v; %d answers %+v", s.Intenders, told(s.Standard), told(s.Strengthened), s.Answers, s.Satisfaction)
	}
	if p.Spans[0].Retention != nil || p.Spans[0].Standard != nil {
		t.Errorf("nothing is known of the first quarter: %+v", p.Spans[0])
	}
	if len(p.Parts) != 2 || p.Parts[0].Name != "steel" || p.Parts[0].Before != 50 || p.Parts[0].Again != 40 || p.Parts[1].Customers != 70 {
		t.Errorf("%+v", p.Parts)
	}
	wood, err := c.questions.Picture(t.Context(), access.Everything(), loyalty.Query{Period: loyalty.Year, Narrow: scoring.Narrow{Industry: "wood"}})
	if err != nil || wood.Customers != 80 || len(wood.Spans) != 1 || wood.Spans[0].Customers != 80 || wood.Spans[0].Intenders.Asked != 5 {
		t.Errorf("wood alone: %+v, %v", wood.Spans, err)
	}
	none, err := c.questions.Picture(t.Context(), access.Reach{}, loyalty.Query{Period: loyalty.Quarter})
	if err != nil || none.Customers != 0 || len(none.Spans) != 0 {
		t.Errorf("without any reach: %d customers, %+v, %v", none.Customers, none.Spans, err)
	}
	if _, err := c.questions.Picture(t.Context(), access.Everything(), loyalty.Query{AsOf: "2020-01-01", Period: loyalty.Quarter}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a date without a version: %v", err)
	}
}

// P11: nine customers of three amounts and three ties lie in the nine fields, one each, and the fields sum to all who bought.
func TestLoyaltyMatrixP11(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.customers(t, 11) // one bought nothing, one was never asked
	for i := range 10 {
		c.buys(t, i, float64(100+i/3*100), 0, every(today.AddDays(-3), 45, 20)...)
		if i < 9 {
			c.answers(t, i, "2026-06-01", answer{"recommendation", "nps", []float64{0, 5, 10}[i%3], 1}, answer{"ability", "a", float64(i + 1), 1})
		}
	}
	c.define(t, func(d *loyalty.Definition) {
		d.ProfitCuts = []int64{100_000, 200_000} // minor units: a year holds 9 purchases of 45 days
		d.Index = loyalty.IndexWeights{Tie: 1}
		d.Tie.Relation = 0
	})
	c.score(t)
	p, err := c.questions.Picture(t.Context(), access.Everything(), loyalty.Query{Period: loyalty.Quarter})
	if err != nil {
		t.Fatal(err)
	}
	var customers, revenue int64
	for _, cell := range p.Matrix.Loyalty {
		want := int64(1)
		if cell.LoyaltyClass < 0 {
			want = 0
		}
		if cell.ProfitClass == 2 && cell.LoyaltyClass < 0 {
			want = 1 // the tenth bought most and was never asked
		}
		if cell.Customers != want {
			t.Errorf("%+v", cell)
		}
		if cell.LoyaltyClass >= 0 && !near(cell.Profile.Ability, float64(3*cell.ProfitClass+cell.LoyaltyClass+1)) {
			t.Errorf("profile of %d, %d: %+v", cell.ProfitClass, cell.LoyaltyClass, cell.Profile)
		}
		customers, revenue = customers+cell.Customers, revenue+cell.Revenue
	}
	var all int64
	for _, x := range p.Types {
		all += x.Revenue
	}
	if customers != 10 || revenue != all || revenue == 0 || p.Matrix.Profitability != "revenue" || !near(p.Profile.Ability, 5) || p.Profile.Scored != 9 {
		t.Errorf("%d customers, %d of %d, %+v", customers, revenue, all, p.Profile)
	}
}
