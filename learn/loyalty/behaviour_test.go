package loyalty_test

import (
	"encoding/json"
	"testing"

	"github.com/kvadrant/kvadrant/internal/access"
	"github.com/kvadrant/kvadrant/internal/date"
	"github.com/kvadrant/kvadrant/internal/engine"
	"github.com/kvadrant/kvadrant/learn/loyalty"
	"github.com/kvadrant/kvadrant/learn/scoring"
)

// P12: a customer of each type, from its purchases and answers. Consistency is (2 × regularity + trend + share + margin
// against the company's) ÷ 5, or ÷ 4 without a share; a tie of one answer is that answer.
func TestTheTenTypesP12(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.customers(t, 12)
	monthly := every(today, 30, 36)                                 // regularity 1, trend about 1
	seldom := []date.Date{"2023-06-01", "2024-07-20", "2025-08-10"} // 2 of 8 quarters, trend 1
	sparse := []date.Date{"2023-01-01", "2025-02-01"}               // 1 of 8 quarters, trend 0, no margin known
	nps := func(score float64) answer { return answer{"recommendation", "nps", score, 1} }
	intends := func(score float64) answer { return answer{"intention", "again", score, 1} }
	for i, x := range []struct {
		kind  loyalty.Type
		days  []date.Date
		cost  float64 // of 100; the whole company's cost is what keeps its margin near 0.4
		says  []answer
		share float64
	}{
		{loyalty.TrulyLoyal, monthly, 50, []answer{intends(2), nps(9)}, 0},                  // tie (3 + 1.8) ÷ 5 = .96
		{loyalty.BoughtLoyalty, monthly, 78, []answer{nps(6)}, 0},                           // margin .22: about half the company's
		{loyalty.BadHabit, monthly, 50, []answer{nps(5)}, 0},                                // tie .5, margin as everybody's
		{loyalty.Hostage, monthly, 50, []answer{nps(2)}, 0.9},                               // tie .2, and it buys nearly all from us
		{loyalty.Vampire, monthly, 98, []answer{nps(5)}, 0},                                 // margin .02
		{loyalty.Terrorist, monthly, 50, []answer{nps(1), {"complaint", "c", 1, 1}}, 0},     // tie .1 − .1
		{loyalty.Fan, sparse, 50, []answer{nps(10), {"reference", "r", 1, 1}}, 0},           // tie 1
		{loyalty.WaitsForOffer, sparse, 50, []answer{intends(1)}, 0},                        // tie .5
		{loyalty.OccasionBuyer, seldom, 50, []answer{nps(3)}, 0},                            // consistency (2 × .25 + 1 + 1) ÷ 4 = .625
		{loyalty.Indifferent, sparse, 50, []answer{nps(2)}, 0},                              // nothing of it
		{loyalty.Unknown, monthly, 50, nil, 0},                                              // never asked
		{loyalty.Unknown, []date.Date{"2026-05-01", "2026-06-01"}, 50, []answer{nps(9)}, 0}, // two months old
	} {
		c.buys(t, i, 100, x.cost, x.days...)
		if len(x.says) > 0 {
			c.answers(t, i, "2026-04-01", x.says...)
		}
		if x.share > 0 {
			c.write(t, func(exec func(string, engine.Args)) {
				exec("INSERT INTO potential VALUES (cast(:id AS uuid), cast(:id AS uuid), cast(1300 / :share * 100 AS bigint), 'declared', DATE '2020-01-01')", engine.Args{"id": key(i), "share": x.share})
			})
		}
	}
	c.score(t)
	want := append(loyalty.Types(), loyalty.Unknown)
	for customer, kind := range want {
		var consistency, tie, price, share *float64
		var got loyalty.Type
		c.read(t, customer, "consistency, tie, price_level, share, behaviour_type", &consistency, &tie, &price, &share, &got)
		if got != kind {
			t.Errorf("customer %d is %s, want %s: consistency %v, tie %v, price level %v, share %v", customer, got, kind, told(consistency), told(tie), told(price), told(share))
		}
	}
	preview, err := c.questions.Preview(t.Context(), access.Everything(), []loyalty.Rule{{Type: loyalty.Fan, When: []loyalty.Condition{{Input: "tie", Sign: ">=", Value: 0.45}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range preview.Types {
		now := int64(1)
		draft := map[loyalty.Type]int64{loyalty.Fan: 6, loyalty.Unknown: 6}[x.Type] // ties of .96, .6, .5, .5, 1, .5
		if x.Type == loyalty.Unknown {
			now = 2
		}
		if x.Customers != draft || x.Now != now {
			t.Errorf("preview %+v, want %d and %d", x, draft, now)
		}
	}
}

func told(x *float64) any {
	if x == nil {
		return "none"
	}
	return *x
}

// "How?" names the rule that gave the type, or what is missing.
func TestExplainNamesTheRule(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(map[string]any{"definition": loyalty.DefaultDefinition()})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		values      scoring.Values
		label, rule string
	}{
		{scoring.Values{"consistency": 0.9, "tie": 0.3, "share": 0.8}, "Rule 3 of 11", "consistency ≥ 0.7 and tie < 0.4 and share ≥ 0.7"},
		{scoring.Values{"consistency": 0.9, "tie": 0.3}, "Rule 6 of 11", "consistency ≥ 0.7"}, // the share is not known, so it holds no hostage
		{scoring.Values{"consistency": 0.9, "tie": 0.3, "recommendation": 3.0, "complaints": int64(1)}, "Rule 1 of 11", "tie < 0.4 and recommendation < 4 and complaints ≥ 1"},
		{scoring.Values{"consistency": 0.1, "tie": 0.1}, "Rule 11 of 11", "everybody whom no rule before holds of"},
		{scoring.Values{"consistency": 0.1}, "Rule", "none: the tie was never asked about, or not lately"},
		{scoring.Values{"tie": 0.1}, "Rule", "none: the past is too short to say how consistent the customer is"},
	} {
		told, err := loyalty.Step(nil, nil).Explain(raw, "behaviour_type", x.values)
		if err != nil || len(told.Facts) != 1 || told.Facts[0].Label != x.label || told.Facts[0].Value != x.rule {
			t.Errorf("%v: %+v, %v; want %s: %s", x.values, told.Facts, err, x.label, x.rule)
		}
	}
}
