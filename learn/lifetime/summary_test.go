package lifetime

import (
	"fmt"
	"math"
	"testing"

	money "github.com/kvadrant/kvadrant/learn/spend"
)

func TestA7_Summary_Lifetimes_SixRows(t *testing.T) {
	d := func(m, day_ int) int { return day(2015, m, day_) }
	log := []Purchase{{1, d(2, 1), 1}, {1, d(2, 6), 1}, {2, d(1, 1), 1}, {3, d(1, 1), 1}, {3, d(1, 2), 1}, {3, d(1, 5), 1}}
	got, err := Summarise(log, Observation{End: d(2, 7)})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range [][3]float64{{1, 5, 6}, {0, 0, 37}, {2, 4, 37}} {
		if g := [3]float64{got[i].Frequency, got[i].Recency, got[i].Age}; g != w {
			t.Errorf("customer %d: %v, want %v", i+1, g, w)
		}
	}
}

func thirteen() []Purchase {
	d := func(m, day_ int) int { return day(2015, m, day_) }
	return []Purchase{{1, d(1, 1), 1}, {1, d(2, 6), 2}, {2, d(1, 1), 2}, {3, d(1, 1), 3}, {3, d(1, 2), 1}, {3, d(1, 5), 5},
		{4, d(1, 16), 6}, {4, d(2, 2), 3}, {4, d(2, 5), 3}, {5, d(1, 16), 3}, {5, d(1, 17), 1}, {5, d(1, 18), 8}, {6, d(2, 2), 5}}
}

func TestA7_Summary_Lifetimes_ThirteenRows_DailyAndWeekly(t *testing.T) {
	got, err := Summarise(thirteen(), Observation{End: day(2015, 2, 7)})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range [][4]float64{{1, 36, 37, 2}, {0, 0, 37, 0}, {2, 4, 37, 3}, {2, 20, 22, 3}, {2, 2, 22, 4.5}, {0, 0, 5, 0}} {
		if g := [4]float64{got[i].Frequency, got[i].Recency, got[i].Age, got[i].Monetary}; g != w {
			t.Errorf("customer %d by day: %v, want %v", i+1, g, w)
		}
	}
	got, err = Summarise(thirteen(), Observation{End: day(2015, 2, 7), Period: Weekly})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range [][3]float64{{1, 5, 5}, {0, 0, 5}, {1, 1, 5}, {1, 3, 3}, {0, 0, 3}, {0, 0, 0}} {
		if g := [3]float64{got[i].Frequency, got[i].Recency, got[i].Age}; g != w {
			t.Errorf("customer %d by week: %v, want %v", i+1, g, w)
		}
	}
}

func TestSummary_ReturnsZeroesAndTheFuture(t *testing.T) {
	log := []Purchase{
		{1, 10, -5}, {1, 20, 40}, {1, 20, -10}, {1, 30, -8}, {1, 50, 0}, {1, 55, 12}, {1, 100, 9}, {1, 150, 9},
		{2, 70, 3}, {3, 5, -1},
	}
	got, err := Summarise(log, Observation{End: 60, HoldOut: 120})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatalf("%d customers: the one who only comes later and the one with only a return are none", len(got))
	}
	s := got[0]
	want := Summary{Customer: 1, Frequency: 2, Recency: 35, Age: 40, Monetary: 6, First: 30, Later: 1, LaterMean: 9}
	want.LogGaps, want.Gaps, s.Gaps = s.LogGaps, nil, nil
	if fmt.Sprint(s) != fmt.Sprint(want) {
		t.Errorf("%+v, want %+v", s, want)
	}
	near(t, "log gaps", s.LogGaps, math.Log(30)+math.Log(5), 1e-12)
	if _, err := Summarise([]Purchase{{1, 1, math.NaN()}}, Observation{End: 5}); err == nil {
		t.Error("an amount that is not a number is taken")
	}
	if _, err := Summarise(nil, Observation{End: 5, Period: "moon"}); err == nil {
		t.Error("an unknown period is taken")
	}
	monthly, err := Summarise([]Purchase{{1, day(2024, 12, 31), 1}, {1, day(2025, 1, 1), 1}, {1, day(2025, 1, 9), 1}}, Observation{End: day(2025, 3, 2), Period: Monthly})
	if err != nil || monthly[0].Frequency != 1 || monthly[0].Recency != 1 || monthly[0].Age != 3 {
		t.Errorf("%+v %v", monthly, err)
	}
	before, err := Summarise([]Purchase{{1, -10, 1}, {1, -4, 1}, {1, 3, 1}}, Observation{End: 10, Period: Weekly})
	if err != nil || before[0].Age != 2 || before[0].Recency != 1 { // weeks of 22 and 29 December 1969 and 5 January
		t.Errorf("%+v %v", before, err)
	}
}

func TestP5_GroupsAndCashFlow(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		now, later, chance float64
		want               Group
	}{
		{10, 5, .5, NowAndLater}, {10, 5, .49, Now}, {10, -5, .9, Now}, {10, nan, nan, Now}, {-10, 5, .5, LaterOnly}, {0, 5, 1, LaterOnly},
		{-10, nan, nan, NotNow}, {-10, 5, .49, NotNow}, {0, 5, .1, NotNow}, {-10, 5, .09, Neither}, {-10, -5, .9, Neither}, {0, 0, .3, Neither},
	} {
		if got := Classify(c.now, c.later, c.chance); got != c.want {
			t.Errorf("now %g later %g chance %g: %s, want %s", c.now, c.later, c.chance, got, c.want)
		}
	}
	f := Accumulate(100, []float64{30, 60, 60, 10}, []float64{10, 10, 10})
	if fmt.Sprint(f) != "{[-100 -80 -30 20 30] 3 -100}" {
		t.Errorf("%+v", f)
	}
	if never := Accumulate(100, []float64{10}, nil); never.PaidBack != -1 {
		t.Errorf("%+v", never)
	}
	m, g := BetaGeometric{.243, 4.414, .793, 2.426, 1, false}, money.GammaGamma{P: 6.25, Q: 3.74, V: 15.44}
	flow := Newcomer(m, g.Population(), 30, Plan{Steps: 52, Step: 1, Margin: .4})
	near(t, "a newcomer's year", flow.Total, .4*(30+m.Expected(52)*g.Population()), 1e-9)
}
