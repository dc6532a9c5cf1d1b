package loyalty_test

import (
	"math"
	"testing"

	"github.com/kvadrant/kvadrant/internal/fault"
	"github.com/kvadrant/kvadrant/learn/loyalty"
)

// The worked numbers of REFERENCE P10.
func TestIndicesOfTheSourceP10(t *testing.T) {
	t.Parallel()
	asked := loyalty.Intenders{Unconditional: 50, Conditional: 30, Asked: 100}
	plain := loyalty.Satisfy([]loyalty.Category{{Score: 8, Weight: 1}, {Score: 6, Weight: 1}, {Score: 10, Weight: 1}})
	weighted := loyalty.Satisfy([]loyalty.Category{{Score: 8, Weight: .5}, {Score: 6, Weight: .3}, {Score: 10, Weight: .2}})
	for name, x := range map[string]struct {
		got  *float64
		want float64
	}{
		"80 of 100 buy again":             {loyalty.Retention(100, 80), 80},
		"20 left, 100 at start, 140 end":  {loyalty.Loss(20, 100, 140), 20.0 / 120},
		"50 and 30 of 100":                {asked.Standard(), 0.8},
		"50 of 100, strengthened":         {asked.Strengthened(), 50},
		"8, 6, 10":                        {plain.Plain, 8},
		"8, 6, 10 by .5, .3, .2":          {weighted.Weighted, 7.8},
		"8, 6, 10 by .5, .3, .2 ÷ number": {weighted.Source, 2.6},
	} {
		if x.got == nil || math.Abs(*x.got-x.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, x.got, x.want)
		}
	}
	none := loyalty.Satisfy(nil)
	if loyalty.Retention(0, 0) != nil || loyalty.Loss(0, 0, 0) != nil || (loyalty.Intenders{}).Standard() != nil || (loyalty.Intenders{}).Strengthened() != nil || none.Plain != nil {
		t.Error("something is said of nobody")
	}
	if weightless := loyalty.Satisfy([]loyalty.Category{{Score: 8}}); weightless.Weighted != nil || *weightless.Plain != 8 {
		t.Errorf("without weights: %+v", weightless)
	}
}

func TestWhatCannotStand(t *testing.T) {
	t.Parallel()
	if err := loyalty.DefaultDefinition().Validate(); err != nil {
		t.Fatal(err)
	}
	for path, change := range map[string]func(d *loyalty.Definition){
		"consistency":           func(d *loyalty.Definition) { d.Consistency = loyalty.ConsistencyWeights{} },
		"tie":                   func(d *loyalty.Definition) { d.Tie.Relation = math.NaN() },
		"tie.complaint":         func(d *loyalty.Definition) { d.Tie.Complaint = 2 },
		"index":                 func(d *loyalty.Definition) { d.Index.Tie = -1 },
		"answer_months":         func(d *loyalty.Definition) { d.AnswerMonths = 0 },
		"asked":                 func(d *loyalty.Definition) { d.Asked = 0 },
		"loyalty_cuts":          func(d *loyalty.Definition) { d.LoyaltyCuts.High = 30 },
		"profit_cuts":           func(d *loyalty.Definition) { d.ProfitCuts = []int64{5} },
		"warning.rate":          func(d *loyalty.Definition) { d.Warning.Rate = 0 },
		"warning.months":        func(d *loyalty.Definition) { d.Warning.Months = 13 },
		"warning.minimum":       func(d *loyalty.Definition) { d.Warning.Minimum = 3 },
		"rules":                 func(d *loyalty.Definition) { d.Rules = nil },
		"rules[0].type":         func(d *loyalty.Definition) { d.Rules[0].Type = loyalty.Unknown },
		"rules[1].when[0].sign": func(d *loyalty.Definition) { d.Rules[1].When[0].Sign = "; DROP TABLE customer" },
		"rules[1].when[0].input": func(d *loyalty.Definition) {
			d.Rules[1].When[0].Input = "tie) OR (1"
		},
	} {
		d := loyalty.DefaultDefinition()
		change(&d)
		if f := fault.Of(d.Validate()); f == nil || f.Fields[0].Path != path {
			t.Errorf("%s: %+v", path, f)
		}
	}
}
